"""Write something among us that the customer never sees."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from hospes.conversations.actions.drafting import empty_draft
from hospes.conversations.events import NoteWritten
from hospes.conversations.inbox import keep_rows
from hospes.conversations.locking import lock
from hospes.conversations.models import Conversation, Draft, Note
from hospes.conversations.wording import checked_text
from hospes.events.recording import record
from hospes.team.models import Agent


@transaction.atomic
def note(
    conversation: Conversation, *, text: str, by: Agent, at: datetime, draft_version: int = 0
) -> Note:
    """Add a note, to an open or a closed conversation; the note's draft is emptied.

    draft_version: the highest version of the draft that the composer has sent.

    Raises Refused when there is nothing to write, or far too much.
    """
    text = checked_text(text)
    conversation = lock(conversation, by=by)
    empty_draft(conversation, kind=Draft.Kind.NOTE, by=by, at=at, version=draft_version)
    return remark(conversation, text=text, by=by, at=at)


def remark(conversation: Conversation, *, text: str, by: Agent, at: datetime) -> Note:
    """Note what an agent did, in a conversation that is locked."""
    written = Note.objects.create(conversation=conversation, agent=by, text=text, at=at)
    conversation.last_activity_at = max(conversation.last_activity_at, at)
    conversation.save(update_fields=["last_activity_at"])
    keep_rows([conversation.pk])
    record(NoteWritten(conversation.pk, note_id=written.pk), at=at, by_id=by.pk)
    return written
