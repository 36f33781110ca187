"""Finding out who sent what came in, for channels that receive mail from the internet themselves.

Beside the transactions: the DNS may take its time, and many mails wait for it at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import idna
import structlog
from django.conf import settings

from hospes.channels.contract import Inbound, Unreadable, Verdict

AT_ONCE = 32  # mails whose senders are found out together

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Asked:
    """A mail whose sender is to be found out; "" for what the door could not see."""

    body: bytes
    peer: str
    helo: str
    envelope_from: str
    from_domain: str  # as the DNS writes it


class Prover(Protocol):
    def prove_all(self, asked: Sequence[Asked]) -> list[Verdict]:
        """Return what is found out about each, in order; `temperror` where nobody answered."""
        ...


class DnsProver:
    """Asks the DNS, many mails at a time."""

    def __init__(self, resolver: tuple[str, int] | None = None) -> None:
        """resolver: address and port of the server of names; None for those this machine asks."""
        # Loaded when the first such mail comes: most desks stand behind a mail server.
        from hospes.channels.email.proving.names import Resolver

        self._resolver = Resolver(*resolver) if resolver else Resolver()
        self._threads = ThreadPoolExecutor(AT_ONCE, "proving")

    def prove_all(self, asked: Sequence[Asked]) -> list[Verdict]:
        return list(self._threads.map(self._prove, asked))

    def _prove(self, one: Asked) -> Verdict:
        from hospes.channels.email.proving.verdict import Envelope, prove

        envelope = Envelope(one.peer, one.helo, one.envelope_from)
        try:
            return prove(one.body, envelope, one.from_domain, self._resolver)
        except Exception:  # it is a stranger's mail: whatever it does to us, it proves nothing
            log.exception("intake: a verdict could not be found")
            return Verdict("", "permerror", "", "", one.from_domain)


@cache
def the_prover() -> Prover:
    """Return the one of this process, with what it knows of the DNS."""
    return DnsProver(settings.RESOLVER)


def domain_of_sender(inbound: Inbound | Unreadable) -> str:
    """Return the domain of the one sender as the DNS writes it; "" when there is none to ask for."""
    if isinstance(inbound, Unreadable) or len(inbound.senders) != 1:
        return ""
    domain = inbound.senders[0].address.rpartition("@")[2].lower().rstrip(".")
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return domain if domain.isascii() and "." in domain else ""


def is_unsure(verdict: Verdict) -> bool:
    """Whether asking again later may tell more."""
    return verdict.dmarc == "temperror" or (verdict.dmarc == "fail" and verdict.arc == "temperror")
