"""Who wrote: an address is one identity, two people are never made one."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from hospes.people.actions.recognising import Recognised, Sender, lock_strangers, recognise_all
from hospes.people.models import Customer, Identity
from tests.cast import NOON, Cast

pytestmark = pytest.mark.django_db


def meet(*senders: Sender) -> dict[str, Recognised]:
    with transaction.atomic():
        lock_strangers()
        return recognise_all(senders, at=NOON)


def test_a_known_address_is_its_customer(cast: Cast) -> None:
    found = meet(Sender("AIKO@Example.jp", "Somebody else"), Sender("aiko.sato@mail.example"))

    assert {one.customer_id for one in found.values()} == {cast.aiko.pk}
    assert len({one.identity_id for one in found.values()}) == 2
    cast.aiko.refresh_from_db()
    assert cast.aiko.display_name == "佐藤 愛子"


def test_a_stranger_becomes_a_customer_with_what_is_known(cast: Cast) -> None:
    (one,) = meet(Sender("new@例え.jp", "New", "ja")).values()

    customer = Customer.objects.get(pk=one.customer_id)
    assert (customer.display_name, customer.language, customer.created_at) == ("New", "ja", NOON)
    assert customer.identities.get().value == "new@例え.jp"
    assert not one.is_verified


def test_a_stranger_without_a_name_is_called_by_the_address() -> None:
    meet(Sender("new@example.com"))

    assert Customer.objects.get().display_name == "new@example.com"


def test_two_who_share_a_name_or_a_place_stay_two() -> None:
    meet(Sender("a@corp.example", "J. Smith"), Sender("b@corp.example", "J. Smith"))
    meet(Sender("a+tag@corp.example", "J. Smith"), Sender("a@sub.corp.example", "J. Smith"))

    assert Customer.objects.filter(display_name="J. Smith").count() == 4


@pytest.mark.parametrize("again", ["NEW@EXAMPLE.COM", " new@example.com ", "New@xn--example.com"])
def test_one_address_written_differently_is_one_customer(again: str) -> None:
    meet(Sender("new@example.com"))
    meet(Sender(again))

    assert Customer.objects.count() == (2 if "xn--" in again else 1)


def test_the_first_who_writes_an_address_in_a_batch_names_it() -> None:
    meet(Sender("a@x.example", "First"), Sender("A@X.example", "Second", is_verified=True))

    assert Customer.objects.get().display_name == "First"
    assert Identity.objects.get().is_verified


def test_a_proof_counts_from_the_first_time_it_is_given() -> None:
    meet(Sender("a@x.example"))
    assert not Identity.objects.get().is_verified

    assert meet(Sender("a@x.example", is_verified=True))["a@x.example"].is_verified
    assert meet(Sender("a@x.example"))["a@x.example"].is_verified
    assert Identity.objects.get().verified_at == NOON


def test_a_hundred_senders_take_one_statement(cast: Cast) -> None:
    senders = [Sender(f"{number}@x.example") for number in range(99)]
    with transaction.atomic():
        lock_strangers()
        with CaptureQueriesContext(connection) as asked:
            found = recognise_all([*senders, Sender("aiko@example.jp")], at=NOON)

    assert len(asked) == 1
    assert len(found) == 100


@pytest.mark.django_db(transaction=True)
def test_two_who_meet_the_same_stranger_at_once_make_one_customer() -> None:
    met: list[int] = []

    def meets() -> None:
        try:
            met.extend(one.customer_id for one in meet(Sender("new@x.example")).values())
        finally:
            connection.close()

    threads = [threading.Thread(target=meets) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(met) == 6
    assert len(set(met)) == Customer.objects.count() == 1
