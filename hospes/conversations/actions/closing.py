"""Close a conversation, and open it again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hospes.conversations.events import ConversationClosed, ConversationReopened
from hospes.conversations.inbox import keep_rows
from hospes.conversations.locking import lock
from hospes.conversations.models import Conversation
from hospes.conversations.waiting import unanswered_since
from hospes.events.recording import record
from hospes.lib.refusal import Refused
from hospes.team.models import Agent

CLOSURE = ["closed_at", "waiting_since", "snoozed_until", "awoke_at", "undelivered_since"]


@transaction.atomic
def close(conversation: Conversation, *, by: Agent, at: datetime) -> Conversation:
    """Close the conversation: nothing is owed any more.

    Raises Refused when it is closed already: two agents may press the button at once.
    """
    conversation = lock(conversation, by=by)
    if not conversation.is_open:
        raise Refused(_("This conversation is closed already."), code="closed_already")
    mark_closed(conversation, by=by, at=at)
    return conversation


def mark_closed(conversation: Conversation, *, by: Agent, at: datetime) -> None:
    """Close a conversation that the caller has locked and found open."""
    conversation.closed_at = at
    conversation.waiting_since = conversation.snoozed_until = conversation.awoke_at = None
    conversation.undelivered_since = None
    conversation.save(update_fields=CLOSURE)
    keep_rows([conversation.pk])
    record(ConversationClosed(conversation.pk), at=at, by_id=by.pk)


@transaction.atomic
def reopen(conversation: Conversation, *, by: Agent, at: datetime) -> Conversation:
    """Open a closed conversation again; a customer who was never answered waits as before.

    Raises Refused when it is open already.
    """
    conversation = lock(conversation, by=by)
    if conversation.is_open:
        raise Refused(_("This conversation is open already."), code="open_already")
    mark_reopened(conversation, by=by, at=at)
    return conversation


def mark_reopened(conversation: Conversation, *, by: Agent, at: datetime) -> None:
    """Open a conversation that the caller has locked and found closed."""
    conversation.closed_at = None
    conversation.waiting_since = unanswered_since(conversation.pk)
    conversation.save(update_fields=CLOSURE)
    keep_rows([conversation.pk])
    record(ConversationReopened(conversation.pk), at=at, by_id=by.pk)
