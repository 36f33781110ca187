"""Mail around Hospes in tests: letters customers write, and a server that takes ours."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.policy import SMTP
from email.utils import make_msgid

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as Server  # noqa: N811 # the standard's name is taken by a policy
from aiosmtpd.smtp import Envelope, Session

VERIFIED = "mx.kaldera.example; dmarc=pass header.from={domain}"


def letter(
    from_: str,
    *,
    to: str = "support@kaldera.example",
    subject: str = "A question",
    text: str = "Where is my parcel?",
    html: str = "",
    verified: bool = True,
    answers: Message | None = None,
    files: Sequence[tuple[str, str, bytes]] = (),
    cc: str = "",
) -> bytes:
    """Return a letter as it reaches the door, with the verdict of the server in front of us.

    answers: our letter that this one answers, as the customer's program would thread it.
    files: name, content type and content of each attachment.
    """
    message = EmailMessage(policy=SMTP)
    domain = from_.rsplit("@", 1)[-1].rstrip(">")
    if verified:
        message["Authentication-Results"] = VERIFIED.format(domain=domain)
    message["From"] = from_
    message["To"] = to
    if cc:
        message["Cc"] = cc
    message["Subject"] = subject
    message["Message-ID"] = make_msgid(domain=domain)
    if answers is not None:
        message.replace_header("To", str(answers["Reply-To"] or answers["From"]))
        message["In-Reply-To"] = str(answers["Message-ID"])
        message["References"] = f"{answers['References'] or ''} {answers['Message-ID']}".strip()
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    for name, content_type, content in files:
        maintype, subtype = content_type.split("/")
        message.add_attachment(content, maintype=maintype, subtype=subtype, filename=name)
    return message.as_bytes()


def send(port: int, body: bytes, *, from_: str, to: str) -> None:
    """Hand a letter to an SMTP door. Raises smtplib.SMTPException or OSError when it is not taken."""
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
        client.sendmail(from_, [to], body, mail_options=["SMTPUTF8"])


@dataclass
class Sink:
    """A mail server on loopback that takes every letter and remembers it."""

    letters: list[Message] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)

    async def handle_DATA(self, server: Server, session: Session, envelope: Envelope) -> str:
        self.recipients.append(list(envelope.rcpt_tos))
        self.senders.append(envelope.mail_from or "")
        self.letters.append(BytesParser(policy=SMTP).parsebytes(envelope.content or b""))
        return "250 2.0.0 taken"

    def start(self) -> Sink:
        self.controller = Controller(
            self, hostname="127.0.0.1", port=free_port(), enable_SMTPUTF8=True
        )
        self.controller.start()
        return self

    def stop(self) -> None:
        self.controller.stop()

    @property
    def port(self) -> int:
        return self.controller.port

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"


def free_port() -> int:
    """Return a port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
