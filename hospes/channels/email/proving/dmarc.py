"""DMARC (RFC 7489): does what was proven speak for the domain in From, and what does that domain ask for?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hospes.channels.email.proving.names import Names
from hospes.channels.email.proving.signed import Malformed, tags_of
from hospes.lib.public_suffixes import registered

POLICIES = {"none", "quarantine", "reject"}
VERSION = re.compile(r"v\s*=\s*DMARC1\s*(?:;|$)")


@dataclass(frozen=True)
class Policy:
    """What a domain publishes."""

    asks: str  # none, quarantine or reject
    strict_dkim: bool = False
    strict_spf: bool = False


def policy_of(domain: str, names: Names) -> Policy | None:
    """Return what the domain asks for, or the organisation it belongs to. Raises Unanswered."""
    tags = _record(domain, names)
    organisation = registered(domain)
    is_own = tags is not None or organisation == domain
    if tags is None and organisation != domain:
        tags = _record(organisation, names)
    if tags is None:
        return None
    asks = tags.get("p", "").lower()
    if not is_own:
        asks = tags.get("sp", asks).lower()
    if asks not in POLICIES:
        if "rua" not in tags:
            return None
        asks = "none"
    return Policy(asks, tags.get("adkim") == "s", tags.get("aspf") == "s")


def _record(domain: str, names: Names) -> dict[str, str] | None:
    """Return the tags of the one record; several are as good as none."""
    found = [text for text in names.texts(f"_dmarc.{domain}") if VERSION.match(text)]
    if len(found) != 1:
        return None
    try:
        return tags_of(found[0].encode("latin-1"))
    except Malformed:
        return None


def is_aligned(domain: str, proven: Sequence[str], *, strict: bool) -> bool:
    """Whether one of the proven domains may speak for this one."""
    if strict:
        return domain in proven
    organisation = registered(domain)
    return any(registered(one) == organisation for one in proven)
