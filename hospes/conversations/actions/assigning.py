"""Give a conversation to an agent, or to nobody."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hospes.conversations.events import ConversationAssigned
from hospes.conversations.inbox import keep_rows
from hospes.conversations.locking import lock
from hospes.conversations.models import Conversation, QueueMember
from hospes.events.recording import record
from hospes.lib.refusal import Refused
from hospes.team.models import Agent


@transaction.atomic
def assign(
    conversation: Conversation, *, to: Agent | None, by: Agent, at: datetime
) -> Conversation:
    """Make `to` answer for the conversation; None: nobody. Saying it again changes nothing.

    Raises Refused when `to` does not work in the queue it stands in.
    """
    conversation = lock(conversation, by=by)
    if conversation.assignee_id == (to.pk if to else None):
        return conversation
    if to is not None and not may_work_in(to, conversation.queue_id):
        raise Refused(
            _("%(agent)s does not work in this queue.") % {"agent": to.name},
            code="assignee_outside_queue",
        )
    mark_assigned(conversation, to=to, by=by, at=at)
    return conversation


def mark_assigned(conversation: Conversation, *, to: Agent | None, by: Agent, at: datetime) -> None:
    """Assign a conversation that the caller has locked."""
    previous_id, conversation.assignee = conversation.assignee_id, to
    conversation.save(update_fields=["assignee"])
    keep_rows([conversation.pk])
    record(
        ConversationAssigned(
            conversation.pk, agent_id=to.pk if to else None, previous_agent_id=previous_id
        ),
        at=at,
        by_id=by.pk,
    )


def may_work_in(agent: Agent, queue_id: int) -> bool:
    """Whether this agent could act on what stands in the queue."""
    if not agent.is_active:
        return False
    return agent.is_operator or QueueMember.objects.filter(agent=agent, queue_id=queue_id).exists()
