"""How many letters may leave by themselves: counted in the database, so that no number of processes exceeds it.

At most one to an address for one conversation within a day, five to an address within a day, and as many as the
operator allows from the whole desk within an hour. A place is a row that nobody can take twice. When the desk's own
are all taken, something writes to us that should not: then nothing leaves by itself for an hour, and operators are
told (`Site.automatic_stopped_at`).
"""

from __future__ import annotations

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from hospes.brands.models import Site
from hospes.conversations.events import Withheld
from hospes.conversations.models import AutomaticPlace
from hospes.lib.locks import Lock

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PER_CONVERSATION = 1
PER_ADDRESS = 5


@dataclass(frozen=True)
class Wish:
    """A letter that would leave by itself."""

    conversation_id: int
    address: str  # canonical


@dataclass(frozen=True)
class _Budget:
    key: bytes
    places: int
    lasts: timedelta
    when_spent: Withheld


def take_places(wishes: Sequence[Wish], *, site: Site, at: datetime) -> list[str]:
    """Take the places of these letters; return for each "", or why it has none: a word of `Withheld`.

    The places are given back when the transaction fails. Three statements, and one more when the desk's own are
    spent.
    """
    if stopped_until(site, at=at):
        return [Withheld.DESK for _ in wishes]
    key = bytes(site.mail_key)
    budgets = [_budgets_of(wish, key) for wish in wishes]
    taken = _taken({one.key for group in budgets for one in group}, at)
    found: list[str] = []
    rows: list[AutomaticPlace] = []
    for group in budgets:
        spent = next((one for one in group if len(taken[one.key]) >= one.places), None)
        found.append(spent.when_spent if spent else "")
        if spent is None:
            rows += [_place(one, taken[one.key], at) for one in group]
    AutomaticPlace.objects.bulk_create(rows)
    if Withheld.DESK in found:
        Site.objects.filter(pk=site.pk).update(automatic_stopped_at=at)
    return found


def stopped_until(site: Site, *, at: datetime) -> datetime | None:
    """Return until when nothing leaves by itself, since too much did; None: nothing holds it back."""
    stopped_at = site.automatic_stopped_at
    return stopped_at + HOUR if stopped_at is not None and at < stopped_at + HOUR else None


def sent_lately(site: Site, *, at: datetime) -> int:
    """Return how many letters left by themselves within the hour before."""
    key = _key(bytes(site.mail_key), "desk")
    return AutomaticPlace.objects.filter(key=key, until__gt=at).count()


def _budgets_of(wish: Wish, key: bytes) -> tuple[_Budget, ...]:
    # Whoever has a mailbox has as many addresses as there are plus-tags.
    local, _, domain = wish.address.rpartition("@")
    address = f"{local.partition('+')[0]}@{domain}"
    within = _key(key, f"{address} {wish.conversation_id}")
    per_hour: int = settings.AUTOMATIC_PER_HOUR
    return (
        _Budget(within, PER_CONVERSATION, DAY, Withheld.CONVERSATION),
        _Budget(_key(key, address), PER_ADDRESS, DAY, Withheld.ADDRESS),
        _Budget(_key(key, "desk"), per_hour, HOUR, Withheld.DESK),
    )


def _key(key: bytes, whose: str) -> bytes:
    return hmac.digest(key, f"automatic mail {whose}".encode(), hashlib.sha256)[:16]


def _taken(keys: set[bytes], at: datetime) -> dict[bytes, set[int]]:
    """Return the places that are taken, for each key; alone at it until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [Lock.BUDGET])
        cursor.execute(_LOOK, {"keys": list(keys), "at": at})
        taken: dict[bytes, set[int]] = defaultdict(set)
        for key, place in cursor.fetchall():
            taken[bytes(key)].add(place)
    return taken


# What is free again goes, whosever it is, so the table holds no more than a day's.
_LOOK = """
WITH freed AS (DELETE FROM conversations_automaticplace WHERE until <= %(at)s)
SELECT key, place FROM conversations_automaticplace WHERE key = ANY(%(keys)s) AND until > %(at)s
"""


def _place(budget: _Budget, taken: set[int], at: datetime) -> AutomaticPlace:
    place = next(number for number in range(budget.places) if number not in taken)
    taken.add(place)
    return AutomaticPlace(key=budget.key, place=place, until=at + budget.lasts)
