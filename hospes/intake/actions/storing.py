"""Store what came in, byte for byte, before anybody is told that we have it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg
from django.db import connection

CHANNEL = "hospes_intake"  # PostgreSQL NOTIFY: there is something to understand


@dataclass(frozen=True)
class Delivery:
    """One mail for one recipient, as a door received it."""

    channel_id: int
    body: bytes
    envelope_from: str
    envelope_to: str
    peer: str = ""  # the address that brought it, where the door can tell
    helo: str = ""  # and the name it gave
    key: str = (
        ""  # what a provider calls it, where its bytes are put together anew for each delivery
    )

    @property
    def transport_key(self) -> str:
        """What makes a second delivery the same: a sender whose 250 got lost sends the same bytes again."""
        to = self.envelope_to.lower().encode("utf-8", "replace")
        named = self.key.encode("utf-8", "replace") or self.body
        return hashlib.sha256(to + b"\0" + named).hexdigest()


def store_all(deliveries: Sequence[Delivery], *, at: datetime) -> list[int]:
    """Store the deliveries and return their raws' ids, in order; what is known keeps its id.

    One statement, durable when the surrounding transaction is; wakes the worker.
    """
    unique = {(one.channel_id, one.transport_key): one for one in deliveries}
    # Django's own cursor writes bytes as text, which takes a second and a half for a large mail.
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(
            _STORE,
            {
                "channels": [one.channel_id for one in unique.values()],
                "keys": [one.transport_key for one in unique.values()],
                "senders": [_storable(one.envelope_from) for one in unique.values()],
                "recipients": [_storable(one.envelope_to) for one in unique.values()],
                "peers": [one.peer for one in unique.values()],
                "helos": [_storable(one.helo[:255]) for one in unique.values()],
                "bodies": [one.body for one in unique.values()],
                "at": at,
                "wake": CHANNEL,
            },
        )
        ids = {(channel_id, key): raw_id for raw_id, channel_id, key in cursor.fetchall()}
    missing = [key for key in unique if key not in ids]
    for channel_id, key in missing:  # stored by somebody else in this very moment
        ids[channel_id, key] = _id_of(channel_id, key)
    return [ids[one.channel_id, one.transport_key] for one in deliveries]


def _storable(text: str) -> str:
    """Return what an envelope says without what the database cannot hold: NUL and half characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _id_of(channel_id: int, transport_key: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM intake_raw WHERE channel_id = %s AND transport_key = %s",
            [channel_id, transport_key],
        )
        return int(cursor.fetchone()[0])


_STORE = """
WITH given AS MATERIALIZED (
    SELECT * FROM unnest(%(channels)s::int[], %(keys)s::text[], %(senders)s::text[],
        %(recipients)s::text[], %(peers)s::text[], %(helos)s::text[], %(bodies)b::bytea[])
        AS one(channel_id, transport_key, envelope_from, envelope_to, peer, helo, body)
), stored AS (
    INSERT INTO intake_raw
        (site_id, channel_id, transport_key, envelope_from, envelope_to, peer, helo, received_at, body)
    SELECT 1, channel_id, transport_key, envelope_from, envelope_to, peer, helo, %(at)s, body FROM given
    ON CONFLICT (channel_id, transport_key) DO NOTHING
    RETURNING id, channel_id, transport_key
), pending AS (
    INSERT INTO intake_pendingraw (raw_id, attempts) SELECT id, 0 FROM stored
), woken AS (
    SELECT pg_notify(%(wake)s, '') AS done
)
SELECT s.id, s.channel_id, s.transport_key FROM stored s, woken
UNION ALL
SELECT r.id, r.channel_id, r.transport_key
FROM intake_raw r JOIN given USING (channel_id, transport_key)
"""
