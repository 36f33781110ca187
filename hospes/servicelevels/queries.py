"""What was missed, a page at a time, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet, Subquery

from hospes.servicelevels.models import Breach

PAGE = 50


@dataclass(frozen=True, slots=True)
class BreachPage:
    """Some of what was missed, and the numbers that lead on. newer, older: None where there is nothing more."""

    rows: Sequence[Breach]
    newer: int | None
    older: int | None


def page_of(
    breaches: QuerySet[Breach], *, older_than: int | None = None, newer_than: int | None = None
) -> BreachPage:
    """Return the newest of these, or those next to one of them on either side, in one statement."""
    newest_first = ("-due_at", "-pk")
    if newer_than is not None:
        after = breaches.filter(_beside(newer_than, "gt")).order_by("due_at", "pk")
        found = list(after[: PAGE + 1])
        return _page(found[PAGE - 1 :: -1], has_newer=len(found) > PAGE, has_older=True)
    if older_than is not None:
        breaches = breaches.filter(_beside(older_than, "lt"))
    found = list(breaches.order_by(*newest_first)[: PAGE + 1])
    return _page(found[:PAGE], has_newer=older_than is not None, has_older=len(found) > PAGE)


def _beside(number: int, side: str) -> Q:
    due_at = Subquery(Breach.objects.filter(pk=number).values("due_at"))
    # The first alone says too much, the others too little for the index to begin there.
    near = Q(**{f"due_at__{side}e": due_at})
    return near & (Q(**{f"due_at__{side}": due_at}) | Q(**{f"pk__{side}": number}))


def _page(rows: Sequence[Breach], *, has_newer: bool, has_older: bool) -> BreachPage:
    return BreachPage(
        rows,
        newer=rows[0].pk if rows and has_newer else None,
        older=rows[-1].pk if rows and has_older else None,
    )


def waiting_for_a_decision(breaches: QuerySet[Breach]) -> int:
    """Return of how many of these somebody says that they should not count, and no lead has decided."""
    return breaches.filter(decided_at=None).exclude(contested_at=None).count()
