"""The places in which mail waits that nobody sees yet: newest first, a page at a time, however much it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import TypeVar

from django.db.models import Q, QuerySet

from hospes.intake.models import IS_ASIDE, IS_JUNK, IS_WAITING, HeldRaw, QuarantinedRaw
from hospes.intake.models import JUNK as JUNK_REASONS

WAITING, JUNK, ASIDE, QUARANTINED = "waiting", "junk", "aside", "quarantined"
HELD = {WAITING: IS_WAITING, JUNK: IS_JUNK, ASIDE: IS_ASIDE}
UNREAD = {QUARANTINED: ~IS_ASIDE, ASIDE: IS_ASIDE}
PAGE = 50
MAX_WORDS = 8
SAID = ("from_address", "from_name", "subject", "preview")
SAID_OF_UNREAD = ("raw__envelope_from", "raw__envelope_to", "error")
Row = TypeVar("Row", HeldRaw, QuarantinedRaw)
Rows = QuerySet[HeldRaw, HeldRaw] | QuerySet[QuarantinedRaw, QuarantinedRaw]


def box_of(waiting: HeldRaw | QuarantinedRaw) -> str:
    """Return which box a mail lies in."""
    if waiting.put_aside_at is not None:
        return ASIDE
    if isinstance(waiting, QuarantinedRaw):
        return QUARANTINED
    return JUNK if waiting.reason in JUNK_REASONS else WAITING


@dataclass(frozen=True)
class Page:
    """Some rows of a box, and the numbers that lead on."""

    rows: Sequence[HeldRaw | QuarantinedRaw]
    newest: int | None  # of this page, when there are newer ones
    oldest: int | None  # of this page, when there are older ones


def page_of(*boxes: Rows, older_than: int | None = None, newer_than: int | None = None) -> Page:
    """Return a page of all these together: the newest, those before a number, or those after one."""
    if newer_than is not None:
        after = [rows.filter(pk__gt=newer_than).order_by("pk") for rows in boxes]
        found = sorted(_first(after), key=attrgetter("pk"))[: PAGE + 1]
        shown = found[PAGE - 1 :: -1]
        return _page(shown, has_newer=len(found) > PAGE, has_older=True)
    if older_than is not None:
        boxes = tuple(rows.filter(pk__lt=older_than) for rows in boxes)
    newest = [rows.order_by("-pk") for rows in boxes]
    found = sorted(_first(newest), key=attrgetter("pk"), reverse=True)[: PAGE + 1]
    return _page(found[:PAGE], has_newer=older_than is not None, has_older=len(found) > PAGE)


def _first(boxes: Sequence[Rows]) -> list[HeldRaw | QuarantinedRaw]:
    return [one for rows in boxes for one in rows[: PAGE + 1]]


def _page(shown: Sequence[HeldRaw | QuarantinedRaw], *, has_newer: bool, has_older: bool) -> Page:
    return Page(
        shown,
        newest=shown[0].pk if shown and has_newer else None,
        oldest=shown[-1].pk if shown and has_older else None,
    )


def with_words(rows: QuerySet[Row, Row], words: str) -> QuerySet[Row, Row]:
    """Return those in which each of these words stands: who sent it, its subject, how it begins; or what is wrong."""
    said = {HeldRaw: SAID, QuarantinedRaw: SAID_OF_UNREAD}[rows.model]
    for word in words.split()[:MAX_WORDS]:
        anywhere = Q()
        for name in said:
            anywhere |= Q(**{f"{name}__icontains": word})
        rows = rows.filter(anywhere)
    return rows
