"""Compare mails that came in with those we know: a reaction to what was received."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from hospes.events.recording import Recorded


def mark_same_ids(recorded: Sequence[Recorded]) -> None:
    """Mark mails that carry the Message-ID of an earlier one. One statement.

    In the same mailbox and with other words: anybody can write the Message-ID that somebody else will use, so
    such a mail is shown like any other, and marked, for one of the two is not what it seems.
    In another mailbox and with the same words: it was written to two addresses of ours. Both are told of the
    other's conversation, so that two people do not answer it twice.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [[one.event.message_id for one in recorded]])


_MARK = """
WITH pairs AS MATERIALIZED (
    SELECT m.id, m.conversation_id, earlier.id AS earlier_id, earlier.conversation_id AS earlier_conversation_id,
        m.channel_id = earlier.channel_id AS is_here
    FROM conversations_message m JOIN conversations_message earlier USING (message_hash, message_id)
    WHERE m.id = ANY(%s) AND m.message_hash IS NOT NULL AND earlier.id < m.id
        AND (m.channel_id = earlier.channel_id) = (earlier.text <> m.text OR earlier.from_address <> m.from_address)
), marks AS (
    SELECT id, true AS is_same_id, NULL::bigint AS twin FROM pairs WHERE is_here
    UNION ALL SELECT id, false, earlier_conversation_id FROM pairs WHERE NOT is_here
    UNION ALL SELECT earlier_id, false, conversation_id FROM pairs WHERE NOT is_here
), marked AS (
    SELECT id, bool_or(is_same_id) AS is_same_id, min(twin) AS twin FROM marks GROUP BY id
)
UPDATE conversations_message m SET
    verdict = CASE WHEN is_same_id THEN coalesce(m.verdict, '{}') || '{"same_id": true}' ELSE m.verdict END,
    extras = CASE WHEN twin IS NULL THEN m.extras
        ELSE coalesce(m.extras, '{}') || jsonb_build_object('twin', twin) END
FROM marked WHERE m.id = marked.id
"""
