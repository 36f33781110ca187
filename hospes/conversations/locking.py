"""Lock a conversation for a change, by somebody who may change it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from hospes.conversations.models import Conversation, QueueMember
from hospes.conversations.statements import LOCK
from hospes.lib.prepared import read
from hospes.lib.refusal import Refused
from hospes.team.models import Agent

NOT_YOURS = _("This conversation stands in a queue you do not work in.")


def lock(conversation: Conversation, *, by: Agent) -> Conversation:
    """Return the conversation as it is now, locked until the transaction ends.

    Surfaces load only what their reader may see; this holds for everybody else who calls.

    Raises Refused when the agent does not work in its queue.
    """
    row = None
    if by.is_active:
        row = LOCK.row(conversation=conversation.pk, agent=by.pk, sees_all=by.is_operator)
    if row is None:
        raise Refused(NOT_YOURS, code="not_yours")
    return read(Conversation, row)[0]


def check_seat(conversation: Conversation, *, by: Agent) -> None:
    """Refuse an agent who does not work in the queue of the conversation, without a lock."""
    is_member = (
        by.is_operator
        or QueueMember.objects.filter(queue_id=conversation.queue_id, agent=by).exists()
    )
    if not (by.is_active and is_member):
        raise Refused(NOT_YOURS, code="not_yours")
