"""Moments as people say them: tomorrow, monday, 2h, 3 days, 2026-12-01, 2026-12-01T09:30."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MORNING = time(9)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
SPAN = re.compile(
    r"(?:in )?(\d{1,4}) ?(m|h|d|w)(?:in|inutes?|ours?|r|rs|ays?|eeks?)?", re.IGNORECASE
)


def read_moment(said: str, *, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment meant; a day without a time means nine in the morning there.

    Raises ValueError with what would do.
    """
    words = " ".join(said.split()).lower()
    span = SPAN.fullmatch(words)
    if span is not None:
        return now + timedelta(**{UNITS[span[2].lower()]: int(span[1])})
    today = now.astimezone(zone).date()
    if words == "tomorrow":
        return _morning(today + timedelta(days=1), zone)
    if words in DAYS:
        ahead = (DAYS.index(words) - today.weekday() - 1) % 7 + 1
        return _morning(today + timedelta(days=ahead), zone)
    try:
        if len(words) == 10:
            return _morning(date.fromisoformat(words), zone)
        given = datetime.fromisoformat(words.upper())
    except ValueError:
        raise ValueError(
            f"{said}: give a moment such as tomorrow, monday, 2h, 3d, 2026-12-01 or 2026-12-01T09:30."
        ) from None
    return given if given.tzinfo else given.replace(tzinfo=zone)


def is_by_the_clock(said: str) -> bool:
    """Whether it means what clocks show: not a span from now, nor a moment with its offset."""
    words = " ".join(said.split())
    try:
        return (
            SPAN.fullmatch(words) is None and datetime.fromisoformat(words.upper()).tzinfo is None
        )
    except ValueError:
        return True  # tomorrow, monday


def _morning(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, MORNING, zone)
