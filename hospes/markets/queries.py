"""What operators have said of facts, as the profile takes it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date

from hospes.lib.prepared import Prepared, Row
from hospes.lib.refusal import Refused
from hospes.markets.keys import KEYS
from hospes.markets.models import OwnValue
from hospes.markets.resolving import Confirmed, How, Own
from hospes.markets.values import checked


@dataclass(frozen=True, slots=True)
class Standing:
    """One row that stands. number: of the row, which never changes."""

    number: int
    place: str
    said: Own | Confirmed


def standing_rows(places: Iterable[str], *, on: date) -> list[Standing]:
    """Return what stands at these places on a day, oldest first.

    What a later release no longer knows, or would no longer take, counts as not said.
    """
    found = map(_read, _STANDING.rows(places=list(places), on=on))
    return [Standing(row.pk, row.place, said) for row in found if (said := _said(row)) is not None]


# What nobody ended and no day has: a waiver runs out by itself. Every page about a customer asks it.
_STANDING = Prepared("""
SELECT id, place, key, how, value::text, at, by_id, until, citation FROM markets_ownvalue
WHERE place = ANY(%(places)s::text[]) AND ended_at IS NULL AND (until IS NULL OR until >= %(on)s::date)
ORDER BY id
""")


FIELDS = ("id", "place", "key", "how", "value", "at", "by_id", "until", "citation")


def _read(row: Row) -> OwnValue:
    told = dict(zip(FIELDS, row, strict=True))
    return OwnValue(**{**told, "value": json.loads(told["value"])})


def _said(row: OwnValue) -> Own | Confirmed | None:
    if row.key not in KEYS:
        return None
    try:
        value = checked(row.key, row.value)
    except Refused:
        return None
    if row.how == OwnValue.How.CONFIRMATION:
        return Confirmed(row.place, row.key, value)
    since = row.at.astimezone(UTC).date()
    return Own(How(row.how), row.place, row.key, value, since, row.by_id, row.until, row.citation)
