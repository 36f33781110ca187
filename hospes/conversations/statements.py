"""What the page of a conversation and a reply ask, as SQL that PostgreSQL keeps planned (`lib/prepared.py`).

Each says what it returns; whoever asks makes rows of it. What an agent may see stands in `SEES`, in every statement
that begins with a conversation or a customer.
"""

from __future__ import annotations

from hospes.brands.models import Brand, Site
from hospes.channels.models import Channel
from hospes.conversations.models import Conversation, Queue
from hospes.lib.prepared import Prepared, columns
from hospes.markets.models import Market
from hospes.people.models import Contract, Customer, Identity


def sees(alias: str) -> str:
    """Return the condition under which whoever asks may see a conversation. Takes %(agent)s and %(sees_all)s."""
    return f"""(%(sees_all)s OR EXISTS (SELECT 1 FROM conversations_queuemember seat
    WHERE seat.agent_id = %(agent)s AND seat.queue_id = {alias}.queue_id))"""  # a name of ours


SEES = sees("c")

# One row: the conversation alone. Takes reference.
BY_REFERENCE = Prepared(
    f"""SELECT {columns(Conversation, "c")} FROM conversations_conversation c
WHERE c.reference = %(reference)s AND {SEES}"""
)

# One row: how far the agent has read, the assignee's name, identities, drafts, who else is there (each a list of
# objects), the customer's other conversations (the fields of `timeline.Earlier`, newest first), then the conversation,
# its customer, queue, channel and contract, and the markets of the last four. Takes reference, is_present_since, others.
OPEN = Prepared(
    f"""
SELECT
    coalesce((SELECT last_message_id FROM conversations_seen
        WHERE agent_id = %(agent)s AND conversation_id = c.id), 0),
    coalesce((SELECT name FROM team_agent WHERE id = c.assignee_id), ''),
    (SELECT json_agg(json_build_object('id', id, 'kind', kind, 'value', value,
            'verified_at', verified_at, 'suppressed_at', suppressed_at) ORDER BY id)
        FROM people_identity WHERE customer_id = c.customer_id),
    (SELECT json_agg(json_build_object('agent_id', d.agent_id, 'name', a.name, 'kind', d.kind,
            'text', d.text, 'version', d.version, 'to', d."to", 'cc', d.cc,
            'files', (SELECT json_agg(json_build_array(f.id, f.name, f.content_type, f.size_bytes) ORDER BY f.id)
                FROM conversations_draftfile f WHERE f.draft_id = d.id)) ORDER BY d.id)
        FROM conversations_draft d JOIN team_agent a ON a.id = d.agent_id WHERE d.conversation_id = c.id),
    (SELECT json_agg(json_build_object('agent_id', p.agent_id, 'name', a.name, 'state', p.state) ORDER BY p.at)
        FROM conversations_presence p JOIN team_agent a ON a.id = p.agent_id
        WHERE p.conversation_id = c.id AND p.at > %(is_present_since)s AND p.agent_id <> %(agent)s),
    (SELECT json_agg(json_build_array(o.reference, o.subject, o.last_activity_at, o.closed_at IS NULL,
            o.is_sender_verified) ORDER BY o.id DESC)
        FROM (SELECT * FROM conversations_conversation other
            WHERE other.customer_id = c.customer_id AND other.id <> c.id AND {sees("other")}
            ORDER BY other.id DESC LIMIT %(others)s) o),
    {columns(Conversation, "c")}, {columns(Customer, "customer")}, {columns(Queue, "queue")},
    {columns(Channel, "channel")}, {columns(Contract, "contract")}, {columns(Market, "customer_market")},
    {columns(Market, "queue_market")}, {columns(Market, "channel_market")}, {columns(Market, "contract_market")}
FROM conversations_conversation c
JOIN people_customer customer ON customer.id = c.customer_id
JOIN conversations_queue queue ON queue.id = c.queue_id
JOIN channels_channel channel ON channel.id = c.channel_id
LEFT JOIN markets_market customer_market ON customer_market.id = customer.market_id
LEFT JOIN markets_market queue_market ON queue_market.id = queue.market_id
LEFT JOIN markets_market channel_market ON channel_market.id = channel.market_id
LEFT JOIN people_contract contract ON contract.id = customer.contract_id
LEFT JOIN markets_market contract_market ON contract_market.id = contract.market_id
WHERE c.reference = %(reference)s AND {SEES}"""
)

# The fields of `timeline.MessageEntry`, newest first. Takes conversation, before and after (message ids or NULL), limit.
# A design is fetched by its own frame, the whole text shown only where it says more than the reply in it.
MESSAGES = Prepared(
    """
SELECT m.at, m.id, m.direction = 0, m.from_name, m.from_address, coalesce(a.name, ''), m."to", m.cc, m.subject,
    m.reply_text, CASE WHEN m.text <> m.reply_text THEN m.text ELSE '' END, m.html <> '', m.language,
    m.is_verified, m.verdict, m.extras, m.is_automatic, m.is_holding, m.sent_at, m.raw_id IS NOT NULL,
    (SELECT json_agg(json_build_array(f.id, f.name, f.content_type, f.size_bytes, f.missing_since IS NOT NULL,
            coalesce(k.state, ''), coalesce(k.told, '')) ORDER BY f.position)
        FROM conversations_attachment f LEFT JOIN files_filecheck k ON k.sha256 = f.sha256
        WHERE f.message_id = m.id),
    o.state, o.reason, o.answer, o.tried_since, o.undo_until
FROM conversations_message m
LEFT JOIN team_agent a ON a.id = m.agent_id
LEFT JOIN conversations_outboxentry o ON o.message_id = m.id
WHERE m.conversation_id = %(conversation)s
    AND m.id < coalesce(%(before)s::bigint, 9223372036854775807) AND m.id > coalesce(%(after)s::bigint, -1)
ORDER BY m.id DESC LIMIT %(limit)s"""
)

