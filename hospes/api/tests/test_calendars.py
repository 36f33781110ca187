"""Calendars through the API: the same rules and the same words as on the pages."""

from __future__ import annotations

import pytest

from hospes.api.tests.stage import Stage, program
from hospes.events.models import Event
from hospes.markets.models import Calendar
from tests.cast import Cast

WEEK = {"mon": [["09:00", "12:00"], ["13:00", "17:00"]], "fri": [["22:00", "06:00"]]}


def test_a_calendar_is_made_changed_and_removed(cast: Cast, stage: Stage) -> None:
    ana = program(cast.ana)
    given = {"name": "Night", "zone": "Europe/Berlin", "hours": WEEK, "country": "DE", "subdivision": "BY"}  # fmt: skip

    made = ana.post("/calendars", given)

    assert made.status_code == 201
    told = made.json()
    assert told["hours"] == {**WEEK, "fri": [["22:00", "30:00"]]}
    assert (told["country"], told["subdivision"], told["categories"]) == ("DE", "BY", ["public"])
    address = f"/calendars/{told['id']}"
    again = ana.ask("PATCH", address, {"hours": told["hours"], "name": "Nights"}).json()
    assert (again["name"], again["hours"], again["zone"]) == ("Nights", told["hours"], "Europe/Berlin")  # fmt: skip
    assert again["subdivision"] == "BY"
    elsewhere = ana.ask("PATCH", address, {"country": "FR"}).json()
    assert (elsewhere["country"], elsewhere["subdivision"]) == ("FR", "")
    assert ana.ask("DELETE", address).status_code == 204
    assert ana.get(address).status_code == 404
    assert Event.objects.filter(kind="CalendarChanged", data__calendar_id=told["id"]).count() == 4


def test_days_differ_and_are_as_in_every_week_again(cast: Cast, stage: Stage) -> None:
    ana = program(cast.ana)
    day = f"/calendars/{stage.calendar.pk}/days/2026-12-24"

    told = ana.ask("PUT", day, {"is_open": False, "hours": [["12:00", "24:00"]], "reason": "Eve"})

    assert told.json()["days"] == [
        {"on": "2026-12-24", "is_open": False, "hours": [["12:00", "24:00"]], "reason": "Eve"}
    ]
    opened = ana.ask("PUT", day, {"is_open": True, "hours": [["10:00", "14:00"]]}).json()
    assert [one["is_open"] for one in opened["days"]] == [True]
    assert ana.ask("DELETE", day).json()["days"] == []


def test_for_whom_it_counts_is_said_as_a_whole(cast: Cast, stage: Stage) -> None:
    ana = program(cast.ana)
    address = f"/calendars/{stage.calendar.pk}/users"
    given = {"channel_ids": [cast.channel.pk], "markets": ["ES"], "contract_ids": [stage.contract.pk]}  # fmt: skip

    told = ana.ask("PUT", address, given).json()["counts_for"]

    assert told == {"team_ids": [], **given}
    less = ana.ask("PUT", address, {"markets": []}).json()["counts_for"]
    assert (less["markets"], less["channel_ids"]) == ([], [cast.channel.pk])
    missing = ana.ask("PUT", address, {"channel_ids": [], "team_ids": [30_000]})
    assert missing.status_code == 422
    assert missing.json()["errors"][0]["field"] == "body/team_ids"
    cast.channel.refresh_from_db()
    assert cast.channel.calendar_id == stage.calendar.pk  # all of it, or nothing
    in_use = ana.ask("DELETE", f"/calendars/{stage.calendar.pk}")
    assert (in_use.status_code, in_use.json()["code"]) == (409, "in_use")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"zone": "Mars/Olympus"}, "unknown_zone"),
        ({"hours": {"mon": [["09:00", "12:00"], ["11:00", "13:00"]]}}, "overlap"),
        ({"hours": {"mon": [["9 o'cl", "12:00"]]}}, "no_clock"),
        ({"hours": {"mon": [["09:00"]]}}, "wrong_shape"),
        ({"hours": {"mo": []}}, "unknown_name"),
        ({"country": "DE", "subdivision": "XX"}, "unknown_place"),
        ({"name": ""}, "invalid"),
    ],
)
def test_what_a_calendar_cannot_be_changes_nothing(
    given: dict, code: str, cast: Cast, stage: Stage
) -> None:
    before = Calendar.objects.values().get()
    refused = program(cast.ana).ask("PATCH", f"/calendars/{stage.calendar.pk}", given)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert Calendar.objects.values().get() == before


def test_a_day_that_clocks_leapt_over_is_refused_in_the_readers_language(
    cast: Cast, stage: Stage
) -> None:
    Calendar.objects.filter(pk=stage.calendar.pk).update(zone="Pacific/Apia")
    path = f"/calendars/{stage.calendar.pk}/days"
    skipped = program(cast.ana).ask("PUT", f"{path}/2011-12-30", {"is_open": False}, Accept_Language="de")  # fmt: skip
    assert (skipped.status_code, skipped.json()["code"]) == (422, "skipped_day")
    assert "Pacific/Apia" in skipped.json()["detail"]
    for on, code in (("2026-02-30", "no_day"), ("soon", "no_day")):
        refused = program(cast.ana).ask("PUT", f"{path}/{on}", {"is_open": False})
        assert (refused.status_code, refused.json()["code"]) == (422, code)
    shut = program(cast.ana).ask("PUT", f"{path}/2026-12-24", {"is_open": True})
    assert (shut.status_code, shut.json()["code"]) == (422, "no_hours")
