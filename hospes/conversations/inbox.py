"""The inbox row of a conversation: written by whoever changed the conversation, in one statement.

One statement for one conversation, for a batch and for all of them: what the list shows can be
made anew from the conversation at any time, so it is never computed in two ways.
"""

from __future__ import annotations

from collections.abc import Sequence

from hospes.conversations.models.conversation import NEVER
from hospes.lib.prepared import Prepared

PREVIEW_CHARS = 200

_KEEP = Prepared("""
WITH gone AS (
    DELETE FROM conversations_inboxrow r USING conversations_conversation c
    WHERE r.conversation_id = ANY(%(ids)s::bigint[]) AND c.id = r.conversation_id AND c.closed_at IS NOT NULL
)
INSERT INTO conversations_inboxrow (
    conversation_id, queue_id, assignee_id, status, sort_at, waiting_since, last_activity_at,
    reference, channel_id, customer_id, customer_name, market_code, language, subject, preview,
    is_last_incoming, is_sender_verified, is_undelivered, last_message_id, snoozed_until,
    priority, next_due_at, next_due, due_warn_at)
SELECT c.id, c.queue_id, coalesce(c.assignee_id, 0), (c.snoozed_until IS NOT NULL)::int,
    coalesce(c.snoozed_until, least(c.awoke_at, c.undelivered_since,
        CASE WHEN c.waiting_since IS NOT NULL OR c.due_warned_at IS NOT NULL
            THEN coalesce(c.next_due_at, c.waiting_since) END), %(never)s::timestamptz),
    c.waiting_since, c.last_activity_at, c.reference, c.channel_id, c.customer_id,
    p.display_name, coalesce(pm.code, am.code, nullif(p.country, ''), cm.code, qm.code, ''), c.language, c.subject,
    left(CASE WHEN i.customer_id <> c.customer_id
        THEN E'\u2068' || left(coalesce(nullif(m.from_name, ''), m.from_address), 80) || E'\u2069: ' ELSE '' END
        || coalesce(left(btrim(regexp_replace(left(m.reply_text, 800), '\\s+', ' ', 'g')), %(preview)s::int), ''), %(preview)s::int),
    coalesce(m.direction, 0) = 0, c.is_sender_verified, c.undelivered_since IS NOT NULL, c.last_message_id,
    c.snoozed_until, c.priority, c.next_due_at, c.next_due, c.due_warn_at
FROM conversations_conversation c
JOIN people_customer p ON p.id = c.customer_id
JOIN conversations_queue q ON q.id = c.queue_id
JOIN channels_channel ch ON ch.id = c.channel_id
LEFT JOIN markets_market pm ON pm.id = p.market_id
LEFT JOIN people_contract a ON a.id = p.contract_id AND a.ended_at IS NULL
LEFT JOIN markets_market am ON am.id = a.market_id
LEFT JOIN markets_market cm ON cm.id = ch.market_id
LEFT JOIN markets_market qm ON qm.id = q.market_id
LEFT JOIN conversations_message m ON m.id = c.last_message_id
-- Whoever else was let in says so before their words: they are not the customer's.
LEFT JOIN people_identity i ON i.id = m.identity_id AND m.direction = 0
WHERE c.id = ANY(%(ids)s::bigint[]) AND c.closed_at IS NULL
ON CONFLICT (conversation_id) DO UPDATE SET
    queue_id = excluded.queue_id, assignee_id = excluded.assignee_id, status = excluded.status,
    sort_at = excluded.sort_at, waiting_since = excluded.waiting_since,
    last_activity_at = excluded.last_activity_at, channel_id = excluded.channel_id,
    customer_id = excluded.customer_id, customer_name = excluded.customer_name,
    market_code = excluded.market_code, language = excluded.language, subject = excluded.subject,
    preview = excluded.preview, is_last_incoming = excluded.is_last_incoming,
    is_sender_verified = excluded.is_sender_verified, is_undelivered = excluded.is_undelivered,
    last_message_id = excluded.last_message_id, snoozed_until = excluded.snoozed_until,
    priority = excluded.priority, next_due_at = excluded.next_due_at, next_due = excluded.next_due,
    due_warn_at = excluded.due_warn_at
""")


def keep_rows(conversation_ids: Sequence[int]) -> None:
    """Make the inbox rows of these conversations agree with them: written, or gone when closed.

    Belongs into the transaction of the change. The conversations must be locked by it.
    """
    _KEEP.run(ids=list(conversation_ids), never=NEVER, preview=PREVIEW_CHARS)
