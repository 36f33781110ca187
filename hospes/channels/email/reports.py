"""What machines report about a message of ours: bounces, receipts, complaints (RFC 3464, 8098, 5965)."""

from __future__ import annotations

import re

from hospes.channels.contract import TOLD, Address, RecipientReport, Report
from hospes.channels.email import mime
from hospes.channels.email.headers import clean_line, message_ids, text_of, unfold
from hospes.channels.email.mime import Part

MAX_RECIPIENTS = 100
MAX_REPORT_BYTES = 256 * 1024
KINDS = {
    "message/delivery-status": "delivery",
    "message/global-delivery-status": "delivery",
    "message/disposition-notification": "read",
    "message/global-disposition-notification": "read",
    "message/feedback-report": "complaint",
}
ORIGINALS = {"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"}
HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?")
FAILED, DELAYED = "failed", "delayed"
MAX_TOLD_CHARS = 64 * 1024
BLANK_TEXT = re.compile(r"\n[ \t]*\n")
# Where the letter that came back begins, under what the server says of it.
COPY = re.compile(
    r"^[ \t]*(?:-{2,} ?(?:below this line|this is a copy|original message|unsent message|message header)"
    r"|return-path:|received:)",
    re.IGNORECASE | re.MULTILINE,
)
MESSAGE_ID_LINE = re.compile(
    r"^[> \t]*message-id:[ \t]*(<[^<>\s]{1,250}>)", re.IGNORECASE | re.MULTILINE
)
TOLD_RECIPIENT = re.compile(
    r"^[ \t]*<?([^\s<>@:,]{1,64}@[^\s<>@:,]{1,255})>?[ \t]*:?(?:[ \t]*\([^()\n]*\))?[ \t]*$",
    re.MULTILINE,
)
STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?!\.?\d)")
CODE = re.compile(r"(?<![\d.])([45])\d\d(?=[ -])")
TRIES_ON = re.compile(
    r"not yet been delivered|\bdelayed\b|warning message only|(?:will|continue|keep)s? (?:to )?(?:be )?(?:retry|try)",
    re.IGNORECASE,
)
BLANK_LINES = re.compile(rb"\r?\n[ \t]*\r?\n")


def report_in(root: Part) -> Report | None:
    """The report this mail carries, if it carries one."""
    status = _status_of(root)
    if status is None:
        return None
    blocks = _blocks(status)
    tell = _reader if KINDS[status.content_type] == "read" else _recipient
    told_by = "disposition" if tell is _reader else "action"
    recipients = tuple(tell(block) for block in blocks if told_by in block)[:MAX_RECIPIENTS]
    original = next(
        (block["original-message-id"] for block in blocks if "original-message-id" in block), b""
    )
    ids = message_ids(original) or _embedded_ids(list(root.walk()))
    return Report(
        kind=KINDS[status.content_type], message_id=ids[0] if ids else "", recipients=recipients
    )


def told_in(text: str) -> Report:
    """What a mail server says that came back with no part for machines, as qmail and old servers write it.

    text: the whole of it. Whom it names may be nobody; then it speaks of whoever the letter went to.
    """
    text = text[:MAX_TOLD_CHARS]
    copy = COPY.search(text)
    told = text[: copy.start()] if copy else text
    ids = message_ids("\n".join(MESSAGE_ID_LINE.findall(text)).encode("utf-8", "replace"))
    paragraphs = [one.strip() for one in BLANK_TEXT.split(told) if one.strip()]
    recipients = _told_of(paragraphs, action=DELAYED if _is_only_late(told) else FAILED)
    return Report(kind=TOLD, message_id=ids[0] if ids else "", recipients=recipients)


def _told_of(paragraphs: list[str], *, action: str) -> tuple[RecipientReport, ...]:
    """One for each address that stands on a line of its own; what is said of it follows."""
    found = []
    for place, one in enumerate(paragraphs):
        for match in list(TOLD_RECIPIENT.finditer(one))[:MAX_RECIPIENTS]:
            words = one[match.end() :].strip() or " ".join(paragraphs[place + 1 : place + 3])
            found.append(_told(match[1].lower(), words, action))
    if not found:
        words = next((one for one in paragraphs if _told_status(one)), "")
        found.append(_told("", words, action))
    return tuple(found[:MAX_RECIPIENTS])


def _told(address: str, words: str, action: str) -> RecipientReport:
    return RecipientReport(address, action, _told_status(words), " ".join(words.split())[:500])


def _told_status(words: str) -> str:
    """The enhanced code in some words; else what the plain code says of it, "" when there is none."""
    if status := STATUS.search(words):
        return status[0]
    code = CODE.search(words)
    return f"{code[1]}.0.0" if code else ""


def _is_only_late(told: str) -> bool:
    """Whether the server tries on: it says so, and no code for good stands there."""
    codes = [one[0] for one in STATUS.findall(told)]
    return "5" not in codes and ("4" in codes or TRIES_ON.search(told) is not None)


def reporters_in(root: Part) -> tuple[Address, ...]:
    """Who wrote a report that names no sender: by custom, the mail daemon of the server that reports."""
    status = _status_of(root)
    named = (block.get("reporting-mta", b"") for block in _blocks(status)) if status else ()
    found = (HOST.fullmatch(_after_type(name).strip().lower()) for name in named)
    return tuple(Address("", f"mailer-daemon@{host[0]}") for host in found if host)[:1]


def _status_of(root: Part) -> Part | None:
    """The part that machines read, in a mail that has one."""
    if not root.children:
        return None
    return next((part for part in root.walk() if part.content_type in KINDS), None)


def _blocks(status: Part) -> list[dict[str, bytes]]:
    content = status.content()[:MAX_REPORT_BYTES]
    return [_fields(block) for block in BLANK_LINES.split(content) if block.strip()]


def _fields(block: bytes) -> dict[str, bytes]:
    return {name: values[0] for name, values in mime.headers_of(block.strip() + b"\n").items()}


def _recipient(block: dict[str, bytes]) -> RecipientReport:
    return RecipientReport(
        address=_address_in(block),
        action=text_of(block["action"], limit=40).lower(),
        status=text_of(block.get("status", b""), limit=40),
        diagnostic=clean_line(_after_type(block.get("diagnostic-code", b"")), 500),
    )


def _reader(block: dict[str, bytes]) -> RecipientReport:
    """What the program of a reader did with it: `manual-action/MDN-sent-manually; displayed`."""
    done = text_of(block["disposition"], limit=200).rpartition(";")[2].partition("/")[0]
    return RecipientReport(
        _address_in(block), action=done.strip().lower()[:40], status="", diagnostic=""
    )


def _address_in(block: dict[str, bytes]) -> str:
    address = block.get("final-recipient") or block.get("original-recipient") or b""
    return clean_line(_after_type(address)).lower()


def _after_type(value: bytes) -> str:
    """`rfc822; mina@shop.example` without its type."""
    text = unfold(value).decode("utf-8", "replace")
    return text.partition(";")[2] or text


def _embedded_ids(parts: list[Part]) -> list[str]:
    for part in parts:
        if part.content_type in ORIGINALS:
            embedded = mime.headers_of(part.content()[:MAX_REPORT_BYTES])
            ids = [each for value in embedded.get("message-id", ()) for each in message_ids(value)]
            if ids:
                return ids
    return []
