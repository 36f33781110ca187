"""From the rows of a calendar to the working time that everything reckons by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from hospes.markets import working_time
from hospes.markets.models import Calendar, CalendarDay
from hospes.markets.opening_table import Span
from hospes.markets.profiles import profile_of
from hospes.markets.public_holidays import public_holidays
from hospes.markets.seasons import SEASONS, Season, seasons_of
from hospes.markets.wall_clock import DAY_MINUTES, is_skipped

NOON = DAY_MINUTES // 2
MOST_KNOWN = 1000  # calendars and years kept; each is some ten thousand numbers at most
_known: dict[tuple[UUID, int, int, str], working_time.Calendar] = {}


def working_time_of(row: Calendar, first: date, last: date) -> working_time.Calendar:
    """Return what reckoning goes by, kept until the calendar changes.

    It has the public holidays of these days' years and of those beside them.
    """
    years = first.year - 1, last.year + 1
    chosen = chosen_seasons(row)
    key = (row.revision, *years, repr(chosen))
    found = _known.get(key)
    if found is None:
        found = put_together(row, row.days.all(), *years, seasons=chosen)
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        _known[key] = found
    return found


def put_together(
    row: Calendar,
    days: Iterable[CalendarDay],
    first: int,
    last: int,
    *,
    seasons: Iterable[Mapping[str, Any]] = (),
) -> working_time.Calendar:
    """Return the working time of a calendar with these days, closed in these seasons of its market's facts.

    Raises BadCalendar and UnknownPlace.
    """
    single = list(days)
    opened = {day.on: spans_of(day.spans) for day in single if day.kind == day.Kind.OPEN}
    closed = {day.on for day in single if day.kind == day.Kind.CLOSED and not day.spans}
    breaks = {
        day.on: spans_of(day.spans) for day in single if day.kind == day.Kind.CLOSED and day.spans
    }
    for holiday in public_holidays(row.where, first, last) if row.where else ():
        if holiday.on in opened or is_skipped(row.clock, holiday.on):
            continue
        if holiday.is_half:
            breaks[holiday.on] = (*breaks.get(holiday.on, ()), (NOON, DAY_MINUTES))
        else:
            closed.add(holiday.on)
    for season in seasons_of(seasons, row.season_place, date(first, 1, 1), date(last, 12, 31)):
        for on in _days_in(season, first, last):
            if on in opened or is_skipped(row.clock, on):
                continue
            if season.hours is None:
                closed.add(on)
            else:
                breaks[on] = (*breaks.get(on, ()), season.hours)
    return working_time.Calendar(
        zone=row.zone,
        hours=tuple(spans_of(spans) for spans in row.hours),
        holidays=frozenset(closed),
        breaks=breaks,
        exceptions=opened,
    )


def chosen_seasons(row: Calendar) -> list[Mapping[str, Any]]:
    """Return the seasons of the market's facts, as they are now, in which the calendar is closed."""
    if not row.seasons:
        return []
    told = profile_of(row.season_place).value(SEASONS, ())
    return [season for season in told if season["event"] in row.seasons]


def _days_in(season: Season, first: int, last: int) -> Iterator[date]:
    """Go through the days of a season that lie in these years."""
    start, end = max(season.first, date(first, 1, 1)), min(season.last, date(last, 12, 31))
    return (start + timedelta(days=n) for n in range((end - start).days + 1))


def spans_of(stored: Iterable[Sequence[int]]) -> tuple[Span, ...]:
    return tuple((int(start), int(end)) for start, end in stored)


def next_days_off(row: Calendar, start: date, language: str) -> list[tuple[date, str, bool]]:
    """Return the public holidays of the twelve months from a day: when, what, and whether half a day."""
    if row.where is None:
        return []
    end = start.replace(year=start.year + 1, day=min(start.day, 28))
    return [
        (holiday.on, holiday.name, holiday.is_half)
        for holiday in public_holidays(row.where, start.year, end.year, language)
        if start <= holiday.on < end
    ]
