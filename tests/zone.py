"""A server of names on loopback that answers as a test says, and mail signed by the domains of its zone."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import dkim
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

Records = dict[str, list[str]]  # by kind: {"TXT": ["v=spf1 -all"]}
KEY = rsa.generate_private_key(public_exponent=65537, key_size=1024)
PRIVATE = KEY.private_bytes(
    serialization.Encoding.PEM,
    serialization.PrivateFormat.TraditionalOpenSSL,
    serialization.NoEncryption(),
)
PUBLIC = base64.b64encode(
    KEY.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
).decode()


@dataclass
class Zone:
    """Answers until it is closed; a name of `silent` never, one of `failing` with SERVFAIL."""

    records: Mapping[str, Records] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    failing: set[str] = field(default_factory=set)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waking:
            waking.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join()
        self._socket.close()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def _serve(self) -> None:
        while True:
            question, peer = self._socket.recvfrom(4096)
            if not question:
                return
            answer = self._answer(question)
            if answer is not None:
                self._socket.sendto(answer, peer)

    def _answer(self, question: bytes) -> bytes | None:
        query = dns.message.from_wire(question)
        (asked,) = query.question
        name = asked.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(asked.rdtype)
        self.asked.append((name, kind))
        if name in self.silent:
            return None
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        if name in self.failing:
            answer.set_rcode(dns.rcode.SERVFAIL)
            return answer.to_wire()
        found = self.records.get(name)
        if found is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif kind in found:
            texts = [_written(kind, text) for text in found[kind]]
            answer.answer.append(dns.rrset.from_text(asked.name, 300, "IN", kind, *texts))
        return answer.to_wire(max_size=65_535)


def _written(kind: str, text: str) -> str:
    if kind != "TXT":
        return text
    return " ".join(f'"{text[at : at + 250]}"' for at in range(0, max(1, len(text)), 250))


def domain(
    name: str, *, policy: str = "reject", sends_from: Sequence[str] = ("127.0.0.1",)
) -> dict[str, Records]:
    """Return the records of a domain that does it all: SPF, a key under `s1`, and DMARC."""
    machines = " ".join(f"ip4:{address}" for address in sends_from)
    records: dict[str, Records] = {
        name: {"TXT": [f"v=spf1 {machines} -all"], "A": ["192.0.2.1"]},
        f"s1._domainkey.{name}": {"TXT": [f"v=DKIM1; k=rsa; p={PUBLIC}"]},
    }
    if policy:
        records[f"_dmarc.{name}"] = {"TXT": [f"v=DMARC1; p={policy}; rua=mailto:d@{name}"]}
    return records


def signed(mail: bytes, name: str, *, selector: str = "s1", **how: object) -> bytes:
    """Return the mail signed by this domain, by somebody else's program."""
    return dkim.sign(mail, selector.encode(), name.encode(), PRIVATE, **how) + mail  # type: ignore[arg-type]


def sealed(mail: bytes, name: str, *, found: str) -> bytes:
    """Return the mail as this domain hands it on, with what it found out (Authentication-Results)."""
    mail = f"Authentication-Results: {name}; {found}\r\n".encode() + mail
    seals = dkim.arc_sign(mail, b"s1", name.encode(), PRIVATE, name.encode())
    return b"".join(seals) + mail
