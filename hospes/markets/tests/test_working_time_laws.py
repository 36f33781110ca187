"""What must hold of working time whatever the calendar, in every zone there is."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, _zoneinfo, available_timezones

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hospes.markets.working_time import (
    Calendar,
    add,
    add_days,
    between,
    is_open,
    openings,
    subtract,
    subtract_days,
)

ZONES = (
    "UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kolkata", "Pacific/Apia", "Africa/Casablanca",
    "Australia/Lord_Howe", "America/Havana", "Asia/Tehran", "Antarctica/Troll", "America/St_Johns",
    "Pacific/Kiritimati", "Asia/Gaza", "Europe/Dublin", "Africa/Cairo",
)  # fmt: skip
FIRST = datetime(2011, 1, 1, tzinfo=UTC)
QUARTER, DAY = 15, 1440
Spans = tuple[tuple[int, int], ...]


def paired(cuts: list[int]) -> Spans:
    quarters = sorted(cut * QUARTER for cut in cuts)
    return tuple(zip(quarters[::2], quarters[1::2], strict=False))


def days(most: int = 6) -> st.SearchStrategy[Spans]:
    return st.lists(st.integers(0, 96), unique=True, max_size=most).map(paired)


def into_the_night(week: list[Spans], ends: list[int]) -> tuple[Spans, ...]:
    """Let what is open until midnight stay open, up to the first opening of the next day."""
    found = []
    for index, spans in enumerate(week):
        following = week[(index + 1) % 7]
        if spans and spans[-1][1] == DAY:
            free = min(following[0][0] if following else DAY, spans[-1][0])
            spans = (*spans[:-1], (spans[-1][0], DAY + min(free, ends[index] * QUARTER)))  # noqa: PLW2901
        found.append(spans)
    return tuple(found)


WEEKS = st.builds(
    into_the_night, st.lists(days(), min_size=7, max_size=7), st.lists(st.integers(0, 40), min_size=7, max_size=7)
)  # fmt: skip
DATES = st.dates(date(2011, 1, 1), date(2013, 1, 1)).filter(lambda day: day != date(2011, 12, 30))
CALENDARS = st.builds(
    Calendar,
    zone=st.sampled_from(ZONES),
    hours=WEEKS.filter(any),
    holidays=st.frozensets(DATES, max_size=5),
    breaks=st.dictionaries(DATES, days(), max_size=5),
    exceptions=st.dictionaries(DATES, days(), max_size=5),
)
MOMENTS = st.integers(0, 2 * 366 * 86_400).map(lambda second: FIRST + timedelta(seconds=second))
AMOUNTS = st.one_of(st.integers(0, 200_000), st.integers(0, 20_000_000))
quickly = settings(max_examples=150, deadline=None, database=None, derandomize=True)


@quickly
@given(CALENDARS, MOMENTS, AMOUNTS)
def test_what_was_added_is_what_lies_between(
    calendar: Calendar, moment: datetime, amount: int
) -> None:
    later, earlier = add(calendar, moment, amount), subtract(calendar, moment, amount)

    assert between(calendar, moment, later) == amount == between(calendar, earlier, moment)
    assert earlier <= moment <= later
    assert is_open(calendar, subtract(calendar, later, 1))
    assert add(calendar, subtract(calendar, later, amount), amount) == later or amount == 0


@quickly
@given(CALENDARS, MOMENTS, AMOUNTS, AMOUNTS)
def test_adding_twice_is_adding_both(
    calendar: Calendar, moment: datetime, first: int, second: int
) -> None:
    twice = add(calendar, add(calendar, moment, first), second + 1)

    assert twice == add(calendar, moment, first + second + 1)
    assert between(calendar, moment, twice) == first + second + 1


@quickly
@given(CALENDARS, MOMENTS, MOMENTS, MOMENTS)
def test_spans_add_up(calendar: Calendar, one: datetime, two: datetime, three: datetime) -> None:
    first, middle, last = sorted((one, two, three))

    whole = between(calendar, first, last)
    assert whole == between(calendar, first, middle) + between(calendar, middle, last)
    assert 0 <= whole <= (last - first).total_seconds()


def halved(calendar: Calendar) -> Calendar:
    def halves(spans: Spans) -> Spans:
        cut = [(start, min(start + end, start + DAY) // 2, end) for start, end in spans]
        return tuple(half for start, at, end in cut for half in ((start, at), (at, end)))

    return Calendar(
        zone=calendar.zone,
        hours=tuple(halves(spans) for spans in calendar.hours),
        holidays=calendar.holidays,
        breaks={day: halves(spans) for day, spans in calendar.breaks.items()},
        exceptions={day: halves(spans) for day, spans in calendar.exceptions.items()},
    )


@quickly
@given(CALENDARS, MOMENTS, AMOUNTS, st.integers(0, 30))
def test_splitting_an_interval_changes_nothing(
    calendar: Calendar, moment: datetime, amount: int, days: int
) -> None:
    split = halved(calendar)

    assert add(split, moment, amount) == add(calendar, moment, amount)
    assert subtract(split, moment, amount) == subtract(calendar, moment, amount)
    assert add_days(split, moment, days) == add_days(calendar, moment, days)
    assert subtract_days(split, moment, days) == subtract_days(calendar, moment, days)
    assert is_open(split, moment) == is_open(calendar, moment)


@quickly
@given(CALENDARS, MOMENTS)
def test_openings_follow_one_another_and_hold_all_working_time(
    calendar: Calendar, moment: datetime
) -> None:
    found = list(openings(calendar, moment, 60))

    assert all(start < end for start, end in found)
    assert all(before[1] <= after[0] for before, after in pairwise(found))
    assert found[0][0] == add(calendar, moment, 0)
    open_seconds = sum((end - start).total_seconds() for start, end in found)
    assert between(calendar, moment, found[-1][1]) == open_seconds


@quickly
@given(CALENDARS, MOMENTS)
def test_it_is_open_when_a_clock_on_the_wall_says_so(calendar: Calendar, moment: datetime) -> None:
    local = moment.astimezone(calendar.clock)
    offsets = {
        (moment + timedelta(hours=h)).astimezone(calendar.clock).utcoffset() for h in (-30, 0, 30)
    }
    if len(offsets) > 1:
        return  # clocks change: tables in test_working_time say what then holds
    minute = local.hour * 60 + local.minute
    today, yesterday = local.date(), local.date() - timedelta(days=1)

    def within(spans: Spans, at: int) -> bool:
        return any(start <= at < end for start, end in spans)

    expected = (
        within(calendar.openings_of(today), minute)
        or within(calendar.openings_of(yesterday), minute + DAY)
    ) and not (
        today in calendar.holidays
        or within(calendar.breaks.get(today, ()), minute)
        or within(calendar.breaks.get(yesterday, ()), minute + DAY)
    )
    assert is_open(calendar, moment) == expected


def changes(zone: str, first: int, last: int) -> list[int]:
    """Return the seconds since 1970 at which clocks of a zone change."""
    read = _zoneinfo.ZoneInfo.no_cache(zone)._trans_utc
    return list(read[bisect_left(read, first) : bisect_right(read, last)])


def test_order_is_kept_across_daylight_saving_in_every_zone() -> None:
    office = tuple(((60, 100), (110, 215), (540, 1020), (1380, 1440)) for _ in range(7))
    first, last = (int(datetime(y, 1, 1, tzinfo=UTC).timestamp()) for y in (2010, 2027))
    seen = 0
    for zone in sorted(available_timezones()):
        found = changes(zone, first, last)
        around = found[-2:]
        calendar = Calendar(zone, office)
        for change in around:
            moments = [
                datetime.fromtimestamp(change + minute * 60, UTC)
                for minute in (
                    -3000,
                    -1440,
                    -181,
                    -120,
                    -61,
                    -31,
                    -1,
                    0,
                    1,
                    29,
                    61,
                    119,
                    1440,
                    3000,
                )
            ]
            for amount in (0, 1, 3600):
                dues = [add(calendar, moment, amount) for moment in moments]
                assert dues == sorted(dues), (zone, change)
                since = [subtract(calendar, moment, amount) for moment in moments]
                assert since == sorted(since), (zone, change)
            for start, end in pairwise(moments):
                worked = between(calendar, start, end)
                assert 0 <= worked <= (end - start).total_seconds()
                assert (
                    between(calendar, moments[0], end)
                    == between(calendar, moments[0], start) + worked
                )
            seen += 1
    assert seen > 300


def test_nowhere_do_clocks_change_twice_within_three_days() -> None:
    """The table takes a day's clocks as one when they agree at its midnight and two days on."""
    for zone in available_timezones():
        found = changes(zone, -(2**62), 2**62)
        assert all(after - before > 3 * 86_400 for before, after in pairwise(found)), zone


