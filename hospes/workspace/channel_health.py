"""How the ways in and out are doing: what came in last, what waits to go out, what came to nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count

from hospes.brands.models import Site
from hospes.channels.models import Channel, OutgoingServer, OutgoingState
from hospes.conversations.budget import stopped_until
from hospes.conversations.models import OutboxEntry
from hospes.intake.counters import Counters, counters_by_channel, in_all
from hospes.intake.fetching.health import (
    FetchHealth,
    Notice,
    health_by_channel,
    of_certificate,
)  # fmt: skip

LATELY = timedelta(days=7)
State = OutboxEntry.State


@dataclass(frozen=True)
class ChannelHealth:
    channel: Channel
    last_mail_at: datetime | None  # None: there was never any
    waiting: int  # replies that wait for something other than their moment
    failed: int  # lately
    fetching: FetchHealth | None  # None: its mail is not fetched, it comes by a door


@dataclass(frozen=True)
class WayHealth:
    """Who takes our letters, and since when not."""

    server: OutgoingServer
    failing_since: datetime | None
    words: str  # the server's own, when it fails
    certificate_expires_at: datetime | None = None  # None: there is none, or nobody has seen it yet
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class MailHealth:
    """What became of the mail of one channel, and what there is to know of it."""

    channel: Channel
    counted: Counters
    waits_since: datetime | None  # the oldest that nobody has read, when it waits too long
    fetching: FetchHealth | None  # None: a door takes its mail
    notices: tuple[Notice, ...]


@dataclass(frozen=True)
class DeskHealth:
    """The same for the whole desk, and everybody who takes our letters."""

    channels: list[MailHealth]
    counted: Counters
    waits_since: datetime | None
    ways: list[WayHealth]

    @property
    def has_notices(self) -> bool:
        """Whether a way in or out needs to be looked at."""
        is_bad_out = any(one.notices or one.failing_since for one in self.ways)
        return is_bad_out or any(one.notices for one in self.channels)


def desk_health(*, at: datetime) -> DeskHealth:
    """Return what became of all mail, by channel, and what is wrong with the ways in and out."""
    counted, fetching = counters_by_channel(), health_by_channel(at=at)
    channels = [
        MailHealth(
            one,
            counted.get(one.pk, Counters()),
            _waits_since(counted.get(one.pk, Counters()), at),
            fetching.get(one.pk),
            _worth_a_look(fetching.get(one.pk)),
        )
        for one in Channel.objects.order_by("pk")
        if one.is_active or one.pk in counted
    ]
    whole = in_all(counted)
    return DeskHealth(channels, whole, _waits_since(whole, at), ways_with_states(at=at))


def automatic_values(*, at: datetime) -> dict[str, Any]:
    """Return what a page says of letters that leave by themselves."""
    return {
        "automatic_stopped_until": stopped_until(Site.objects.get(pk=1), at=at),
        "automatic_per_hour": settings.AUTOMATIC_PER_HOUR,
    }


def _waits_since(counted: Counters, at: datetime) -> datetime | None:
    return at - timedelta(seconds=counted.oldest_pending_seconds) if counted.is_late else None


def _worth_a_look(health: FetchHealth | None) -> tuple[Notice, ...]:
    return tuple(one for one in health.notices if one.level != "info") if health else ()


def ways_with_states(*, at: datetime) -> list[WayHealth]:
    """Return every server and provider, each followed by those that stand in for it."""
    servers = list(
        OutgoingServer.objects.select_related("stands_in_for").order_by("position", "pk")
    )
    states = OutgoingState.objects.in_bulk([one.pk for one in servers])
    first = [one for one in servers if one.stands_in_for_id is None]
    ordered = [one for head in first for one in servers if head in (one, one.stands_in_for)]
    found = []
    for one in ordered:
        state = states.get(one.pk) or OutgoingState(server=one)
        notices = tuple(of_certificate(one.host, state.certificate_expires_at, at=at))
        found.append(
            WayHealth(one, state.failing_since, state.words, state.certificate_expires_at, notices)
        )
    return found


def channels_with_health(*, at: datetime) -> list[ChannelHealth]:
    """Return every channel and how it is doing, in ten statements.

    The one that took any address is closed by the first one made, and told of only while it has replies
    to look after.
    """
    counted = counters_by_channel()
    entries = OutboxEntry.objects.values_list("channel_id").annotate(Count("pk"))
    waiting = dict(entries.filter(state=State.QUEUED).exclude(reason=""))
    lately = entries.filter(changed_at__gt=at - LATELY)
    lost = lately.filter(state__in=[State.FAILED, State.BOUNCED, State.UNKNOWN])
    failed = dict(lost.filter(message__is_automatic=False))  # nobody has to look after the others
    fetching = health_by_channel(at=at)
    found = [
        ChannelHealth(
            one,
            counted.get(one.pk, Counters()).last_at,
            waiting.get(one.pk, 0),
            failed.get(one.pk, 0),
            fetching.get(one.pk),
        )
        for one in Channel.objects.select_related("brand", "market")
    ]
    return [
        one
        for one in found
        if one.channel.address or one.channel.is_active or one.waiting or one.failed
    ]
