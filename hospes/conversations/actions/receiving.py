"""Receive a whole batch of messages: conversations, messages, files and events, all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models import Case, OuterRef, Subquery, When

from hospes.channels.contract import TOLD, Address, Inbound, InboundFile
from hospes.channels.models import Channel
from hospes.conversations.events import (
    ConversationAwoke,
    ConversationReopened,
    MessageReceived,
    NoteWritten,
)
from hospes.conversations.extras import extras_of
from hospes.conversations.inbox import keep_rows
from hospes.conversations.models import Attachment, Conversation, Message, Note, Queue
from hospes.conversations.threading import message_hash
from hospes.events.recording import Happening, record_all
from hospes.files import store
from hospes.lib.bulk import write_rows
from hospes.lib.crash_points import crash_here
from hospes.lib.references import reference_of

# What a message can change in a conversation that exists already.
CHANGED = [
    "participant_ids", "language", "is_sender_verified", "last_activity_at", "waiting_since",
    "snoozed_until", "awoke_at", "closed_at", "last_message_id", "message_count",
]  # fmt: skip


log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Incoming:
    """A message whose sender and conversation are known."""

    raw_id: int
    channel: Channel  # with its brand and the site
    queue_id: int  # where a new conversation stands
    received_at: datetime
    inbound: Inbound
    verified: bool  # a hop we trust proved the sender
    identity_id: int
    customer_id: int
    conversation_id: int | None = None  # the conversation it joins
    joins_raw_id: int | None = None  # or: the one an earlier message of this batch is in
    forwarded_by_id: int | None = None  # the colleague who forwarded it
    comment: str = ""  # what the colleague wrote above: a note
    verdict: dict[str, Any] | None = None  # what was found out about the sender, and by whom
    answers_id: int | None = None  # a conversation it names, but may not join
    is_returned: bool = False  # it reports on a letter of ours, which was found
    machine: str = ""  # what the desk may do by itself about it (`events.Machine`)


def queues_of_channels() -> dict[int, int]:
    """Return the queue in which new conversations of each channel stand.

    That is the queue of the channel's brand and market, else the brand's own, else its first.
    """
    nearness = Case(When(market=OuterRef("market"), then=0), When(market=None, then=1), default=2)
    queues = Queue.objects.filter(brand=OuterRef("brand")).annotate(nearness=nearness)
    nearest = queues.order_by("nearness", "pk").values("pk")
    return dict(Channel.objects.values_list("pk", Subquery(nearest[:1])))


@transaction.atomic(savepoint=False)  # whoever calls has one, round a whole batch
def receive_all(incoming: Sequence[Incoming], *, at: datetime) -> list[Message]:
    """Write the messages in the order given and return them in that order.

    A message opens a conversation or joins one; written by a person it wakes a snoozed one,
    reopens a closed one and makes it wait on us. About ten statements, however large the batch. What the disk
    does not take is noted as missing: the words come in all the same.
    """
    if not incoming:
        return []
    are_stored = [[_is_stored(file) for file in one.inbound.files] for one in incoming]
    batch = _Batch(incoming, at)
    for one in incoming:
        batch.take_in(one)
    _write_conversations(batch.conversations)
    crash_here("receiving.after_conversations")
    write_rows(batch.messages)
    crash_here("receiving.after_messages")
    _attach(batch.messages, incoming, are_stored, at)
    keep_rows([conversation.pk for conversation in batch.conversations])
    crash_here("receiving.before_events")
    happened = [(happening, at, None) for happening in batch.happenings]
    record_all([*happened, *_write_notes(batch.notes, at)])
    return batch.messages


class _Batch:
    """What a batch will write, gathered message by message before anything is written."""

    def __init__(self, incoming: Sequence[Incoming], at: datetime) -> None:
        self.at = at
        self.known = _lock({one.conversation_id for one in incoming if one.conversation_id})
        # Numbers are drawn after the lock: in one conversation they grow in the order of commit.
        opening = sum(
            not one.joins_raw_id and one.conversation_id not in self.known for one in incoming
        )
        self.conversation_ids, self.message_ids = _draw_numbers(opening, len(incoming))
        self.by_raw: dict[int, Conversation] = {}
        self.messages: list[Message] = []
        self.happenings: list[Happening] = []
        self.notes: list[Note] = []

    @property
    def conversations(self) -> list[Conversation]:
        touched = {conversation.pk: conversation for conversation in self.by_raw.values()}
        return [touched[pk] for pk in sorted(touched)]

    def take_in(self, one: Incoming) -> None:
        conversation = self._conversation_of(one)
        message = _message(one, conversation, self.message_ids.pop(0))
        self.happenings += _stir(conversation, one)
        is_first = conversation.message_count == 0
        self.happenings.append(
            MessageReceived(conversation.pk, message.pk, is_first=is_first, machine=one.machine)
        )
        if not _is_report(one, conversation):
            _take_part(conversation, one)
        _count_in(conversation, message)
        if one.forwarded_by_id is not None and one.comment:
            self.notes.append(_note(one, conversation, by_id=one.forwarded_by_id))
        self.by_raw[one.raw_id] = conversation
        self.messages.append(message)

    def _conversation_of(self, one: Incoming) -> Conversation:
        if one.joins_raw_id:
            return self.by_raw[one.joins_raw_id]
        if one.conversation_id in self.known:
            return self.known[one.conversation_id]
        return _opened(one, self.conversation_ids.pop(0))


def _lock(ids: set[int]) -> dict[int, Conversation]:
    if not ids:
        return {}
    rows = Conversation.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    return {conversation.pk: conversation for conversation in rows}


def _draw_numbers(conversations: int, messages: int) -> tuple[list[int], list[int]]:
    """Take numbers for rows that are written later, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT array(SELECT nextval(%s) FROM generate_series(1, %s)),"
            " array(SELECT nextval(%s) FROM generate_series(1, %s))",
            [
                "conversations_conversation_id_seq", conversations,
                "conversations_message_id_seq", messages,
            ],
        )  # fmt: skip
        drawn = cursor.fetchone()
    return sorted(drawn[0]), sorted(drawn[1])


