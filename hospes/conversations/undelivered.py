"""Bring a conversation back to whoever answers in it when a reply did not arrive: a reaction to what became of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from hospes.conversations.events import ConversationReopened, DeliveryChanged
from hospes.conversations.inbox import keep_rows
from hospes.conversations.models import Conversation, OutboxEntry
from hospes.events.recording import Recorded, record_all
from hospes.lib.prepared import Prepared

State = OutboxEntry.State
TROUBLE = (State.FAILED, State.BOUNCED, State.UNKNOWN)
MISSED = (OutboxEntry.Reason.PARTLY, OutboxEntry.Reason.COPY_BOUNCED)  # somebody did not get it
CHANGED = ["undelivered_since", "closed_at", "snoozed_until"]

# What did not arrive, or may not have, for each conversation: since when that is known. Whoever wrote another reply
# since, knew of it; what the desk sent by itself is nobody's reply. Takes conversations, states, reasons.
_SINCE = Prepared(
    """
SELECT m.conversation_id, min(o.changed_at)
FROM conversations_message m JOIN conversations_outboxentry o ON o.message_id = m.id
WHERE m.conversation_id = ANY(%(conversations)s::bigint[]) AND m.direction = 1 AND NOT m.is_automatic
    AND (o.state = ANY(%(states)s) OR o.reason = ANY(%(reasons)s))
    AND NOT EXISTS (
        SELECT FROM conversations_message later
        WHERE later.conversation_id = m.conversation_id AND later.id > m.id AND later.direction = 1
            AND NOT later.is_automatic AND later.at > o.changed_at)
GROUP BY m.conversation_id"""
)


def undelivered_since(conversation_ids: Collection[int]) -> dict[int, datetime]:
    """Return since when replies of these conversations are in trouble; one without trouble is missing."""
    found = _SINCE.rows(
        conversations=list(conversation_ids),
        states=[str(one) for one in TROUBLE],
        reasons=[str(one) for one in MISSED],
    )
    return dict(found)


@transaction.atomic
def mark_undelivered(recorded: Sequence[Recorded]) -> None:
    """Let conversations wait on us while a reply is in trouble; one that was closed before is opened again.

    What goes well is most of it, and costs two statements.
    """
    told = [one.event for one in recorded if isinstance(one.event, DeliveryChanged)]
    ids = {one.conversation_id for one in told if one.state in TROUBLE}
    known = Conversation.objects.filter(
        pk__in={one.conversation_id for one in told}, undelivered_since__isnull=False
    )
    ids |= set(known.values_list("pk", flat=True))
    missed = OutboxEntry.objects.filter(
        message__in=[one.message_id for one in told], reason__in=MISSED
    )
    ids |= set(missed.values_list("message__conversation_id", flat=True))
    if not ids:
        return
    at = recorded[-1].at
    rows = list(Conversation.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    since = undelivered_since(ids)
    reopened = [one for one in rows if _take(one, since.get(one.pk))]
    Conversation.objects.bulk_update(rows, CHANGED)
    keep_rows([one.pk for one in rows])
    record_all([(ConversationReopened(one.pk, is_undelivered=True), at, None) for one in reopened])


def _take(conversation: Conversation, since: datetime | None) -> bool:
    """Note it on the conversation; return whether that opened it. Who closed it later knew."""
    closed_at = conversation.closed_at
    if since is not None and closed_at is not None and since <= closed_at:
        since = None
    conversation.undelivered_since = since
    if since is None:
        return False
    conversation.snoozed_until = conversation.closed_at = None
    return closed_at is not None
