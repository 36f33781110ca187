"""What the contact page of a brand tells: addresses, opening hours and when an answer comes, on the reader's clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_skeleton, format_time

from hospes.brands.models import Brand
from hospes.channels.models import Channel
from hospes.conversations.acknowledgements import Expected, when_answered
from hospes.conversations.actions.receiving import queues_of_channels
from hospes.conversations.models import Queue
from hospes.markets import working_time
from hospes.markets.models import territory_name
from hospes.markets.wall_clock import moment_when
from hospes.markets.working_time import Calendar, NeverOpen
from hospes.servicelevels.expecting import told_to_anybody

DAYS = 7
COMMAS = {"ar": "، ", "ja": "、", "zh": "、"}


@dataclass(frozen=True)
class Day:
    """A day to come, and when somebody works on it: "" for never."""

    name: str
    hours: str


@dataclass(frozen=True)
class Way:
    """One address to write to."""

    address: str
    market: str  # "" where it is for everybody
    days: tuple[Day, ...]  # none where the desk has set no hours
    expected: str  # a sentence; "" where nobody can say
    confirms: bool  # whoever writes gets a letter with a number


def ways_to(brand: Brand, *, zone: ZoneInfo, language: str, at: datetime) -> list[Way]:
    """Return the addresses of a brand, each with the days to come and the answer to expect, for a reader's clock."""
    channels = Channel.objects.filter(brand=brand, is_active=True).exclude(address="")
    channels = channels.select_related("market__calendar", "calendar", "brand").order_by("pk")
    standing = queues_of_channels()
    queues = Queue.objects.select_related("market__calendar", "team__calendar").in_bulk()
    locale = Locale.parse(language, sep="-")
    told = []
    for channel in channels:
        queue = queues.get(standing.get(channel.pk) or 0)
        if queue is not None:
            calendar, found = told_to_anybody(channel, queue, at=at)
            expected = Expected(*found, zone=zone.key) if found else None
            told.append(
                Way(
                    channel.address,
                    territory_name(channel.market.code) if channel.market else "",
                    tuple(days_of(calendar, zone=zone, locale=locale, at=at)) if calendar else (),
                    when_answered(channel, expected, language),
                    channel.acknowledges,
                )
            )  # fmt: skip
    return told


def days_of(calendar: Calendar, *, zone: ZoneInfo, locale: Locale, at: datetime) -> Iterator[Day]:
    """Go through today and the days to come on the reader's clock, whatever clock the calendar goes by."""
    today = at.astimezone(zone).date()
    for day in (today + timedelta(days=n) for n in range(DAYS)):
        start, end = _midnight(zone, day), _midnight(zone, day + timedelta(days=1))
        spans = [_in_words(*span, zone, locale) for span in _open(calendar, start, end)]
        hours = COMMAS.get(locale.language, ", ").join(spans)
        yield Day(str(format_skeleton("MMMEd", day, locale=locale)), hours)


def _open(
    calendar: Calendar, start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime]]:
    try:
        open_from, until = None, start
        for begin, stop in working_time.openings(calendar, start):
            if open_from is not None and begin > until:
                yield open_from, until
                open_from = None
            if begin >= end:
                return
            open_from = open_from or max(begin, start)
            until = min(stop, end)
            if until == end:
                break
        if open_from is not None:
            yield open_from, until
    except NeverOpen:
        return


def _in_words(start: datetime, end: datetime, zone: ZoneInfo, locale: Locale) -> str:
    first, last = (format_time(one, "short", tzinfo=zone, locale=locale) for one in (start, end))
    return f"{first}–{last}"


def _midnight(zone: ZoneInfo, day: date) -> datetime:
    return moment_when(zone, datetime(day.year, day.month, day.day))  # noqa: DTZ001 # the zone comes beside it
