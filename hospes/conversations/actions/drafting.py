"""Keep what an agent is still writing, on the server, as it is typed.

No events: a draft is nobody's news, and it is saved twice a second.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from hospes.conversations.locking import check_seat
from hospes.conversations.models import Conversation, Draft
from hospes.team.models import Agent


@transaction.atomic
def save_draft(
    conversation: Conversation, *, kind: str, text: str, version: int, by: Agent, at: datetime
) -> Draft:
    """Keep the text unless a newer version is kept already; return what is kept now.

    version: counted by the composer, higher with every save; a save that comes late cannot undo
    a newer one or bring back what was sent.

    Raises Refused when the agent does not work in the queue of the conversation.
    """
    check_seat(conversation, by=by)
    _write(conversation, kind=kind, text=text, version=version, by=by, at=at)
    return Draft.objects.get(conversation=conversation, agent=by, kind=kind)


@transaction.atomic
def discard_draft(
    conversation: Conversation, *, kind: str, by: Agent, at: datetime, version: int = 0
) -> None:
    """Throw the text away. The row stays, empty, so that a late save cannot bring it back.

    version: the highest the composer has sent, when it knows.
    """
    check_seat(conversation, by=by)
    empty_draft(conversation, kind=kind, by=by, at=at, version=version)


def empty_draft(
    conversation: Conversation, *, kind: str, by: Agent, at: datetime, version: int
) -> None:
    """Empty the draft of a text that was said or thrown away."""
    drafts = Draft.objects.filter(conversation=conversation, agent=by, kind=kind)
    emptied = drafts.update(text="", version=Greatest(F("version"), version), updated_at=at)
    if not emptied and version:
        _write(conversation, kind=kind, text="", version=version, by=by, at=at)


def _write(
    conversation: Conversation, *, kind: str, text: str, version: int, by: Agent, at: datetime
) -> None:
    drafts = Draft.objects.filter(conversation=conversation, agent=by, kind=kind)
    if drafts.filter(version__lt=version).update(text=text, version=version, updated_at=at):
        return
    draft = Draft(
        conversation=conversation, agent=by, kind=kind, text=text, version=version, updated_at=at
    )
    Draft.objects.bulk_create([draft], ignore_conflicts=True)  # an equal or newer one stays
