"""How far an agent has read, and who has a conversation open now.

No events: this is for the screens of colleagues in the next seconds, not for the record.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from hospes.conversations.locking import check_seat
from hospes.conversations.models import Conversation, Presence
from hospes.team.models import Agent


def mark_seen(
    conversation: Conversation,
    *,
    by: Agent,
    at: datetime,  # noqa: ARG001 # every action is told when
    message_id: int,
) -> None:
    """Remember that the agent has read up to this message; reading never goes back. One statement.

    Raises Refused when the agent does not work in the queue of the conversation.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _MARK,
            {
                "agent": by.pk,
                "conversation": conversation.pk,
                "message": message_id,
                "queue": conversation.queue_id,
                "sees_all": by.is_operator and by.is_active,
                "is_active": by.is_active,
            },
        )
        is_written = cursor.rowcount > 0
    if not is_written:  # read already, or not theirs
        check_seat(conversation, by=by)


_MARK = """
INSERT INTO conversations_seen (agent_id, conversation_id, last_message_id)
SELECT %(agent)s, %(conversation)s, %(message)s
WHERE %(sees_all)s OR (%(is_active)s AND EXISTS (
    SELECT 1 FROM conversations_queuemember WHERE agent_id = %(agent)s AND queue_id = %(queue)s))
ON CONFLICT (agent_id, conversation_id) DO UPDATE SET last_message_id = excluded.last_message_id
WHERE conversations_seen.last_message_id < excluded.last_message_id
"""


@transaction.atomic
def beat(conversation: Conversation, *, by: Agent, state: str, at: datetime) -> bool:
    """Note that the agent has the conversation open, and how.

    Returns whether colleagues need to hear of it: the agent just came, or the state changed.
    """
    check_seat(conversation, by=by)
    present = Presence.objects.filter(agent=by, conversation=conversation)
    before = present.values_list("state", "at").first()
    Presence.objects.bulk_create(
        [Presence(agent=by, conversation=conversation, state=Presence.State(state), at=at)],
        update_conflicts=True,
        unique_fields=["agent", "conversation"],
        update_fields=["state", "at"],
    )
    return before is None or before[0] != state or at - before[1] > Presence.FADES_AFTER


@transaction.atomic
def leave(conversation: Conversation, *, by: Agent, at: datetime) -> bool:  # noqa: ARG001
    """Note that the agent closed the conversation's page; return whether they were there."""
    gone, _ = Presence.objects.filter(agent=by, conversation=conversation).delete()
    return bool(gone)


def forget_absent(*, at: datetime) -> int:
    """Delete the beats of those who left without saying so; return how many."""
    gone, _ = Presence.objects.filter(at__lt=at - Presence.FADES_AFTER).delete()
    return gone
