"""Phone numbers and addresses: checked as their country has them, and what they tell of where somebody is."""

from __future__ import annotations

import pytest

from hospes.conversations.actions.describing import add_number, describe, number, place
from hospes.conversations.actions.seating import queue_for
from hospes.conversations.models import InboxRow
from hospes.lib.refusal import Refused
from hospes.markets.actions.opening import open_market
from hospes.markets.models import Market
from hospes.people.models import Contract, Customer, Identity
from hospes.people.whereabouts import By
from tests.arriving import shown
from tests.cast import NOON, Cast
from tests.mail import letter

RENO = {"country": "US", "street_address": "1 Main St", "city": "Reno", "country_area": "Nevada", "postal_code": "89501"}  # fmt: skip


def reread(customer: Customer) -> Customer:
    return Customer.objects.select_related("market").get(pk=customer.pk)


def test_a_phone_number_tells_the_country_and_an_address_only_where_there_is_none(
    cast: Cast,
) -> None:
    omar = cast.omar
    place(omar, address=RENO, by=cast.mina, at=NOON)
    found = reread(omar).whereabouts()
    assert (found.market, found.market_by, found.profile_code) == ("US", By.ADDRESS, "US-NV")

    add_number(omar, number="+971 2 234 5678", by=cast.mina, at=NOON)
    found = reread(omar).whereabouts()
    assert (found.market, found.market_by, found.zone) == ("AE", By.PHONE, "Asia/Dubai")
    assert found.profile_code == "AE"

    number(omar, numbers=[], by=cast.mina, at=NOON)
    assert reread(omar).whereabouts().market == "US"
    place(omar, address=None, by=cast.mina, at=NOON)
    assert reread(omar).country == ""


def test_a_contract_tells_the_market_before_a_phone_number_does(cast: Cast) -> None:
    add_number(cast.omar, number="+971 2 234 5678", by=cast.mina, at=NOON)
    italy = Market.objects.create(code="IT", zone="Europe/Rome", language="it")
    contract = Contract.objects.create(name="Cafés", market=italy)
    Customer.objects.filter(pk=cast.omar.pk).update(contract=contract)
    found = reread(cast.omar).whereabouts()
    assert (found.market, found.market_by, found.zone) == ("IT", By.CONTRACT, "Europe/Rome")


def test_a_number_without_a_country_code_is_of_the_country_they_are_in(cast: Cast) -> None:
    made = add_number(cast.aiko, number="03-1234-5678", by=cast.mina, at=NOON)
    assert (made.value, made.kind) == ("+81312345678", Identity.Kind.PHONE)
    assert not made.is_verified
    again = add_number(cast.aiko, number="+81 3 1234 5678", by=cast.mina, at=NOON)
    assert again.pk == made.pk


def test_what_cannot_be_is_refused_by_name(cast: Cast) -> None:
    add_number(cast.aiko, number="+81 3 1234 5678", by=cast.mina, at=NOON)
    with pytest.raises(Refused, match="Another customer"):
        add_number(cast.omar, number="+81312345678", by=cast.mina, at=NOON)
    with pytest.raises(Refused, match="not a phone number"):
        add_number(cast.omar, number="03-1234-5678", by=cast.mina, at=NOON)  # of which country?
    with pytest.raises(Refused, match="City"):
        place(cast.omar, address={**RENO, "city": ""}, by=cast.mina, at=NOON)
    with pytest.raises(Refused, match="Postal code"):
        place(cast.omar, address={**RENO, "postal_code": "ABC"}, by=cast.mina, at=NOON)
    with pytest.raises(Refused, match="country"):
        place(cast.omar, address={**RENO, "country": "ZZ"}, by=cast.mina, at=NOON)


def test_mail_goes_to_mail_addresses_whatever_else_is_known(cast: Cast) -> None:
    first = cast.omar.identities.order_by("pk")[0]
    Identity.objects.filter(customer=cast.omar).delete()
    add_number(cast.omar, number="+971 2 234 5678", by=cast.mina, at=NOON)
    Identity.objects.create(customer=cast.omar, value=first.value)
    assert [one.value for one in Identity.objects.mail().filter(customer=cast.omar)] == [
        first.value
    ]


def test_how_they_are_addressed_is_written_down_as_they_told(cast: Cast) -> None:
    told = {
        "given_name": "愛子", "family_name": "佐藤", "form_of_address": "formal", "honorific": "female",
        "academic_title": "先生", "reach_from": "09:00", "reach_until": "18:30",
    }  # fmt: skip
    found = reread(describe(cast.aiko, changes=told, by=cast.mina, at=NOON))
    assert (found.family_name, found.honorific, found.form_of_address) == (
        "佐藤",
        "female",
        "formal",
    )
    assert found.reach_from is not None
    assert found.reach_from.hour == 9
    for wrong in ({"honorific": "Frau"}, {"reach_from": ""}, {"reach_from": "9h"}, {"reach_from": "18:30"}):  # fmt: skip
        with pytest.raises(Refused):
            describe(cast.aiko, changes=wrong, by=cast.mina, at=NOON)


def test_a_part_of_a_country_counts_for_whom_it_is_known_to_be_theirs(cast: Cast) -> None:
    california = open_market(code="US-CA", zone="America/Los_Angeles", language="en")
    queue = queue_for(cast.brand, california)
    one = shown(cast, letter("aiko@example.jp")).conversation
    one.queue, one.customer = queue, cast.aiko
    describe(cast.aiko, changes={"market": "us-ca", "zone": ""}, by=cast.ana, at=NOON)
    one.customer.refresh_from_db()
    assert (one.customer_market, one.customer_zone) == (california, "America/Los_Angeles")
    number(cast.aiko, numbers=["(415) 555-2671"], by=cast.ana, at=NOON)  # as dialled there
    assert cast.aiko.identities.filter(value="+14155552671").exists()
    assert InboxRow.objects.get(conversation=one).market_code == "US-CA"

    # A phone number tells of a country alone, a postal address of its part, too.
    describe(cast.aiko, changes={"market": None}, by=cast.ana, at=NOON)
    one.customer.refresh_from_db()
    assert one.customer_market is not None
    assert one.customer_market.code == "US"
    Customer.objects.filter(pk=cast.aiko.pk).update(country="US", country_area="CA")
    one.customer.refresh_from_db()
    assert one.customer_market == california
