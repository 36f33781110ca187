"""Reply to the customer: a message, its outbox entry and what a reply changes, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hospes.channels.contract import Address, OutboundFile
from hospes.conversations import letters
from hospes.conversations.actions.drafting import empty_draft
from hospes.conversations.events import (
    ConversationAssigned,
    ConversationClosed,
    ReplyWritten,
)
from hospes.conversations.inbox import keep_rows
from hospes.conversations.locking import lock
from hospes.conversations.models import Attachment, Conversation, Draft, Message, OutboxEntry
from hospes.conversations.statements import WRITTEN
from hospes.conversations.threading import make_message_id, message_hash
from hospes.conversations.wording import checked_text
from hospes.events.recording import Happening, record_all
from hospes.files import store
from hospes.lib.addresses import canonical, is_mail_address
from hospes.lib.refusal import Overtaken, Refused
from hospes.people.actions.recognising import Sender, lock_strangers, recognise_all
from hospes.team.models import Agent


@transaction.atomic
def reply(  # noqa: PLR0913 # each of them is a choice of whoever replies
    conversation: Conversation,
    *,
    text: str,
    by: Agent,
    at: datetime,
    last_seen_message_id: int | None = None,
    files: Sequence[OutboundFile] = (),
    cc: Sequence[Address] = (),
    close_after: bool = False,
    draft_version: int = 0,
    send_id: UUID | None = None,
) -> Message:
    """Write a reply; it is sent when the time to take it back is over.

    The customer waits no longer, the writer's draft is emptied, and a conversation that was
    nobody's becomes the writer's. A closed conversation stays closed.

    last_seen_message_id: the newest message the writer had on the screen; None: do not compare.
    cc: further people, let into the conversation by this.
    draft_version: the highest version of the draft that the composer has sent.
    send_id: the same for every try to send this reply: what was written already is returned, not
        written again, so a lost answer never makes two letters.

    Raises Overtaken when a customer or a colleague wrote in between, and Refused when there is
    nothing to send, too much, or nobody to send it to.
    """
    text = checked_text(text, may_be_empty=bool(files))
    _check_size(files)
    stored = [store.put(file.content) for file in files]
    if cc:
        lock_strangers()  # before the conversation, as where mail comes in: else each waits for the other
    conversation = lock(conversation, by=by)
    ways = letters.ways_of(conversation)
    message_id = make_message_id(send_id or uuid4(), key=ways.key, domain=ways.domain)
    written = _written_before(conversation, message_id, by) if send_id else None
    if written is not None:
        return written
    _refuse_when_overtaken(conversation, last_seen_message_id, by)
    people = _let_in(conversation, cc, at)
    message = _write_message(conversation, ways, message_id, text, by, at, people)
    _attach(message, files, stored)
    entry = _queue(message, at)
    settled = _settle(conversation, message, entry, by=by, at=at, close_after=close_after)
    entry.save()
    happenings: list[Happening] = [ReplyWritten(conversation.pk, message.pk, entry.pk), *settled]
    empty_draft(conversation, kind=Draft.Kind.REPLY, by=by, at=at, version=draft_version)
    keep_rows([conversation.pk])
    record_all([(happening, at, by.pk) for happening in happenings])
    return message


def _check_size(files: Sequence[OutboundFile]) -> None:
    limit = settings.MAIL_SIZE_LIMIT_BYTES * 7 // 10  # as text in a mail they grow by a third
    if sum(len(file.content) for file in files) > limit:
        raise Refused(
            _("These files are too large for one mail. Keep them under %(limit)d MB together.")
            % {"limit": limit // 2**20},
            code="too_large",
        )


def _refuse_when_overtaken(conversation: Conversation, seen_id: int | None, by: Agent) -> None:
    if seen_id is None or (conversation.last_message_id or 0) <= seen_id:
        return
    unseen = Message.objects.filter(conversation=conversation, pk__gt=seen_id).order_by("pk")
    ids = tuple(unseen.exclude(agent=by).values_list("pk", flat=True))
    if ids:
        raise Overtaken(
            _("Somebody wrote in this conversation meanwhile. Read it before you send."),
            message_ids=ids,
        )


def _let_in(conversation: Conversation, cc: Sequence[Address], at: datetime) -> list[Address]:
    """Make people in copy participants, so that their answers join this conversation."""
    for one in cc:
        if not is_mail_address(one.address):
            raise Refused(
                _("%(address)s is not a mail address.") % {"address": one.address},
                code="not_an_address",
            )
    if cc:
        known = recognise_all([Sender(one.address, one.name) for one in cc], at=at)
        ids = {known[canonical(one.address)].identity_id for one in cc}
        conversation.participant_ids = sorted({*conversation.participant_ids, *ids})
    return list(cc)


def _written_before(conversation: Conversation, message_id: str, by: Agent) -> Message | None:
    row = WRITTEN.row(
        hash=message_hash(message_id),
        message_id=message_id,
        conversation=conversation.pk,
        agent=by.pk,
    )
    return Message.objects.get(pk=row[0]) if row else None


def _write_message(  # the columns of one row
    conversation: Conversation,
    ways: letters.Ways,
    message_id: str,
    text: str,
    by: Agent,
    at: datetime,
    cc: Sequence[Address],
) -> Message:
    return Message.objects.create(
        conversation=conversation,
        channel=ways.channel,
        direction=Message.Direction.OUT,
        identity=ways.recipient,
        agent=by,
        message_id=message_id,
        message_hash=message_hash(message_id),
        from_name=letters.from_name(by, ways.channel.brand, conversation.language),
        from_address=ways.from_address,
        to=[[ways.to.name, ways.to.address]],
        cc=[[one.name, one.address] for one in cc],
        subject=(
            letters.reply_subject(conversation.subject)
            if conversation.message_count
            else conversation.subject
        ),
        text=text,
        reply_text=text,
        language=conversation.language,
        at=at,
    )


def _attach(message: Message, files: Sequence[OutboundFile], hashes: Sequence[str]) -> None:
    Attachment.objects.bulk_create(
        Attachment(
            message=message,
            position=position,
            name=file.name[:255],
            content_type=file.content_type[:127],
            size_bytes=len(file.content),
            sha256=sha256,
        )
        for position, (file, sha256) in enumerate(zip(files, hashes, strict=True))
    )


def _queue(message: Message, at: datetime) -> OutboxEntry:
    """Return the entry that sends it, not yet written."""
    due_at = at + timedelta(seconds=settings.UNDO_SECONDS)
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
    conversation.waiting_since = conversation.awoke_at = None
    conversation.last_activity_at = max(conversation.last_activity_at, at)
    conversation.last_message_id = message.pk
    conversation.message_count += 1
    if conversation.assignee_id is None:
        conversation.assignee, entry.has_assigned = by, True
        happenings.append(ConversationAssigned(conversation.pk, by.pk, None))
    if close_after and conversation.is_open:
        conversation.closed_at, conversation.snoozed_until = at, None
        entry.has_closed = True
        happenings.append(ConversationClosed(conversation.pk))
    conversation.save(update_fields=SETTLED)
    return happenings


SETTLED = [
    "waiting_since", "awoke_at", "snoozed_until", "closed_at", "last_activity_at",
    "last_message_id", "message_count", "assignee", "participant_ids",
]  # fmt: skip
