"""Count the clocks of conversations anew, and keep what they say where lists and pages read it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from hospes.conversations.events import DueMissed
from hospes.conversations.inbox import keep_rows
from hospes.conversations.models import Conversation
from hospes.events.recording import record_all
from hospes.servicelevels.clocks import count
from hospes.servicelevels.gathering import happened_in, locked
from hospes.servicelevels.models import Breach, Clock
from hospes.servicelevels.recounting import Recounted, settle
from hospes.servicelevels.ruling import Rulebook

KEPT_IN_CONVERSATION = ["next_due_at", "next_due", "due_warn_at", "due_warned_at"]


@transaction.atomic
def recount(conversation_ids: Sequence[int], *, at: datetime) -> list[Clock]:
    """Count what is owed in these conversations from all that happened in them; about ten statements, however many.

    Doing it again changes nothing. A due that was missed is noted, and told once.
    """
    conversations = locked(set(conversation_ids))
    if not conversations:
        return []
    book, told = Rulebook.read(at=at), happened_in(conversations)
    recounted = []
    for one in conversations:
        ruling = book.ruling(one)
        clocks = count(ruling.rules, created_at=one.opened_at, happened=told[one.pk])
        recounted.append(Recounted(one, ruling, clocks))
    before = Clock.objects.in_bulk([one.pk for one in conversations])
    rows = [settle(one.row, before.get(one.conversation.pk), now=at) for one in recounted]
    _write(rows)
    _keep_in_conversations(conversations, rows, at=at)
    note_missed([late for one in recounted for late in one.missed(at)], recounted, at=at)
    return rows


def _write(rows: Sequence[Clock]) -> None:
    changed = [field.name for field in Clock._meta.concrete_fields if not field.primary_key]  # noqa: SLF001 # documented
    Clock.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["conversation"], update_fields=changed
    )


def _keep_in_conversations(
    conversations: Sequence[Conversation], rows: Sequence[Clock], *, at: datetime
) -> None:
    """Write what is owed next into the conversations in which it changed, and into their lists."""
    changed = []
    for one, row in zip(conversations, rows, strict=True):
        was = [getattr(one, name) for name in KEPT_IN_CONVERSATION]
        one.next_due_at, one.next_due, one.due_warn_at = row.next_due_at, row.next_due, row.warn_at
        is_warned = row.next_due_at is not None and row.warned_due_at == row.next_due_at
        one.due_warned_at = (one.due_warned_at or at) if is_warned else None
        if was != [getattr(one, name) for name in KEPT_IN_CONVERSATION]:
            changed.append(one)
    if changed:
        Conversation.objects.bulk_update(changed, KEPT_IN_CONVERSATION)
        keep_rows([one.pk for one in changed])


def note_missed(
    missed: Sequence[Breach], recounted: Sequence[Recounted], *, at: datetime
) -> list[Breach]:
    """Keep what was missed, once each; forget what turned out to be met in time. Return what is new."""
    ids = [one.conversation.pk for one in recounted]
    known = {_key(one): one for one in Breach.objects.filter(conversation__in=ids)}
    new = [one for one in missed if _key(one) not in known]
    moved = []
    for one in missed:
        old = known.pop(_key(one), None)
        if old is not None and (old.due_at, old.met_at) != (one.due_at, one.met_at):
            old.due_at, old.met_at = one.due_at, one.met_at
            moved.append(old)
    paused = {one.conversation.pk for one in recounted if one.clocks.is_paused}
    # What is counted as of a moment before a due cannot know whether it was missed since.
    gone = [
        one.pk for one in known.values() if one.conversation_id not in paused and one.due_at <= at
    ]
    if gone:
        Breach.objects.filter(pk__in=gone).delete()
    if moved:
        Breach.objects.bulk_update(moved, ["due_at", "met_at"])
    if new:
        Breach.objects.bulk_create(new, ignore_conflicts=True)
        record_all(
            [
                (DueMissed(one.conversation_id, one.what, one.due_at.isoformat()), at, None)
                for one in new
            ]
        )
    return new


def _key(one: Breach) -> tuple[int, str, datetime]:
    return one.conversation_id, str(one.what), one.since
