"""What became of mails that came in, with everything they say."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from hospes.channels.contract import Address, Inbound, Unreadable
from hospes.channels.email.files import MESSAGES
from hospes.channels.email.forwarding import may_be
from hospes.conversations.models import Attachment, Message
from hospes.intake.actions.understanding import Parser
from hospes.intake.desk import Desk
from hospes.intake.models import HeldRaw, QuarantinedRaw, Raw

SHOWN, HELD, QUARANTINED, PENDING = "shown", "held", "quarantined", "pending"


@dataclass(frozen=True)
class File:
    """A file that came with a mail."""

    name: str
    content_type: str
    size_bytes: int


@dataclass(frozen=True)
class Outcome:
    """What became of one raw. What nobody could read says nothing."""

    state: str
    reason: str = ""  # why it is not shown
    conversation: str = ""  # reference, of what is shown
    subject: str = ""
    from_name: str = ""
    from_address: str = ""
    to: tuple[str, ...] = ()  # addresses
    cc: tuple[str, ...] = ()
    date: datetime | None = None  # as the sender's clock says
    language: str = ""
    text: str = ""
    reply_text: str = ""
    attachments: tuple[File, ...] = ()
    automatic: bool = False
    forwarded_from: Address | None = (
        None  # as the mail says, whoever sent it; None: it forwards none
    )
    forwarded_subject: str = ""


def outcomes(raw_ids: Sequence[int], *, parser: Parser, desk: Desk) -> dict[int, Outcome]:
    """Return what became of these raws, by id; one that is still pending, or unknown, is `pending`.

    parser: reads again what is held and what may forward a mail, of which no more is kept than the raws.
    """
    found = dict.fromkeys(raw_ids, Outcome(PENDING))
    found |= _shown(raw_ids, parser, desk)
    found |= _held(raw_ids, parser, desk)
    for quarantined in QuarantinedRaw.objects.filter(pk__in=raw_ids):
        found[quarantined.pk] = Outcome(QUARANTINED, quarantined.error)
    return found


def _shown(raw_ids: Sequence[int], parser: Parser, desk: Desk) -> dict[int, Outcome]:
    messages = (
        Message.objects.filter(raw_id__in=raw_ids)
        .select_related("conversation")
        .only(
            "raw_id", "conversation__reference", "subject", "from_name", "from_address", "to", "cc",
            "sent_at", "language", "text", "reply_text", "is_automatic", "agent",
        )
    )  # fmt: skip
    by_id = {message.pk: message for message in messages}
    files: dict[int, list[File]] = {}
    for one in Attachment.objects.filter(message__in=list(by_id)).order_by("message", "position"):
        files.setdefault(one.message_id, []).append(
            File(one.name, one.content_type, one.size_bytes)
        )
    told = {
        message.raw_id: _of_message(message, files.get(message.pk, []))
        for message in by_id.values()
        if message.raw_id is not None
    }
    may_forward = [raw_id for raw_id, outcome in told.items() if _may_forward(outcome)]
    forwarded_by_us = {
        message.raw_id for message in by_id.values() if message.agent_id and message.raw_id
    }
    for raw_id, read in _read({*may_forward, *forwarded_by_us}, parser, desk):
        if raw_id in forwarded_by_us and not isinstance(read, Unreadable):
            # What is shown is the customer's; here it is told what the mail itself says.
            shown = told[raw_id]
            told[raw_id] = replace(
                _of_read(read), state=SHOWN, conversation=shown.conversation, reason=""
            )
        told[raw_id] = _with_forwarded(told[raw_id], read)
    return told


def _may_forward(outcome: Outcome) -> bool:
    return may_be(outcome.text) or any(one.content_type in MESSAGES for one in outcome.attachments)


def _with_forwarded(outcome: Outcome, read: Inbound | Unreadable) -> Outcome:
    if isinstance(read, Unreadable) or read.forwarded is None:
        return outcome
    forwarded = read.forwarded
    return replace(outcome, forwarded_from=forwarded.sender, forwarded_subject=forwarded.subject)


def _read(
    raw_ids: Collection[int], parser: Parser, desk: Desk
) -> Iterator[tuple[int, Inbound | Unreadable]]:
    for raw in Raw.objects.filter(pk__in=raw_ids).iterator(chunk_size=20) if raw_ids else ():
        (read,) = parser.parse_all([bytes(raw.body)], priors=[desk.languages_of(raw.channel_id)])
        yield raw.pk, read


def _of_message(message: Message, files: Sequence[File]) -> Outcome:
    return Outcome(
        state=SHOWN,
        conversation=message.conversation.reference,
        subject=message.subject,
        from_name=message.from_name,
        from_address=message.from_address,
        to=tuple(address for _, address in message.to),
        cc=tuple(address for _, address in message.cc),
        date=message.sent_at,
        language=message.language,
        text=message.text,
        reply_text=message.reply_text,
        attachments=tuple(files),
        automatic=message.is_automatic,
    )


def _held(raw_ids: Sequence[int], parser: Parser, desk: Desk) -> dict[int, Outcome]:
    reasons = {
        held.pk: held.get_reason_display() for held in HeldRaw.objects.filter(pk__in=raw_ids)
    }
    return {pk: _of_held(reasons[pk], read) for pk, read in _read(reasons, parser, desk)}


def _of_held(reason: str, read: Inbound | Unreadable) -> Outcome:
    if isinstance(read, Unreadable):  # newer rules than those it was held under
        return Outcome(HELD, reason)
    return replace(_with_forwarded(_of_read(read), read), reason=reason)


def _of_read(read: Inbound) -> Outcome:
    sender = read.senders[0] if read.senders else read.unreachable_sender
    return Outcome(
        state=HELD,
        subject=read.subject,
        from_name=sender.name if sender else "",
        from_address=sender.address if sender else "",
        to=tuple(one.address for one in read.to),
        cc=tuple(one.address for one in read.cc),
        date=read.sent_at,
        language=read.language or "",
        text=read.text,
        reply_text=read.reply_text,
        attachments=tuple(File(one.name, one.content_type, one.size_bytes) for one in read.files),
        automatic=read.automatic,
    )
