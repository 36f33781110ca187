"""The page on which fetching is set up: kept when it works, told in plain words when it does not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_network
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, build_opener

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from hospes.channels.models import IncomingServer, ServerToken
from hospes.intake.models import FetchedFolder, FetchedUid, FetchState
from tests.cast import Cast
from tests.oauth_stand_in import CLIENT_ID, CLIENT_SECRET, SignInServer, sign_in_server
from tests.scripted_imap import ScriptedImap, scripted


@pytest.fixture
def imap(settings: Settings) -> Iterator[ScriptedImap]:
    settings.PRIVATE_NETWORKS = [ip_network("127.0.0.1/32")]
    with scripted(ScriptedImap(password="correct")) as running:
        yield running


@pytest.fixture
def provider(imap: ScriptedImap) -> Iterator[SignInServer]:
    with sign_in_server() as running:
        yield running


@pytest.fixture
def ana(client: Client, cast: Cast) -> Client:
    client.force_login(cast.ana)
    return client


def address(cast: Cast, name: str = "settings_incoming") -> str:
    return reverse(name, args=[cast.channel.pk])


def form(imap: ScriptedImap, **instead: Any) -> dict[str, Any]:
    return {
        "host": "127.0.0.1", "port": imap.port, "security": "none", "username": "support",
        "password": "correct", "folders": "INBOX", "since": "2026-11-01", "afterwards": "seen",
        "move_to": "", "is_active": "on", **instead,
    }  # fmt: skip


def test_what_works_is_kept_and_its_password_never_shown(
    ana: Client, cast: Cast, imap: ScriptedImap
) -> None:
    kept = ana.post(address(cast), form(imap, folders="INBOX\r\n\r\nINBOX"), follow=True)

    server = IncomingServer.objects.get()
    assert "answers and lets us in" in kept.content.decode()
    assert (server.password, server.folders, server.channel) == ("correct", ["INBOX"], cast.channel)
    assert "correct" not in ana.get(address(cast)).content.decode()

    ana.post(address(cast), form(imap, password="", username="care"))
    assert IncomingServer.objects.get().password == "correct"
    assert IncomingServer.objects.get().username == "care"


@pytest.mark.parametrize(
    ("instead", "says"),
    [
        ({"password": "wrong"}, "does not take this user name and password"),
        ({"host": "imap.gmail.com.127.0.0.1.invalid"}, "was not reached"),
        ({"port": 1}, "was not reached"),
        ({"security": "starttls"}, "does not encrypt like this"),
        ({"security": "tls"}, "does not encrypt like this"),
        ({"folders": "INBOX\nShop"}, "Shop is not among the folders of this mailbox: INBOX."),
        ({"afterwards": "move"}, "another folder"),
        ({"afterwards": "move", "move_to": "INBOX"}, "another folder"),
        ({"username": "a\x00b"}, "Null characters"),
        ({"host": "not a host"}, "not the name of a server"),
        ({"since": "yesterday"}, "valid date"),
    ],
)
def test_what_does_not_work_is_told_and_replaces_nothing(
    ana: Client, cast: Cast, imap: ScriptedImap, instead: dict[str, Any], says: str
) -> None:
    ana.post(address(cast), form(imap))

    refused = ana.post(address(cast), form(imap, **instead))

    assert refused.status_code == 200
    assert says in refused.content.decode()
    server = IncomingServer.objects.get()
    assert (server.password, server.port, server.folders) == ("correct", imap.port, ["INBOX"])


def test_f07_nobody_looks_around_in_a_private_network(
    ana: Client, cast: Cast, imap: ScriptedImap, settings: Settings
) -> None:
    settings.PRIVATE_NETWORKS = []

    refused = ana.post(address(cast), form(imap, host="localhost", port=imap.port))

    assert "within a private network" in refused.content.decode()
    assert imap.sessions == 0
    assert not IncomingServer.objects.exists()


def test_a_mailbox_is_tried_and_left(ana: Client, cast: Cast, imap: ScriptedImap) -> None:
    ana.post(address(cast), form(imap))
    imap.password = "changed"

    tried = ana.post(address(cast), {"test": "1"}, follow=True)
    ana.post(address(cast), {"stop": "1"})

    assert "does not take this user name" in tried.content.decode()
    assert not IncomingServer.objects.exists()


def with_microsoft(ana: Client, cast: Cast, imap: ScriptedImap, provider: SignInServer) -> None:
    given = form(
        imap, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, sign_in_url=provider.url, tenant=""
    )
    answer = ana.post(address(cast) + "?with=microsoft", given)
    assert answer.status_code == 302, answer.content.decode()


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Let the test go back itself, as the browser of the person."""


