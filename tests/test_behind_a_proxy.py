"""A desk behind nginx or Caddy: whom it believes, and what browsers are told."""

from __future__ import annotations

import http.client
from collections.abc import Iterator, Mapping
from contextlib import closing
from email.message import Message

import pytest

from tests.running import Desk

HOST = "care.example.com"
CLIENT = "198.51.100.7"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    settings = {"HOSPES_URL": f"https://{HOST}", "HOSPES_TRUSTED_PROXIES": "127.0.0.1"}
    desk = Desk(tmp_path_factory.mktemp("proxy") / "desk", settings).start()
    yield desk
    desk.stop()


def ask(
    desk: Desk,
    path: str,
    *,
    host: str = HOST,
    headers: Mapping[str, str] | None = None,
    caller: str = "127.0.0.1",
) -> tuple[int, Message]:
    connection = http.client.HTTPConnection(
        "127.0.0.1", desk.port, timeout=20, source_address=(caller, 0)
    )
    with closing(connection):
        connection.request("GET", path, headers={"Host": host, **(headers or {})})
        answer = connection.getresponse()
        answer.read()
    return answer.status, answer.headers


def through_the_proxy(**more: str) -> dict[str, str]:
    return {"X-Forwarded-For": CLIENT, "X-Forwarded-Proto": "https", **more}


def test_browsers_are_told_to_stay_with_https_and_cookies_travel_nowhere_else(desk: Desk) -> None:
    status, told = ask(desk, "/account/login/", headers=through_the_proxy())

    assert status == 200
    assert told["Strict-Transport-Security"].startswith("max-age=31536000")
    cookies = told.get_all("Set-Cookie")
    assert cookies
    assert all("Secure" in cookie and "SameSite=Lax" in cookie for cookie in cookies)


def test_a_proxy_is_believed_about_who_asks(desk: Desk) -> None:
    """Figures are shown to this machine alone, so they tell whom the desk takes the caller for."""
    assert ask(desk, "/metrics")[0] == 200
    assert ask(desk, "/metrics", headers=through_the_proxy())[0] == 403
    faked = through_the_proxy() | {"X-Forwarded-For": f"127.0.0.1, {CLIENT}"}
    assert ask(desk, "/metrics", headers=faked)[0] == 403


def test_a_stranger_who_speaks_like_a_proxy_is_not_believed(desk: Desk) -> None:
    status, told = ask(desk, "/metrics", headers=through_the_proxy(), caller="127.0.0.2")

    assert status == 403  # what is handed on does not come from this machine, whoever hands it on
    assert "Strict-Transport-Security" not in told


def test_another_name_than_ours_is_refused(desk: Desk) -> None:
    forwarded = through_the_proxy(**{"X-Forwarded-Host": HOST})
    assert ask(desk, "/account/login/", host="evil.example", headers=forwarded)[0] == 400


def test_links_in_mails_name_the_address_people_know(desk: Desk) -> None:
    link = desk.json("team", "add", "ana@example.com", "--name", "Ana", "--role", "operator")
    assert f"https://{HOST}/" in str(link)
