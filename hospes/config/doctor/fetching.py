"""Look at the mailboxes that mail is fetched from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from hospes.channels.models import IncomingServer
from hospes.config.doctor.database import has_lock
from hospes.config.doctor.findings import Finding, fail, ok, warn
from hospes.intake.fetching.health import health_of
from hospes.lib.locks import Lock

# Whoever asks wants to know it now, though it may pass by itself in a minute.
CUT_OFF = {"unreachable", "hung_up", "slow"}


def look_at_fetching(at: datetime) -> Iterator[Finding]:
    """Whether somebody fetches, and what every server has to say; nothing where no mail is fetched."""
    servers = list(
        IncomingServer.objects.filter(is_active=True, channel__is_active=True).select_related(
            "channel"
        )
    )
    if not servers:
        return
    found = health_of(servers, at=at)
    if not has_lock(Lock.FETCHING):
        yield fail("fetching", "Nobody fetches mail.", "Start `hospes serve`, or `hospes fetcher`.")
    for one in found:
        about = f"fetching {one.server.channel.address}"
        for notice in one.notices:
            if notice.level != "info":
                is_cut_off = one.state.failure in CUT_OFF
                say = fail if notice.level == "bad" or is_cut_off else warn
                yield say(
                    about, notice.says, f"hospes mail fetch {one.server.channel.address} --test"
                )
        if one.is_well:
            yield ok(about, f"{one.server.host} is followed")
