"""What customers of the demo send: real mails, with files, designs, copies and what their servers proved."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr

from hospes.demo.documents import document
from hospes.demo.pictures import picture

TRUSTED_HOP = "mx.kaldera.example"
NESTED = 60  # a mail forwarded so often that nobody reads it any more


@dataclass(frozen=True)
class Letter:
    """One mail before it is put into bytes."""

    sender: tuple[str, str]
    to: str
    subject: str
    text: str
    message_id: str
    at: datetime
    answers: Sequence[str] = ()  # Message-IDs, the oldest first
    html: str = ""
    files: Sequence[str] = ()
    cc: Sequence[str] = ()
    proof: str = "pass"  # what DMARC found


def bytes_of(letter: Letter) -> bytes:
    """Return the mail as it would come over the wire."""
    mail = EmailMessage()
    mail["From"] = formataddr(letter.sender)
    mail["To"] = letter.to
    if letter.cc:
        mail["Cc"] = ", ".join(letter.cc)
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(letter.at)
    mail["Message-ID"] = letter.message_id
    if letter.answers:
        mail["In-Reply-To"] = letter.answers[-1]
        mail["References"] = " ".join(letter.answers)
    mail["Authentication-Results"] = f"{TRUSTED_HOP}; dmarc={letter.proof}"
    mail.set_content(letter.text)
    if letter.html:
        _design(mail, letter)
    else:
        for name in letter.files:
            _attach(mail, name)
    return mail.as_bytes(policy=SMTP)


def file_of(name: str) -> tuple[bytes, str]:
    """Return a file of the demo by its name, with its content type."""
    content_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return (document(name) if name.endswith(".pdf") else picture(name)), content_type


def nested_mail(letter: Letter) -> bytes:
    """Return a mail of parts within parts within parts: too deep to be read."""
    head = (
        f"From: {formataddr(letter.sender)}\r\nTo: {letter.to}\r\nSubject: {letter.subject}\r\n"
        f"Date: {format_datetime(letter.at)}\r\nMessage-ID: {letter.message_id}\r\nMIME-Version: 1.0\r\n"
    )
    kind = "Content-Type: multipart/mixed; boundary=b{0}\r\n\r\n"
    opened = "".join(f"{kind.format(depth)}--b{depth}\r\n" for depth in range(NESTED))
    closed = "".join(f"\r\n--b{depth}--\r\n" for depth in reversed(range(NESTED)))
    body = f"Content-Type: text/plain; charset=utf-8\r\n\r\n{letter.text}"
    return (head + opened + body + closed).encode()


def _design(mail: EmailMessage, letter: Letter) -> None:
    """Add the mail as its sender designed it; its pictures are named cid:picture0, cid:picture1, ..."""
    mail.add_alternative(letter.html, subtype="html")
    design = mail.get_payload()[1]  # type: ignore[index]
    for number, name in enumerate(letter.files):
        content, content_type = file_of(name)
        main, _, sub = content_type.partition("/")
        design.add_related(  # type: ignore[union-attr]
            content, maintype=main, subtype=sub, cid=f"<picture{number}>", filename=name
        )


def _attach(mail: EmailMessage, name: str) -> None:
    content, content_type = file_of(name)
    main, _, sub = content_type.partition("/")
    mail.add_attachment(content, maintype=main, subtype=sub, filename=name)
