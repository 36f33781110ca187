"""What customers of a market usually expect follows from its facts: change one, and it is owed at another time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from hospes.markets.actions.setting import set_value
from hospes.markets.profiles import profile_of
from hospes.servicelevels.usual import Usual, usual_in
from tests.cast import NOON

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
NINE_TO_SIX = ((540, 1080),)


def usual(**facts: Any) -> Usual:
    """Return what is usual in Spain once these facts are set: `response__always_on="expected"`."""
    for name, value in facts.items():
        set_value("ES", name.replace("__", "."), value, by_id=None, at=NOON)
    return usual_in(profile_of("ES", on=NOON.date()), "email")


@pytest.mark.acts("response.first_reply_minutes")
def test_the_time_of_the_channel_is_what_is_owed() -> None:
    before = usual(response__always_on="expected")
    after = usual(response__first_reply_minutes={"email": 120})
    assert (before.is_of_the_world, after.is_of_the_world) == (True, False)
    assert before.targets.first_reply != after.targets.first_reply
    assert usual(response__first_reply_minutes={"email": 240}).targets.first_reply == (
        2 * (after.targets.first_reply or HOUR)
    )


@pytest.mark.acts("channels.phone_role")
def test_where_the_phone_is_the_last_resort_half_the_time_is_left() -> None:
    facts = {"response__first_reply_minutes": {"email": 240}, "response__always_on": "expected"}
    last = usual(**facts, channels__phone_role="last_resort")
    primary = usual(channels__phone_role="primary")
    assert (last.targets.first_reply, primary.targets.first_reply) == (2 * HOUR, 4 * HOUR)


@pytest.mark.acts("response.always_on")
def test_where_somebody_is_expected_at_every_hour_every_hour_counts() -> None:
    day = usual(response__always_on="not_expected", response__after_hours_silence_ok=True)
    assert not day.counts_every_hour
    night = usual(response__always_on="expected")
    assert night.counts_every_hour
    assert night.hours == (((0, 1440),),) * 7


@pytest.mark.acts("response.after_hours_silence_ok")
def test_where_silence_is_not_accepted_every_hour_counts() -> None:
    usual(response__always_on="appreciated")
    assert not usual(response__after_hours_silence_ok=True).counts_every_hour
    assert usual(response__after_hours_silence_ok=False).counts_every_hour


@pytest.mark.acts("response.business_hours")
def test_the_hours_that_are_set_are_the_hours_that_count() -> None:
    usual(response__always_on="appreciated", response__after_hours_silence_ok=True)
    hours = {"mon": ["09:00", "12:00", "13:00", "18:00"], "tue": ["09:00", "18:00"], "wed": []}
    found = usual(response__business_hours=hours)
    assert found.hours[:3] == (((540, 720), (780, 1080)), NINE_TO_SIX, ())
