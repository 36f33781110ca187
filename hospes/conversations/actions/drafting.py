"""Keep what an agent is still writing, on the server, as it is typed.

No events: a draft is nobody's news, and it is saved twice a second.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from hospes.channels.contract import OutboundFile
from hospes.conversations.actions.checking import is_virus
from hospes.conversations.locking import check_seat
from hospes.conversations.models import Attachment, Conversation, Draft, DraftFile
from hospes.conversations.statements import EMPTIED
from hospes.files import store
from hospes.lib.refusal import Refused
from hospes.team.models import Agent


@transaction.atomic
def save_draft(  # noqa: PLR0913 # what a composer holds
    conversation: Conversation,
    *,
    kind: str,
    text: str,
    version: int,
    by: Agent,
    at: datetime,
    to: str | None = None,
    cc: str | None = None,
) -> Draft:
    """Keep the text unless a newer version is kept already; return what is kept now.

    version: counted by the composer, higher with every save; a save that comes late cannot undo
    a newer one or bring back what was sent.
    to, cc: recipients as typed; None: as they were.

    Raises Refused when the agent does not work in the queue of the conversation.
    """
    check_seat(conversation, by=by)
    people = {name: typed for name, typed in (("to", to), ("cc", cc)) if typed is not None}
    _write(conversation, kind, by, text=text, version=version, updated_at=at, **people)
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


def keep_file(
    conversation: Conversation, file: OutboundFile, *, by: Agent, at: datetime
) -> DraftFile:
    """Keep a file for the agent's reply.

    Raises Refused when the files are too large together, the agent does not work in the queue, or the virus scanner
    finds something; while it does not answer, the letter waits for it.
    """
    check_seat(conversation, by=by)
    check_size(len(file.content))
    sha256 = store.take(file.content)
    if is_virus(sha256, at=at):
        raise Refused(
            _("A virus was found in this file. Nobody can open it here."), code="virus_found"
        )
    return _keep_file(conversation, file, sha256, by=by, at=at)


@transaction.atomic
def _keep_file(
    conversation: Conversation, file: OutboundFile, sha256: str, *, by: Agent, at: datetime
) -> DraftFile:
    draft, _made = Draft.objects.select_for_update().get_or_create(
        conversation=conversation,
        agent=by,
        kind=Draft.Kind.REPLY,
        defaults={"text": "", "updated_at": at},
    )
    kept = draft.files.aggregate(bytes=Sum("size_bytes", default=0))["bytes"]
    check_size(kept + len(file.content))
    return DraftFile.objects.create(
        draft=draft,
        name=file.name[:255],
        content_type=file.content_type[:127],
        size_bytes=len(file.content),
        sha256=sha256,
    )


@transaction.atomic
def drop_file(file: DraftFile, *, by: Agent) -> None:
    """Take a file out of the agent's own draft. Raises Refused when it is another's."""
    if file.draft.agent_id != by.pk:
        raise Refused(_("This draft is somebody else's."), code="not_yours")
    file.delete()


def check_size(size_bytes: int) -> None:
    """Refuse files that no mail can carry."""
    limit = settings.MAIL_SIZE_LIMIT_BYTES * 7 // 10  # as text in a mail they grow by a third
    if size_bytes > limit:
        raise Refused(
            _("These files are too large for one mail. Keep them under %(limit)d MB together.")
            % {"limit": limit // 2**20},
            code="too_large",
        )


def kept_files(conversation: Conversation, ids: Collection[int], *, by: Agent) -> list[DraftFile]:
    """Return these files of the agent's own draft, in the order they were chosen."""
    if not ids:
        return []
    own = DraftFile.objects.filter(draft__conversation=conversation, draft__agent=by, pk__in=ids)
    return list(own.order_by("pk"))


def take_back_files(draft: Draft, attachments: Sequence[Attachment]) -> None:
    """Let the files of a reply that was taken back be the draft's again."""
    DraftFile.objects.bulk_create(
        DraftFile(
            draft=draft,
            name=one.name,
            content_type=one.content_type,
            size_bytes=one.size_bytes,
            sha256=one.sha256,
        )
        for one in attachments
    )


def empty_draft(
    conversation: Conversation, *, kind: str, by: Agent, at: datetime, version: int
) -> None:
    """Empty the draft of a text that was said or thrown away. One statement."""
    EMPTIED.run(conversation=conversation.pk, agent=by.pk, kind=kind, version=version, at=at)


def _write(
    conversation: Conversation, kind: str, by: Agent, *, version: int, **values: object
) -> None:
    drafts = Draft.objects.filter(conversation=conversation, agent=by, kind=kind)
    if drafts.filter(version__lt=version).update(version=version, **values):
        return
    draft = Draft(conversation=conversation, agent=by, kind=kind, version=version, **values)
    Draft.objects.bulk_create([draft], ignore_conflicts=True)  # an equal or newer one stays
