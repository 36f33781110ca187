"""The page of a customer: what we know may be put right by whoever may see it."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from hospes.conversations.models import Conversation, InboxRow
from hospes.people.finding import reached_by
from hospes.people.models import PostalAddress
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


def test_a_time_zone_known_by_an_old_name_stays_the_same_zone(cast: Cast) -> None:
    message = shown(cast, letter("Hans <hans@example.de>"))
    customer = message.conversation.customer
    customer.zone = "Asia/Calcutta"
    customer.save()
    client = Client()
    client.force_login(cast.mina)
    address = reverse("customer", args=[customer.pk])
    page = client.get(address).content.decode()
    assert '<option value="Asia/Kolkata" selected>' in page
    assert '<option value="Asia/Calcutta' not in page

    given = {"display_name": "Hans", "language": "", "market": "", "zone": "Asia/Calcutta"}
    assert client.post(address, given).status_code == 302
    customer.refresh_from_db()
    assert customer.zone == "Asia/Kolkata"


def test_what_cannot_be_is_refused_beside_its_field(cast: Cast) -> None:
    message = shown(cast, letter("Hans <hans@example.de>"))
    client = Client()
    client.force_login(cast.mina)
    address = reverse("customer", args=[message.conversation.customer_id])

    page = client.post(address, {"display_name": "", "language": "xx"})
    assert page.status_code == 200
    assert Conversation.objects.get().customer.display_name == "Hans"


def test_what_tells_where_they_are_is_said_in_words(cast: Cast) -> None:
    message = shown(cast, letter("Omar <omar@example.ae>"))
    customer = message.conversation.customer
    client = Client()
    client.force_login(cast.mina)
    conversation = reverse("conversation", args=[message.conversation.reference])
    assert "from the mailbox in Spain" in client.get(conversation).content.decode()

    given = {"phones": "+971 2 234 5678, +971 50 123 4567", "country": "AE", "country_area": "Dubai", "street_address": "1 Marina Walk"}  # fmt: skip
    assert client.post(reverse("customer_reaching", args=[customer.pk]), given).status_code == 302

    page = client.get(conversation).content.decode()
    assert "United Arab Emirates" in page
    assert "from the country code of +971" in page
    assert 'href="tel:+97122345678"' in page
    assert InboxRow.objects.get().market_code == "AE"
    shown_page = client.get(reverse("customer", args=[customer.pk])).content.decode()
    assert "1 Marina Walk\nDubai" in shown_page
    assert "+971 2 234 5678, +971 50 123 4567" in shown_page
    for typed in ("+971 2 234 5678", "02 234-5678", "971 50 123"):
        assert reached_by(typed) == [customer.pk]


def test_a_wrong_number_is_told_and_nothing_of_it_kept(cast: Cast) -> None:
    message = shown(cast, letter("Omar <omar@example.ae>"))
    client = Client()
    client.force_login(cast.mina)
    address = reverse("customer_reaching", args=[message.conversation.customer_id])

    page = client.post(address, {"phones": "12", "country": "AE", "country_area": "Dubai", "street_address": "1 Marina Walk"})  # fmt: skip

    assert page.status_code == 200
    assert "12 is not a phone number" in page.content.decode()
    assert not PostalAddress.objects.exists()


def test_how_they_are_addressed_is_changed_on_their_page(cast: Cast) -> None:
    message = shown(cast, letter("Hans <hans@example.de>"))
    customer = message.conversation.customer
    client = Client()
    client.force_login(cast.mina)
    given = {"form_of_address": "informal", "given_name": "Hans", "reach_from": "09:00", "reach_until": "12:00"}  # fmt: skip
    address = reverse("customer_addressing", args=[customer.pk])
    assert client.post(address, given).status_code == 302
    customer.refresh_from_db()
    assert (customer.form_of_address, customer.given_name) == ("informal", "Hans")
    assert client.post(address, {**given, "reach_until": ""}).status_code == 200
