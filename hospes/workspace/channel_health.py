"""How the ways in and out are doing: what came in last, what waits to go out, what came to nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max

from hospes.channels.models import Channel, OutgoingServer, OutgoingState
from hospes.conversations.models import OutboxEntry
from hospes.intake.fetching.health import FetchHealth, health_by_channel
from hospes.intake.models import Raw

LOOKED_AT = 20_000  # mails: the newest, so that the page stays quick however many there are
LATELY = timedelta(days=7)
State = OutboxEntry.State


@dataclass(frozen=True)
class ChannelHealth:
    channel: Channel
    last_mail_at: datetime | None  # None: not among the newest mails
    waiting: int  # replies that wait for something other than their moment
    failed: int  # lately
    fetching: FetchHealth | None  # None: its mail is not fetched, it comes by a door


@dataclass(frozen=True)
class WayHealth:
    """Who takes our letters, and since when not."""

    server: OutgoingServer
    failing_since: datetime | None
    words: str  # the server's own, when it fails


def ways_with_states() -> list[WayHealth]:
    """Return every server and provider, each followed by those that stand in for it."""
    servers = list(
        OutgoingServer.objects.select_related("stands_in_for").order_by("position", "pk")
    )
    states = OutgoingState.objects.in_bulk([one.pk for one in servers])
    first = [one for one in servers if one.stands_in_for_id is None]
    ordered = [one for head in first for one in servers if head in (one, one.stands_in_for)]
    found = []
    for one in ordered:
        state = states.get(one.pk)
        found.append(
            WayHealth(one, state.failing_since if state else None, state.words if state else "")
        )
    return found


def channels_with_health(*, at: datetime) -> list[ChannelHealth]:
    """Return every channel and how it is doing, in ten statements.

    The one that took any address is closed by the first one made, and told of only while it has replies
    to look after.
    """
    newest = Raw.objects.aggregate(newest=Max("pk"))["newest"] or 0
    raws = Raw.objects.filter(pk__gt=newest - LOOKED_AT)
    last_mail = dict(raws.values_list("channel_id").annotate(Max("received_at")))
    entries = OutboxEntry.objects.values_list("channel_id").annotate(Count("pk"))
    waiting = dict(entries.filter(state=State.QUEUED).exclude(reason=""))
    lately = entries.filter(changed_at__gt=at - LATELY)
    lost = lately.filter(state__in=[State.FAILED, State.BOUNCED, State.UNKNOWN])
    failed = dict(lost.filter(message__is_automatic=False))  # nobody has to look after the others
    fetching = health_by_channel(at=at)
    found = [
        ChannelHealth(
            one,
            last_mail.get(one.pk),
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
