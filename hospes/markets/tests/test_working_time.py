from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from hospes.markets.calendar_reading import read_calendar
from hospes.markets.working_time import (
    BadCalendar,
    Calendar,
    NeverOpen,
    add,
    add_days,
    between,
    is_open,
    openings,
    subtract,
    subtract_days,
)

HOUR = 3600
WORKDAYS = ("mon", "tue", "wed", "thu", "fri")
NINE_TO_FIVE = {day: [["09:00", "17:00"]] for day in WORKDAYS}


def calendar(zone: str = "UTC", hours: dict[str, Any] | None = None, **others: Any) -> Calendar:
    return read_calendar(
        {"zone": zone, "hours": NINE_TO_FIVE if hours is None else hours, **others}
    )


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def shown(found: Any) -> list[tuple[str, str]]:
    return [(f"{start:%m-%d %H:%M}", f"{end:%m-%d %H:%M}") for start, end in found]


def test_working_time_passes_only_while_it_is_open() -> None:
    assert add(calendar(), at("2026-11-27T16:00"), 2 * HOUR) == at("2026-11-30T10:00")
    assert subtract(calendar(), at("2026-11-30T10:00"), 2 * HOUR) == at("2026-11-27T16:00")
    assert between(calendar(), at("2026-11-27T16:00"), at("2026-11-30T10:00")) == 2 * HOUR


def test_time_that_ends_with_the_day_ends_at_its_closing_time() -> None:
    assert add(calendar(), at("2026-11-27T16:00"), HOUR) == at("2026-11-27T17:00")
    assert subtract(calendar(), at("2026-11-30T10:00"), HOUR) == at("2026-11-30T09:00")


def test_nothing_added_moves_to_the_next_opening_and_nothing_subtracted_to_the_last_end() -> None:
    saturday, noon = at("2026-11-28T12:00"), at("2026-11-27T12:00")

    assert add(calendar(), saturday, 0) == at("2026-11-30T09:00")
    assert subtract(calendar(), saturday, 0) == at("2026-11-27T17:00")
    assert add(calendar(), noon, 0) == noon == subtract(calendar(), noon, 0)


def test_a_closing_time_is_closed_and_an_opening_time_is_not_yet_worked() -> None:
    opens, closes = at("2026-11-27T09:00"), at("2026-11-27T17:00")

    assert is_open(calendar(), opens)
    assert not is_open(calendar(), closes)
    assert add(calendar(), closes, 0) == at("2026-11-30T09:00")
    assert subtract(calendar(), opens, 0) == at("2026-11-26T17:00")


def test_backwards_in_time_nothing_passed() -> None:
    assert between(calendar(), at("2026-11-30T10:00"), at("2026-11-27T16:00")) == 0


def test_parts_of_a_second_are_kept() -> None:
    start = at("2026-11-27T16:59:59.5")

    assert add(calendar(), start, 1) == at("2026-11-30T09:00:00.5")
    assert between(calendar(), start, at("2026-11-30T09:00:00.4")) == 0
    assert between(calendar(), start, at("2026-11-30T09:00:00.5")) == 1


def test_a_day_may_have_several_openings_and_end_at_24() -> None:
    shop = calendar(
        hours={"mon": [["18:00", "24:00"], ["09:00", "12:00"]], "tue": [["00:00", "01:00"]]}
    )

    assert shown(openings(shop, at("2026-11-30T10:00"), 3)) == [
        ("11-30 10:00", "11-30 12:00"),
        ("11-30 18:00", "12-01 00:00"),
        ("12-01 00:00", "12-01 01:00"),
    ]
    assert add(shop, at("2026-11-30T11:00"), 7 * HOUR) == at("2026-12-01T00:00")
    assert add(shop, at("2026-11-30T11:00"), 7 * HOUR + 1) == at("2026-12-01T00:00:01")


def test_an_opening_may_run_past_midnight_and_belongs_to_the_day_it_begins_on() -> None:
    bar = calendar(hours={"sat": [["20:00", "02:00"]], "sun": [["20:00", "26:00"]]})

    assert shown(openings(bar, at("2026-11-29T01:00"), 2)) == [
        ("11-29 01:00", "11-29 02:00"),
        ("11-29 20:00", "11-30 02:00"),
    ]
    changed = calendar(
        hours={"sat": [["20:00", "02:00"]]}, exceptions={"2026-11-29": [["10:00", "14:00"]]}
    )
    assert shown(openings(changed, at("2026-11-29T01:00"), 2)) == [
        ("11-29 01:00", "11-29 02:00"),
        ("11-29 10:00", "11-29 14:00"),
    ]


def test_a_holiday_closes_its_day_from_midnight_to_midnight() -> None:
    bar = calendar(
        hours={"thu": [["20:00", "02:00"]], "fri": [["20:00", "02:00"]]}, holidays=["2026-12-25"]
    )

    assert shown(openings(bar, at("2026-12-24T12:00"), 2)) == [
        ("12-24 20:00", "12-25 00:00"),
        ("12-31 20:00", "01-01 02:00"),
    ]


