"""Lock a conversation for a change, by somebody who may change it."""

from __future__ import annotations

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from hospes.conversations.models import Conversation, QueueMember
from hospes.lib.refusal import Refused
from hospes.team.models import Agent


def lock(conversation: Conversation, *, by: Agent) -> Conversation:
    """Return the conversation as it is now, locked until the transaction ends.

    Surfaces load only what their reader may see; this holds for everybody else who calls.

    Raises Refused when the agent does not work in its queue.
    """
    is_member = QueueMember.objects.filter(queue=OuterRef("queue_id"), agent=by)
    locked = (
        Conversation.objects.select_for_update(of=("self",))
        .annotate(is_by_member=Exists(is_member))
        .get(pk=conversation.pk)
    )
    _refuse_unless(may_act=by.is_active and (by.is_operator or locked.is_by_member))
    return locked


def check_seat(conversation: Conversation, *, by: Agent) -> None:
    """Refuse an agent who does not work in the queue of the conversation, without a lock."""
    is_member = (
        by.is_operator
        or QueueMember.objects.filter(queue_id=conversation.queue_id, agent=by).exists()
    )
    _refuse_unless(may_act=by.is_active and is_member)


def _refuse_unless(*, may_act: bool) -> None:
    if not may_act:
        raise Refused(
            _("This conversation stands in a queue you do not work in."), code="not_yours"
        )
