"""Mail servers on loopback: a real one that may demand and refuse, and one that breaks off where told."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"


@dataclass
class Desk:
    """The handler of a server that takes letters, except to the recipients it refuses."""

    refused: dict[str, str] = field(default_factory=dict)
    answer: str = "250 2.0.0 queued as 4711"
    envelopes: list[Envelope] = field(default_factory=list)

    async def handle_RCPT(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: Sequence[str],
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 fine"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.envelopes.append(envelope)
        return self.answer


def _only_mina(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
) -> AuthResult:
    return AuthResult(
        success=(data.login, data.password) == (b"mina", b"secret: 1/2"), handled=False
    )


@contextmanager
def running(desk: Desk, *, port: int = 0, **options: object) -> Iterator[int]:
    """The port of a real server (any, when it is 0); `options` go to aiosmtpd."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((HOST, port))
        port = probe.getsockname()[1]
    controller = Controller(desk, hostname=HOST, port=port, authenticator=_only_mina, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


@dataclass
class Breaking:
    """What a server got that hangs up at one point of the talk."""

    port: int = 0
    received: list[bytes] = field(default_factory=list)

    @property
    def got_the_dot(self) -> bool:
        return any(line == b".\r\n" for line in self.received)


@contextmanager
def breaking(
    point: str, farewell: bytes = b"", *, then: Callable[[], None] = lambda: None
) -> Iterator[Breaking]:
    """A server that says `farewell` and hangs up at "greeting", "MAIL", "RCPT", "DATA", "text" or "dot".

    then: what else it does at that point, before.
    """
    talk = Breaking()
    with socket.create_server((HOST, 0)) as listener:
        talk.port = listener.getsockname()[1]
        thread = threading.Thread(target=_serve, args=(listener, talk, point, farewell, then))
        thread.start()
        try:
            yield talk
        finally:
            thread.join(timeout=20)


def _serve(
    listener: socket.socket,
    talk: Breaking,
    point: str,
    farewell: bytes,
    then: Callable[[], None],
) -> None:
    connection, _ = listener.accept()
    with connection, connection.makefile("rb") as lines:
        if point != "greeting":
            connection.sendall(b"220 here\r\n")
            _answer_until(connection, lines, talk, point)
        then()
        with suppress(OSError):  # nobody may be there any more
            connection.sendall(farewell)


def _answer_until(
    connection: socket.socket, lines: Iterator[bytes], talk: Breaking, point: str
) -> None:
    in_text = False
    for line in lines:
        talk.received.append(line)
        command = line[:4].strip().upper().decode("latin-1")
        if command == point or (
            in_text and (point == "text" or (point == "dot" and line == b".\r\n"))
        ):
            return
        if not in_text:
            in_text = command == "DATA"
            connection.sendall(b"354 go on\r\n" if in_text else b"250 fine\r\n")


@dataclass(frozen=True)
class Identity:
    """A server's certificate, signed by itself, and what a client needs to believe it."""

    server: ssl.SSLContext
    client: ssl.SSLContext


def self_signed(folder: Path) -> Identity:
    """An identity for 127.0.0.1, its key in `folder`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    now = datetime.now(UTC)
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(alternative, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file = folder / "identity.pem"
    file.write_bytes(secret + pem)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(file)
    return Identity(server, ssl.create_default_context(cadata=pem.decode()))
