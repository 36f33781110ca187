"""One understood message as bytes between two processes: JSON, and the files' contents as they are.

The process that reads mails may have been taken over by one, so what it answers is believed no more than a
stranger's JSON: types are checked, NUL and lone surrogates refused. (Unpickling would run whatever it says.)
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from hospes.channels.contract import (
    Address,
    Forwarded,
    Inbound,
    InboundFile,
    Invitation,
    Protection,
    RecipientReport,
    Report,
    Verdict,
)

# What a header can say of it.
VERDICT = attrgetter("authserv_id", "dmarc", "spf", "dkim", "from_domain", "dmarc_policy")
Files = tuple[InboundFile, ...]
Json = Any  # what json.loads gives, until one of the functions below has looked at it


class Garbled(Exception):
    """These bytes are not what `pack` makes."""


def pack(message: Inbound) -> tuple[bytes, list[bytes]]:
    """(everything but the files' contents as JSON, the contents: those of a mail inside come last)."""
    files = message.files + (message.forwarded.files if message.forwarded else ())
    fields = [
        message.message_id,
        message.references,
        [_address_out(each) for each in message.senders],
        [_address_out(each) for each in message.reply_to],
        [_address_out(each) for each in message.to],
        [_address_out(each) for each in message.cc],
        message.addresses_cut,
        message.subject,
        message.sent_at.isoformat() if message.sent_at else None,
        message.text,
        message.reply_text if message.reply_text != message.text else None,
        message.html,
        message.language,
        message.automatic_reason,
        [VERDICT(verdict) for verdict in message.verdicts],
        message.loop_ids,
        message.list_unsubscribe,
        message.is_spam,
        [_address_out(each) for each in (message.unreachable_sender,) if each],
        _report_out(message.report),
        _forwarded_out(message.forwarded),
        [message.protection.kind, message.protection.is_sealed] if message.protection else None,
        [_invitation_out(each) for each in message.invitations],
        [[f.name, f.content_type, f.size_bytes, f.content_id, f.inline] for f in files],
    ]
    meta = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
    return meta, [each.content for each in files]


def unpack(meta: bytes, contents: bytes) -> Inbound:
    """The message again. `contents`: the files' contents one after another. Raises Garbled."""
    try:
        return _message(json.loads(meta), contents)
    except (ValueError, TypeError, RecursionError) as error:
        raise Garbled(str(error)) from error


def _message(fields: Json, contents: bytes) -> Inbound:
    (
        message_id, references, senders, reply_to, to, cc, addresses_cut, subject, sent_at, text,
        reply_text, html, language, automatic_reason, verdicts, loop_ids, list_unsubscribe, is_spam,
        unreachable, report, forwarded, protection, invitations, files,
    ) = fields  # fmt: skip
    own, enclosed = _shared_out(tuple(_files(files, contents)), forwarded)
    return Inbound(
        message_id=_text(message_id),
        references=_texts(references),
        senders=_addresses(senders),
        reply_to=_addresses(reply_to),
        to=_addresses(to),
        cc=_addresses(cc),
        addresses_cut=bool(addresses_cut),
        subject=_text(subject),
        sent_at=None if sent_at is None else datetime.fromisoformat(_text(sent_at)).astimezone(UTC),
        text=_text(text),
        reply_text=_text(text if reply_text is None else reply_text),
        html=_optional(html),
        language=_optional(language),
        automatic=bool(automatic_reason),
        automatic_reason=_text(automatic_reason),
        verdicts=tuple(_verdict_in(each) for each in verdicts),
        loop_ids=_texts(loop_ids),
        list_unsubscribe=_text(list_unsubscribe),
        is_spam=bool(is_spam),
        unreachable_sender=next(iter(_addresses(unreachable)), None),
        report=_report_in(report),
        forwarded=_forwarded_in(forwarded, enclosed),
        protection=_protection_in(protection),
        invitations=tuple(_invitation_in(each) for each in invitations),
        files=own,
    )


def _text(value: Json) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("not a clean text")
    if not value.isascii():
        value.encode()  # a lone surrogate is a ValueError
    return value


def _optional(value: Json) -> str | None:
    return None if value is None else _text(value)


def _texts(values: Json, count: int | None = None) -> tuple[str, ...]:
    if not isinstance(values, list) or (count is not None and len(values) != count):
        raise ValueError("not a list of texts")
    return tuple(_text(each) for each in values)


def _address_out(address: Address) -> list[str]:
    return [address.name, address.address]


def _addresses(values: Json) -> tuple[Address, ...]:
    return tuple(Address(*_texts(each, 2)) for each in values)


def _report_out(report: Report | None) -> Json:
    if report is None:
        return None
    recipients = [[r.address, r.action, r.status, r.diagnostic] for r in report.recipients]
    return [report.kind, report.message_id, recipients]


def _verdict_in(value: Json) -> Verdict:
    hop, dmarc, spf, dkim, from_domain, policy = _texts(value, 6)
    return Verdict(hop, dmarc, spf, dkim, from_domain, policy)


def _report_in(value: Json) -> Report | None:
    if value is None:
        return None
    kind, message_id, recipients = value
    return Report(
        kind=_text(kind),
        message_id=_text(message_id),
        recipients=tuple(RecipientReport(*_texts(each, 4)) for each in recipients),
    )


def _forwarded_out(forwarded: Forwarded | None) -> Json:
    if forwarded is None:
        return None
    sender = _address_out(forwarded.sender)
    texts = [forwarded.subject, forwarded.text, forwarded.comment, forwarded.reply_text]
    whole = [forwarded.html, len(forwarded.files)] if forwarded.is_whole else None
    return [sender, texts, forwarded.language, whole]


def _forwarded_in(value: Json, files: Files) -> Forwarded | None:
    if value is None:
        return None
    sender, texts, language, whole = value
    subject, text, comment, reply_text = _texts(texts, 4)
    html, _ = (None, 0) if whole is None else whole
    return Forwarded(
        sender=Address(*_texts(sender, 2)),
        subject=subject,
        text=text,
        comment=comment,
        reply_text=reply_text,
        language=_optional(language),
        is_whole=whole is not None,
        html=_optional(html),
        files=files,
    )


def _shared_out(files: Files, forwarded: Json) -> tuple[Files, Files]:
    """The files of the mail itself, and those of a mail that came inside it."""
    _, _, _, whole = (None,) * 4 if forwarded is None else forwarded
    _, enclosed = (None, 0) if whole is None else whole
    if type(enclosed) is not int or not 0 <= enclosed <= len(files):
        raise ValueError("the mail inside has more files than came")
    own = len(files) - enclosed
    return files[:own], files[own:]


def _protection_in(value: Json) -> Protection | None:
    if value is None:
        return None
    kind, is_sealed = value
    return Protection(_text(kind), is_sealed=bool(is_sealed))


def _invitation_out(one: Invitation) -> Json:
    texts = [
        one.uid,
        one.method,
        one.summary,
        one.starts,
        one.ends,
        one.place,
        one.answer,
        one.zone,
    ]
    return [texts, _address_out(one.organizer) if one.organizer else None, one.repeats]


def _invitation_in(value: Json) -> Invitation:
    texts, organizer, repeats = value
    uid, method, summary, starts, ends, place, answer, zone = _texts(texts, 8)
    who = Address(*_texts(organizer, 2)) if organizer is not None else None
    return Invitation(uid, method, summary, starts, ends, place, who, answer, bool(repeats), zone)


def _files(values: Sequence[Json], contents: bytes) -> Iterator[InboundFile]:
    at = 0
    for name, content_type, size_bytes, content_id, inline in values:
        if type(size_bytes) is not int or not 0 <= size_bytes <= len(contents) - at:
            raise ValueError("a file is longer than what came")
        content = contents[at : at + size_bytes]
        at += size_bytes
        yield InboundFile(
            name=_text(name),
            content_type=_text(content_type),
            size_bytes=size_bytes,
            sha256=hashlib.sha256(content).hexdigest(),  # a name in the store: never another's word
            content_id=_text(content_id),
            inline=bool(inline),
            content=content,
        )
