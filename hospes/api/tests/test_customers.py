"""Customers through the API."""

from __future__ import annotations

import pytest

from hospes.api.tests.stage import Stage, program
from hospes.conversations.models import InboxRow
from hospes.events.models import Event
from hospes.people.models import Customer
from tests.cast import Cast


def test_customers_are_found_by_name_and_by_address(cast: Cast, stage: Stage) -> None:
    def found(query: str) -> list[str]:
        return [
            row["display_name"] for row in stage.mina.get(f"/customers?{query}").json()["items"]
        ]

    assert found("q=愛子") == ["佐藤 愛子"]
    assert found("q=藤") == ["佐藤 愛子"]  # one sign is a word
    assert found("q=AIKO@EXAMPLE") == ["佐藤 愛子"]
    assert found("address=Aiko.Sato@mail.example") == ["佐藤 愛子"]
    assert found("address=aiko") == []
    assert found("q=%25%25") == []
    assert found("") == ["佐藤 愛子"]  # nobody whose conversations are all elsewhere
    assert len(program(cast.ana).get("/customers").json()["items"]) == 2


def test_a_customer_tells_how_to_reach_and_address_them(cast: Cast, stage: Stage) -> None:
    told = stage.mina.get(f"/customers/{cast.aiko.pk}").json()
    assert (told["language"], told["direction"], told["market"]) == ("ja", "ltr", "JP")
    assert [one["address"] for one in told["identities"]] == ["aiko@example.jp", "aiko.sato@mail.example"]  # fmt: skip
    omar = program(cast.ana).get(f"/customers/{cast.omar.pk}").json()
    assert (omar["language"], omar["direction"], omar["market"]) == ("ar", "rtl", None)


def test_what_is_changed_shows_in_the_lists_at_once(cast: Cast, stage: Stage) -> None:
    given = {"display_name": "佐藤愛子", "reading": "さとう あいこ", "zone": "Asia/Tokyo", "market": "ES", "language": "ja-jp"}  # fmt: skip

    told = stage.mina.ask("PATCH", f"/customers/{cast.aiko.pk}", given).json()

    assert (told["display_name"], told["reading"]) == ("佐藤愛子", "さとう あいこ")
    assert (told["language"], told["market"], told["zone"]) == ("ja-JP", "ES", "Asia/Tokyo")
    assert told["about"] == ""
    row = InboxRow.objects.get()
    assert (row.customer_name, row.market_code) == ("佐藤愛子", "ES")
    told = Event.objects.get(kind="CustomerDescribed")
    assert (told.conversation_id, told.by_id) == (stage.conversation.pk, cast.mina.pk)
    cleared = stage.mina.ask("PATCH", f"/customers/{cast.aiko.pk}", {"market": None}).json()
    assert (cleared["market"], cleared["zone"]) == (None, "Asia/Tokyo")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"zone": "Mars/Olympus"}, "no_such_zone"),
        ({"market": "XX"}, "no_such_market"),
        ({"language": "Japanese!"}, "no_such_language"),
        ({"display_name": "\u2003"}, "no_name"),
        ({"display_name": None}, "invalid"),
        ({"id": 7}, "invalid"),
        ({"site_id": 2}, "invalid"),
        ({"identities": []}, "invalid"),
    ],
)
def test_what_a_customer_cannot_be_changes_nothing(
    given: dict, code: str, cast: Cast, stage: Stage
) -> None:
    refused = stage.mina.ask("PATCH", f"/customers/{cast.aiko.pk}", {"about": "x", **given})

    assert (refused.status_code, refused.json()["code"]) == (422, code)
    cast.aiko.refresh_from_db()
    assert (cast.aiko.about, cast.aiko.display_name) == ("", "佐藤 愛子")


def test_an_operator_adds_a_customer_whole_or_not_at_all(cast: Cast, stage: Stage) -> None:
    ana = program(cast.ana)
    given = {"display_name": "ليلى حسن", "addresses": ["Leila@Example.EG"], "language": "ar", "address_as": "أستاذة ليلى"}  # fmt: skip

    made = ana.post("/customers", given)

    assert made.status_code == 201, made.content
    assert (made.json()["direction"], made.json()["address_as"]) == ("rtl", "أستاذة ليلى")
    (identity,) = made.json()["identities"]
    assert (identity["address"], identity["verified_at"]) == ("leila@example.eg", None)
    again = ana.post("/customers", {**given, "addresses": ["new@example.eg", "aiko@example.jp"]})
    assert (again.status_code, again.json()["code"]) == (409, "address_taken")
    assert Customer.objects.count() == 3


def test_a_name_that_is_a_formula_or_markup_is_only_a_name(cast: Cast, stage: Stage) -> None:
    for name in ("=cmd|' /C calc'!A0", "<script>alert(1)</script>", "{{ 7*7 }}", "'; DROP TABLE x"):
        told = stage.mina.ask("PATCH", f"/customers/{cast.aiko.pk}", {"display_name": name}).json()
        assert told["display_name"] == name


def test_how_to_address_and_where_to_reach_somebody_goes_both_ways(
    cast: Cast, stage: Stage
) -> None:
    where = {"country": "JP", "country_area": "東京都", "street_address": "千代田区千代田1-1", "postal_code": "100-0001"}  # fmt: skip
    given = {"form_of_address": "formal", "family_name": "佐藤", "reach_from": "10:00", "reach_until": "17:00", "postal_address": where}  # fmt: skip

    told = stage.mina.ask("PATCH", f"/customers/{cast.aiko.pk}", given).json()

    assert (told["form_of_address"], told["honorific"], told["country"]) == ("formal", None, "JP")
    assert (told["reach_from"], told["reach_until"]) == ("10:00", "17:00")
    assert told["postal_address"]["country_area"] == "東京都"
    added = program(cast.ana).ask("POST", f"/customers/{cast.aiko.pk}/identities", {"address": "03-1234-5678"})  # fmt: skip
    assert (added.json()["kind"], added.json()["address"]) == ("phone", "+81312345678")
    gone = stage.mina.ask("PATCH", f"/customers/{cast.aiko.pk}", {"postal_address": None, "form_of_address": None})  # fmt: skip
    assert (gone.json()["postal_address"], gone.json()["form_of_address"]) == (None, None)
    assert gone.json()["country"] == "JP"  # the number tells
    wrong = stage.mina.ask("PATCH", f"/customers/{cast.aiko.pk}", {"postal_address": {"country": "JP"}})  # fmt: skip
    assert (wrong.status_code, wrong.json()["code"]) == (422, "no_such_place")
