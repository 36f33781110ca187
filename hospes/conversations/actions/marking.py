"""Say of a reply whether it answers, or only says that we look into it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hospes.conversations.events import ReplyMarked
from hospes.conversations.inbox import keep_rows
from hospes.conversations.locking import lock
from hospes.conversations.models import Message
from hospes.conversations.waiting import unanswered_since
from hospes.events.recording import record
from hospes.lib.refusal import Refused
from hospes.team.models import Agent


@transaction.atomic
def mark_holding(message: Message, *, is_holding: bool, by: Agent, at: datetime) -> Message:
    """Let a reply of ours count as a holding reply, or as an answer; whoever waited waits again, or no longer.

    What it is already changes nothing. Raises Refused for what is no reply that somebody wrote here.
    """
    conversation = lock(message.conversation, by=by)
    message = Message.objects.select_for_update().get(pk=message.pk)
    if message.is_incoming or message.is_automatic:
        raise Refused(
            _("Only a reply that one of us wrote can be a holding reply."), code="refused"
        )
    if message.is_holding == is_holding:
        return message
    message.is_holding = is_holding
    message.save(update_fields=["is_holding"])
    if conversation.is_open:
        conversation.waiting_since = unanswered_since(conversation.pk)
        conversation.save(update_fields=["waiting_since"])
        keep_rows([conversation.pk])
    record(ReplyMarked(conversation.pk, message.pk, is_holding=is_holding), at=at, by_id=by.pk)
    return message
