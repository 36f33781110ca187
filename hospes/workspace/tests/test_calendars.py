"""The pages of calendars: made, changed, previewed, given to whom they count for."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from hospes.markets.actions.calendars import OtherDay, Plan, let_count, make_calendar, set_day
from hospes.markets.models import Calendar
from hospes.people.models import Contract
from tests.cast import NOON, Cast

pytestmark = pytest.mark.django_db

WEEK = {"mon": "09:00-12:00, 13:00-17:00", "fri": "22:00–06:00", "sun": "00:00-24:00"}


@pytest.fixture
def operator(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.ana)
    return client


@pytest.fixture
def office() -> Calendar:
    week = [[(540, 1020)]] * 5 + [[], []]
    return make_calendar(Plan("Office", "Europe/Berlin", week, "DE"), by_id=None, at=NOON)


def words_of(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_calendar_is_made_and_its_week_written(operator: Client) -> None:
    answer = operator.post("/settings/calendars/", {"name": "Night", "zone": "Asia/Tokyo"})
    made = Calendar.objects.get()
    assert answer["Location"] == f"/settings/calendars/{made.pk}/"
    assert made.hours == [[[540, 1020]]] * 5 + [[], []]

    operator.post(answer["Location"], {"name": "Night", "zone": "Asia/Tokyo", **WEEK})

    made.refresh_from_db()
    assert made.hours == [[[540, 720], [780, 1020]], [], [], [], [[1320, 1800]], [], [[0, 1440]]]
    page = words_of(operator.get(answer["Location"]))
    assert 'value="09:00-12:00, 13:00-17:00"' in page
    assert 'value="22:00-06:00"' in page
    assert 'value="00:00-24:00"' in page


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"mon": "09:00-12:00, 11:00-13:00"}, "Monday: two openings overlap."),
        ({"mon": "nine to five"}, "nine to five is no time of day."),
        ({"mon": "09:00"}, "is no time of day."),
        ({"sun": "22:00-03:00", "mon": "02:00-04:00"}, "Sunday: two openings overlap."),
        ({"name": ""}, "This field is required."),
    ],
)
def test_a_week_that_cannot_be_comes_back_with_what_is_wrong(
    operator: Client, office: Calendar, given: dict[str, str], told: str
) -> None:
    address = f"/settings/calendars/{office.pk}/"
    answer = operator.post(address, {"name": "Office", "zone": "Europe/Berlin", **given})

    assert told in words_of(answer)
    assert Calendar.objects.get().revision == office.revision


def test_holidays_are_shown_before_they_count(operator: Client, office: Calendar) -> None:
    address = f"/settings/calendars/{office.pk}/"
    shown = words_of(operator.get(address, {"country": "JP", "of": "DE"}))

    assert "These are only shown." in shown
    assert "Emperor&#x27;s Birthday" in shown
    assert Calendar.objects.get().country == "DE"

    operator.post(f"{address}holidays/", {"country": "DE", "subdivision": "BY"})
    office.refresh_from_db()
    assert (office.country, office.subdivision, office.with_observed) == ("DE", "BY", False)
    assert "Epiphany" in words_of(operator.get(address))
    assert "These are only shown." not in words_of(operator.get(address))

    operator.post(f"{address}holidays/", {"country": ""})
    office.refresh_from_db()
    assert office.where is None
    assert "No public holidays close this calendar." in words_of(operator.get(address))


def test_a_country_nobody_knows_has_no_holidays(operator: Client, office: Calendar) -> None:
    address = f"/settings/calendars/{office.pk}/"
    assert operator.get(address, {"country": "ZZ", "of": "DE"}).status_code == 200
    assert "Select a valid choice" in words_of(
        operator.post(f"{address}holidays/", {"country": "ZZ"})
    )
    assert Calendar.objects.get().country == "DE"


def test_single_days_are_added_and_taken_back(operator: Client, office: Calendar) -> None:
    address = f"/settings/calendars/{office.pk}/"
    christmas = {"on": "2030-12-25", "kind": "open", "hours": "10:00-12:00", "reason": "Rush"}
    operator.post(f"{address}days/", christmas)
    operator.post(f"{address}days/", {"on": "2030-12-24", "kind": "closed", "hours": ""})

    page = words_of(operator.get(address))
    assert "Wednesday, December 25, 2030" in page
    assert "10:00-12:00" in page
    assert "Closed all day" in page
    assert [(day.on, day.kind, day.spans) for day in office.days.all()] == [
        (date(2030, 12, 24), "closed", []),
        (date(2030, 12, 25), "open", [[600, 720]]),
    ]

    no_hours = words_of(operator.post(f"{address}days/", {"on": "2030-12-26", "kind": "open"}))
    assert "Say from when to when it is open then." in no_hours
    operator.post(f"/settings/calendars/days/{office.days.get(kind='open').pk}/removal/")
    assert office.days.count() == 1


def test_a_skipped_day_is_refused_in_the_readers_language(
    cast: Cast, operator: Client, office: Calendar
) -> None:
    Calendar.objects.update(zone="Pacific/Apia", country="")
    type(cast.ana).objects.filter(pk=cast.ana.pk).update(language="de")

    answer = operator.post(
        f"/settings/calendars/{office.pk}/days/", {"on": "2011-12-30", "kind": "closed"}
    )

    assert "Den 30.12.2011 gab es in Pacific/Apia nicht" in words_of(answer)
    assert not office.days.exists()


def test_a_calendar_counts_for_those_it_is_given_to(
    cast: Cast, operator: Client, office: Calendar
) -> None:
    address = f"/settings/calendars/{office.pk}/"
    let_count(cast.care.team, office, by_id=None, at=NOON)
    gold = Contract.objects.create(name="Gold care")
    given = {
        "contracts": [gold.pk],
        "channels": [cast.channel.pk],
        "markets": [cast.care.market_id],
    }

    operator.post(f"{address}users/", given)

    assert [list(getattr(office, kind).all()) for kind in ("teams", "channels", "markets", "contracts")] == [
        [], [cast.channel], [cast.care.market], [gold],
    ]  # fmt: skip
    listed = words_of(operator.get("/settings/calendars/"))
    assert "1 channel<" in listed
    assert "1 market<" in listed
    assert "Remove this calendar" not in words_of(operator.get(address))
    operator.post(f"{address}removal/")
    assert Calendar.objects.exists()

    operator.post(f"{address}users/", {})
    assert "Remove this calendar" in words_of(operator.get(address))
    operator.post(f"{address}removal/")
    assert not Calendar.objects.exists()


def test_the_list_of_calendars_asks_little_of_the_database(
    operator: Client, office: Calendar, django_assert_max_num_queries: Any
) -> None:
    for number in range(8):
        made = make_calendar(Plan(f"Other {number}", "UTC", [[(0, 1440)]] * 7), by_id=None, at=NOON)
        set_day(made, OtherDay(date(2030, 1, 1), is_open=False), by_id=None, at=NOON)
    operator.get("/settings/calendars/")

    with django_assert_max_num_queries(8):
        page = words_of(operator.get("/settings/calendars/"))
    assert page.count("Other ") >= 8


def test_an_operator_ticks_the_seasons_in_which_it_is_closed(
    operator: Client, office: Calendar
) -> None:
    page = f"/settings/calendars/{office.pk}/"
    offered = operator.get(page, {"season_place": "JP"}).content.decode()
    assert '<span lang="en">Golden Week</span>' in offered
    assert "Obon" in offered
    assert "Golden Week" not in operator.get(page).content.decode()

    operator.post(page + "seasons/", {"season_place": "JP", "seasons": ["Golden Week"]})

    office.refresh_from_db()
    assert (office.season_place, office.seasons) == ("JP", ["Golden Week"])
    assert "checked" in operator.get(page).content.decode().split('id="seasons"')[1]
    refused = operator.post(page + "seasons/", {"season_place": "JP", "seasons": ["Carnaval"]})
    assert "Carnaval" in refused.content.decode()
    operator.post(page + "seasons/", {"season_place": "JP"})
    office.refresh_from_db()
    assert (office.season_place, office.seasons) == ("", [])
