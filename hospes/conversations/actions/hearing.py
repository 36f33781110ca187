"""Hear from providers what became of replies: found by our number, or by what the provider calls them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hospes.brands.models import Site
from hospes.channels.contract import RecipientReport
from hospes.conversations.actions.delivering import Returned, settle_reports
from hospes.conversations.letters import moment_of
from hospes.conversations.models import OutboxEntry

NUMBER = re.compile(r"hospes-(.{1,40})-(\d{1,18})-(\d{1,18})")


@dataclass(frozen=True)
class Heard:
    """What a provider says of one letter."""

    number: str  # ours; "" where it did not come back
    provider_id: str
    report: RecipientReport


def hear(said: Sequence[Heard], *, server_id: int, at: datetime) -> int:
    """Note what a provider says; return of how many replies that was news.

    What is none of ours is left out: others may send through the same account, and an earlier attempt tells
    nothing of what an agent has sent again since.
    """
    by_number = _by_number([one.number for one in said])
    unnumbered = {one.provider_id for one in said if not one.number and one.provider_id}
    entries = OutboxEntry.objects.filter(server_id=server_id, provider_id__in=unnumbered)
    by_id = dict(entries.values_list("provider_id", "pk")) if unnumbered else {}
    reports = []
    for one in said:
        pk = by_number.get(one.number) if one.number else by_id.get(one.provider_id)
        if pk is not None:
            reports.append(Returned(pk, (one.report,), is_proven=True))
    return settle_reports(reports, at=at) if reports else 0


def _by_number(numbers: Sequence[str]) -> dict[str, int]:
    parts = {number: match for number in numbers if (match := NUMBER.fullmatch(number))}
    if not parts:
        return {}
    install = str(Site.objects.get(pk=1).install_id)
    wanted = {number: int(match[2]) for number, match in parts.items() if match[1] == install}
    entries = OutboxEntry.objects.in_bulk(list(wanted.values()))
    return {
        number: pk
        for number, pk in wanted.items()
        if pk in entries and moment_of(entries[pk]) == int(parts[number][3])
    }
