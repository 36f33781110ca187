from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from hospes.channels.models import Channel
from hospes.workspace.tests.stage import set_stage
from tests.cast import Cast


def client_of(agent: object) -> Client:
    client = Client()
    client.force_login(agent)  # type: ignore[arg-type]
    return client


def test_a_lead_sees_the_clocks_of_the_hubs_and_an_agent_the_own_one(cast: Cast) -> None:
    inbox = reverse("inbox", args=["open"])

    assert [p.name for p in client_of(cast.jonas).get(inbox).context["clocks"]] == ["Ljubljana"]
    cast.mina.zone = "Europe/Madrid"
    cast.mina.save()
    assert [p.zone for p in client_of(cast.mina).get(inbox).context["clocks"]] == ["Europe/Madrid"]


def test_every_page_says_when_the_disk_is_too_full_for_mail(cast: Cast, settings: Settings) -> None:
    client, inbox = client_of(cast.mina), reverse("inbox", args=["open"])
    assert b"The disk is nearly full" not in client.get(inbox).content

    settings.DISK_RESERVE_PERCENT = 101

    assert b"The disk is nearly full" in client.get(inbox).content


def test_panes_that_are_hidden_here_are_hidden_from_the_start(cast: Cast) -> None:
    client = client_of(cast.mina)
    client.cookies["panes"] = "hide-list.nonsense"

    assert b'class="hide-list"' in client.get(reverse("inbox", args=["open"])).content


def test_addresses_that_would_promise_a_mail_lead_nowhere(client: Client, cast: Cast) -> None:
    for path in ("signup/", "email/", "password/reset/", "confirm-email/", "login/code/confirm/"):
        assert client.get(f"/account/{path}").status_code == 404


def test_signing_out_elsewhere_ends_every_other_session_of_the_agent_alone(cast: Cast) -> None:
    here, lost, of_jonas = client_of(cast.mina), client_of(cast.mina), client_of(cast.jonas)

    here.post(reverse("me_sessions"))

    assert here.get(reverse("me")).status_code == 200
    assert lost.get(reverse("me")).status_code == 302
    assert of_jonas.get(reverse("me")).status_code == 200


@pytest.mark.parametrize(
    ("at", "above"),
    [
        ("/me/sessions/", "/me/"),
        ("/settings/mail/blocks/", "/settings/mail/"),
        ("/m/1/unsend/", "/"),
    ],
)
def test_what_only_takes_a_form_leads_back_when_it_is_loaded(
    at: str, above: str, cast: Cast
) -> None:
    client = client_of(cast.ana)

    assert client.get(at, headers={"Accept": "text/html"})["Location"] == above
    assert client.get(at).status_code == 405  # a program learns what is wrong


def test_a_channel_without_an_address_has_no_page(cast: Cast) -> None:
    any_ = Channel.objects.create(brand=cast.brand, name="Any", is_catch_all=True)
    page = reverse("settings_channel", args=[any_.pk])

    assert client_of(cast.ana).get(page).status_code == 404


def test_a_market_opened_later_gets_a_queue_of_its_own(cast: Cast) -> None:
    given = {"code": "DE", "zone": "Europe/Berlin", "language": "de"}
    client_of(cast.ana).post(reverse("settings_markets"), given)

    assert cast.brand.queues.filter(market__code="DE").count() == 1


def test_a_hub_added_by_an_operator_can_be_chosen_for_a_colleague(cast: Cast) -> None:
    client = client_of(cast.ana)
    client.post(reverse("settings_hubs"), {"name": "Bogotá", "zone": "America/Bogota"})

    assert "Bogotá" in client.get(reverse("settings_team")).content.decode()


@pytest.mark.parametrize("who", ["mina", "jonas", "ana"])
def test_a_list_page_takes_five_statements_at_most_and_a_conversation_eight(
    who: str, cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    stage = set_stage(cast)
    client = client_of(getattr(cast, who))
    conversation = reverse("conversation", args=[stage.conversation.reference])
    with django_assert_max_num_queries(8):  # and it is noted that it was read
        client.get(conversation)

    for limit, address in ((5, reverse("inbox", args=["open"])), (7, conversation)):
        with django_assert_max_num_queries(limit):
            assert client.get(address).status_code == 200
        with django_assert_max_num_queries(limit):
            assert client.get(address, headers={"HX-Request": "true"}).status_code == 200


@pytest.mark.django_db
def test_a_fresh_desk_opens_with_its_first_step_for_who_started_it(client: Client) -> None:
    assert client.get("/")["Location"] == reverse("setup")
    assert client.get("/", REMOTE_ADDR="203.0.113.9")["Location"].startswith("/account/login/")
