"""Asking the DNS, which is slow and may be hostile."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

import dns.exception
import dns.name
import dns.resolver
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.ANY.TXT import TXT

TIMEOUT_SECONDS = 1.5  # for one question, all tries together
PORT = 53
MAX_RECORDS = 100  # of one answer
CACHED = 20_000  # answers
SILENT_SECONDS = 60.0  # a domain whose servers do not answer is not asked again for so long
MAX_SILENCES = 3  # questions it may leave unanswered before
MAX_SILENT = 5_000  # domains remembered


class Unanswered(Exception):
    """Nobody answered in time, or the server of names said that it cannot tell now."""


class Resolver:
    """One server of names with what it said before; for any number of threads."""

    def __init__(self, address: str = "", port: int = PORT) -> None:
        """address: of the server of names; "" for those that this machine asks."""
        self._dns = dns.resolver.Resolver(configure=not address)
        if address:
            self._dns.nameservers, self._dns.port = [address], port
        self._dns.cache = dns.resolver.LRUCache(CACHED)
        self._dns.timeout = TIMEOUT_SECONDS
        self._silent: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._lock = threading.Lock()

    def ask(self, name: str, kind: str, *, until: float) -> list[object]:
        """Return the records; none when there is no such name, or none of the kind. Raises Unanswered.

        until: as `time.monotonic()` tells.
        """
        left = min(TIMEOUT_SECONDS, until - time.monotonic())
        asked = _domain(name)
        if left <= 0 or self._is_silent(asked):
            raise Unanswered(name)
        try:
            answer = self._dns.resolve(name, kind, lifetime=left, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, dns.resolver.YXDOMAIN):
            return []
        except (dns.name.LabelTooLong, dns.name.NameTooLong, dns.name.EmptyLabel, UnicodeError):
            return []  # nobody can go by such a name
        except (dns.exception.DNSException, OSError, ValueError) as error:
            self._remember_silence(asked)
            raise Unanswered(name) from error
        return list(answer)[:MAX_RECORDS]

    def _is_silent(self, domain: str) -> bool:
        with self._lock:
            count, since = self._silent.get(domain, (0, 0.0))
        return count >= MAX_SILENCES and time.monotonic() - since < SILENT_SECONDS

    def _remember_silence(self, domain: str) -> None:
        now = time.monotonic()
        with self._lock:
            count, since = self._silent.pop(domain, (0, now))
            if now - since > SILENT_SECONDS:
                count, since = 0, now
            self._silent[domain] = (count + 1, now)
            while len(self._silent) > MAX_SILENT:
                self._silent.popitem(last=False)


def _domain(name: str) -> str:
    """Return what one who does not answer is known by: many names may lie below it."""
    return ".".join(name.lower().rstrip(".").rsplit(".", 2)[-2:])


@dataclass(frozen=True)
class Names:
    """The questions that one mail raises."""

    resolver: Resolver
    until: float  # time.monotonic()

    def texts(self, name: str) -> list[str]:
        """Return the TXT records of a name, each in one piece."""
        found = self.resolver.ask(name, "TXT", until=self.until)
        return [b"".join(one.strings).decode("latin-1") for one in found if isinstance(one, TXT)]

    def addresses(self, name: str, *, version: int) -> list[str]:
        """Return the addresses of a name. version: 4 or 6."""
        kind = "A" if version == 4 else "AAAA"
        return [str(one) for one in self.resolver.ask(name, kind, until=self.until)]

    def exchangers(self, name: str) -> list[str]:
        """Return who takes mail for a name, the first to be asked first."""
        found = self.resolver.ask(name, "MX", until=self.until)
        servers = sorted(
            (one.preference, str(one.exchange)) for one in found if isinstance(one, MX)
        )
        return [server.rstrip(".") for _, server in servers]

    def hosts(self, reversed_address: str) -> list[str]:
        """Return what an address is called; `reversed_address` as in `4.3.2.1.in-addr.arpa`."""
        return [
            str(one).rstrip(".")
            for one in self.resolver.ask(reversed_address, "PTR", until=self.until)
        ]
