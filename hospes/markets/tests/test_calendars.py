from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from hospes.events.models import Event
from hospes.lib.refusal import Refused
from hospes.markets.actions.calendars import (
    OtherDay,
    Plan,
    change_calendar,
    clear_day,
    let_count,
    make_calendar,
    remove_calendar,
    set_day,
)
from hospes.markets.actions.setting import set_value
from hospes.markets.calendars import next_days_off, working_time_of
from hospes.markets.models import Calendar
from hospes.markets.working_time import add, is_open, openings
from tests.cast import NOON, Cast

WORKDAYS = [[(540, 1020)]] * 5 + [[], []]


def plan(**others: Any) -> Plan:
    return Plan(**{"name": "Office", "zone": "Europe/Berlin", "hours": WORKDAYS, **others})


def make(**others: Any) -> Calendar:
    return make_calendar(plan(**others), by_id=None, at=NOON)


def opened(calendar: Calendar, on: date) -> list[tuple[str, str]]:
    """Return from when to when a calendar is open on a day, as its clocks show."""
    reckoned = working_time_of(calendar, on, on)
    midnight = datetime(on.year, on.month, on.day, tzinfo=calendar.clock)
    found = []
    for start, end in openings(reckoned, midnight):
        local = start.astimezone(calendar.clock)
        if local.date() != on:
            return found
        found.append((f"{local:%H:%M}", f"{end.astimezone(calendar.clock):%H:%M}"))
    return found


@pytest.mark.django_db
def test_a_calendar_has_the_public_holidays_of_its_region() -> None:
    bavaria = make(country="DE", subdivision="BY")
    berlin = make(name="Berlin", country="de", subdivision="BE")
    epiphany, womens_day = date(2026, 1, 6), date(2027, 3, 8)

    assert opened(bavaria, epiphany) == []
    assert opened(berlin, epiphany) == [("09:00", "17:00")]
    assert opened(bavaria, womens_day) == [("09:00", "17:00")]
    assert opened(berlin, womens_day) == []
    assert (epiphany, "Heilige Drei Könige", False) in next_days_off(
        bavaria, date(2025, 12, 24), "de"
    )


@pytest.mark.django_db
def test_observed_days_count_unless_they_are_left_out() -> None:
    observed = date(2027, 12, 27)  # Christmas on a Saturday
    assert opened(make(zone="Europe/London", country="GB"), observed) == []
    left_out = make(name="Strict", zone="Europe/London", country="GB", with_observed=False)
    assert opened(left_out, observed) == [("09:00", "17:00")]


@pytest.mark.django_db
def test_half_days_close_at_noon() -> None:
    eve = date(2026, 12, 24)
    plain = make(zone="Europe/Athens", country="GR")
    halved = make(
        name="Halved", zone="Europe/Athens", country="GR", categories=["public", "half_day"]
    )

    assert opened(plain, eve) == [("09:00", "17:00")]
    assert opened(halved, eve) == [("09:00", "12:00")]
    assert (eve, "Christmas Eve", True) in next_days_off(halved, date(2026, 12, 1), "en")


@pytest.mark.django_db
def test_a_day_that_differs_counts_more_than_week_and_public_holiday() -> None:
    office = make(country="DE")
    christmas, sunday, eve = date(2026, 12, 25), date(2026, 12, 27), date(2026, 12, 24)

    set_day(office, OtherDay(christmas, is_open=True, spans=[(600, 720)]), by_id=None, at=NOON)
    set_day(office, OtherDay(sunday, is_open=True, spans=[(600, 840)]), by_id=None, at=NOON)
    set_day(office, OtherDay(eve, is_open=False, spans=[(720, 1440)]), by_id=None, at=NOON)
    set_day(office, OtherDay(date(2026, 12, 28), is_open=False), by_id=None, at=NOON)
    office.refresh_from_db()

    assert opened(office, christmas) == [("10:00", "12:00")]
    assert opened(office, sunday) == [("10:00", "14:00")]
    assert opened(office, eve) == [("09:00", "12:00")]
    assert opened(office, date(2026, 12, 28)) == []

    set_day(office, OtherDay(christmas, is_open=False, reason="We rest"), by_id=None, at=NOON)
    clear_day(office, eve, by_id=None, at=NOON)
    office.refresh_from_db()
    assert opened(office, christmas) == []
    assert opened(office, eve) == [("09:00", "17:00")]


