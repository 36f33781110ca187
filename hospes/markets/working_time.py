"""Working time: when a calendar is open, and how much of a span it was; pure, exact to the microsecond.

Rules that hold everywhere (docs/operators/calendars.md says them to operators):

- An opening is half-open: at its end it is closed. Openings that touch stay two, and count as one.
- An opening belongs to the day it begins on, also where it runs past midnight. Exceptions stand instead of
  the openings of the week that would begin that day; what began the day before runs on.
- A holiday closes its day from midnight to midnight, exceptions as well, and what would begin on it.
- Breaks close their hours of their day, whatever opened them.
- Clocks: an hour that is missing counts as the one after, so an opening inside it is left out; of a doubled
  hour the first is meant. A day that a zone leaps over has no openings.
- Working time of n seconds ends where the last of them ends: at a closing time, not at the next opening.
  Backwards likewise: at an opening time. Nothing added moves to the next moment that is open, nothing
  subtracted to the last one.
- A working day is one on which something is open. n of them on or back, at the same wall clock; then, where
  that is not open, to the next opening (backwards: the last end).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from hospes.markets.opening_table import (
    MICRO,
    NeverOpen,
    OpeningTable,
    Rules,
    Span,
    after,
    before,
    from_then_on,
)
from hospes.markets.wall_clock import DAY_MINUTES, EPOCH, WEEKDAYS, is_skipped, utc_second

__all__ = [
    "BadCalendar", "Calendar", "NeverOpen", "add", "add_days", "between", "is_open", "openings",
    "subtract", "subtract_days",
]  # fmt: skip

ONE = timedelta(microseconds=1)
WEEK_MINUTES = 7 * DAY_MINUTES
MOST_DAYS_AHEAD = 73_000  # working days that may be added: two hundred years


class BadCalendar(ValueError):
    """What was given cannot be a calendar, a moment or an amount; `code` says why, `places` where."""

    def __init__(self, code: str, **places: str) -> None:
        super().__init__(code, places)
        self.code = code
        self.places = places

    def __str__(self) -> str:
        where = ", ".join(f"{name}: {value}" for name, value in self.places.items())
        return f"{self.code} ({where})" if where else self.code


@dataclass(frozen=True, slots=True)
class Calendar:
    """When work is done: the week, and the days that differ from it.

    Openings are minutes of the wall clock since midnight, in any order: 540, 1020 is nine to five; an end
    may be 1440 (24:00) or, past midnight, up to a day after the start. Those of the week and of one
    exception may touch, not overlap. Raises BadCalendar.
    """

    zone: str  # IANA name
    hours: tuple[tuple[Span, ...], ...]  # seven days, from Monday
    holidays: frozenset[date] = frozenset()
    breaks: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)
    exceptions: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)
    clock: ZoneInfo = field(init=False, repr=False, compare=False)
    table: OpeningTable = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        clock = _zone(self.zone)
        hours = tuple(_in_order(day) for day in self.hours)
        _refuse_bad_week(hours)
        exceptions = {day: _in_order(spans) for day, spans in self.exceptions.items()}
        breaks = {day: _in_order(spans) for day, spans in self.breaks.items()}
        for day, spans in exceptions.items():
            _refuse_bad_day(spans, where=day.isoformat())
        for day, spans in breaks.items():
            for span in spans:
                _refuse_bad_span(span, where=day.isoformat())
        for day in (*self.holidays, *breaks, *exceptions):
            if is_skipped(clock, day):
                raise BadCalendar("skipped_day", day=day.isoformat(), zone=self.zone)
        rules = Rules(clock, hours, frozenset(self.holidays), breaks, exceptions)
        for name, value in (
            ("hours", hours),
            ("holidays", rules.holidays),
            ("breaks", breaks),
            ("exceptions", exceptions),
            ("clock", clock),
            ("table", OpeningTable(rules)),
        ):
            object.__setattr__(self, name, value)

    def openings_of(self, day: date) -> tuple[Span, ...]:
        """Return what begins on this day in minutes of the wall clock, breaks not yet taken off."""
        return () if day in self.holidays else self.exceptions.get(day, self.hours[day.weekday()])


def add(calendar: Calendar, moment: datetime, seconds: int) -> datetime:
    """Return when so much working time has passed since a moment. Raises BadCalendar, NeverOpen."""
    return _at(after(calendar.table, _micro(moment), _amount(seconds) * MICRO))


def subtract(calendar: Calendar, moment: datetime, seconds: int) -> datetime:
    """Return since when so much working time has passed. Raises BadCalendar, NeverOpen."""
    return _at(before(calendar.table, _micro(moment), _amount(seconds) * MICRO))


def add_days(calendar: Calendar, moment: datetime, days: int) -> datetime:
    """Return the same wall clock so many working days on, moved into an opening.

    Raises BadCalendar, NeverOpen.
    """
    on = _same_clock(calendar, moment, _amount(days), step=1)
    return _at(after(calendar.table, on, 0))


def subtract_days(calendar: Calendar, moment: datetime, days: int) -> datetime:
    """Return the same wall clock so many working days back, moved back into an opening.

    Raises BadCalendar, NeverOpen.
    """
    on = _same_clock(calendar, moment, _amount(days), step=-1)
    return _at(before(calendar.table, on, 0))


def between(calendar: Calendar, start: datetime, end: datetime) -> int:
    """Return the seconds of working time from start to end, parts of one left off; 0 when end is first."""
    first, last = _micro(start), _micro(end)
    if last <= first:
        return 0
    known = calendar.table.around(first, last)
    return (known.position(last) - known.position(first)) // MICRO


def openings(
    calendar: Calendar, start: datetime, take: int | None = None
) -> Iterator[tuple[datetime, datetime]]:
    """Yield openings in order, the first cut to begin at `start`; all of them when `take` is None.

    Raises NeverOpen where none is left.
    """
    if take is not None:
        _amount(take)
    for begin, end in islice(from_then_on(calendar.table, _micro(start)), take):
        yield _at(begin), _at(end)


def is_open(calendar: Calendar, moment: datetime) -> bool:
    """Return whether the calendar is open at this moment; at a closing time it is not."""
    at = _micro(moment)
    known = calendar.table.around(at)
    index = bisect_right(known.ends, at)
    return index < len(known.ends) and known.starts[index] <= at


def _same_clock(calendar: Calendar, moment: datetime, days: int, *, step: int) -> int:
    """Return the microsecond at which clocks show what they show now, so many working days away."""
    if days == 0:
        return _micro(moment)
    if days > MOST_DAYS_AHEAD:
        raise NeverOpen("Nobody plans two hundred years of working days.")
    local = moment.astimezone(calendar.clock).replace(tzinfo=None, fold=0)
    day, left, looked = local.date(), days, 0
    while left:
        day += timedelta(days=step)
        looked += 1
        if looked > 7 * MOST_DAYS_AHEAD:
            raise NeverOpen("No working day is left.")
        left -= is_working_day(calendar, day)
    wall = datetime.combine(day, local.time())
    return utc_second(calendar.clock, wall.replace(microsecond=0)) * MICRO + wall.microsecond


def is_working_day(calendar: Calendar, day: date) -> bool:
    """Return whether anything begins on this day that its breaks do not close altogether."""
    spans = calendar.openings_of(day)
    if not spans or is_skipped(calendar.clock, day):
        return False
    return any(_outlasts(span, calendar.breaks.get(day, ())) for span in spans)


def _outlasts(opening: Span, breaks: Iterable[Span]) -> bool:
    """Return whether these breaks, in order, leave anything of an opening."""
    start, end = opening
    for closed, again in breaks:
        if closed > start:
            break
        start = max(start, again)
    return start < end


def _micro(moment: datetime) -> int:
    """Return a moment as microseconds since 1970. Raises BadCalendar when it says no zone."""
    try:
        return (moment - EPOCH) // ONE
    except TypeError:
        raise BadCalendar("no_moment", given=moment.isoformat()) from None


def _at(microsecond: int) -> datetime:
    return EPOCH + timedelta(microseconds=microsecond)


def _amount(given: int) -> int:
    if given < 0:
        raise BadCalendar("no_amount", given=str(given))
    return given


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, or no name at all
        raise BadCalendar("unknown_zone", zone=name) from None


def _in_order(spans: Iterable[Span]) -> tuple[Span, ...]:
    return tuple(sorted((start, end) for start, end in spans))


def _refuse_bad_week(hours: tuple[tuple[Span, ...], ...]) -> None:
    """Refuse a week without seven days, and openings that run into one another. Raises BadCalendar."""
    if len(hours) != len(WEEKDAYS):
        raise BadCalendar("wrong_shape", name="hours")
    for name, spans in zip(WEEKDAYS, hours, strict=True):
        _refuse_bad_day(spans, where=name)
    week = [
        (day * DAY_MINUTES + start, day * DAY_MINUTES + end, name)
        for day, (name, spans) in enumerate(zip(WEEKDAYS, hours, strict=True))
        for start, end in spans
    ]
    if week:  # what runs on from Sunday meets Monday
        start, end, name = week[0]
        week.append((start + WEEK_MINUTES, end + WEEK_MINUTES, name))
    for (_start, end, name), (start, _end, _name) in pairwise(week):
        if start < end:
            raise BadCalendar("overlap", day=name)


def _refuse_bad_day(spans: tuple[Span, ...], *, where: str) -> None:
    for span in spans:
        _refuse_bad_span(span, where=where)
    if any(start < end for (_start, end), (start, _end) in pairwise(spans)):
        raise BadCalendar("overlap", day=where)


def _refuse_bad_span(span: Span, *, where: str) -> None:
    start, end = span
    if not 0 <= start < DAY_MINUTES or not start < end <= start + DAY_MINUTES:
        raise BadCalendar("no_span", day=where, start=in_hours(start), end=in_hours(end))


def in_hours(minutes: int) -> str:
    """Return minutes since midnight as a clock shows them: 09:00, 24:00; past midnight 26:00."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
