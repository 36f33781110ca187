"""How letters leave: servers and providers, keys that sign, and what each address may send."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from hospes.channels.email.providers.tests.stand_in import KEY, KEY_ID, StandIn, providers
from hospes.channels.email.signing import record_of
from hospes.channels.models import (
    Channel,
    IncomingServer,
    OutgoingServer,
    OutgoingState,
    SigningKey,
)
from tests.cast import NOON, Cast
from tests.mail import Sink, free_port
from tests.zone import Zone

pytestmark = pytest.mark.django_db


@pytest.fixture
def stand_in(settings: Settings) -> Iterator[StandIn]:
    settings.PRIVATE_NETWORKS = [ip_network("127.0.0.1/32")]
    with providers() as stand_in:
        yield stand_in


@pytest.fixture
def sink() -> Iterator[Sink]:
    sink = Sink().start()
    yield sink
    sink.stop()


@pytest.fixture
def ana(client: Client, cast: Cast) -> Client:
    client.force_login(cast.ana)
    return client


def given(kind: str, stand_in: StandIn, **more: str) -> dict[str, str]:
    parts = {"mailgun": "kaldera.example", "ses": "eu-central-1"}
    fields = {"password": KEY, "api_url": stand_in.api_url(kind), "is_active": "on"}
    if kind in parts:
        fields["account"] = parts[kind]
    if kind == "ses":
        fields["username"] = KEY_ID
    return fields | more


@pytest.mark.parametrize("kind", ["mailgun", "postmark", "ses", "sendgrid", "brevo", "resend"])
def test_a_provider_is_tried_before_it_is_kept(ana: Client, stand_in: StandIn, kind: str) -> None:
    url = f"{reverse('settings_new_way')}?kind={kind}"

    wrong = {"password": "wrong"} | ({"username": "AKIDOTHER"} if kind == "ses" else {})
    refused = ana.post(url, given(kind, stand_in, **wrong))
    assert not OutgoingServer.objects.exists()
    kept = ana.post(url, given(kind, stand_in), follow=True)

    assert "does not work like this" in refused.content.decode()
    server = OutgoingServer.objects.get()
    assert (server.kind, server.password) == (kind, KEY)
    text = kept.content.decode()
    assert KEY not in text  # a secret of theirs is never shown again
    assert f"hospes:{server.hook_secret}@" in text
    assert reverse("hook_inbound", args=[server.pk]) in text
    assert stand_in.taken == []  # nothing was sent to find out


def test_a_desk_with_a_provider_alone_tries_that_one(
    ana: Client, cast: Cast, stand_in: StandIn
) -> None:
    ana.post(f"{reverse('settings_new_way')}?kind=postmark", given("postmark", stand_in))

    page = ana.get(reverse("settings_outgoing")).content.decode()
    ana.post(reverse("settings_outgoing"), {"test": "1"})

    assert 'name="host"' not in page  # there is no mail server to change here
    assert "None is set" not in page
    assert [one.to for one in stand_in.taken] == [[cast.ana.email]]


def test_a_server_that_fails_is_not_shown_as_well(ana: Client, sink: Sink) -> None:
    server = OutgoingServer.objects.create(host="127.0.0.1", port=sink.port, security="none")
    well = ana.get(reverse("settings_outgoing")).content.decode()
    OutgoingState.objects.create(server=server, failing_since=NOON, words="421 4.3.2 closing")

    failing = ana.get(reverse("settings_outgoing")).content.decode()
    told = ana.get(reverse("settings_way", args=[server.pk])).content.decode()

    assert "chip chip-ok" in well
    assert "chip chip-ok" not in failing
    assert "Fails since" in failing
    assert "421 4.3.2 closing" in told


def test_what_is_left_empty_stays(ana: Client, stand_in: StandIn) -> None:
    ana.post(f"{reverse('settings_new_way')}?kind=postmark", given("postmark", stand_in))
    server = OutgoingServer.objects.get()
    secret = server.hook_secret

    ana.post(reverse("settings_way", args=[server.pk]), given("postmark", stand_in, password=""))

    server.refresh_from_db()
    assert (server.password, server.hook_secret) == (KEY, secret)


def test_a_second_mail_server_stands_in_for_the_first(ana: Client, sink: Sink) -> None:
    first = OutgoingServer.objects.create(host="127.0.0.1", port=free_port(), security="none")
    fields = {
        "host": "127.0.0.1", "port": str(sink.port), "security": "none", "is_active": "on",
        "stands_in_for": str(first.pk),
    }  # fmt: skip

    ana.post(reverse("settings_new_way"), fields)
    listed = ana.get(reverse("settings_outgoing")).content.decode()
    ana.post(reverse("settings_outgoing"), {"test": "1"})

    second = OutgoingServer.objects.get(port=sink.port)
    assert second.stands_in_for == first
    assert "stands in for" in listed
    assert len(sink.letters) == 0  # the letter to oneself tries the first
    ana.post(reverse("settings_way", args=[first.pk]), {"remove": "1"})
    assert OutgoingServer.objects.get().stands_in_for is None


def test_an_address_leaves_by_its_own_server_and_at_its_own_rate(
    ana: Client, cast: Cast, sink: Sink
) -> None:
    own = OutgoingServer.objects.create(host="127.0.0.1", port=sink.port, security="none")
    url = reverse("settings_sending", args=[cast.channel.pk])

    ana.post(url, {"outgoing_server": str(own.pk), "per_minute": "30", "per_hour": "500"})
    again = ana.get(url).content.decode()
    shown = ana.get(reverse("settings_channel", args=[cast.channel.pk])).content.decode()

    channel = Channel.objects.get(pk=cast.channel.pk)
    assert (channel.outgoing_server, channel.per_minute, channel.per_hour) == (own, 30, 500)
    assert 'value="30"' in again
    assert "30 in a minute" in shown
    assert "Sent folder" not in again  # there is no mailbox to lay copies into

    ana.post(reverse("settings_channel", args=[channel.pk]), mailbox_form(channel))
    channel.refresh_from_db()
    assert channel.outgoing_server == own  # the other form says nothing of it


def mailbox_form(channel: Channel) -> dict[str, str]:
    return {
        "address": channel.address, "name": channel.name, "brand": str(channel.brand_id),
        "is_active": "on", "receives_itself": "False", "trusted_hop": channel.trusted_hop,
    }  # fmt: skip


def test_copies_are_offered_where_there_is_a_mailbox(ana: Client, cast: Cast) -> None:
    IncomingServer.objects.create(
        channel=cast.channel, host="imap.example.com", username="x", since=NOON.date(), changed_at=NOON
    )  # fmt: skip
    ana.post(reverse("settings_sending", args=[cast.channel.pk]), {"keeps_copies": "on"})

    assert Channel.objects.get(pk=cast.channel.pk).keeps_copies


def test_a_key_is_made_shown_for_the_dns_and_used_when_it_is_there(
    ana: Client, settings: Settings
) -> None:
    url = reverse("settings_keys")
    ana.post(url, {"domain": "kaldera.example", "selector": "hospes", "private_key": ""})
    key = SigningKey.objects.get()
    record = record_of(key.private_key)
    zone = Zone({})
    with zone:
        settings.RESOLVER = ("127.0.0.1", zone.port)
        before = ana.post(url, {"key": str(key.pk), "look": "1"}, follow=True).content.decode()
        zone.records = {str(key): {"TXT": [record]}}
        after = ana.post(url, {"key": str(key.pk), "look": "1"}, follow=True).content.decode()

    assert record in before
    assert "does not have it yet" in before
    assert "Letters are signed" in after
    assert "PRIVATE KEY" not in before + after
    ana.post(url, {"key": str(key.pk), "remove": "1"})
    assert not SigningKey.objects.exists()


def test_what_is_no_key_is_told(ana: Client) -> None:
    page = ana.post(
        reverse("settings_keys"), {"domain": "kaldera.example", "selector": "x", "private_key": "no"}
    )  # fmt: skip
    assert "no private RSA key" in page.content.decode()


def test_only_operators_set_how_letters_leave(client: Client, cast: Cast) -> None:
    server = OutgoingServer.objects.create(host="127.0.0.1")
    for person in (cast.mina, cast.jonas, cast.vera):
        client.force_login(person)
        for url in (
            reverse("settings_new_way"), reverse("settings_keys"),
            reverse("settings_way", args=[server.pk]),
            reverse("settings_sending", args=[cast.channel.pk]),
        ):  # fmt: skip
            assert client.get(url).status_code in {403, 404}
            assert client.post(url, {"remove": "1"}).status_code in {403, 404}
    assert OutgoingServer.objects.exists()
