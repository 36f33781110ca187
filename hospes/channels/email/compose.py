"""One message written as bytes that every mail server takes (RFC 5322, MIME), the same at every attempt.

Written here rather than by the standard library's policies: those fold a long Message-ID into encoded words,
which no reader finds again, and let a line break in a value begin another field in some Python releases.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from hashlib import sha256

from hospes.channels.contract import Outbound, OutboundFile
from hospes.channels.email import outgoing_headers as fields
from hospes.channels.email.file_types import UNKNOWN_TYPE, type_of
from hospes.channels.email.headers import clean_body

MAX_PLAIN_LINE = 76  # a longer one, though allowed, is broken by servers on the way
BASE64_LINE_BYTES = 57
MAX_MAIL_LINE = 998
BREAK = re.compile(rb"\r\n|\r|\n")
# Written by us and by nobody else.
OUR_FIELDS = {
    "from", "to", "cc", "bcc", "sender", "reply-to", "subject", "date", "message-id", "in-reply-to",
    "references", "mime-version", "return-path", "received",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Entity:
    """One part: its own fields, and its body already encoded."""

    headers: tuple[str, ...]
    body: bytes

    def __bytes__(self) -> bytes:
        return "".join(f"{header}\r\n" for header in self.headers).encode() + b"\r\n" + self.body


def compose(message: Outbound, *, utf8_addresses: bool = False) -> bytes:
    """The message with CRLF line ends.

    utf8_addresses: whether the server takes addresses beyond ASCII (SMTPUTF8). Raises DeliveryFailed when an
    address cannot be written, ValueError for a Message-ID or a field name that is none.
    """
    content = _content(message)
    headers = [*_headers(message, utf8=utf8_addresses), "MIME-Version: 1.0", *content.headers]
    return bytes(_Entity(tuple(headers), content.body))


def _headers(message: Outbound, *, utf8: bool) -> Iterator[str]:
    message_id = fields.message_ids([message.message_id])
    if not message_id:
        raise ValueError("This is no Message-ID.")
    yield f"Date: {format_datetime(message.date)}"
    yield f"From: {fields.mailboxes([message.from_], utf8=utf8)}"
    yield f"To: {fields.mailboxes(message.to, utf8=utf8) or 'undisclosed-recipients:;'}"
    if message.cc:
        yield f"Cc: {fields.mailboxes(message.cc, utf8=utf8)}"
    if message.reply_to:
        yield f"Reply-To: {fields.mailboxes(message.reply_to, utf8=utf8)}"
    yield f"Subject: {fields.unstructured(message.subject, len('Subject: '))}"
    yield f"Message-ID: {message_id}"
    beyond_ascii = utf8 and _is_international(message)
    if in_reply_to := fields.message_ids([message.in_reply_to], utf8=beyond_ascii):
        yield f"In-Reply-To: {in_reply_to}"
    if references := fields.message_ids(message.references, utf8=beyond_ascii):
        yield f"References: {references}"
    if language := fields.language_tag(message.language):
        yield f"Content-Language: {language}"
    for name, value in message.headers.items():
        yield _further(name, value)


def _is_international(message: Outbound) -> bool:
    """Whether an address makes this a letter that only servers with SMTPUTF8 hand on.

    A Message-ID beyond ASCII that it answers makes it none: a server further on that cannot would have to send the
    letter back, and the customer would get no answer for the sake of how their program sorts it. That one is left
    out. An answer to ours finds its way all the same, by its address or by our own Message-ID.
    """
    named = (message.from_, *message.to, *message.cc, *message.reply_to)
    return not all(each.address.rpartition("@")[0].isascii() for each in named)


def _further(name: str, value: str) -> str:
    is_ours = name.lower() in OUR_FIELDS or name.lower().startswith("content-")
    if is_ours or not fields.is_field_name(name):
        raise ValueError(f"A message may not set the field {name!r}.")
    return f"{name}: {fields.unstructured(value, len(name) + 2)}"


# The parts ----------------------------------------------------------------------------------------


def _content(message: Outbound) -> _Entity:
    """Text alone, or text and HTML as alternatives, the pictures with the HTML, the files beside it all."""
    boundary = _Boundary(message.message_id)
    shown = [file for file in message.files if file.content_id and message.html is not None]
    beside = [file for file in message.files if file not in shown]
    content = _text("plain", message.text)
    if message.html is not None:
        html = _text("html", message.html)
        if shown:
            html = boundary.multipart("related", [html, *(_file(each) for each in shown)])
        content = boundary.multipart("alternative", [content, html])
    if beside:
        content = boundary.multipart("mixed", [content, *(_file(each) for each in beside)])
    return content


class _Boundary:
    """Lines between parts. "=_" stands in no encoded body, so none can be met inside a part."""

    def __init__(self, message_id: str) -> None:
        self._seed = sha256(message_id.encode()).hexdigest()[:24]
        self._count = 0

    def multipart(self, subtype: str, parts: Sequence[_Entity]) -> _Entity:
        self._count += 1
        boundary = f"=_{self._count}_{self._seed}"
        line = f"--{boundary}\r\n".encode()
        body = b"".join(line + bytes(part) + b"\r\n" for part in parts)
        header = f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"'
        return _Entity((header,), body + f"--{boundary}--\r\n".encode())


def _text(subtype: str, text: str) -> _Entity:
    """Text as it is where that is safe, else quoted-printable or base64, whichever is shorter."""
    text = clean_body(text)
    data = text.encode("utf-8", "replace")
    if not data.endswith(b"\n"):
        data += b"\n"
    content_type = f"Content-Type: text/{subtype}; charset=utf-8"
    if _is_safe(data):
        body = data.replace(b"\n", b"\r\n")
        return _Entity((content_type, "Content-Transfer-Encoding: 7bit"), body)
    quoted = binascii.b2a_qp(data.replace(b"\n", b"\r\n"), istext=True).replace(
        b"\nFrom ", b"\n=46rom "
    )
    encoded = _base64(data.replace(b"\n", b"\r\n"))
    if len(quoted) <= len(encoded):
        return _Entity((content_type, "Content-Transfer-Encoding: quoted-printable"), quoted)
    return _Entity((content_type, "Content-Transfer-Encoding: base64"), encoded)


def _is_safe(data: bytes) -> bool:
    """Whether these lines reach the other end unchanged: short, ASCII, nothing that servers rewrite."""
    lines = data.split(b"\n")
    return data.isascii() and not any(
        len(line) > MAX_PLAIN_LINE
        or line.endswith((b" ", b"\t"))
        or line.startswith((b"From ", b"--=_"))
        for line in lines
    )


def _file(file: OutboundFile) -> _Entity:
    content_type, charset = type_of(file)
    if content_type.startswith(
        "message/"
    ):  # may not be encoded (RFC 2046), so it must be fit already
        if _is_mail(file.content):
            body = BREAK.sub(b"\r\n", file.content)
            return _Entity(_file_headers(file, content_type, "7bit"), body)
        content_type = UNKNOWN_TYPE
    if charset:
        content_type += f"; charset={charset}"
    return _Entity(_file_headers(file, content_type, "base64"), _base64(file.content))


def _is_mail(data: bytes) -> bool:
    lines = BREAK.split(data)
    return data.isascii() and b"--=_" not in data and max(map(len, lines)) <= MAX_MAIL_LINE


def _file_headers(file: OutboundFile, content_type: str, encoding: str) -> tuple[str, ...]:
    disposition = "inline" if file.content_id else "attachment"
    headers = [
        f"Content-Type: {content_type}",
        f"Content-Transfer-Encoding: {encoding}",
        f"Content-Disposition: {disposition}{fields.parameter('filename', file.name or 'file')}",
    ]
    content_id = fields.message_ids([f"<{file.content_id}>"])
    return (*headers, f"Content-ID: {content_id}") if content_id else tuple(headers)


def _base64(data: bytes) -> bytes:
    lines = (
        binascii.b2a_base64(data[at : at + BASE64_LINE_BYTES], newline=False)
        for at in range(0, len(data), BASE64_LINE_BYTES)
    )
    return b"\r\n".join(lines) + b"\r\n"