def test_a_holiday_counts_more_than_an_exception_and_a_break_too() -> None:
    shop = calendar(
        holidays=["2026-12-25"],
        exceptions={"2026-12-25": [["10:00", "12:00"]], "2026-12-27": [["10:00", "14:00"]]},
        breaks={
            "2026-12-24": [["12:00", "24:00"]],
            "2026-12-27": [["11:00", "12:00"], ["11:30", "12:30"]],
        },
    )

    assert shown(openings(shop, at("2026-12-24T00:00"), 4)) == [
        ("12-24 09:00", "12-24 12:00"),
        ("12-27 10:00", "12-27 11:00"),
        ("12-27 12:30", "12-27 14:00"),
        ("12-28 09:00", "12-28 17:00"),
    ]


def test_working_days_are_those_on_which_something_is_open() -> None:
    shop = calendar(
        holidays=["2026-12-25"],
        exceptions={"2026-12-27": [["10:00", "14:00"]], "2026-12-28": []},
        breaks={"2026-12-29": [["00:00", "24:00"]]},
    )

    wednesday = at("2026-12-23T15:00")
    found = [add_days(shop, wednesday, days) for days in range(4)]

    assert found == [
        wednesday,
        at("2026-12-24T15:00"),
        at("2026-12-30T09:00"),  # the 27th is a working day that ends at 14:00
        at("2026-12-30T15:00"),
    ]
    assert subtract_days(shop, at("2026-12-30T15:00"), 1) == at("2026-12-27T14:00")
    assert subtract_days(shop, at("2026-12-30T15:00"), 2) == at("2026-12-24T15:00")


def test_a_working_day_counted_from_a_day_off_is_the_next_one() -> None:
    saturday = at("2026-11-28T12:00")

    assert add_days(calendar(), saturday, 0) == at("2026-11-30T09:00")
    assert add_days(calendar(), saturday, 1) == at("2026-11-30T12:00")
    assert subtract_days(calendar(), saturday, 0) == at("2026-11-27T17:00")
    assert subtract_days(calendar(), saturday, 1) == at("2026-11-27T12:00")


ALWAYS = {day: [["00:00", "24:00"]] for day in (*WORKDAYS, "sat", "sun")}


@pytest.mark.parametrize(
    ("zone", "day", "hours", "length"),
    [
        ("Europe/Berlin", "2026-03-29", ALWAYS, 23),
        ("Europe/Berlin", "2026-10-25", ALWAYS, 25),
        ("Europe/Berlin", "2026-03-29", {"sun": [["01:00", "02:30"]]}, 1.5),  # 02:30 counts as 03:30
        ("Europe/Berlin", "2026-03-29", {"sun": [["02:00", "03:00"]]}, 0),  # missing
        ("Europe/Berlin", "2026-10-25", {"sun": [["01:00", "02:30"]]}, 1.5),  # the first 02:30
        ("Europe/Berlin", "2026-10-25", {"sun": [["02:30", "04:00"]]}, 2.5),
        ("America/Sao_Paulo", "2018-11-04", ALWAYS, 23),  # midnight is missing
        ("America/Sao_Paulo", "2018-02-17", ALWAYS, 25),  # 23:00 comes twice
        ("Asia/Kolkata", "2026-03-29", ALWAYS, 24),
        ("Australia/Lord_Howe", "2026-10-04", ALWAYS, 23.5),
        ("Africa/Casablanca", "2026-02-15", ALWAYS, 25),  # Ramadan
        ("Africa/Casablanca", "2026-03-22", ALWAYS, 23),
        ("Pacific/Apia", "2011-12-30", ALWAYS, 0),  # leapt over
        ("Pacific/Apia", "2011-12-31", ALWAYS, 24),
        ("UTC", "2028-02-29", ALWAYS, 24),
        ("UTC", "2026-12-31", ALWAYS, 24),
    ],
)  # fmt: skip
def test_a_day_is_as_long_as_its_clocks_make_it(
    zone: str, day: str, hours: dict[str, Any], length: float
) -> None:
    one_day = calendar(zone, hours={}, exceptions={})
    weekday = (*WORKDAYS, "sat", "sun")[date.fromisoformat(day).weekday()]
    if length or zone != "Pacific/Apia":
        one_day = calendar(zone, hours={}, exceptions={day: hours[weekday]})
    else:
        one_day = calendar(zone, hours={"fri": hours["fri"]})
    around = datetime.fromisoformat(day).replace(tzinfo=UTC)

    worked = between(one_day, around.replace(hour=0), around.replace(hour=23)) + between(
        one_day,
        around.replace(hour=23),
        datetime.fromtimestamp(around.timestamp() + 48 * HOUR, UTC),
    )
    worked += between(one_day, datetime.fromtimestamp(around.timestamp() - 24 * HOUR, UTC), around)

    assert worked == length * HOUR


