"""Record what happened, in the transaction of the change itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from hospes.events.models import Event, PendingEvent

CHANNEL = "hospes_events"  # PostgreSQL NOTIFY: the consumer wakes up on commit


@dataclass(frozen=True)
class Happening:
    """Base of every event: frozen dataclasses named in the past tense, fields are ids or plain values."""

    conversation_id: int


@dataclass(frozen=True)
class Recorded:
    """An event with its circumstances, as reactions receive it."""

    id: int
    at: datetime
    by_id: int | None
    event: Any


def record(event: Happening, *, at: datetime, by_id: int | None = None) -> Event:
    """Write one event and its pending mark. Must run inside the transaction of the change."""
    return record_all([(event, at, by_id)])[0]


def record_all(happenings: Sequence[tuple[Happening, datetime, int | None]]) -> list[Event]:
    """Write several events in two statements, in the order given, and wake the consumer once.

    Raises TransactionManagementError outside a transaction: an event alone would be a lie.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "record() belongs into the transaction of the change."
        )
    rows = Event.objects.bulk_create(
        Event(
            kind=type(event).__name__,
            at=at,
            by_id=by_id,
            conversation_id=event.conversation_id,
            data=_payload(event),
        )
        for event, at, by_id in happenings
    )
    PendingEvent.objects.bulk_create(PendingEvent(event=row) for row in rows)
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")
    return rows


def _payload(event: Happening) -> dict[str, Any]:
    return {k: v for k, v in dataclasses.asdict(event).items() if k != "conversation_id"}