# Notes, then events around messages: whether it is an event, at, id, kind of event, who by, text of a note, data of an
# event, whom it was given to. Takes conversation; since (a moment or NULL); before and after (message ids or NULL); kinds of events.
AROUND = Prepared(
    """
WITH stretch AS (
    SELECT CASE WHEN %(after)s::bigint IS NOT NULL
            THEN coalesce((SELECT at FROM conversations_message WHERE id = %(after)s::bigint), 'infinity')
            ELSE coalesce(%(since)s::timestamptz, '-infinity') END AS since,
        CASE WHEN %(before)s::bigint IS NOT NULL
            THEN coalesce((SELECT at FROM conversations_message
                WHERE id = %(before)s::bigint AND conversation_id = %(conversation)s), '-infinity')
            ELSE 'infinity' END AS until
)
SELECT false, n.at, n.id, '', a.name, n.text, NULL::jsonb, ''
FROM stretch, conversations_note n JOIN team_agent a ON a.id = n.agent_id
WHERE n.conversation_id = %(conversation)s AND n.at >= stretch.since AND n.at < stretch.until
UNION ALL
SELECT true, e.at, e.id, e.kind, coalesce(a.name, ''), '', e.data,
    coalesce((SELECT name FROM team_agent WHERE id = (e.data->>'agent_id')::int), '')
FROM stretch, events_event e LEFT JOIN team_agent a ON a.id = e.by_id
WHERE e.conversation_id = %(conversation)s AND e.kind = ANY(%(kinds)s)
    AND e.at >= stretch.since AND e.at < stretch.until
ORDER BY 1, 3"""
)

# The fields of `timeline.Earlier`, newest first. Takes customer, limit.
OF_CUSTOMER = Prepared(
    f"""
SELECT c.reference, c.subject, c.last_activity_at, c.closed_at IS NULL, c.is_sender_verified
FROM conversations_conversation c
WHERE c.customer_id = %(customer)s AND {SEES}
ORDER BY c.id DESC LIMIT %(limit)s"""
)

# One row: the conversation, locked until the transaction ends. Takes conversation.
LOCK = Prepared(
    f"""SELECT {columns(Conversation, "c")} FROM conversations_conversation c
WHERE c.id = %(conversation)s AND {SEES} FOR UPDATE OF c"""
)

# One row: the customer's newest message (a machine's only when there is no other; NULL when there is none) as its
# sender's name and address, To, Cc and extras; the same of the newest message of any person; the channel, its brand and
# site, and who wrote the customer's. Takes conversation, channel, customer.
WAYS = Prepared(
    f"""
SELECT own.from_name, own.from_address, own."to", own.cc, own.extras,
    newest.from_name, newest.from_address, newest."to", newest.cc,
    {columns(Channel, "channel")}, {columns(Brand, "brand")}, {columns(Site, "site")}, {columns(Identity, "identity")}
FROM channels_channel channel
JOIN brands_brand brand ON brand.id = channel.brand_id
JOIN brands_site site ON site.id = brand.site_id
LEFT JOIN LATERAL (
    SELECT m.identity_id, m.from_name, m.from_address, m."to", m.cc, m.extras FROM conversations_message m
    JOIN people_identity i ON i.id = m.identity_id
    WHERE m.conversation_id = %(conversation)s AND m.direction = 0 AND i.customer_id = %(customer)s
    ORDER BY m.is_automatic, m.id DESC LIMIT 1
) own ON true
LEFT JOIN LATERAL (
    SELECT m.from_name, m.from_address, m."to", m.cc FROM conversations_message m
    WHERE m.conversation_id = %(conversation)s AND m.direction = 0 AND NOT m.is_automatic
    ORDER BY m.id DESC LIMIT 1
) newest ON true
LEFT JOIN people_identity identity ON identity.id = own.identity_id
WHERE channel.id = %(channel)s"""
)

# Our mailboxes and domains of reply addresses, then the colleagues among some addresses: address, reply domain, the
# colleague's. Takes addresses (canonical).
OURS = Prepared(
    """SELECT address, reply_domain, '' FROM channels_channel
UNION ALL SELECT '', '', email FROM team_agent WHERE lower(email) = ANY(%(addresses)s)"""
)

# One row: the message an agent wrote in a conversation under this Message-ID. Takes hash, message_id, conversation, agent.
WRITTEN = Prepared(
    """SELECT id FROM conversations_message WHERE message_hash = %(hash)s AND message_id = %(message_id)s
    AND conversation_id = %(conversation)s AND agent_id = %(agent)s ORDER BY id LIMIT 1"""
)

# Nothing: a draft without text, recipients and files; it stays, with the highest version, so that a late save cannot
# bring it back. Takes conversation, agent, kind, version (0: the composer sent none), at.
EMPTIED = Prepared(
    """
WITH emptied AS (
    UPDATE conversations_draft SET text = '', "to" = NULL, cc = NULL,
        version = greatest(version, %(version)s::bigint), updated_at = %(at)s
    WHERE conversation_id = %(conversation)s AND agent_id = %(agent)s AND kind = %(kind)s RETURNING id
), gone AS (
    DELETE FROM conversations_draftfile f USING emptied WHERE f.draft_id = emptied.id
)
INSERT INTO conversations_draft (conversation_id, agent_id, kind, text, version, updated_at)
SELECT %(conversation)s, %(agent)s, %(kind)s, '', %(version)s, %(at)s
WHERE %(version)s::bigint > 0 AND NOT EXISTS (SELECT 1 FROM emptied)
ON CONFLICT DO NOTHING"""
)
