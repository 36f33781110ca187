"""What machines report about a message of ours: bounces, receipts, complaints (RFC 3464, 8098, 5965)."""

from __future__ import annotations

import re

from hospes.channels.contract import Address, RecipientReport, Report
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
BLANK_LINES = re.compile(rb"\r?\n[ \t]*\r?\n")


def report_in(root: Part) -> Report | None:
    """The report this mail carries, if it carries one."""
    status = _status_of(root)
    if status is None:
        return None
    blocks = _blocks(status)
    recipients = tuple(_recipient(block) for block in blocks if "action" in block)[:MAX_RECIPIENTS]
    original = next(
        (block["original-message-id"] for block in blocks if "original-message-id" in block), b""
    )
    ids = message_ids(original) or _embedded_ids(list(root.walk()))
    return Report(
        kind=KINDS[status.content_type], message_id=ids[0] if ids else "", recipients=recipients
    )


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
    address = block.get("final-recipient") or block.get("original-recipient") or b""
    return RecipientReport(
        address=clean_line(_after_type(address)).lower(),
        action=text_of(block["action"], limit=40).lower(),
        status=text_of(block.get("status", b""), limit=40),
        diagnostic=clean_line(_after_type(block.get("diagnostic-code", b"")), 500),
    )


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
