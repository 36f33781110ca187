"""What customers of a market usually expect, from its facts: each of them changes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest

from hospes.markets.profiles import Profile, shipped_profile
from hospes.markets.resolving import How, Origin
from hospes.servicelevels.usual import MON_TO_FRI, OPEN_ALL_DAY, usual_hours, usual_in

HOUR = timedelta(hours=1)


def with_fact(code: str, key: str, value: Any) -> Profile:
    """The profile of a market, as if its own country said so."""
    profile = shipped_profile(code)
    fact = profile[key]
    assert fact is not None
    said = replace(fact, value=value, origin=Origin(How.COUNTRY, code), parts={})
    return Profile(code, MappingProxyType({**profile.facts, key: said}))


def first_reply(profile: Profile) -> timedelta | None:
    return usual_in(profile, "email").targets.first_reply


def test_within_a_day_means_within_a_working_day_where_opening_hours_count() -> None:
    usual = usual_in(shipped_profile("DE"), "email")

    assert usual.targets.first_reply == usual.targets.next_reply == 10 * HOUR
    assert usual.targets.resolution is None
    assert usual.is_of_the_world
    assert not usual.counts_every_hour


@pytest.mark.acts("response.first_reply_minutes")
def test_a_market_that_knows_better_is_no_default_of_the_world() -> None:
    usual = usual_in(with_fact("DE", "response.first_reply_minutes", {"email": 240}), "email")

    assert usual.targets.first_reply == 4 * HOUR
    assert not usual.is_of_the_world


@pytest.mark.acts("response.always_on")
@pytest.mark.acts("response.after_hours_silence_ok")
@pytest.mark.parametrize(
    ("key", "value"),
    [("response.always_on", "expected"), ("response.after_hours_silence_ok", False)],
)
def test_where_silence_at_night_is_not_accepted_every_hour_counts(key: str, value: Any) -> None:
    usual = usual_in(with_fact("DE", key, value), "email")

    assert usual.counts_every_hour
    assert usual.hours == (OPEN_ALL_DAY,) * 7
    assert usual.targets.first_reply == 24 * HOUR


@pytest.mark.acts("channels.phone_role")
def test_where_the_phone_is_the_last_resort_half_the_time_is_left() -> None:
    assert first_reply(with_fact("DE", "channels.phone_role", "last_resort")) == 5 * HOUR
    assert first_reply(with_fact("DE", "channels.phone_role", "primary")) == 10 * HOUR


@pytest.mark.acts("response.business_hours")
def test_the_opening_hours_are_those_of_the_facts() -> None:
    shorter = {
        "mon_fri": ("10:00", "14:00"),
        "sat": ("10:00", "12:00", "13:00", "15:00"),
        "sun": (),
    }

    hours = usual_hours(with_fact("DE", "response.business_hours", shorter))

    assert hours[:5] == (((600, 840),),) * 5
    assert hours[5:] == (((600, 720), (780, 900)), ())
    assert first_reply(with_fact("DE", "response.business_hours", shorter)) == 4 * HOUR


@pytest.mark.parametrize(
    ("code", "open_days"),
    [("SI", set(MON_TO_FRI)), ("SA", {6, 0, 1, 2, 3}), ("IL", {6, 0, 1, 2, 3, 4})],
)
def test_the_working_days_are_those_of_the_country(code: str, open_days: set[int]) -> None:
    hours = usual_hours(shipped_profile(code))

    assert {day for day, spans in enumerate(hours) if spans} == open_days


def test_a_day_is_a_day_of_the_calendar_that_counts() -> None:
    usual = usual_in(shipped_profile("DE"), "email")
    with_lunch = (((480, 720), (780, 1020)),) * 5 + ((), ())

    assert usual.targets_on(with_lunch).first_reply == 8 * HOUR
    assert usual.targets_on((OPEN_ALL_DAY,) * 7).first_reply == 24 * HOUR


def test_where_nothing_is_known_nothing_is_owed() -> None:
    assert first_reply(Profile("DE", {})) is None
