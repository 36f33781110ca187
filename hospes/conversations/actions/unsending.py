"""Take a reply back before it goes."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from hospes.channels.contract import Address
from hospes.conversations.actions.drafting import take_back_files
from hospes.conversations.events import ConversationAssigned, ReplyUnsent
from hospes.conversations.inbox import keep_rows
from hospes.conversations.locking import lock
from hospes.conversations.models import Conversation, Draft, Message, OutboxEntry
from hospes.conversations.recipients import as_typed
from hospes.conversations.undelivered import undelivered_since
from hospes.conversations.waiting import unanswered_since
from hospes.events.models import Event
from hospes.events.recording import record
from hospes.lib.refusal import Refused
from hospes.team.models import Agent


@transaction.atomic
def unsend(message: Message, *, by: Agent, at: datetime) -> Draft:
    """Delete a reply that nobody has sent yet and return its text as a draft.

    The conversation stands as before the reply: waiting, assigned and open as it was. Recipients and
    files are the draft's again.

    Raises Refused when it is too late, or when somebody else wrote it.
    """
    conversation = lock(message.conversation, by=by)
    entry = (
        OutboxEntry.objects.select_for_update().filter(message=message).select_related("message")
    ).first()
    if entry is None or not entry.may_be_unsent(at):
        raise Refused(_("It is too late to take this reply back."), code="too_late")
    if entry.message.agent_id != by.pk:
        raise Refused(_("Only the agent who wrote a reply can take it back."), code="not_yours")
    draft = _as_draft(entry.message, by, at)
    record(ReplyUnsent(conversation.pk, message_id=message.pk), at=at, by_id=by.pk)
    if entry.has_assigned:
        _forget_taking(conversation, entry.message, by)
    entry.message.delete()
    _restore(conversation, entry, by)
    keep_rows([conversation.pk])
    return draft


def _as_draft(message: Message, by: Agent, at: datetime) -> Draft:
    """Put the text in front of whatever the writer has begun since."""
    draft, _made = Draft.objects.select_for_update().get_or_create(
        conversation_id=message.conversation_id,
        agent=by,
        kind=Draft.Kind.REPLY,
        defaults={"text": "", "updated_at": at},
    )
    draft.text = f"{message.text}\n\n{draft.text}".rstrip()
    draft.to, draft.cc = (
        as_typed(Address(name, address) for name, address in pairs)
        for pairs in (message.to, message.cc)
    )
    draft.version = F("version") + 1
    draft.updated_at = at
    draft.save()
    take_back_files(draft, list(message.attachments.all()))
    draft.refresh_from_db()
    return draft


def _forget_taking(conversation: Conversation, message: Message, by: Agent) -> None:
    """Let nobody read that the writer took it: that came with the reply, and goes with it."""
    Event.objects.filter(
        conversation_id=conversation.pk,
        kind=ConversationAssigned.__name__,
        by_id=by.pk,
        at=message.at,
    ).delete()


def _restore(conversation: Conversation, entry: OutboxEntry, by: Agent) -> None:
    remaining = Message.objects.filter(conversation=conversation).said().order_by("-pk")
    last = remaining.only("pk", "at").first()
    conversation.last_message_id = last.pk if last else None
    conversation.message_count -= 1
    if last:
        conversation.last_activity_at = last.at
    if entry.has_assigned and conversation.assignee_id == by.pk:
        conversation.assignee = None
    if entry.has_closed:
        conversation.closed_at = None
    if conversation.is_open:
        conversation.waiting_since = unanswered_since(conversation.pk)
        conversation.undelivered_since = undelivered_since([conversation.pk]).get(conversation.pk)
    conversation.save(update_fields=RESTORED)


RESTORED = [
    "last_message_id", "message_count", "last_activity_at", "assignee", "closed_at", "waiting_since",
    "undelivered_since",
]  # fmt: skip
