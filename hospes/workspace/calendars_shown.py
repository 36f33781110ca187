"""What the pages of calendars tell: the week in words, what is open now, the holidays to come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from hospes.markets.calendar_words import openings_in_words, week_in_words
from hospes.markets.calendars import next_days_off, spans_of, working_time_of
from hospes.markets.models import Calendar, CalendarDay
from hospes.markets.profiles import profile_of
from hospes.markets.public_holidays import language_of_names
from hospes.markets.seasons import SEASONS, Season
from hospes.markets.working_time import NeverOpen, is_open, openings
from hospes.workspace.showing import appointment, full_day, time_of

USERS = ("teams", "channels", "markets", "contracts")
MOST_STRETCHES = 2  # of a season that comes every week
PAST_DAYS_SHOWN = timedelta(days=31)


@dataclass(frozen=True)
class Now:
    """Whether a calendar is open at a moment, and when that ends, on its own clock; "" when never."""

    is_open: bool
    until: str


@dataclass(frozen=True)
class DayOff:
    """A public holiday to come."""

    on: date
    day: str
    name: str
    language: str  # of the name, as BCP 47 tag
    state: str  # closed, half, open (set by hand), idle (closed anyway)


@dataclass(frozen=True)
class SingleDay:
    """A day that differs, as its row on the page tells it."""

    row: CalendarDay
    day: str
    hours: str


def with_users() -> QuerySet[Calendar]:
    """Return all calendars with how many teams, channels, markets and contracts each counts for."""
    counted = {f"{kind}_count": Count(kind, distinct=True) for kind in USERS}
    return Calendar.objects.annotate(**counted).order_by("name")


def now_of(calendar: Calendar, at: datetime) -> Now:
    today = at.astimezone(calendar.clock).date()
    reckoned = working_time_of(calendar, today, today)
    try:
        start, end = next(openings(reckoned, at))
    except NeverOpen:
        return Now(is_open=False, until="")
    opened = is_open(reckoned, at)
    until = end if opened else start
    is_today = until.astimezone(calendar.clock).date() == today
    tell = time_of if is_today else appointment
    return Now(is_open=opened, until=tell(until, zone=calendar.clock))


def week_of(calendar: Calendar) -> list[tuple[str, str]]:
    return week_in_words([spans_of(day) for day in calendar.hours])


def days_off(calendar: Calendar, start: date) -> list[DayOff]:
    """Return the public holidays of the next twelve months, and whether each changes anything."""
    opened = set(calendar.days.filter(kind=CalendarDay.Kind.OPEN).values_list("on", flat=True)) if calendar.pk else set()  # fmt: skip
    reader, found = get_language() or "en", []
    language = language_of_names(calendar.country, reader) if calendar.country else ""
    for on, name, is_half in next_days_off(calendar, start, reader):
        if on in opened:
            state = "open"
        elif not calendar.hours[on.weekday()]:
            state = "idle"
        else:
            state = "half" if is_half else "closed"
        found.append(DayOff(on, full_day(on), name, language, state))
    return found


def seasons_offered(place: str, today: date) -> list[tuple[str, str]]:
    """Return the seasons of a market's facts, each with its days to come within a year. Raises UnknownMarket."""
    if not place:
        return []
    profile = profile_of(place)
    found = profile.seasons(today, today + timedelta(days=365))
    return [
        (
            told["event"],
            _season_in_words(told, [one for one in found if one.event == told["event"]]),
        )
        for told in profile.value(SEASONS, ())
    ]


def _season_in_words(told: Mapping[str, str], found: Sequence[Season]) -> SafeString:
    """Return a season as the facts tell it, in English, with its days in the reader's language."""
    days = [
        full_day(one.first)
        if one.first == one.last
        else f"{full_day(one.first)} – {full_day(one.last)}"
        for one in found[:MOST_STRETCHES]
    ]
    more = ["…"] if len(found) > len(days) else []
    return format_html(
        '<span lang="en">{}</span> · {}<span lang="en">{}</span>',
        told["event"],
        ", ".join(days + more) + " · " if days else "",
        told["effect"],
    )


def single_days(calendar: Calendar, today: date) -> list[SingleDay]:
    """Return the days that differ, those long past left out."""
    rows = calendar.days.filter(on__gte=today - PAST_DAYS_SHOWN)
    return [
        SingleDay(row, full_day(row.on), openings_in_words(spans_of(row.spans))) for row in rows
    ]