def there_and_back(ana: Client, cast: Cast, provider: SignInServer) -> str:
    """Go to the provider's page, agree, and return the address that it sends the person back to."""
    there = ana.get(address(cast, "settings_incoming_agree"))
    assert there["Location"].startswith(f"{provider.url}/common/oauth2/v2.0/authorize?")
    with pytest.raises(HTTPError) as sent_back:
        build_opener(_Stay).open(there["Location"])
    with sent_back.value as answer:
        return str(answer.headers["Location"])


def test_a_person_agrees_in_the_browser_and_mail_can_be_fetched(
    ana: Client, cast: Cast, imap: ScriptedImap, provider: SignInServer
) -> None:
    with_microsoft(ana, cast, imap, provider)
    back = there_and_back(ana, cast, provider)

    done = ana.get(back, follow=True)
    imap.token = provider.access_token
    tried = ana.post(address(cast), {"test": "1"}, follow=True)

    assert "Its mail is fetched from now on" in done.content.decode()
    assert "answers and lets us in" in tried.content.decode()
    assert provider.asked[0]["code_verifier"]
    assert back.startswith("http://localhost")


def test_whoever_was_not_sent_from_here_is_not_heard(
    ana: Client, cast: Cast, imap: ScriptedImap, provider: SignInServer
) -> None:
    with_microsoft(ana, cast, imap, provider)
    back = there_and_back(ana, cast, provider)

    forged = ana.get(reverse("settings_agreed") + "?state=guessed&code=agreed")
    late = ana.get(back)  # the first answer ended it

    assert (forged.status_code, late.status_code) == (400, 400)
    assert not ServerToken.objects.exists()
    assert not provider.asked


def test_a_no_of_the_provider_is_told(
    ana: Client, cast: Cast, imap: ScriptedImap, provider: SignInServer
) -> None:
    with_microsoft(ana, cast, imap, provider)
    provider.mood = "invalid_client"

    told = ana.get(there_and_back(ana, cast, provider), follow=True)

    assert "The provider says no: invalid_client" in told.content.decode()


def test_google_offers_no_code_and_microsoft_does(
    ana: Client, cast: Cast, imap: ScriptedImap, provider: SignInServer
) -> None:
    with_microsoft(ana, cast, imap, provider)
    assert "Sign in with a code" in ana.get(address(cast)).content.decode()

    IncomingServer.objects.update(sign_in="google")
    page = ana.get(address(cast)).content.decode()

    assert "Sign in in this browser" in page
    assert "Sign in with a code" not in page
    assert ana.post(address(cast, "settings_incoming_code")).status_code == 404


def test_a_person_types_in_a_code_elsewhere(
    ana: Client, cast: Cast, imap: ScriptedImap, provider: SignInServer
) -> None:
    with_microsoft(ana, cast, imap, provider)
    code = address(cast, "settings_incoming_code")

    shown = ana.post(code, follow=True).content.decode()
    early = ana.post(code, {"collect": "1"}, follow=True).content.decode()
    provider.has_agreed = True
    done = ana.post(code, {"collect": "1"}, follow=True).content.decode()

    assert "KALD-7F" in shown
    assert "Nobody has agreed yet" in early
    assert "KALD-7F" in early
    assert "Its mail is fetched from now on" in done
    assert "KALD-7F" not in done
    assert ServerToken.objects.get().refresh_token


def test_what_goes_wrong_and_what_will_is_seen_on_every_page_about_it(
    ana: Client, cast: Cast, imap: ScriptedImap
) -> None:
    ana.post(address(cast), form(imap))
    server, now = IncomingServer.objects.get(), timezone.now()
    state = FetchState.objects.create(
        server=server, looked_at=now, backlog=3, has_idle=False,
        certificate_expires_at=now + timedelta(days=5),
    )  # fmt: skip
    folder = FetchedFolder.objects.create(
        server=server, name="INBOX", uidvalidity=1, baseline_uid=0, reconciled_at=now
    )
    FetchedUid.objects.create(folder=folder, uid=1, problem="too_large")

    soon = ana.get(address(cast)).content.decode()
    listed = ana.get(reverse("settings_channels")).content.decode()
    state.failure, state.failing_since = "sign_in", now
    state.save()
    bad = ana.get(address(cast)).content.decode()
    listed_bad = ana.get(reverse("settings_channels")).content.decode()

    for words in (
        "3 mails are still to be fetched.", "The certificate of 127.0.0.1 ends on",
        "1 mail stays on the server", "does not tell of new mail by itself",
    ):  # fmt: skip
        assert words in soon
    assert "Look at fetching" in listed
    assert "does not take this user name and password" in bad
    assert "No mail is fetched" in listed_bad


def test_a_mailbox_that_nobody_looks_into_is_told(
    ana: Client, cast: Cast, imap: ScriptedImap
) -> None:
    ana.post(address(cast), form(imap))
    IncomingServer.objects.update(changed_at=timezone.now() - timedelta(hours=1))

    assert "Nobody fetches this mail now" in ana.get(address(cast)).content.decode()
