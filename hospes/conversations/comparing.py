"""Compare mails that came in with those we know: a reaction to what was received."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from hospes.events.recording import Recorded


def mark_same_ids(recorded: Sequence[Recorded]) -> None:
    """Mark mails that say something else under the Message-ID of an earlier one in their mailbox.

    Anybody can write the Message-ID that somebody else will use: such a mail is shown like any other, and
    marked, for one of the two is not what it seems. One statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [[one.event.message_id for one in recorded]])


_MARK = """
UPDATE conversations_message m SET verdict = coalesce(m.verdict, '{}') || '{"same_id": true}'
WHERE m.id = ANY(%s) AND m.message_hash IS NOT NULL AND EXISTS (
    SELECT FROM conversations_message earlier
    WHERE earlier.message_hash = m.message_hash AND earlier.message_id = m.message_id
        AND earlier.id < m.id AND earlier.channel_id = m.channel_id
        AND (earlier.text <> m.text OR earlier.from_address <> m.from_address)
)
"""
