"""Which channel takes mail for an address."""

from __future__ import annotations

import re
from collections.abc import Iterable

from hospes.channels.models import Channel
from hospes.lib.addresses import canonical

NAMED = re.compile(r"[rb][+.](\d{1,5})\.")


class Routes:
    """The addresses of all active mail channels, as of the moment it was made."""

    def __init__(self, channels: Iterable[Channel]) -> None:
        active = [c for c in channels if c.is_active and c.kind == Channel.Kind.EMAIL]
        self.by_address = {canonical(c.address): c for c in active if c.address}
        # Mailboxes may share a domain of reply addresses: each address there names its channel.
        self.by_domain: dict[str, dict[int, Channel]] = {}
        for channel in (c for c in active if c.reply_domain):
            self.by_domain.setdefault(channel.reply_domain.lower(), {})[channel.pk] = channel
        # A desk nobody has set up takes any address; the first one made ends that.
        self.catch_all = next((c for c in active if c.is_catch_all and not c.address), None)

    def find(self, address: str) -> Channel | None:
        """Return the channel for a recipient, or None when nobody here goes by that address."""
        wanted = canonical(address)
        local, _, domain = wanted.rpartition("@")
        base = f"{local.partition('+')[0]}@{domain}"
        found = self.by_address.get(wanted) or self.by_address.get(base)
        if found is None and domain in self.by_domain:
            found = _named(local, self.by_domain[domain])
        return found or (None if self.by_address else self.catch_all)

    @property
    def first(self) -> Channel | None:
        """The first support address, or the one that takes any."""
        channels = sorted(self.by_address.values(), key=lambda channel: channel.pk)
        return channels[0] if channels else self.catch_all


def _named(local: str, channels: dict[int, Channel]) -> Channel:
    """Return the channel a signed address names (`r+7.12.34.…`); what names none goes to the first."""
    number = NAMED.match(local)
    named = channels.get(int(number[1])) if number else None
    return named or channels[min(channels)]


def current_routes() -> Routes:
    return Routes(Channel.objects.filter(is_active=True))
