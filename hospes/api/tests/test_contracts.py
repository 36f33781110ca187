"""Contracts, and the matter of a conversation, through the API."""

from __future__ import annotations

from hospes.api.tests.stage import Stage, program
from hospes.conversations.models import Conversation, InboxRow, Priority
from hospes.events.models import Event
from hospes.people.models import Contract, Customer
from tests.cast import Cast


def test_an_operator_makes_changes_and_ends_a_contract(cast: Cast, stage: Stage) -> None:
    ana = program(cast.ana)
    given = {
        "name": "Gold  care",
        "tier": "gold",
        "market": "es",
        "calendar_id": stage.calendar.pk,
    }

    made = ana.post("/contracts", given)

    assert made.status_code == 201
    told = made.json()
    assert (told["name"], told["tier"], told["market"]) == ("Gold care", "gold", "ES")
    address = f"/contracts/{told['id']}"
    changed = ana.ask("PATCH", address, {"tier": "silver"}).json()
    assert (changed["name"], changed["tier"], changed["market"]) == ("Gold care", "silver", "ES")
    assert changed["calendar_id"] == stage.calendar.pk
    ended = ana.post(f"{address}/end").json()
    assert ended["ended_at"] is not None
    again = ana.post(f"{address}/end")
    assert (again.status_code, again.json()["code"]) == (409, "ended_already")
    assert Event.objects.filter(kind="ContractChanged", data__contract_id=told["id"]).count() == 3


def test_what_a_contract_cannot_be_is_refused_by_its_field(cast: Cast, stage: Stage) -> None:
    ana = program(cast.ana)
    for given, field, code in (
        ({"name": " "}, "body/name", "no_name"),
        ({"name": "x", "market": "XX"}, "body/market", "invalid"),
        ({"name": "x", "calendar_id": 99_999}, "body/calendar_id", "invalid"),
        ({"name": "x", "tier": "g" * 81}, None, "too_long"),
    ):
        refused = ana.post("/contracts", given)
        assert (refused.status_code, refused.json()["code"]) == (422, code), given
        if field:
            assert refused.json()["errors"][0]["field"] == field
    taken = ana.post("/contracts", {"name": stage.contract.name})
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")


def test_who_works_with_a_customer_sees_their_contract_and_a_lead_chooses_it(
    cast: Cast, stage: Stage
) -> None:
    other = Contract.objects.create(name="Another company's", tier="gold")
    items = stage.mina.get("/contracts").json()["items"]
    assert [one["id"] for one in items] == [stage.contract.pk]
    address = f"/customers/{cast.aiko.pk}"
    assert stage.mina.get(address).json()["contract_id"] == stage.contract.pk

    refused = stage.mina.ask("PATCH", address, {"contract_id": other.pk})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    same = stage.mina.ask("PATCH", address, {"contract_id": stage.contract.pk})
    assert same.status_code == 200

    ana = program(cast.ana)
    assert ana.ask("PATCH", address, {"contract_id": other.pk}).json()["contract_id"] == other.pk
    missing = ana.ask("PATCH", address, {"contract_id": 99_999})
    assert (missing.status_code, missing.json()["code"]) == (422, "no_such_contract")
    assert ana.ask("PATCH", address, {"contract_id": None}).json()["contract_id"] is None


def test_of_a_contract_that_ended_nothing_is_told_and_nothing_counts(
    cast: Cast, stage: Stage
) -> None:
    Contract.objects.filter(pk=stage.contract.pk).update(market=cast.elsewhere.market)
    Customer.objects.filter(pk=cast.aiko.pk).update(market=None)

    program(cast.ana).post(f"/contracts/{stage.contract.pk}/end")

    aiko = Customer.objects.get(pk=cast.aiko.pk)
    assert aiko.contract_in_force is None
    assert aiko.whereabouts().market == ""
    assert stage.mina.get(f"/customers/{cast.aiko.pk}").json()["contract_id"] is None


def test_the_matter_of_a_conversation_is_patched(cast: Cast, stage: Stage) -> None:
    address = f"/conversations/{stage.conversation.reference}"
    given = {
        "priority": "urgent",
        "topic": "returns",
        "product": "Kaldera 3",
        "value_minor": 129_00,
        "value_currency": "eur",
    }

    told = stage.mina.ask("PATCH", address, given).json()

    assert {name: told[name] for name in given} == {**given, "value_currency": "EUR"}
    assert InboxRow.objects.get().priority == Priority.URGENT
    assert Event.objects.get(kind="ConversationClassified").by_id == cast.mina.pk
    kept = stage.mina.ask("PATCH", address, {"topic": ""}).json()
    assert (kept["priority"], kept["topic"], kept["product"]) == ("urgent", "", "Kaldera 3")
    gone = stage.mina.ask("PATCH", address, {"value_minor": None}).json()
    assert (gone["value_minor"], gone["value_currency"]) == (None, None)


def test_what_a_matter_cannot_be_changes_nothing(stage: Stage) -> None:
    address = f"/conversations/{stage.conversation.reference}"
    for given in (
        {"priority": "huge"},
        {"topic": "x" * 81},
        {"value_minor": -1, "value_currency": "EUR"},
        {"value_minor": 5.5},
        {"subject": "x"},
    ):
        assert stage.mina.ask("PATCH", address, given).status_code == 422, given
    no_money = stage.mina.ask("PATCH", address, {"value_minor": 5, "value_currency": "XYZ"})
    assert no_money.status_code == 409
    assert Conversation.objects.get(pk=stage.conversation.pk).value_minor is None
