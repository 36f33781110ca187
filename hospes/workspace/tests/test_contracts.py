"""Contracts in the workspace: set by operators, chosen for a customer by leads, shown to whoever answers."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from hospes.markets.models import Calendar
from hospes.people.models import Contract, Customer
from hospes.servicelevels.models import ServiceLevel, Whose
from hospes.servicelevels.ruling import Rulebook
from hospes.workspace.tests.stage import Stage, set_stage
from tests.cast import NOON, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(client: Client, cast: Cast) -> Client:
    client.force_login(cast.ana)
    return client


@pytest.fixture
def stage(cast: Cast) -> Stage:
    return set_stage(cast)


def office() -> Calendar:
    return Calendar.objects.create(
        name="Gold hours", zone="Asia/Tokyo", hours=[[[0, 1440]]] * 7, changed_at=NOON
    )


def test_an_operator_adds_a_contract_and_sees_what_asks_for_its_tier(
    ana: Client, cast: Cast
) -> None:
    ServiceLevel.objects.create(name="Golden", tiers=["gold"], first_reply_minutes=60, changed_at=NOON)  # fmt: skip
    given = {"name": "Hotels", "tier": "gold", "market": "", "calendar": office().pk}

    answer = ana.post(reverse("settings_contracts"), given, follow=True)

    assert "Golden" in answer.content.decode()
    made = Contract.objects.get(name="Hotels")
    assert (made.tier, made.calendar.name) == ("gold", "Gold hours")
    listed = ana.get(reverse("settings_contracts")).content.decode()
    for shown in ("Hotels", "gold", "Golden", "Gold hours"):
        assert shown in listed


def test_a_name_that_another_contract_has_is_refused_on_the_page(ana: Client) -> None:
    Contract.objects.create(name="Hotels")

    answer = ana.post(reverse("settings_contracts"), {"name": "hotels"})

    assert "Another contract is called hotels." in answer.content.decode()
    assert Contract.objects.count() == 1


def test_a_contract_counts_from_its_choice_to_its_end(
    ana: Client, cast: Cast, stage: Stage
) -> None:
    hotels = Contract.objects.create(name="Hotels", tier="gold", calendar=office())
    page = reverse("customer", args=[cast.aiko.pk])
    given = {"display_name": cast.aiko.display_name, "contract": hotels.pk}

    ana.post(page, given)

    one = stage.conversation
    one.customer.refresh_from_db()
    assert one.customer.contract == hotels
    assert Rulebook.read(at=NOON).ruling(one).whose is Whose.CONTRACT
    panel = ana.get(reverse("conversation", args=[one.reference])).content.decode()
    assert "Hotels" in panel

    ana.post(reverse("settings_contract_end", args=[hotels.pk]))

    one.customer.refresh_from_db()
    assert one.customer.contract_in_force is None
    assert Rulebook.read(at=NOON).ruling(one).whose is not Whose.CONTRACT
    assert "Hotels" not in ana.get(reverse("conversation", args=[one.reference])).content.decode()
    assert "Hotels" in ana.get(reverse("settings_contracts")).content.decode()


def test_an_agent_is_not_asked_for_the_contract_and_cannot_change_it(
    client: Client, cast: Cast, stage: Stage
) -> None:
    hotels = Contract.objects.create(name="Hotels")
    Customer.objects.filter(pk=cast.aiko.pk).update(contract=hotels)
    client.force_login(cast.mina)
    page = reverse("customer", args=[cast.aiko.pk])
    assert 'name="contract"' not in client.get(page).content.decode()

    client.post(page, {"display_name": "佐藤愛子", "contract": ""})

    aiko = Customer.objects.get(pk=cast.aiko.pk)
    assert (aiko.display_name, aiko.contract) == ("佐藤愛子", hotels)
