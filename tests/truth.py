"""What the lists must show, worked out the slow way from the conversations and messages themselves."""

from __future__ import annotations

from typing import Any

from hospes.conversations.counting import view_counts
from hospes.conversations.models import Conversation, InboxRow, Message
from hospes.conversations.models.conversation import NEVER
from hospes.conversations.queries import OPEN_VIEWS, list_page
from hospes.conversations.waiting import unanswered_since
from hospes.team.models import Agent


def check_lists() -> None:
    """Fail when an inbox row differs from its conversation, or a conversation from its messages."""
    conversations = list(
        Conversation.objects.select_related(
            "customer__market", "channel__market", "queue__market"
        ).order_by("pk")
    )
    rows = {row.pk: row for row in InboxRow.objects.all()}
    assert set(rows) == {one.pk for one in conversations if one.is_open}
    for one in conversations:
        messages = list(Message.objects.filter(conversation=one).order_by("pk"))
        _check_conversation(one, messages)
        if one.is_open:
            last = _said(messages)[-1] if _said(messages) else None
            shown = {name: getattr(rows[one.pk], name) for name in _row(one, last)}
            assert shown == _row(one, last)


def _check_conversation(one: Conversation, messages: list[Message]) -> None:
    assert one.message_count == len(messages)
    said = _said(messages)
    assert one.last_message_id == (said[-1].pk if said else None)
    assert said == [] or one.last_activity_at >= max(message.at for message in said)
    is_owed = one.is_open and unanswered_since(one.pk) is not None
    assert (one.waiting_since is not None) == is_owed
    if not one.is_open:
        assert (one.snoozed_until, one.awoke_at) == (None, None)


def _said(messages: list[Message]) -> list[Message]:
    """Leave out what the desk sent by itself: no list shows it."""
    return [one for one in messages if one.is_incoming or not one.is_automatic]


def _row(one: Conversation, last: Message | None) -> dict[str, Any]:
    owed = [moment for moment in (one.waiting_since, one.awoke_at) if moment]
    return {
        "queue_id": one.queue_id,
        "assignee_id": one.assignee_id or 0,
        "status": InboxRow.Status.SNOOZED if one.is_snoozed else InboxRow.Status.OPEN,
        "sort_at": one.snoozed_until or min(owed, default=NEVER),
        "waiting_since": one.waiting_since,
        "last_activity_at": one.last_activity_at,
        "reference": one.reference,
        "channel_id": one.channel_id,
        "customer_id": one.customer_id,
        "customer_name": one.customer.display_name,
        "market_code": one.whereabouts.market,
        "language": one.language,
        "subject": one.subject,
        "preview": _preview(one, last),
        "is_last_incoming": last is None or last.is_incoming,
        "is_sender_verified": one.is_sender_verified,
        "last_message_id": one.last_message_id,
        "snoozed_until": one.snoozed_until,
    }


def _preview(one: Conversation, last: Message | None) -> str:
    """How the newest message begins; whoever else was let in is named before their words."""
    if last is None:
        return ""
    begins = " ".join(last.reply_text[:800].split())[:200]
    is_strangers = (
        last.is_incoming
        and last.identity is not None
        and last.identity.customer_id != one.customer_id
    )
    who = f"\u2068{(last.from_name or last.from_address)[:80]}\u2069: " if is_strangers else ""
    return f"{who}{begins}"[:200]


def check_views(agent: Agent, queue_ids: list[int] | None) -> None:
    """Fail when a view holds anything else, in another order or number, than it should for this agent."""
    visible = [
        one
        for one in Conversation.objects.order_by("pk")
        if queue_ids is None or one.queue_id in queue_ids
    ]
    rows = {row.pk: row for row in InboxRow.objects.all()}
    wanted = {view: [one for one in visible if _is_in(view, one, agent)] for view in OPEN_VIEWS}
    counted = view_counts(queue_ids, agent.pk)
    assert counted == {view: len(found) for view, found in wanted.items()}
    for view, found in wanted.items():
        found.sort(key=lambda one: (rows[one.pk].sort_at, one.pk))
        assert pages(queue_ids, view, agent) == [one.pk for one in found]
    closed = [one for one in visible if not one.is_open]
    closed.sort(key=lambda one: (one.last_activity_at, one.pk), reverse=True)
    assert pages(queue_ids, "closed", agent) == [one.pk for one in closed]


def pages(queue_ids: list[int] | None, view: str, agent: Agent, *, limit: int = 2) -> list[int]:
    """Return what a reader sees who turns every page."""
    found: list[int] = []
    after = None
    while True:
        page = list_page(queue_ids, view=view, agent_id=agent.pk, after=after, limit=limit)
        found += [row.conversation_id for row in page.rows]
        after = page.next_cursor
        if after is None:
            return found


def _is_in(view: str, one: Conversation, agent: Agent) -> bool:
    is_awake = one.is_open and not one.is_snoozed
    return {
        "mine": is_awake and one.assignee_id == agent.pk,
        "unassigned": is_awake and one.assignee_id is None,
        "open": is_awake,
        "waiting": is_awake and (one.waiting_since is not None or one.awoke_at is not None),
        "snoozed": one.is_open and one.is_snoozed,
    }[view]
