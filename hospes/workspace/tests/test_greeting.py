"""The composer begins and ends a reply as its customer is addressed."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from hospes.workspace.tests.stage import set_stage
from tests.cast import Cast


def greeting(cast: Cast, reference: str) -> dict[str, str]:
    client = Client()
    client.force_login(cast.mina)
    return client.get(reverse("greeting", args=[reference])).json()


def test_a_reply_begins_and_ends_as_the_customer_is_addressed(cast: Cast) -> None:
    one = set_stage(cast).conversation
    one.language = "ja"
    one.save()
    cast.aiko.family_name, cast.aiko.given_name = "佐藤", "愛子"
    cast.aiko.save()

    made = greeting(cast, one.reference)
    assert made["salutation"].startswith("佐藤様\n")
    assert "KalderaのMina Ortegaでございます" in made["salutation"]
    assert made["closing"].endswith("\nMina Ortega")

    cast.aiko.form_of_address = "informal"
    cast.aiko.save()
    assert greeting(cast, one.reference)["salutation"].startswith("佐藤さん\n")


def test_how_they_are_addressed_stands_beside_the_conversation(cast: Cast) -> None:
    one = set_stage(cast).conversation
    cast.aiko.address_as, cast.aiko.form_of_address = "Aiko-san", "neutral"
    cast.aiko.save()
    client = Client()
    client.force_login(cast.mina)
    page = client.get(reverse("there", args=[one.reference])).content.decode()
    assert "Aiko-san" in page
    assert "as they want" in page
    assert page.count("<dt>") == 5
    conversation = client.get(reverse("conversation", args=[one.reference])).content.decode()
    assert f'data-greet="/c/{one.reference}/greeting/"' in conversation
