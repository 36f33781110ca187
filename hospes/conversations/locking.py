"""Lock a conversation for a change, by somebody who may change it."""

from __future__ import annotations

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from hospes.conversations.models import Conversation, QueueMember
from hospes.lib.refusal import Refused
from hospes.team.models import Agent

NOT_YOURS = _("This conversation stands in a queue you do not work in.")


def lock(conversation: Conversation, *, by: Agent) -> Conversation:
    """Return the conversation as it is now, locked until the transaction ends.

    Surfaces load only what their reader may see; this holds for everybody else who calls.

    Raises Refused when the agent does not work in its queue.
    """
    rows = Conversation.objects.select_for_update(of=("self",)).filter(pk=conversation.pk)
    if not by.is_operator:
        rows = rows.filter(Exists(QueueMember.objects.filter(queue=OuterRef("queue_id"), agent=by)))
    locked = rows.first() if by.is_active else None
    if locked is None:
        raise Refused(NOT_YOURS, code="not_yours")
    return locked


def check_seat(conversation: Conversation, *, by: Agent) -> None:
    """Refuse an agent who does not work in the queue of the conversation, without a lock."""
    is_member = (
        by.is_operator
        or QueueMember.objects.filter(queue_id=conversation.queue_id, agent=by).exists()
    )
    if not (by.is_active and is_member):
        raise Refused(NOT_YOURS, code="not_yours")