COUNTRIES = (
    "AE", "AR", "AT", "AU", "BA", "BD", "BE", "BG", "BR", "CA", "CH", "CL", "CN", "CO", "CY", "CZ", "DE", "DK",
    "EE", "EG", "ES", "FI", "FR", "GB", "GR", "HK", "HR", "HU", "ID", "IE", "IL", "IN", "IS", "IT", "JP", "KE",
    "KR", "KZ", "LT", "LU", "LV", "MA", "MX", "MY", "NG", "NL", "NO", "NZ", "PH", "PK", "PL", "PT", "RO", "RS",
    "SA", "SE", "SG", "SI", "TH", "TR", "US", "VN", "ZA",
)  # fmt: skip
YEARS = (2025, 2026, 2027)


@pytest.fixture(scope="module")
def zone_of() -> Any:
    from hospes.markets.usual import usual_zone

    return usual_zone


@pytest.mark.parametrize("country", COUNTRIES)
def test_public_holidays_of_the_world_close_their_days(country: str, zone_of: Any) -> None:
    off = frozenset(holidays.country_holidays(country, years=YEARS))
    zone = zone_of(country)
    office = Calendar(zone, tuple(((540, 1020),) for _ in range(7)), holidays=off)
    first = datetime(YEARS[0], 1, 1, tzinfo=ZoneInfo(zone))
    last = datetime(YEARS[-1] + 1, 1, 1, tzinfo=ZoneInfo(zone))
    within = {day for day in off if first.date() <= day < last.date()}

    worked = {
        start.astimezone(office.clock).date()
        for start, end in openings(office, first, 1085 - len(within))
    }
    assert len(within) >= 3 * 4
    assert not worked & off
    assert between(office, first, last) == (365 * 3 - len(within)) * 8 * 3600
