"""From the rows of a calendar to the working time that everything reckons by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from hospes.markets import working_time
from hospes.markets.models import Calendar, CalendarDay
from hospes.markets.opening_table import Span
from hospes.markets.public_holidays import public_holidays
from hospes.markets.wall_clock import DAY_MINUTES, is_skipped

NOON = DAY_MINUTES // 2
MOST_KNOWN = 1000  # calendars and years kept; each is some ten thousand numbers at most
_known: dict[tuple[UUID, int, int], working_time.Calendar] = {}


def working_time_of(row: Calendar, first: date, last: date) -> working_time.Calendar:
    """Return what reckoning goes by, kept until the calendar changes.

    It has the public holidays of these days' years and of those beside them.
    """
    years = first.year - 1, last.year + 1
    key = (row.revision, *years)
    found = _known.get(key)
    if found is None:
        found = put_together(row, row.days.all(), *years)
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        _known[key] = found
    return found


def put_together(
    row: Calendar, days: Iterable[CalendarDay], first: int, last: int
) -> working_time.Calendar:
    """Return the working time of a calendar with these days. Raises BadCalendar and UnknownPlace."""
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
    return working_time.Calendar(
        zone=row.zone,
        hours=tuple(spans_of(spans) for spans in row.hours),
        holidays=frozenset(closed),
        breaks=breaks,
        exceptions=opened,
    )


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
