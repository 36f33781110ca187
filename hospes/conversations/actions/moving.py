"""Move a conversation to another queue."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from hospes.conversations.actions.assigning import may_work_in
from hospes.conversations.events import ConversationMoved
from hospes.conversations.inbox import keep_rows
from hospes.conversations.locking import lock
from hospes.conversations.models import Conversation, Queue
from hospes.events.recording import record
from hospes.team.models import Agent


@transaction.atomic
def move(conversation: Conversation, *, to: Queue, by: Agent, at: datetime) -> Conversation:
    """Let the conversation stand in another queue, also one the agent does not work in.

    An assignee who does not work there is taken off. Moving it where it stands changes nothing.
    """
    conversation = lock(conversation, by=by)
    previous_id = conversation.queue_id
    if previous_id == to.pk:
        return conversation
    conversation.queue = to
    if conversation.assignee and not may_work_in(conversation.assignee, to.pk):
        conversation.assignee = None
    conversation.save(update_fields=["queue", "assignee"])
    keep_rows([conversation.pk])
    record(
        ConversationMoved(conversation.pk, queue_id=to.pk, previous_queue_id=previous_id),
        at=at,
        by_id=by.pk,
    )
    return conversation
