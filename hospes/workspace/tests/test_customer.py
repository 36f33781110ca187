"""The page of a customer: what we know may be put right by whoever may see it."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from hospes.conversations.models import Conversation, InboxRow
from tests.arriving import shown
from tests.cast import Cast
from tests.mail import letter


def test_a_language_that_was_guessed_wrong_is_put_right(cast: Cast) -> None:
    message = shown(cast, letter("Hans <hans@example.de>", text="Bitte schnell, danke sehr."))
    customer = message.conversation.customer
    client = Client()
    client.force_login(cast.mina)
    address = reverse("customer", args=[customer.pk])
    assert "Change what we know" in client.get(address).content.decode()

    given = {"display_name": "Hans Müller", "language": "pt", "market": "", "zone": "Europe/Berlin"}
    assert client.post(address, given).status_code == 302

    customer.refresh_from_db()
    assert (customer.display_name, customer.language) == ("Hans Müller", "pt")
    assert Conversation.objects.get().language == "pt"
    assert InboxRow.objects.get().customer_name == "Hans Müller"


def test_what_cannot_be_is_refused_beside_its_field(cast: Cast) -> None:
    message = shown(cast, letter("Hans <hans@example.de>"))
    client = Client()
    client.force_login(cast.mina)
    address = reverse("customer", args=[message.conversation.customer_id])

    page = client.post(address, {"display_name": "", "language": "xx"})
    assert page.status_code == 200
    assert Conversation.objects.get().customer.display_name == "Hans"
