"""Seasons fall on the days they are known to have fallen on, in three years."""

from __future__ import annotations

from datetime import date

import pytest

from hospes.markets import shipped
from hospes.markets.profiles import Profile, shipped_profile
from hospes.markets.resolving import Fact, How, Origin
from hospes.markets.seasons import easter

# market, event, and first and last day in 2024, 2025 and 2026, as calendars of the places print them
KNOWN = [
    ("JP", "Golden Week", ["04-29 05-06", "04-29 05-06", "04-29 05-06"]),
    ("AU", "Summer shutdown", ["12-24 01-10", "12-24 01-10", "12-24 01-10"]),
    ("BR", "Carnaval", ["02-10 02-13", "03-01 03-04", "02-14 02-17"]),
    ("BR", "Black Friday", ["11-25 12-01", "11-24 11-30", "11-23 11-29"]),
    ("US", "Thanksgiving", ["11-28 11-28", "11-27 11-27", "11-26 11-26"]),
    ("CA", "Construction holiday (Quebec)", ["07-21 08-03", "07-20 08-02", "07-19 08-01"]),
    ("PH", "Holy Week", ["03-24 03-31", "04-13 04-20", "03-29 04-05"]),
    ("SA", "Ramadan", ["03-11 04-09", "03-01 03-29", "02-18 03-19"]),
    ("TR", "Ramadan", ["03-11 04-09", "03-01 03-29", "02-18 03-19"]),
    ("CN", "Spring Festival", ["02-07 02-17", "01-26 02-05", "02-14 02-24"]),
    ("VN", "Tet", ["02-09 02-16", "01-28 02-04", "02-16 02-23"]),
    ("TW", "Lunar New Year", ["02-08 02-15", "01-27 02-03", "02-15 02-22"]),
    ("SG", "Chinese New Year", ["02-09 02-11", "01-28 01-30", "02-16 02-18"]),
    ("IN", "Diwali season", ["10-17 11-05", "10-06 10-25", "10-25 11-13"]),
    ("ID", "Lebaran (Idul Fitri)", ["04-03 04-17", "03-24 04-07", "03-14 03-28"]),
    ("SE", "Midsummer (SE, FI)", ["06-21 06-22", "06-20 06-21", "06-19 06-20"]),
    ("TH", "Songkran", ["04-12 04-16", "04-12 04-16", "04-12 04-16"]),
    ("SA", "Eid al-Fitr and Eid al-Adha", ["04-09 04-14", "03-30 04-02", "03-19 03-24"]),
]  # fmt: skip
TWICE = [
    ("KR", "Seollal and Chuseok", ["02-09 02-11", "01-28 01-30", "02-16 02-18"],
     ["09-16 09-18", "10-05 10-07", "09-24 09-26"]),
    ("IL", "Tishrei holidays and Passover", ["04-22 04-29", "04-12 04-19", "04-01 04-08"],
     ["10-03 10-24", "09-23 10-14", "09-12 10-03"]),
    ("CN", "618 and Double 11", ["06-01 06-18"] * 3, ["11-01 11-11"] * 3),
]  # fmt: skip


def days(code: str, event: str, year: int) -> list[str]:
    profile = shipped_profile(code)
    return [
        f"{one.first:%m-%d} {one.last:%m-%d}"
        for one in profile.seasons(date(year, 1, 1), date(year, 12, 31))
        if one.event == event and one.first.year == year
    ]


@pytest.mark.parametrize(("code", "event", "known"), KNOWN)
def test_a_season_falls_on_its_days(code: str, event: str, known: list[str]) -> None:
    assert [days(code, event, year)[0] for year in (2024, 2025, 2026)] == known


@pytest.mark.parametrize(("code", "event", "first", "second"), TWICE)
def test_a_season_of_two_parts_has_both(
    code: str, event: str, first: list[str], second: list[str]
) -> None:
    told = [days(code, event, year) for year in (2024, 2025, 2026)]
    assert told == [list(both) for both in zip(first, second, strict=True)]


def test_mexico_sells_out_before_the_day_of_the_revolution() -> None:
    assert days("MX", "Buen Fin", 2023) == ["11-17 11-20"]
    assert days("MX", "Buen Fin", 2024) == ["11-15 11-18"]


def test_every_season_that_ships_falls_on_some_day_of_each_of_three_years() -> None:
    for code in shipped.countries():
        profile = shipped_profile(code)
        for season in profile.value("calendar.service_effects", ()):
            for year in (2025, 2026, 2027):
                there = days(code, season["event"], year)
                is_elsewhere = "(SE, FI)" in season["event"] and code in {"DK", "NO"}
                assert bool(there) is not is_elsewhere, (code, season["event"], year)


def test_a_weekly_season_has_its_hours() -> None:
    fridays = shipped_profile("AE").seasons(date(2026, 9, 1), date(2026, 9, 30))
    prayers = [one for one in fridays if one.event == "Friday prayer"]
    assert [one.first.day for one in prayers] == [4, 11, 18, 25]
    assert {one.hours for one in prayers} == {(690, 840)}


def test_a_season_that_began_last_year_reaches_into_this() -> None:
    new_year = shipped_profile("ZA").seasons(date(2026, 1, 2), date(2026, 1, 2))
    assert [(one.event, one.first) for one in new_year] == [
        ("December shutdown", date(2025, 12, 16))
    ]


def test_a_season_around_new_year_begins_before_it() -> None:
    rules = ({"easter": [-120, -118]},)
    season = ({"event": "Carols", "effect": "closures", "when": "moves", "rules": rules},)
    fact = Fact("calendar.service_effects", season, Origin(How.COUNTRY, "SG"))
    found = Profile("SG", {fact.key: fact}).seasons(date(2025, 12, 1), date(2025, 12, 31))
    assert [one.first for one in found] == [date(2025, 12, 6)]


def test_beyond_what_the_hijri_calendar_is_told_for_there_is_no_season() -> None:
    assert days("SA", "Ramadan", 2090) == []


def test_regional_holidays_are_those_of_the_part() -> None:
    def november(code: str) -> list[date]:
        found = shipped_profile(code).seasons(date(2026, 11, 1), date(2026, 11, 30))
        return [one.first for one in found if one.event == "Regional holidays"]

    assert november("DE-BY") == [date(2026, 11, 1)]  # All Saints
    assert november("DE-SN") == [date(2026, 11, 18)]  # Repentance and Prayer
    assert november("DE-BE") == []
    assert november("DE") == [date(2026, 11, 1), date(2026, 11, 18)]


@pytest.mark.parametrize(
    ("year", "on"),
    [(1961, (4, 2)), (2000, (4, 23)), (2024, (3, 31)), (2025, (4, 20)), (2026, (4, 5)), (2038, (4, 25))],
)  # fmt: skip
def test_easter_is_when_it_is(year: int, on: tuple[int, int]) -> None:
    assert easter(year) == date(year, *on)


def test_a_year_may_have_two_feasts_of_one_name() -> None:
    rules = ({"holiday": "Eid al-Fitr"},)
    season = ({"event": "Eid", "effect": "closures", "when": "moves", "rules": rules},)
    fact = Fact("calendar.service_effects", season, Origin(How.COUNTRY, "SG"))
    profile = Profile("SG", {fact.key: fact})
    found = profile.seasons(date(2033, 1, 1), date(2033, 12, 31))
    assert [one.first.month for one in found] == [1, 12]
