"""A calendar out of JSON, as `hospes worktime` reads it; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from hospes.markets.opening_table import Span
from hospes.markets.wall_clock import DAY_MINUTES, WEEKDAYS
from hospes.markets.working_time import BadCalendar, Calendar

CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)(?::00)?")
APART, DASH = re.compile(r"[,;\n،、]"), re.compile(r"\s*[-\u2010-\u2015\u301c\uff5e~]\s*")
KEYS = ("zone", "hours", "holidays", "breaks", "exceptions")
YEARS = range(1800, 2800)  # time zones are known for these, more or less
T = TypeVar("T")


def read_calendar(given: Any) -> Calendar:
    """Return the calendar described: zone, hours by day of the week, holidays, breaks, exceptions.

    An end that is not after its start is on the next day ("22:00", "06:00"). Raises BadCalendar.
    """
    if not isinstance(given, dict):
        raise BadCalendar("wrong_shape", name="calendar")
    _refuse_unknown(given, known=KEYS)
    zone, hours = given.get("zone"), given.get("hours")
    if not isinstance(zone, str):
        raise BadCalendar("wrong_shape", name="zone")
    if not isinstance(hours, dict):
        raise BadCalendar("wrong_shape", name="hours")
    _refuse_unknown(hours, known=WEEKDAYS)
    holidays = given.get("holidays") or []
    if not isinstance(holidays, list):
        raise BadCalendar("wrong_shape", name="holidays")
    return Calendar(
        zone=zone,
        hours=tuple(read_spans(hours.get(day) or [], where=day) for day in WEEKDAYS),
        holidays=frozenset(map(read_day, holidays)),
        breaks=_by_day(given, "breaks"),
        exceptions=_by_day(given, "exceptions"),
    )


def read_moment(given: Any) -> datetime:
    """Return a moment written with its zone or offset: 2026-12-23T15:30:00Z. Raises BadCalendar."""
    moment = _parsed(given, datetime.fromisoformat, code="no_moment")
    if moment.tzinfo is None or moment.year not in YEARS:
        raise BadCalendar("no_moment", given=str(given))
    return moment


def read_day(given: Any) -> date:
    """Return a day: 2026-12-25. Raises BadCalendar."""
    day = _parsed(given, date.fromisoformat, code="no_day")
    if day.year not in YEARS:
        raise BadCalendar("no_day", given=str(given))
    return day


def read_spans(given: Any, *, where: str) -> tuple[Span, ...]:
    """Return openings or breaks of one day, each a pair of times. Raises BadCalendar."""
    if not isinstance(given, list):
        raise BadCalendar("wrong_shape", name=where)
    return tuple(_span(pair, where=where) for pair in given)


def read_clock(given: Any) -> int:
    """Return the minutes since midnight of 09:00, 24:00 or, past midnight, 26:00. Raises BadCalendar."""
    found = CLOCK.fullmatch(given) if isinstance(given, str) else None
    minutes = int(found[1]) * 60 + int(found[2]) if found else -1
    if not 0 <= minutes <= 2 * DAY_MINUTES:
        raise BadCalendar("no_clock", given=str(given))
    return minutes


def read_amount(given: Any) -> int:
    """Return a whole number, 0 or more. Raises BadCalendar."""
    is_whole = isinstance(given, int | float) and not isinstance(given, bool) and given % 1 == 0
    if not is_whole or given < 0:
        raise BadCalendar("no_amount", given=str(given))
    return int(given)


def _refuse_unknown(given: dict[str, Any], *, known: Sequence[str]) -> None:
    for name in given:
        if name not in known:
            raise BadCalendar("unknown_name", name=str(name), known=", ".join(known))


def read_openings(text: str) -> tuple[Span, ...]:
    """Return openings as people write them: 09:00-12:00, 13:00-17:00. Raises BadCalendar."""
    pieces = [piece.strip() for piece in APART.split(text) if piece.strip()]
    found = []
    for piece in pieces:
        first, _dash, last = DASH.sub("-", piece).partition("-")
        start, end = read_clock(first.strip()), read_clock(last.strip())
        found.append((start, end + DAY_MINUTES if end < start else end))
    return tuple(sorted(found))


def _span(pair: Any, *, where: str) -> Span:
    if not isinstance(pair, list) or len(pair) != 2:
        raise BadCalendar("wrong_shape", name=where)
    start, end = map(read_clock, pair)
    return start, end + DAY_MINUTES if end < start else end


def _by_day(given: dict[str, Any], name: str) -> dict[date, tuple[Span, ...]]:
    by_day = given.get(name) or {}
    if not isinstance(by_day, dict):
        raise BadCalendar("wrong_shape", name=name)
    return {read_day(day): read_spans(spans, where=day) for day, spans in by_day.items()}


def _parsed(given: Any, parse: Callable[[str], T], *, code: str) -> T:
    try:
        return parse(given)
    except (TypeError, ValueError):
        raise BadCalendar(code, given=str(given)) from None
