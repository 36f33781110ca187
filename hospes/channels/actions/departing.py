"""Let only so many letters leave a channel in a minute and in an hour, however many processes send."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction

from hospes.channels.models import Channel, Departure
from hospes.lib.locks import Lock

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def is_limited(channel: Channel) -> bool:
    return channel.per_minute is not None or channel.per_hour is not None


@transaction.atomic
def depart(channel: Channel, *, at: datetime) -> Departure | datetime | None:
    """Count a letter that leaves now; or return when the next one may leave, and count none.

    None: nobody counts the letters of this channel.
    """
    if not is_limited(channel):
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [Lock.RATE, channel.pk])
    free_at = next_departure(channel, at=at)
    if free_at > at:
        return free_at
    Departure.objects.filter(channel=channel, at__lte=at - HOUR).delete()
    return Departure.objects.create(channel=channel, at=at)


def next_departure(channel: Channel, *, at: datetime) -> datetime:
    """Return when the next letter may leave: `at`, or later."""
    free_at = at
    for most, window in ((channel.per_minute, MINUTE), (channel.per_hour, HOUR)):
        if most is None:
            continue
        within = Departure.objects.filter(channel=channel, at__gt=at - window).order_by("-at")
        moments = within.values_list("at", flat=True)[max(most, 1) - 1 : max(most, 1)]
        for moment in moments:  # of the one that has to be a whole window ago
            free_at = max(free_at, moment + window)
    return free_at


def stay(departure: Departure) -> None:
    """Take a letter out of the count that no server has got."""
    Departure.objects.filter(pk=departure.pk).delete()
