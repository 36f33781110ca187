"""The outgoing server: kept when it works, never in place of one that does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from hospes.brands.models import Site
from hospes.channels.models import OutgoingServer
from tests.cast import NOON, Cast
from tests.mail import Sink, free_port


@pytest.fixture
def sink() -> Iterator[Sink]:
    sink = Sink().start()
    yield sink
    sink.stop()


def form(port: int) -> dict[str, str]:
    return {"host": "127.0.0.1", "port": str(port), "security": "none", "username": ""}


def test_a_server_that_does_not_answer_replaces_none_that_does(
    client: Client, cast: Cast, sink: Sink
) -> None:
    client.force_login(cast.ana)
    kept = client.post(reverse("settings_outgoing"), form(sink.port))

    refused = client.post(reverse("settings_outgoing"), form(free_port()))

    assert kept.status_code == 302
    assert "does not work" in refused.content.decode()
    assert OutgoingServer.objects.get().port == sink.port


def test_a_letter_to_try_the_server_reaches_whoever_asks(
    client: Client, cast: Cast, sink: Sink
) -> None:
    client.force_login(cast.ana)
    client.post(reverse("settings_outgoing"), form(sink.port))

    client.post(reverse("settings_outgoing"), {"test": "1"})

    assert sink.recipients == [[cast.ana.email]]
    assert sink.letters[0]["Auto-Submitted"] == "auto-generated"


def test_everybody_reads_on_every_page_that_a_restored_desk_sends_nothing(
    client: Client, cast: Cast
) -> None:
    here = reverse("inbox", args=["open"])
    link = f'<a class="link" href="{reverse("settings_outgoing")}">'
    client.force_login(cast.ana)
    assert "sends nothing to customers" not in client.get(here).content.decode()
    Site.objects.update(sending_held_since=NOON)

    for_operator = client.get(here).content.decode()
    client.force_login(cast.mina)
    for_agent = client.get(here).content.decode()

    assert "sends nothing to customers" in for_operator
    assert link in for_operator
    assert "sends nothing to customers" in for_agent
    assert link not in for_agent


def test_a_letter_to_oneself_leaves_a_restored_desk(client: Client, cast: Cast, sink: Sink) -> None:
    client.force_login(cast.ana)
    client.post(reverse("settings_outgoing"), form(sink.port))
    Site.objects.update(sending_held_since=NOON)

    told = client.get(reverse("settings_outgoing")).content.decode()
    client.post(reverse("settings_outgoing"), {"test": "1"})

    assert "goes all the same" in told
    assert sink.recipients == [[cast.ana.email]]


def test_a_restored_desk_says_that_it_sends_nothing_until_an_operator_lets_it(
    client: Client, cast: Cast
) -> None:
    client.force_login(cast.ana)
    quiet = client.get(reverse("settings_outgoing")).content.decode()
    Site.objects.update(sending_held_since=NOON)

    held = client.get(reverse("settings_outgoing")).content.decode()
    after = client.post(reverse("settings_outgoing"), {"resume": "1"}, follow=True)

    assert "restored from a backup" not in quiet
    assert "restored from a backup" in held
    assert "This desk sends again." in after.content.decode()
    assert Site.objects.get().sending_held_since is None