def test_openings_that_a_missing_hour_pushes_together_count_once() -> None:
    night = calendar("Europe/Berlin", hours={"sun": [["01:00", "02:30"], ["03:00", "04:00"]]})

    assert shown(openings(night, at("2026-03-28T23:00"), 2)) == [
        ("03-29 00:00", "03-29 01:30"),
        ("03-29 01:30", "03-29 02:00"),
    ]


def test_a_cut_inside_a_missing_hour_makes_no_time() -> None:
    whole, cut = (
        calendar("America/Sao_Paulo", hours={}, exceptions={"2018-11-04": spans})
        for spans in ([["00:00", "01:00"]], [["00:00", "00:30"], ["00:30", "01:00"]])
    )

    assert between(whole, at("2018-11-03T00:00"), at("2018-11-06T00:00")) == 0
    assert between(cut, at("2018-11-03T00:00"), at("2018-11-06T00:00")) == 0


def test_working_days_keep_the_wall_clock_over_daylight_saving() -> None:
    always = calendar("Europe/Berlin", hours=ALWAYS)

    assert add_days(always, at("2026-03-28T01:30"), 1) == at("2026-03-29T01:30")  # 02:30 is 03:30
    assert add_days(always, at("2026-03-28T09:00"), 1) == at("2026-03-29T08:00")
    assert add_days(always, at("2026-10-24T00:30"), 1) == at("2026-10-25T00:30")  # the first 02:30
    assert subtract_days(always, at("2026-10-26T01:30"), 1) == at("2026-10-25T00:30")


def test_what_can_never_be_says_so() -> None:
    for ask in (add, subtract, add_days, subtract_days):
        with pytest.raises(NeverOpen):
            ask(calendar(hours={}), at("2026-11-27T12:00"), 1)
    past = calendar(hours={}, exceptions={"2026-11-26": [["09:00", "10:00"]]})
    assert shown(openings(past, at("2026-11-25T12:00"), 1)) == [("11-26 09:00", "11-26 10:00")]
    with pytest.raises(NeverOpen):
        list(openings(past, at("2026-11-25T12:00")))
    assert subtract(past, at("2030-11-25T12:00"), HOUR) == at("2026-11-26T09:00")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"zone": "Mars/Base"}, "unknown_zone"),
        ({"zone": "../UTC"}, "unknown_zone"),
        ({"zone": ""}, "unknown_zone"),
        ({"hours": {"mon": [["09:00", "12:00"], ["11:00", "13:00"]]}}, "overlap"),
        ({"hours": {"sun": [["22:00", "02:00"]], "mon": [["01:00", "03:00"]]}}, "overlap"),
        ({"exceptions": {"2026-12-27": [["09:00", "12:00"], ["11:00", "13:00"]]}}, "overlap"),
        ({"hours": {"mon": [["09:00", "09:00"]]}}, "no_span"),
        ({"hours": {"mon": [["24:00", "24:00"]]}}, "no_span"),
        ({"hours": {"mon": [["09:00", "34:00"]]}}, "no_span"),
        ({"hours": {"mon": [["9 o'clock", "12:00"]]}}, "no_clock"),
        ({"hours": {"mon": [[9, 12]]}}, "no_clock"),
        ({"hours": {"mon": ["09:00", "12:00"]}}, "wrong_shape"),
        ({"hours": {"monday": []}}, "unknown_name"),
        ({"hours": None}, "wrong_shape"),
        ({"holidays": ["2026-02-30"]}, "no_day"),
        ({"holidays": [20261225]}, "no_day"),
        ({"zone": "Pacific/Apia", "holidays": ["2011-12-30"]}, "skipped_day"),
        ({"zone": "Pacific/Apia", "exceptions": {"2011-12-30": [["09:00", "12:00"]]}}, "skipped_day"),
        ({"color": "red"}, "unknown_name"),
    ],
)  # fmt: skip
def test_what_is_no_calendar_is_refused(given: dict[str, Any], code: str) -> None:
    with pytest.raises(BadCalendar) as refused:
        read_calendar({"zone": "UTC", "hours": NINE_TO_FIVE, **given})

    assert refused.value.code == code


def test_a_moment_without_a_zone_and_a_negative_amount_are_refused() -> None:
    with pytest.raises(BadCalendar, match="no_moment"):
        add(calendar(), datetime(2026, 11, 27, 12), 1)  # noqa: DTZ001
    with pytest.raises(BadCalendar, match="no_amount"):
        add(calendar(), at("2026-11-27T12:00"), -1)


def test_what_a_missing_hour_moves_covers_nothing_up() -> None:
    """In Berlin 02:15 is 03:15 that night, behind an opening that begins at three."""
    short = {day: [["02:15", "02:45"], ["03:00", "03:30"]] for day in ("sat", "sun")}
    found = openings(calendar("Europe/Berlin", short), at("2026-03-29T00:00"))

    assert shown([next(found), next(found)]) == [("03-29 01:00", "03-29 01:30"), ("03-29 01:30", "03-29 01:45")]  # fmt: skip
