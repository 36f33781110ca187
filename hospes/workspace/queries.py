"""What the page of a conversation shows from several rooms beside it, asked in one statement."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hospes.conversations.models import Conversation
from hospes.conversations.statements import SEES
from hospes.conversations.timeline import eyes_of
from hospes.intake.actions.blocking import ways_to_block
from hospes.lib.prepared import Prepared, columns, read_if_any
from hospes.lib.references import canonical
from hospes.servicelevels.models import Breach, Clock, ServiceLevel
from hospes.team.models import Agent

MENTIONED = re.compile(r"(?<![A-Z0-9])H-[0-9A-Z]{5}(?:[0-9A-Z]{2})?(?![A-Z0-9])", re.IGNORECASE)
MAX_MENTIONED = 3

# One row: the named conversations that whoever asks may see (a list of id and reference), what keeps the sender out (an
# address before its domains), the newest miss that nobody decided about, the clock, its service level.
# Takes conversation, references and numbers (of what is named), ways (to block the sender).
_BESIDE = Prepared(
    f"""
SELECT
    (SELECT json_agg(json_build_array(c.id, c.reference)) FROM conversations_conversation c
        WHERE (c.reference = ANY(%(references)s::text[]) OR c.id = ANY(%(numbers)s::bigint[])) AND {SEES}),
    coalesce((SELECT value FROM intake_block WHERE value = ANY(%(ways)s::text[])
        ORDER BY value LIKE '@%%', length(value) DESC LIMIT 1), ''),
    {columns(Breach, "breach")}, {columns(Clock, "clock")}, {columns(ServiceLevel, "level")}
FROM (SELECT %(conversation)s::bigint AS id) one
LEFT JOIN servicelevels_clock clock ON clock.conversation_id = one.id
LEFT JOIN servicelevels_servicelevel level ON level.id = clock.level_id
LEFT JOIN LATERAL (
    SELECT * FROM servicelevels_breach missed
    WHERE missed.conversation_id = one.id AND missed.decided_at IS NULL
    ORDER BY missed.due_at DESC LIMIT 1
) breach ON true"""
)


@dataclass(frozen=True, slots=True)
class Named:
    """Which other conversations one names; whether the reader may see them is asked later."""

    references: Sequence[str] = ()  # in its subject, canonical
    answers: int | None = None  # which its first mail answers without a part in it
    twin: int | None = None  # where the same mail came to another address of ours


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside a conversation. related, twin: references; "" when there is none that the reader may see."""

    related: str
    twin: str
    block: str  # what keeps the sender out: an address, or "@" and a domain; "": nothing
    breach: Breach | None  # the newest that nobody decided about
    clock: Clock | None


def mentioned(subject: str) -> list[str]:
    """Return the references in a subject, as they are kept.

    A number in a subject joins nothing (anybody can write it); whoever answers may want to look.
    """
    return [canonical(found) for found in MENTIONED.findall(subject)[:MAX_MENTIONED]]


def beside(one: Conversation, *, agent: Agent, named: Named, senders: Sequence[str]) -> Beside:
    """Return what stands beside the conversation, in one statement. senders: the mail addresses that may be blocked."""
    row = _BESIDE.row(
        conversation=one.pk,
        references=list(named.references),
        numbers=[number for number in (named.answers, named.twin) if number is not None],
        ways=ways_to_block(senders),
        **eyes_of(agent),
    )
    assert row is not None
    seen, block, *rest = row
    breach, row = read_if_any(Breach, tuple(rest))
    clock, row = read_if_any(Clock, row)
    if clock is not None:
        clock.level = read_if_any(ServiceLevel, row)[0]
    reference_of: dict[int, str] = {number: ref for number, ref in seen or () if number != one.pk}
    in_subject = (ref for ref in named.references if ref in reference_of.values())
    return Beside(
        related=next(in_subject, "") or reference_of.get(named.answers or 0, ""),
        twin=reference_of.get(named.twin or 0, ""),
        block=block,
        breach=breach,
        clock=clock,
    )
