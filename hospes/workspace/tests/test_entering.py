"""Who may set a fresh desk up: whoever started it, and nobody who comes through a proxy on its machine."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from hospes.conversations.actions.founding import found_first_desk
from hospes.team.actions.inviting import invite
from tests.cast import Cast


@pytest.fixture
def fresh_desk(db: None) -> None:
    found_first_desk()


def test_whoever_sits_at_the_machine_may_begin(fresh_desk: None) -> None:
    assert Client().get("/setup/you/").status_code == 200


def test_a_link_that_is_worth_nothing_says_so_at_once_and_asking_uses_none_up(cast: Cast) -> None:
    link = invite(cast.mina, at=timezone.now())

    assert Client().get("/sign-in/wrong/").status_code == 410
    for client in (Client(), Client()):
        assert client.get(link).status_code == 200
    assert client.post(link).status_code == 302
    assert b"Ask for a new one" in Client().get(link).content


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Forwarded", "Via"]
)
def test_a_proxy_on_the_machine_lets_no_stranger_begin(fresh_desk: None, header: str) -> None:
    client = Client(headers={header: "203.0.113.7"})

    assert client.get("/setup/you/").status_code == 404
    assert client.get("/metrics").status_code == 403


def test_somebody_elsewhere_may_not_begin(fresh_desk: None) -> None:
    assert Client(REMOTE_ADDR="203.0.113.7").get("/setup/you/").status_code == 404
