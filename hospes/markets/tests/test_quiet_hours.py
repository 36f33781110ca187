from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from hospes.markets.profiles import Profile, shipped_profile
from hospes.markets.quiet_hours import Sending, Why, when_may_we_write

# Wednesday evening in Europe; 23:10 in Tokyo.
NOW = datetime(2026, 11, 25, 14, 10, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=1)


def utc(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def test_an_answer_within_two_hours_goes_at_once_whatever_the_hour() -> None:
    hours = (time(9), time(18))
    japan = shipped_profile("JP")
    for ago in (timedelta(0), timedelta(minutes=119), timedelta(hours=2)):
        found = when_may_we_write(japan, hours, "Asia/Tokyo", NOW, NOW - ago)
        assert found == Sending(NOW, Why.ANSWER)
    late = when_may_we_write(japan, hours, "Asia/Tokyo", NOW, NOW - timedelta(hours=2, minutes=1))
    assert late == Sending(utc(26, 0), Why.OWN_HOURS)
    assert late.waits(NOW)


def test_their_own_hours_go_before_those_of_the_market() -> None:
    spain = shipped_profile("ES")
    found = when_may_we_write(spain, (time(18), time(20)), "Europe/Madrid", NOW, LONG_AGO)
    assert found == Sending(utc(25, 17), Why.OWN_HOURS)  # 18:00 there
    open_now = when_may_we_write(spain, (time(15), time(20)), "Europe/Madrid", NOW, LONG_AGO)
    assert open_now == Sending(NOW, Why.OPEN)


def test_hours_over_midnight_reach_into_the_next_day() -> None:
    japan = shipped_profile("JP")
    night = (time(22), time(2))
    assert when_may_we_write(japan, night, "Asia/Tokyo", NOW, LONG_AGO).why is Why.OPEN
    after = when_may_we_write(japan, night, "Asia/Tokyo", utc(25, 16, 30), LONG_AGO)  # 01:30
    assert after.why is Why.OPEN
    day = when_may_we_write(japan, night, "Asia/Tokyo", utc(25, 18), LONG_AGO)  # 03:00
    assert day == Sending(utc(26, 13), Why.OWN_HOURS)


def test_a_later_answer_waits_for_the_morning_there_and_on_any_day() -> None:
    spain = shipped_profile("ES")  # 09:00 to 21:00, Monday to Friday, for what is started
    night = utc(27, 22)  # Friday, 23:00 in Madrid
    assert when_may_we_write(spain, None, "Europe/Madrid", night, LONG_AGO) == Sending(
        utc(28, 7), Why.MARKET
    )
    assert when_may_we_write(spain, None, "Europe/Madrid", utc(28, 12), LONG_AGO).why is Why.OPEN


def test_what_we_start_keeps_to_the_days_and_holidays_as_well() -> None:
    spain = shipped_profile("ES")
    saturday = utc(28, 12)
    started = when_may_we_write(spain, None, "Europe/Madrid", saturday, None, is_started=True)
    assert started == Sending(utc(30, 8), Why.MARKET)
    holidays = {date(2026, 11, 30)}
    later = when_may_we_write(
        spain, None, "Europe/Madrid", saturday, None, is_started=True, holidays=holidays
    )
    assert later.at == datetime(2026, 12, 1, 8, tzinfo=UTC)


def test_a_break_at_noon_is_a_break_for_what_we_start() -> None:
    france = shipped_profile("FR")
    noon = utc(25, 12, 30)  # 13:30 in Paris
    found = when_may_we_write(france, None, "Europe/Paris", noon, None, is_started=True)
    assert found == Sending(utc(25, 13), Why.MARKET)
    assert when_may_we_write(france, None, "Europe/Paris", noon, LONG_AGO).why is Why.OPEN


@pytest.mark.parametrize("key", ["marketing.call_windows", "marketing.message_windows"])
def test_a_fact_of_the_market_changes_when_we_may_write(key: str) -> None:
    korea = shipped_profile("KR")
    fact = korea[key]
    assert fact is not None
    late = ({"days": ["wed"], "from": "23:00", "to": "24:00"},)
    facts = {**korea.facts, key: replace(fact, value=late)}
    if key == "marketing.call_windows":
        del facts["marketing.message_windows"]
    before = Profile("KR", {k: v for k, v in facts.items() if k != key})
    for profile, waits in ((before, True), (Profile("KR", facts), False)):
        found = when_may_we_write(profile, None, "Asia/Seoul", NOW, None, is_started=True)
        assert found.waits(NOW) is waits


def test_messages_have_windows_of_their_own_where_the_market_tells_them() -> None:
    korea = shipped_profile("KR")  # 08:00 to 21:00 for messages
    night = utc(25, 22)  # 07:00 on Thursday in Seoul
    assert when_may_we_write(korea, None, "Asia/Seoul", night, LONG_AGO).at == utc(25, 23)


def test_without_a_clock_nothing_waits() -> None:
    found = when_may_we_write(shipped_profile("JP"), (time(9), time(10)), "", NOW, LONG_AGO)
    assert found == Sending(NOW, Why.NOWHERE)


@pytest.mark.parametrize(
    ("now", "at"),
    [
        # The clocks go forward in Berlin on 29 March 2026: 02:30 is not shown, 03:30 is.
        (datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        # They go back on 25 October 2026: what is shown twice counts the first time.
        (datetime(2026, 10, 24, 23, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)
def test_hours_hold_on_the_days_the_clocks_are_changed(now: datetime, at: datetime) -> None:
    germany = shipped_profile("DE")
    hours = (time(2, 30), time(6))
    found = when_may_we_write(germany, hours, "Europe/Berlin", now, None)
    assert found == Sending(at, Why.OWN_HOURS)
