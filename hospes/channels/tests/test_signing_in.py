"""Tokens for mailboxes: renewed in time, asked for with care, and given up only when somebody takes them back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from ipaddress import ip_network

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from hospes.channels.actions.fetching import Account, fetch_from
from hospes.channels.email import oauth
from hospes.channels.email.imap_faults import ImapFailed
from hospes.channels.models import IncomingServer, ServerToken
from hospes.channels.signing_in import access_token, client_of, keep_tokens
from hospes.lib import egress
from tests.cast import Cast
from tests.oauth_stand_in import CLIENT_ID, CLIENT_SECRET, SignInServer, sign_in_server


@pytest.fixture
def provider(settings: Settings) -> Iterator[SignInServer]:
    settings.PRIVATE_NETWORKS = [ip_network("127.0.0.1/32")]
    with sign_in_server() as running:
        yield running


def account(provider: SignInServer, **given: str) -> Account:
    usual = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "sign_in": "microsoft"}
    return Account(since=date(2026, 11, 1), sign_in_url=provider.url, **{**usual, **given})


@pytest.fixture
def server(cast: Cast, provider: SignInServer) -> IncomingServer:
    """Aiko's support mailbox at Microsoft, with a token that ends in an hour."""
    made = fetch_from(account(provider), channel=cast.channel, at=timezone.now())
    keep_tokens(made, oauth.Tokens("access-0", 3600, "refresh-0"), at=timezone.now(), is_new=True)
    return made


def ends_in(minutes: int) -> None:
    ServerToken.objects.update(access_expires_at=timezone.now() + timedelta(minutes=minutes))


def test_a_token_serves_until_its_end_is_near_and_is_renewed_before(
    server: IncomingServer, provider: SignInServer
) -> None:
    assert access_token(server) == "access-0"
    assert not provider.asked

    ends_in(minutes=5)

    assert access_token(server) == "access-1"
    assert provider.asked[0]["refresh_token"] == "refresh-0"
    assert ServerToken.objects.get().refresh_token == "refresh-1"


def test_tokens_and_secrets_are_stored_as_nothing_like_them(server: IncomingServer) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT concat(refresh_token, access_token, client_secret)"
            " FROM channels_servertoken JOIN channels_incomingserver s ON s.id = server_id"
        )
        stored = cursor.fetchone()[0]

    assert stored
    assert not any(secret in stored for secret in ("refresh-0", "access-0", CLIENT_SECRET))


@pytest.mark.parametrize("mood", ["500", "garbage", "moved", "temporarily_unavailable"])
def test_while_the_provider_is_out_of_order_the_old_token_serves_to_its_end(
    server: IncomingServer, provider: SignInServer, mood: str
) -> None:
    provider.mood = mood
    ends_in(minutes=5)
    assert access_token(server) == "access-0"

    ends_in(minutes=-1)
    with pytest.raises(ImapFailed) as failed:
        access_token(server)
    provider.mood = ""

    assert failed.value.kind == "login"
    assert access_token(server) == "access-1"


def test_a_provider_that_never_answers_costs_a_moment(
    provider: SignInServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.mood = "slow"

    with pytest.raises(egress.NoAnswer):
        egress.post_form(provider.url, {}, allowed=[ip_network("127.0.0.1/32")], seconds=0.5)


@pytest.mark.parametrize(
    ("mood", "kind"), [("invalid_grant", "token"), ("invalid_client", "client")]
)
def test_a_no_is_final_and_nobody_asks_again_until_somebody_does_something(
    server: IncomingServer, provider: SignInServer, cast: Cast, mood: str, kind: str
) -> None:
    provider.mood = mood
    ends_in(minutes=5)
    for _ in range(3):
        with pytest.raises(ImapFailed) as failed:
            access_token(server)
        assert (failed.value.kind, failed.value.words) == (kind, f"AADSTS: {mood} it is.")
    assert len(provider.asked) == 1

    provider.mood = ""
    fetch_from(account(provider), channel=cast.channel, at=timezone.now())

    assert access_token(server) == "access-1"


def test_without_a_sign_in_nobody_is_asked(cast: Cast, provider: SignInServer) -> None:
    made = fetch_from(account(provider), channel=cast.channel, at=timezone.now())

    with pytest.raises(ImapFailed) as failed:
        access_token(made)

    assert (failed.value.kind, provider.asked) == ("token", [])


def test_private_sign_in_servers_are_not_reached_unless_the_operator_allows_it(
    server: IncomingServer, provider: SignInServer, settings: Settings
) -> None:
    settings.PRIVATE_NETWORKS = []
    ends_in(minutes=-1)

    with pytest.raises(ImapFailed):
        access_token(server)

    assert not provider.asked


@pytest.mark.parametrize("of", [oauth.google, lambda base: oauth.microsoft("kaldera", base)])
def test_a_code_is_collected_once_somebody_has_typed_it_in(provider: SignInServer, of) -> None:
    def post(url: str, form):
        return egress.post_form(url, form, allowed=[ip_network("127.0.0.1/32")])

    client = oauth.Client(of(provider.url), CLIENT_ID, CLIENT_SECRET, post)
    code = client.ask_for_code()
    with pytest.raises(oauth.Waiting):
        client.collect(code)
    provider.has_agreed = True

    assert (code.user_code, code.url) == ("KALD-7F", f"{provider.url}/device")
    assert client.collect(code).refresh_token == "refresh-1"


def test_the_pages_of_the_providers_are_asked_as_they_want_it(cast: Cast) -> None:
    google = IncomingServer(sign_in="google", client_id="x")
    microsoft = IncomingServer(sign_in="microsoft", client_id="x", tenant="kaldera")
    asks = {"back_to": "https://care.example.com/b/", "state": "s", "verifier": "v", "user": "a@b"}

    at_google = client_of(google).page(**asks)
    at_microsoft = client_of(microsoft).page(**asks)

    assert at_google.startswith("https://accounts.google.com/o/oauth2/v2/auth?")
    assert "access_type=offline" in at_google
    assert "mail.google.com" in at_google
    assert at_microsoft.startswith(
        "https://login.microsoftonline.com/kaldera/oauth2/v2.0/authorize?"
    )
    assert "offline_access" in at_microsoft
    assert "code_challenge_method=S256" in at_google
