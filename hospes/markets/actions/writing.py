"""Write what operators say of facts. Only actions do."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import connection

from hospes.events.recording import record
from hospes.lib.locks import Lock
from hospes.markets import shipped
from hospes.markets.events import MarketFactChanged
from hospes.markets.models import OwnValue
from hospes.markets.queries import standing_rows
from hospes.markets.resolving import Confirmed, Fact, How, Own, resolve

Sort = OwnValue.How


def place_lock() -> None:
    """Let one at a time look at what stands and write what follows, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [Lock.MARKET_VALUES])


def told_fact(place: str, key: str) -> Fact | None:
    """Return what is told of a place, corrections and confirmations with it, own values without."""
    layers = shipped.layers(place)
    said = [row.said for row in standing_rows([each.code for each in layers], on=date.max)]
    corrections = [own for own in said if isinstance(own, Own) and own.how is How.CORRECTION]
    confirmed = [one for one in said if isinstance(one, Confirmed)]
    return resolve(layers, corrections, confirmed).get(key)


def write(
    place: str,
    key: str,
    how: OwnValue.How,
    value: Any,
    *,
    by_id: int | None,
    at: datetime,
    **more: Any,
) -> OwnValue:
    """Write one row, and end the one it takes the place of."""
    ends = [Sort.OVERRIDE, Sort.WAIVER] if how in {Sort.OVERRIDE, Sort.WAIVER} else [how]
    OwnValue.objects.filter(place=place, key=key, how__in=ends, ended_at=None).update(
        ended_at=at, ended_by_id=by_id
    )
    row = OwnValue.objects.create(
        place=place, key=key, how=how, value=shipped.thawed(value), at=at, by_id=by_id, **more
    )
    record(MarketFactChanged(place=place, key=key, own_value_id=row.pk), at=at, by_id=by_id)
    return row
