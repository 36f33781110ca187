"""How far an agent has read, and who has a conversation open now.

No events: this is for the screens of colleagues in the next seconds, not for the record.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from hospes.conversations.locking import check_seat
from hospes.conversations.models import Conversation, Presence, Seen
from hospes.team.models import Agent


@transaction.atomic
def mark_seen(
    conversation: Conversation,
    *,
    by: Agent,
    at: datetime,  # noqa: ARG001 # every action is told when
    message_id: int,
) -> None:
    """Remember that the agent has read up to this message; reading never goes back."""
    check_seat(conversation, by=by)
    seen = Seen.objects.filter(agent=by, conversation=conversation)
    if seen.filter(last_message_id__lt=message_id).update(last_message_id=message_id):
        return
    Seen.objects.bulk_create(
        [Seen(agent=by, conversation=conversation, last_message_id=message_id)],
        ignore_conflicts=True,
    )


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
