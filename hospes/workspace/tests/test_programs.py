"""Tokens are made and revoked on a page: one's own, and by operators everybody's."""

from __future__ import annotations

import re

from django.test import Client
from django.urls import reverse

from hospes.api.actions.issuing import issue
from hospes.api.models import Token
from hospes.team.models import Agent
from tests.cast import NOON, Cast

GIVEN = {"name": "متجر", "scopes": ["conversations:read"], "expires": "90"}


def signed_in(agent: Agent) -> Client:
    client = Client()
    client.force_login(agent)
    return client


def test_a_token_is_shown_once_and_works(cast: Cast) -> None:
    mina = signed_in(cast.mina)

    made = mina.post(reverse("me_api"), GIVEN)

    (secret,) = re.findall(r"hsp_[\w-]{20,}", made.content.decode())
    assert made["Cache-Control"] == "no-store"
    told = Client().get("/api/v1/token", headers={"Authorization": f"Bearer {secret}"}).json()
    assert (told["name"], told["agent"]["name"]) == ("متجر", "Mina Ortega")
    again = mina.get(reverse("me_api")).content.decode()
    assert "متجر" in again
    assert secret not in again


def test_a_token_says_in_words_what_it_allows(cast: Cast) -> None:
    mina = signed_in(cast.mina)
    mina.post(reverse("me_api"), GIVEN)

    table = mina.get(reverse("me_api")).content.decode().partition("<tbody>")[2]

    assert "See conversations. <code" in table.partition("</tbody>")[0]


def test_the_guide_to_the_api_is_in_its_readers_language(cast: Cast) -> None:
    cast.mina.language = "ja"
    cast.mina.save()
    asked = {"Accept-Language": "de"}

    assert b'<html lang="ja"' in signed_in(cast.mina).get("/api/v1/docs", headers=asked).content
    assert b'<html lang="de"' in Client().get("/api/v1/docs", headers=asked).content


def test_an_operator_makes_a_token_for_a_colleague_and_takes_it_back(cast: Cast) -> None:
    ana = signed_in(cast.ana)
    ana.post(reverse("settings_api"), {**GIVEN, "agent": cast.mina.pk})
    token = Token.objects.get()
    assert (token.agent, token.revoked_at) == (cast.mina, None)

    assert ana.post(reverse("settings_api"), {"revoke": token.pk}).status_code == 302

    token.refresh_from_db()
    assert token.revoked_at is not None


def test_nobody_else_sees_or_revokes_a_token(cast: Cast) -> None:
    token = issue(name="Secret shop", agent=cast.mina, scopes=["notes:read"], by=None, at=NOON).token  # fmt: skip
    for other in (cast.vera, cast.jonas, cast.ana):
        client = signed_in(other)
        assert "Secret shop" not in client.get(reverse("me_api")).content.decode()
        assert client.post(reverse("me_api"), {"revoke": token.pk}).status_code == 404
    assert signed_in(cast.vera).post(reverse("settings_api"), {"revoke": token.pk}).status_code == 404  # fmt: skip
    token.refresh_from_db()
    assert token.revoked_at is None


def test_nobody_makes_a_token_that_acts_as_another(cast: Cast) -> None:
    signed_in(cast.vera).post(reverse("me_api"), {**GIVEN, "agent": cast.ana.pk})
    assert Token.objects.get().agent == cast.vera


def test_what_makes_no_token_is_said_on_the_form(cast: Cast) -> None:
    answer = signed_in(cast.mina).post(reverse("me_api"), {"name": "x", "expires": "1"})
    assert answer.status_code == 200
    assert answer.content.decode().count("errorlist") == 2
    assert not Token.objects.exists()
    for bad in ("", "0", "x", "9" * 40):
        assert signed_in(cast.mina).post(reverse("me_api"), {"revoke": bad}).status_code == 404
