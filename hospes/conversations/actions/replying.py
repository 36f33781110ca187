"""Reply to the customer: a message, its outbox entry and what a reply changes, in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hospes.channels.contract import Address, OutboundFile
from hospes.conversations import letters
from hospes.conversations.actions.admitting import let_in
from hospes.conversations.actions.drafting import check_size, empty_draft, kept_files
from hospes.conversations.actions.timing import keep_send_time
from hospes.conversations.events import (
    ConversationAssigned,
    ConversationClosed,
    ReplyWritten,
)
from hospes.conversations.inbox import keep_rows
from hospes.conversations.locking import lock
from hospes.conversations.models import (  # fmt: skip
    Attachment,
    Conversation,
    Draft,
    DraftFile,
    Message,
    OutboxEntry,
)
from hospes.conversations.recipients import Recipients, refuse_unusable
from hospes.conversations.statements import WRITTEN
from hospes.conversations.threading import make_message_id, message_hash
from hospes.conversations.wording import checked_text
from hospes.events.recording import Happening, record_all
from hospes.files import store
from hospes.language import holding
from hospes.lib.addresses import canonical
from hospes.lib.prepared import insert, update
from hospes.lib.refusal import Overtaken, Refused
from hospes.people.actions.recognising import lock_strangers
from hospes.team.models import Agent

FARTHEST = timedelta(days=30)  # that a reply may wait


@transaction.atomic
def reply(  # noqa: PLR0913 # each of them is a choice of whoever replies
    conversation: Conversation,
    *,
    text: str,
    by: Agent,
    at: datetime,
    last_seen_message_id: int | None = None,
    files: Sequence[OutboundFile] = (),
    kept_file_ids: Collection[int] = (),
    to: Sequence[Address] | None = None,
    cc: Sequence[Address] = (),
    close_after: bool = False,
    draft_version: int = 0,
    send_id: UUID | None = None,
    is_holding: bool | None = None,
    send_at: datetime | None = None,
    send_zone: str = "",
) -> Message:
    """Write a reply; it is sent when the time to take it back is over.

    The customer waits no longer, the writer's draft is emptied, and a conversation that was
    nobody's becomes the writer's. A closed conversation stays closed.

    last_seen_message_id: the newest message the writer had on the screen; None: do not compare.
    kept_file_ids: further files, of the writer's draft.
    to: whom it goes to; None: the customer, where they ask for answers (`recipients.py`).
    cc: further people. All of them are let into the conversation by this.
    draft_version: the highest version of the draft that the composer has sent.
    is_holding: it only says that we look into it; then the customer waits as before, and no clock stops. None:
        the words decide.
    send_at: when it leaves, and until when it can be taken back; None: as soon as nobody takes it back.
    send_zone: that is meant as what clocks there show, whatever becomes of their rules (IANA); "": as it is.
    send_id: the same for every try to send this reply: what was written already is returned, not
        written again, so a lost answer never makes two letters.

    Raises Overtaken when a customer or a colleague wrote in between, and Refused when there is
    nothing to send, too much, or nobody to send it to.
    """
    if send_at is not None and not at < send_at <= at + FARTHEST:
        raise Refused(_("Choose a moment that lies ahead."), code="in_the_past")
    kept = kept_files(conversation, kept_file_ids, by=by)
    text = checked_text(text, may_be_empty=bool(files or kept))
    check_size(sum(len(file.content) for file in files) + sum(file.size_bytes for file in kept))
    stored = [store.take(file.content) for file in files]
    ways = letters.ways_of(conversation)
    people = _recipients(ways, to, cc)
    others = [one for one in people if canonical(one.address) != ways.recipient.value]
    if others:
        lock_strangers()  # before the conversation, as where mail comes in: else each waits for the other
    conversation = lock(conversation, by=by)
    message_id = make_message_id(send_id or uuid4(), key=ways.key, domain=ways.domain)
    written = _written_before(conversation, message_id, by) if send_id else None
    if written is not None:
        return written
    _refuse_when_overtaken(conversation, last_seen_message_id, by)
    let_in(conversation, others, at=at)
    message = _message(conversation, ways, message_id, text, by, at, people)
    message.is_holding = _holds(message, files or kept) if is_holding is None else is_holding
    insert(message)
    _attach(message, kept, files, stored)
    entry = _queue(message, at, send_at)
    settled = _settle(conversation, message, entry, by=by, at=at, close_after=close_after)
    insert(entry)
    keep_send_time(conversation, entry, send_zone if send_at is not None else "")
    happenings: list[Happening] = [ReplyWritten(conversation.pk, message.pk, entry.pk), *settled]
    empty_draft(conversation, kind=Draft.Kind.REPLY, by=by, at=at, version=draft_version)
    keep_rows([conversation.pk])
    record_all([(happening, at, by.pk) for happening in happenings])
    return message


def _refuse_when_overtaken(conversation: Conversation, seen_id: int | None, by: Agent) -> None:
    if seen_id is None or (conversation.last_message_id or 0) <= seen_id:
        return
    newer = Message.objects.filter(conversation=conversation, pk__gt=seen_id)
    unseen = newer.said().order_by("pk")
    ids = tuple(unseen.exclude(agent=by).values_list("pk", flat=True))
    if ids:
        raise Overtaken(
            _("Somebody wrote in this conversation meanwhile. Read it before you send."),
            message_ids=ids,
        )


def _recipients(
    ways: letters.Ways, to: Sequence[Address] | None, cc: Sequence[Address]
) -> Recipients:
    """Return whom it goes to. Nobody gets a copy whom the writer did not see named."""
    people = Recipients(ways.proposed.to if to is None else tuple(to), tuple(cc))
    refuse_unusable(people)
    return people


def _written_before(conversation: Conversation, message_id: str, by: Agent) -> Message | None:
    row = WRITTEN.row(
        hash=message_hash(message_id),
        message_id=message_id,
        conversation=conversation.pk,
        agent=by.pk,
    )
    return Message.objects.get(pk=row[0]) if row else None


def _holds(message: Message, files: Sequence[object]) -> bool:
    """Whether a reply answers nothing; where nobody knows the phrases of a language, every reply answers."""
    return not files and bool(holding.is_holding(message.text, message.language))


def _message(  # the columns of one row
    conversation: Conversation,
    ways: letters.Ways,
    message_id: str,
    text: str,
    by: Agent,
    at: datetime,
    people: Recipients,
) -> Message:
    return Message(
        conversation=conversation,
        channel=ways.channel,
        direction=Message.Direction.OUT,
        identity=ways.recipient,
        agent=by,
        message_id=message_id,
        message_hash=message_hash(message_id),
        from_name=letters.from_name(by, ways.channel.brand, conversation.language),
        from_address=ways.from_address,
        to=[[one.name, one.address] for one in people.to],
        cc=[[one.name, one.address] for one in people.cc],
        subject=(
            letters.reply_subject(conversation.subject, conversation.reference)
            if conversation.message_count
            else conversation.subject
        ),
        text=text,
        reply_text=text,
        language=conversation.language,
        at=at,
    )


def _attach(
    message: Message,
    kept: Sequence[DraftFile],
    files: Sequence[OutboundFile],
    hashes: Sequence[str],
) -> None:
    told = [(one.name, one.content_type, one.size_bytes, one.sha256) for one in kept]
    told += [
        (one.name[:255], one.content_type[:127], len(one.content), sha256)
        for one, sha256 in zip(files, hashes, strict=True)
    ]
    Attachment.objects.bulk_create(
        Attachment(
            message=message,
            position=position,
            name=name,
            content_type=content_type,
            size_bytes=size_bytes,
            sha256=sha256,
        )
        for position, (name, content_type, size_bytes, sha256) in enumerate(told)
    )


def _queue(message: Message, at: datetime, send_at: datetime | None) -> OutboxEntry:
    """Return the entry that sends it, not yet written."""
    due_at = send_at or at + timedelta(seconds=settings.UNDO_SECONDS)
    return OutboxEntry(
        message=message,
        channel_id=message.channel_id,
        due_at=due_at,
        undo_until=due_at,
        changed_at=at,
    )


def _settle(
    conversation: Conversation,
    message: Message,
    entry: OutboxEntry,
    *,
    by: Agent,
    at: datetime,
    close_after: bool,
) -> list[Happening]:
    """Change the conversation as a reply changes it; note on the entry what must be undone with it."""
    happenings: list[Happening] = []
    if not message.is_holding:
        conversation.waiting_since = None
    conversation.awoke_at = conversation.undelivered_since = None
    conversation.last_activity_at = max(conversation.last_activity_at, at)
    conversation.last_message_id = message.pk
    conversation.message_count += 1
    if conversation.assignee_id is None:
        conversation.assignee, entry.has_assigned = by, True
        happenings.append(ConversationAssigned(conversation.pk, by.pk, None))
    if close_after and conversation.is_open:
        conversation.closed_at = at
        conversation.waiting_since = conversation.snoozed_until = None
        entry.has_closed = True
        happenings.append(ConversationClosed(conversation.pk))
    update(conversation, SETTLED)
    return happenings


SETTLED = (
    "waiting_since", "awoke_at", "undelivered_since", "snoozed_until", "closed_at", "last_activity_at",
    "last_message_id", "message_count", "assignee", "participant_ids",
)  # fmt: skip
