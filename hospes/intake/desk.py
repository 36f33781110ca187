"""What understanding needs to know of the desk: loaded every few seconds, not for every mail."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass

from hospes.brands.models import Site
from hospes.channels.models import Channel
from hospes.conversations.actions.receiving import queues_of_channels
from hospes.intake.models import Block
from hospes.lib.addresses import canonical, without_tag
from hospes.team.models import Agent

FRESH_SECONDS = 5.0


@dataclass(frozen=True)
class Desk:
    channels: dict[int, Channel]  # with brand, site and market
    queue_ids: dict[int, int]  # where new conversations of a channel stand
    keys: tuple[bytes, ...]  # that sign our mail, newest first
    install_id: str  # that our letters carry
    our_addresses: frozenset[str]  # canonical: of colleagues and channels
    colleagues: dict[str, int]  # who acts here, by canonical address
    former_colleagues: frozenset[str]  # who did
    blocked: frozenset[str]  # senders: an address, or "@" and a domain
    loaded_at: float

    def is_blocked(self, address: str) -> bool:
        """Whether this canonical address is blocked: itself, with any tag, its domain, or one above that."""
        return bool(self.blocked) and any(one in self.blocked for one in blocks_of(address))

    def languages_of(self, channel_id: int) -> tuple[str, ...]:
        """The languages expected on a channel, likeliest first."""
        channel = self.channels.get(channel_id)
        if channel is None:
            return ()
        market = (channel.market.language,) if channel.market else ()
        return (*market, channel.brand.language)


def blocks_of(address: str) -> list[str]:
    """Return every way this canonical address may be blocked: the mailbox first, then its domains."""
    labels = address.rpartition("@")[2].split(".")
    domains = [f"@{'.'.join(labels[at:])}" for at in range(len(labels) - 1)]
    return [*dict.fromkeys((address, without_tag(address))), *domains]


class DeskView:
    """The desk as it was at most five seconds ago; at once when there is a channel it does not know.

    Whoever hears that something of it changed (`events/hints.py`) forgets it.
    """

    def __init__(self) -> None:
        self._desk: Desk | None = None

    def now(self, channel_ids: Collection[int] = ()) -> Desk:
        desk = self.renew(older_than=FRESH_SECONDS)
        if not desk.channels.keys() >= set(channel_ids):
            desk = self.renew(older_than=0)
        return desk

    def forget(self) -> None:
        """Look again before the next mail."""
        self._desk = None

    def renew(self, *, older_than: float) -> Desk:
        """Look again if the last look is longer ago than this, in seconds."""
        if self._desk is None or time.monotonic() - self._desk.loaded_at > older_than:
            self._desk = load_desk()
        return self._desk


def load_desk() -> Desk:
    channels = Channel.objects.select_related("brand__site", "market").in_bulk()
    agents = list(Agent.objects.values_list("email", "pk", "is_active"))
    colleagues = {canonical(address): pk for address, pk, is_active in agents if is_active}
    ours = {canonical(channel.address) for channel in channels.values() if channel.address}
    site = Site.objects.get(pk=1)
    return Desk(
        channels=channels,
        queue_ids=queues_of_channels(),
        keys=(bytes(site.mail_key),),
        install_id=str(site.install_id),
        our_addresses=frozenset(ours | colleagues.keys()),
        colleagues=colleagues,
        former_colleagues=frozenset(canonical(one[0]) for one in agents if not one[2]),
        blocked=frozenset(Block.objects.values_list("value", flat=True)),
        loaded_at=time.monotonic(),
    )
