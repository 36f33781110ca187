"""Who sends a letter holds its lock: a lock that can be taken tells at once that its holder died."""

from __future__ import annotations

from contextlib import suppress

from django.db import Error as DatabaseError
from django.db import connection

from hospes.lib.locks import Lock


def take_lock(outbox_id: int) -> bool:
    """Return whether nobody else is at it; then it is ours until it is given back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", _lock_of(outbox_id))
        return bool(cursor.fetchone()[0])


def give_lock_back(outbox_id: int) -> None:
    with suppress(DatabaseError), connection.cursor() as cursor:  # it went with its connection
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", _lock_of(outbox_id))


def _lock_of(outbox_id: int) -> list[int]:
    return [Lock.SENDING, outbox_id & 0x7FFF_FFFF]
