"""Record what happened, in the transaction of the change itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from hospes.lib.prepared import Prepared

CHANNEL = "hospes_events"  # PostgreSQL NOTIFY: the consumer wakes up on commit


@dataclass(frozen=True)
class Happening:
    """Base of every event: frozen dataclasses named in the past tense, fields are ids or plain values."""

    conversation_id: int


@dataclass(frozen=True)
class HappeningAtDesk(Happening):
    """Base of events that are about no conversation, but about the desk itself."""

    conversation_id: int = field(default=0, init=False)


@dataclass(frozen=True)
class Recorded:
    """An event with its circumstances, as reactions receive it."""

    id: int
    at: datetime
    by_id: int | None
    event: Any


def record(event: Happening, *, at: datetime, by_id: int | None = None) -> int:
    """Write one event and its pending mark, return its id. Must run inside the transaction of the change."""
    return record_all([(event, at, by_id)])[0]


def record_all(happenings: Sequence[tuple[Happening, datetime, int | None]]) -> list[int]:
    """Write several events in one statement, in the order given, wake the consumer, return their ids.

    Raises TransactionManagementError outside a transaction: an event alone would be a lie.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "record() belongs into the transaction of the change."
        )
    if not happenings:
        return []
    found = _RECORD.rows(
        kinds=[type(event).__name__ for event, _, _ in happenings],
        moments=[at for _, at, _ in happenings],
        by=[by_id for _, _, by_id in happenings],
        conversations=[_conversation(event) for event, _, _ in happenings],
        data=[json.dumps(_payload(event)) for event, _, _ in happenings],
        channel=CHANNEL,
    )
    return [row[0] for row in found]


# On the way of every mail: one round trip instead of three.
_RECORD = Prepared("""
WITH given AS MATERIALIZED (
    SELECT nextval('events_event_id_seq') AS id, one.*
    FROM unnest(%(kinds)s::text[], %(moments)s::timestamptz[], %(by)s::int[],
        %(conversations)s::bigint[], %(data)s::text[]) AS one(kind, at, by_id, conversation_id, data)
), written AS (
    INSERT INTO events_event (id, site_id, kind, at, by_id, conversation_id, data)
    SELECT id, 1, kind, at, by_id, conversation_id, data::jsonb FROM given
), pending AS (
    INSERT INTO events_pendingevent (event_id, attempts, error) SELECT id, 0, '' FROM given
), woken AS (
    SELECT pg_notify(%(channel)s, '') AS done
)
SELECT id FROM given, woken ORDER BY id
""")


def _conversation(event: Happening) -> int | None:
    return None if isinstance(event, HappeningAtDesk) else event.conversation_id


def _payload(event: Happening) -> dict[str, Any]:
    return {k: v for k, v in vars(event).items() if k != "conversation_id"}