@pytest.mark.django_db
def test_a_change_counts_at_once_for_whoever_reckoned_before() -> None:
    office = make()
    before = working_time_of(office, NOON.date(), NOON.date())
    assert is_open(before, NOON)

    changed = change_calendar(office, plan(hours=[[]] * 6 + [[(0, 1440)]]), by_id=None, at=NOON)

    assert not is_open(working_time_of(changed, NOON.date(), NOON.date()), NOON)
    assert before is not working_time_of(changed, NOON.date(), NOON.date())
    again = Calendar.objects.get(pk=office.pk)
    assert working_time_of(again, NOON.date(), NOON.date()) is working_time_of(
        changed, NOON.date(), NOON.date()
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"name": " "}, "Give the calendar a name"),
        ({"name": "office hours"}, "Another calendar is called office hours."),
        ({"zone": "Mars"}, "Mars is no time zone"),
        ({"hours": [[(540, 1020), (600, 660)], [], [], [], [], [], []]}, "Monday: two openings overlap."),
        ({"hours": [[(540, 540)], [], [], [], [], [], []]}, "Monday: from 09:00 to 09:00 cannot be."),
        ({"country": "XX"}, "No public holidays are known"),
        ({"country": "DE", "subdivision": "ZZ"}, "No public holidays are known"),
        ({"country": "DE", "categories": ["half_day"]}, "No public holidays are known"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_calendar_is_refused_in_words(given: dict[str, Any], told: str) -> None:
    make(name="Office Hours")
    with pytest.raises(Refused, match=told):
        make(**given)


@pytest.mark.django_db
def test_a_day_that_a_zone_leapt_over_cannot_differ() -> None:
    apia = make(zone="Pacific/Apia", country="WS")
    skipped = OtherDay(date(2011, 12, 30), is_open=False)

    with pytest.raises(Refused, match="Dec 30, 2011 did not take place in Pacific/Apia"):
        set_day(apia, skipped, by_id=None, at=NOON)
    overlap = OtherDay(date(2026, 12, 30), is_open=True, spans=[(540, 720), (700, 800)])
    with pytest.raises(Refused, match="two openings overlap"):
        set_day(apia, overlap, by_id=None, at=NOON)
    with pytest.raises(Refused, match="from when to when"):
        set_day(apia, OtherDay(date(2026, 12, 30), is_open=True), by_id=None, at=NOON)
    assert not apia.days.exists()
    add(working_time_of(apia, date(2011, 12, 29), date(2011, 12, 31)), NOON, 1)


@pytest.mark.django_db
def test_a_calendar_in_use_stays(cast: Cast) -> None:
    office = make()
    for owner in (cast.care.team, cast.care.market, cast.channel):
        let_count(owner, office, by_id=cast.ana.pk, at=NOON)
        with pytest.raises(Refused, match="in use"):
            remove_calendar(office, by_id=cast.ana.pk, at=NOON)
        let_count(owner, None, by_id=cast.ana.pk, at=NOON)

    remove_calendar(office, by_id=cast.ana.pk, at=NOON)
    assert not Calendar.objects.exists()
    chosen = (
        Event.objects.filter(kind="CalendarChosen").order_by("pk").values_list("data", flat=True)
    )
    assert [data["by"] for data in chosen][::2] == ["team", "market", "channel"]
    assert Event.objects.filter(kind="CalendarChanged").count() == 2


@pytest.mark.django_db
def test_a_calendar_is_closed_in_the_seasons_that_were_ticked() -> None:
    tokyo = make(
        zone="Asia/Tokyo", hours=[[(540, 1020)]] * 7, season_place="JP",
        seasons=["Golden Week", "New Year"],
    )  # fmt: skip
    set_day(tokyo, OtherDay(date(2027, 5, 1), is_open=True, spans=[(600, 660)]), by_id=None, at=NOON)  # fmt: skip

    assert opened(tokyo, date(2027, 4, 28)) == [("09:00", "17:00")]
    assert opened(tokyo, date(2027, 4, 29)) == []
    assert opened(tokyo, date(2027, 5, 1)) == [("10:00", "11:00")]
    assert opened(tokyo, date(2027, 5, 6)) == []
    assert opened(tokyo, date(2027, 5, 7)) == [("09:00", "17:00")]
    assert opened(tokyo, date(2026, 12, 31)) == opened(tokyo, date(2027, 1, 3)) == []
    assert opened(tokyo, date(2027, 8, 13)) == [("09:00", "17:00")]  # Obon was not ticked
    evening = datetime(2027, 4, 28, 17, 0, tzinfo=tokyo.clock)
    due = add(working_time_of(tokyo, date(2027, 4, 28), date(2027, 4, 28)), evening, 7200)
    assert due == datetime(2027, 5, 7, 10, 0, tzinfo=tokyo.clock)


@pytest.mark.django_db
def test_hours_of_a_season_are_a_break() -> None:
    riyadh = make(zone="Asia/Riyadh", hours=[[(480, 1020)]] * 7, season_place="sa", seasons=["Friday prayer"])  # fmt: skip
    friday = date(2026, 11, 27)
    assert riyadh.season_place == "SA"
    assert opened(riyadh, friday) == [("08:00", "11:30"), ("14:00", "17:00")]

    set_day(riyadh, OtherDay(friday, is_open=False, spans=[(780, 900)]), by_id=None, at=NOON)
    riyadh.refresh_from_db()

    assert opened(riyadh, friday) == [("08:00", "11:30"), ("15:00", "17:00")]


@pytest.mark.acts("calendar.service_effects")
@pytest.mark.django_db
def test_what_an_operator_says_of_the_seasons_counts_at_once_and_what_is_gone_closes_nothing() -> None:  # fmt: skip
    def say(*spans: str) -> None:
        rules = [{"from": f"07-{span[:2]}", "to": f"07-{span[3:]}"} for span in spans or ["01-02"]]
        told = [
            {
                "event": "Fellesferie" if spans else "Jul",
                "effect": "closed",
                "when": "July",
                "rules": rules,
            }
        ]
        set_value("NO", "calendar.service_effects", told, by_id=None, at=NOON)

    say("06-10")
    oslo = make(zone="Europe/Oslo", hours=[[(540, 1020)]] * 7, season_place="NO", seasons=["Fellesferie", "No such"])  # fmt: skip
    assert oslo.seasons == ["Fellesferie"]
    assert (opened(oslo, date(2027, 7, 6)) == [], opened(oslo, date(2027, 7, 20)) == []) == (True, False)  # fmt: skip

    say("18-24")
    assert (opened(oslo, date(2027, 7, 6)) == [], opened(oslo, date(2027, 7, 20)) == []) == (False, True)  # fmt: skip

    say()
    assert opened(oslo, date(2027, 7, 20)) == [("09:00", "17:00")]


@pytest.mark.django_db
def test_seasons_of_no_market_are_refused_and_other_changes_leave_them() -> None:
    with pytest.raises(Refused) as refused:
        make(season_place="XX", seasons=["Golden Week"])
    assert refused.value.code == "no_such_market"
    tokyo = make(season_place="JP", seasons=["Golden Week"])
    changed = change_calendar(tokyo, replace(Plan.of(tokyo), name="Osaka"), by_id=None, at=NOON)
    assert (changed.season_place, changed.seasons) == ("JP", ["Golden Week"])