def _opened(one: Incoming, number: int) -> Conversation:
    channel = one.channel
    return Conversation(
        pk=number,
        reference=reference_of(number, bytes(channel.brand.site.reference_key)),
        queue_id=one.queue_id,
        brand=channel.brand,
        channel=channel,
        customer_id=one.customer_id,
        subject=one.inbound.subject[:998],
        opened_at=one.received_at,
        last_activity_at=one.received_at,
    )


def _message(one: Incoming, conversation: Conversation, number: int) -> Message:
    inbound = one.inbound
    sender = inbound.senders[0] if inbound.senders else Address("", "")
    return Message(
        pk=number,
        conversation=conversation,
        channel=one.channel,
        direction=Message.Direction.IN,
        identity_id=one.identity_id,
        agent_id=one.forwarded_by_id,
        raw_id=one.raw_id,
        message_id=inbound.message_id,
        message_hash=message_hash(inbound.message_id) if inbound.message_id else None,
        from_name=sender.name[:200],
        from_address=sender.address[:320],
        to=_pairs(inbound.to),
        cc=_pairs(inbound.cc),
        subject=inbound.subject[:998],
        text=inbound.text,
        reply_text=inbound.reply_text,
        html=inbound.html or "",
        language=(inbound.language or "")[:16],
        is_verified=one.verified,
        verdict=one.verdict,
        extras=extras_of(
            inbound, is_report=_is_report(one, conversation), answers_id=one.answers_id
        ),
        is_automatic=inbound.automatic,
        sent_at=inbound.sent_at,
        at=one.received_at,
    )


def _note(one: Incoming, conversation: Conversation, *, by_id: int) -> Note:
    """Return what a colleague wrote above what they forwarded; the customer never wrote it."""
    return Note(
        conversation=conversation,
        agent_id=by_id,
        text=one.comment,
        at=one.received_at - timedelta(microseconds=1),  # so it stands above the message
    )


def _write_notes(
    notes: Sequence[Note], at: datetime
) -> list[tuple[Happening, datetime, int | None]]:
    if not notes:
        return []
    return [
        (NoteWritten(note.conversation_id, note_id=note.pk), at, note.agent_id)
        for note in Note.objects.bulk_create(notes)
    ]


def _pairs(addresses: Sequence[Address]) -> list[list[str]]:
    return [[one.name, one.address] for one in addresses]


def _stir(conversation: Conversation, one: Incoming) -> list[Happening]:
    """Let a person's message wake, reopen and wait; a machine's changes nothing of that."""
    if one.inbound.automatic:
        return []
    happened: list[Happening] = []
    if conversation.closed_at is not None:
        conversation.closed_at = None
        happened.append(ConversationReopened(conversation.pk))
    if conversation.snoozed_until is not None:
        conversation.snoozed_until = None
        happened.append(ConversationAwoke(conversation.pk))
    if conversation.waiting_since is None:
        conversation.waiting_since = one.received_at
    return happened


def _take_part(conversation: Conversation, one: Incoming) -> None:
    if one.identity_id not in conversation.participant_ids:
        conversation.participant_ids = [*conversation.participant_ids, one.identity_id]
    conversation.is_sender_verified = one.verified


def _count_in(conversation: Conversation, message: Message) -> None:
    conversation.language = conversation.language or message.language
    conversation.last_activity_at = max(conversation.last_activity_at, message.at)
    conversation.last_message_id = message.pk
    conversation.message_count += 1


def _is_report(one: Incoming, conversation: Conversation) -> bool:
    """Whether a mail server writes about a letter of ours: that makes it no participant."""
    report = one.inbound.report
    is_one = report is not None and (report.kind != TOLD or one.is_returned)
    return is_one and conversation.message_count > 0


def _write_conversations(conversations: Sequence[Conversation]) -> None:
    """Insert the new ones and update the old ones, which are locked, in the same statement."""
    write_rows(conversations, updated=CHANGED)


def _is_stored(file: InboundFile) -> bool:
    """Store a file; whether the disk took it."""
    try:
        store.put(file.content)
    except OSError as error:
        log.warning("receiving: a file is not stored", why=error.strerror)
        return False
    return True


def _attach(
    messages: Sequence[Message],
    incoming: Sequence[Incoming],
    are_stored: Sequence[Sequence[bool]],
    at: datetime,
) -> None:
    write_rows(
        [
            _attachment(message, position, file, None if is_stored else at)
            for message, one, known in zip(messages, incoming, are_stored, strict=True)
            for position, (file, is_stored) in enumerate(zip(one.inbound.files, known, strict=True))
        ]
    )


def _attachment(
    message: Message, position: int, file: InboundFile, missing_since: datetime | None
) -> Attachment:
    return Attachment(
        message=message,
        position=position,
        name=file.name[:255],
        content_type=file.content_type[:127],
        size_bytes=file.size_bytes,
        sha256=file.sha256,
        content_id=file.content_id[:255],
        is_inline=file.inline,
        missing_since=missing_since,
    )
