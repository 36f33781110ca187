"""A letter as django-anymail wants it: an e-mail of Django's, with our Message-ID and nothing that breaks a line."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.mail import EmailMultiAlternatives

from hospes.channels.contract import Address, Outbound
from hospes.channels.email.headers import clean_body, clean_line
from hospes.channels.email.outgoing_headers import address_spec

MAX_NAME_CHARS = 200
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
        mail.attach(clean_line(file.name) or "file", file.content, file.content_type)
    # Comes back with everything that is told of it.
    mail.metadata = {"hospes": message.number}  # type: ignore[attr-defined] # django-anymail reads it there
    return mail


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
