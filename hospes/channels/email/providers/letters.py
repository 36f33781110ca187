"""A letter as django-anymail wants it: an e-mail of Django's, with our Message-ID and nothing that breaks a line."""

from __future__ import annotations

from collections.abc import Iterable
from email.encoders import encode_base64
from email.mime.base import MIMEBase

from django.core.mail import EmailMultiAlternatives

from hospes.channels.contract import Address, Outbound, OutboundFile
from hospes.channels.email.file_types import UNKNOWN_TYPE, type_of
from hospes.channels.email.headers import clean_body, clean_line
from hospes.channels.email.outgoing_headers import address_spec

MAX_NAME_CHARS = 200
ONLY_UTF8 = {"brevo", "sendgrid"}  # what texts are written in for these, whatever they came in
KEEP_OUR_ID = {"postmark": ("X-PM-KeepID", "true")}  # which puts its own in its place else


def as_mail(message: Outbound, kind: str) -> EmailMultiAlternatives:
    """Return the letter for this kind of provider. Raises DeliveryFailed for an address that is none."""
    mail = EmailMultiAlternatives(
        subject=clean_line(message.subject),
        body=clean_body(message.text),
        from_email=_mailbox(message.from_),
        to=_mailboxes(message.to),
        cc=_mailboxes(message.cc),
        reply_to=_mailboxes(message.reply_to),
        headers=dict(_headers(message, kind)),
    )
    if message.html is not None:
        mail.attach_alternative(clean_body(message.html), "text/html")
    for file in message.files:
        _attach(mail, file, kind)
    # Comes back with everything that is told of it.
    mail.metadata = {"hospes": message.number}  # type: ignore[attr-defined] # django-anymail reads it there
    return mail


def _attach(mail: EmailMultiAlternatives, file: OutboundFile, kind: str) -> None:
    """Attach a file so that its bytes arrive as they are: texts are read and written anew on the way."""
    name = clean_line(file.name) or "file"
    content_type, charset = type_of(file)
    charset = charset or "utf-8"
    if not content_type.startswith("text/"):
        mail.attach(name, file.content, content_type)
    elif not _stays(file.content, charset, written_in="utf-8" if kind in ONLY_UTF8 else charset):
        mail.attach(name, file.content, UNKNOWN_TYPE)
    else:
        part = MIMEBase(*content_type.split("/"))
        part.set_param("charset", charset)
        part.set_payload(file.content)
        encode_base64(part)
        part.add_header("Content-Disposition", "attachment", filename=name)
        mail.attach(part)


def _stays(content: bytes, charset: str, *, written_in: str) -> bool:
    """Whether these bytes, read in one charset and written in the other, are the same."""
    try:
        return content.decode(charset).encode(written_in) == content
    except UnicodeError:
        return False


def _headers(message: Outbound, kind: str) -> Iterable[tuple[str, str]]:
    yield "Message-ID", message.message_id
    if message.in_reply_to:
        yield "In-Reply-To", clean_line(message.in_reply_to)
    if message.references:
        yield "References", clean_line(" ".join(message.references), 998)
    for name, value in message.headers.items():
        yield name, clean_line(value)
    if kind in KEEP_OUR_ID:
        yield KEEP_OUR_ID[kind]


def _mailboxes(addresses: Iterable[Address]) -> list[str]:
    return [_mailbox(each) for each in addresses]


def _mailbox(address: Address) -> str:
    spec = address_spec(address.address, utf8=False)
    name = clean_line(address.name, MAX_NAME_CHARS).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{name}" <{spec}>' if name else spec
