"""The small language inside SPF records (RFC 7208, section 7)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote

MAX_NAME_CHARS = 253
MACRO = re.compile(r"%\{([slodiphv])(\d{0,3})(r?)([-.+,/_=]*)\}|%%|%_|%-", re.IGNORECASE)
ESCAPES = {"%%": "%", "%_": " ", "%-": "%20"}
LITERAL = re.compile(r"[\x21-\x24\x26-\x7e]*")
ENDING = re.compile(r"\.(?=[a-z0-9-]*[a-z-])[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.?$", re.IGNORECASE)


class BadMacro(Exception):
    """A text that breaks the rules of this language."""


def checked(text: str, *, is_domain: bool) -> str:
    """Return the text when it keeps the rules. Raises BadMacro.

    is_domain: it has to end like the name of a host, or in a macro.
    """
    at = 0
    last = ""
    for macro in MACRO.finditer(text):
        if not LITERAL.fullmatch(text[at : macro.start()]):
            raise BadMacro
        if macro[2] and int(macro[2]) == 0:
            raise BadMacro
        at, last = macro.end(), macro[0]
    rest = text[at:]
    if not LITERAL.fullmatch(rest):
        raise BadMacro
    ends_well = last.startswith("%{") if not rest else ENDING.search(rest)
    if is_domain and not ends_well:
        raise BadMacro
    return text


@dataclass(frozen=True)
class Macros:
    """What the letters stand for, for one mail and one record."""

    address: IPv4Address | IPv6Address
    sender: str
    helo: str
    domain: str
    validated: Callable[[str], str]  # the peer's proven name, by the domain it should lie in

    def expand(self, text: str) -> str:
        """Return the name a text stands for, cut from the left to what a name may be."""
        name = MACRO.sub(self._expanded, text)
        while len(name) > MAX_NAME_CHARS and "." in name:
            name = name.partition(".")[2]
        return name.rstrip(".")

    def _expanded(self, macro: re.Match[str]) -> str:
        if not macro[1]:
            return ESCAPES[macro[0]]
        parts = re.split(f"[{re.escape(macro[4] or '.')}]", self._value(macro[1].lower()))
        if macro[3]:
            parts.reverse()
        if macro[2]:
            parts = parts[-int(macro[2]) :]
        value = ".".join(parts)
        return quote(value, safe="-._~") if macro[1].isupper() else value

    def _value(self, letter: str) -> str:
        local, _, domain = self.sender.rpartition("@")
        if letter == "p":
            return self.validated(self.domain)
        values = {
            "s": self.sender,
            "l": local,
            "o": domain,
            "d": self.domain,
            "i": _dotted(self.address),
            "h": self.helo,
            "v": "in-addr" if self.address.version == 4 else "ip6",
        }
        return values[letter]


def _dotted(address: IPv4Address | IPv6Address) -> str:
    return str(address) if address.version == 4 else ".".join(address.exploded.replace(":", ""))
