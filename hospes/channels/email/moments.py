"""When a mail was written, as its Date field says or, where that names no moment, as the last server did.

The rule's own form comes first and costs what it must; whatever else programs write is looked into only where that
form fails.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz
from functools import cache

from hospes.channels.email import headers
from hospes.channels.email.month_names import MONTHS
from hospes.channels.email.quoting_words import words

MAX_DATE_BYTES = 200
MAX_SERVERS = 5  # that are asked, the last first
# What programs write against the rule: 2026-03-03T09:05:00Z, +01:00, GMT+0100, 23:59:60.
ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d")
ODD_DATE = re.compile(r":60|[+-]\d\d:|[CT][+-]")
ZONE_COLON = re.compile(r"(?:GMT|UTC)?([+-]\d\d):?(\d\d)(?=\s*(?:\(|$))")
LEAP_SECOND = re.compile(r"(\d\d:\d\d):60")

# Days in words of many languages: 24 nov. 2026, 24. November 2026, 24 de noviembre de 2026, nov. 24, 2026.
NAME = r"([^\W\d_][^\s\d,/]{0,19}?)"
DAY_FIRST = re.compile(
    rf"(?<!\d)(\d{{1,2}})[ªº.]?(?:er)?[\s/-]{{0,3}}(?:de\s|d['’])?{NAME}[\s.,/-]{{1,3}}(?:del?\s)?(\d{{4}})(?!\d)"
)
MONTH_FIRST = re.compile(rf"{NAME}[\s.]{{1,2}}(\d{{1,2}}),?\s(\d{{4}})(?!\d)")
# And in numbers, as far as nobody can mistake the day for the month: 2026/11/24, 2026年11月24日, 24.11.2026.
YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})\s?[-/.年년]\s?(\d{1,2})\s?[-/.月월]\s?(\d{1,2})(?!\d)")
DOTTED = re.compile(r"(?<!\d)(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})(?!\d)")
CLOCK = re.compile(
    r"(?<!\d)([01]?\d|2[0-3])(?:[:.hH時시点點])\s?([0-5]\d)(?:[:.分분]\s?([0-5]\d))?(?!\d)"
)
AFTERNOON = re.compile(r"\bp\.?m\b|午後|下午|오후", re.IGNORECASE)
DIGIT = re.compile(r"\d")  # of any script
ZONE = re.compile(r"([+-])(\d\d):?(\d\d)(?!\d)")


def sent_at(date: bytes, received: Sequence[bytes]) -> datetime | None:
    """The moment of a Date field in UTC; a time without a zone is taken for UTC.

    received: the Received fields, topmost first, which are asked where Date names none. None when nobody tells.
    """
    return _moment(date) or (_otherwise(date, received) if date or received else None)


def _moment(value: bytes) -> datetime | None:
    text = headers.unfold(value[:MAX_DATE_BYTES]).decode("latin-1")
    try:
        if ISO_DATE.match(text):
            moment = datetime.fromisoformat(text)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        if ODD_DATE.search(text):
            text = LEAP_SECOND.sub(r"\1:59", ZONE_COLON.sub(r"\1\2", text))
        parts = parsedate_tz(text)
        if parts is None:
            return None
        zone = timezone(timedelta(seconds=parts[9] or 0))
        return datetime(*parts[:6], tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None


def _otherwise(date: bytes, received: Sequence[bytes]) -> datetime | None:
    """The moment in words of any language, or else of the last server that says when it had the mail."""
    told = _in_words(headers.text_of(date[:MAX_DATE_BYTES])) if date else None
    if told is None:
        stamps = (_moment(field.rpartition(b";")[2]) for field in received[:MAX_SERVERS])
        told = next((stamp for stamp in stamps if stamp is not None), None)
    return told


def _in_words(text: str) -> datetime | None:
    text = DIGIT.sub(lambda digit: str(int(digit[0])), text)
    day, end = _day(text)
    clock = CLOCK.search(text, end) or CLOCK.search(text)
    if day is None or clock is None:
        return None
    hour = int(clock[1]) + (12 if int(clock[1]) < 12 and AFTERNOON.search(text) else 0)
    zone = ZONE.search(text, clock.end())
    try:
        moment = datetime(*day, hour, int(clock[2]), int(clock[3] or 0), tzinfo=UTC)
        return moment - _offset(zone) if zone else moment
    except (ValueError, OverflowError):
        return None


def _day(text: str) -> tuple[tuple[int, int, int] | None, int]:
    """Year, month and day, and where they end in the text."""
    if found := YEAR_FIRST.search(text):
        return (int(found[1]), int(found[2]), int(found[3])), found.end()
    if found := DOTTED.search(text):
        return (int(found[3]), int(found[2]), int(found[1])), found.end()
    for found in DAY_FIRST.finditer(text):
        if month := _months().get(_folded(found[2])):
            return (int(found[3]), month, int(found[1])), found.end()
    for found in MONTH_FIRST.finditer(text):
        if month := _months().get(_folded(found[1])):
            return (int(found[3]), month, int(found[2])), found.end()
    return None, 0


def _offset(zone: re.Match[str]) -> timedelta:
    offset = timedelta(hours=int(zone[2]), minutes=int(zone[3]))
    return -offset if zone[1] == "-" else offset


def _folded(name: str) -> str:
    return name.casefold().rstrip(".").replace("’", "'")


@cache
def _months() -> dict[str, int]:
    return {name: number for number, names in enumerate(MONTHS, 1) for name in words(names)}
