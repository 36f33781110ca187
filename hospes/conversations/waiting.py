"""Since when a customer waits on us, told from the messages themselves."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max, Q

from hospes.conversations.models import Message


def unanswered_since(conversation_id: int) -> datetime | None:
    """Return when the first message came that nobody has answered; None when all are answered.

    What a machine wrote asks for no answer, and is none; a holding reply answers nothing.
    """
    messages = Message.objects.filter(conversation_id=conversation_id).said()
    ours = Q(direction=Message.Direction.OUT, is_holding=False)
    answered = messages.aggregate(to=Max("pk", filter=ours))["to"]
    return (
        messages.filter(direction=Message.Direction.IN, is_automatic=False, pk__gt=answered or 0)
        .order_by("pk")
        .values_list("at", flat=True)
        .first()
    )
