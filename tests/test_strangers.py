"""Every address there is, asked by somebody without a session: a new one is closed, or stands in the table here.

Who may see what behind the sign-in is asked in each surface's own `test_strangers.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.arriving import shown
from tests.cast import Cast
from tests.mail import letter

SECRET = "蛇口のしずく"
FAR_AWAY = "203.0.113.9"
METHODS = ("get", "post")
METHODS_OF_THE_API = (*METHODS, "put", "patch", "delete")
CLOSED = {401, 403, 404, 405}
SIGN_IN = "/account/login/"

# What strangers may open, and why.
OPEN = {
    "healthz": "whoever watches over machines has no session",
    "readyz": "the same",
    "contact/<int:brand_id>/": "tells anybody how to reach a brand, where its operator lets it",
    "account/login/": "to sign in",
    "account/logout/": "leads away who is not signed in",
    "account/inactive/": "says that the seat is gone",
    "account/2fa/webauthn/login/": "to sign in with a passkey",
    "api/v1/openapi.json": "describes the API, holds no data",
    "api/v1/docs": "the same, to read",
    "api/v1/": "says where its description is",
    "setup/": "sends on to the sign-in once somebody has set up",
    "setup/<slug:step>/": "the same",
    "sign-in/<str:token>/": "a link that works once",
    "hooks/mail/<int:server_id>/mime": "providers bring mail, proven by a secret",
    "hooks/mail/<int:server_id>/status": "providers tell what became of letters, proven by a secret",
}
VALUES = {"int": "1", "slug": "x", "str": "H-7K3F9", "path": "x", "uuid": "0" * 32}


def routes(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for one in patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from routes(one.url_patterns, route)
        else:
            yield route


ROUTES = sorted(set(routes(get_resolver().url_patterns)))


def address_of(route: str) -> str:
    """Return an address that the route answers, with something in each of its gaps."""
    route = re.sub(r"\^|\$|\\Z", "", route)
    route = re.sub(r"\(\?P<\w+>[^)]*\)", "x", route)
    route = re.sub(r"<(?:(\w+):)?\w+>", lambda gap: VALUES[gap[1] or "str"], route)
    return "/" + route.replace(".*", "x")


def test_the_table_names_no_address_that_is_gone() -> None:
    assert set(OPEN) <= set(ROUTES)


def is_closed(method: str, address: str) -> bool:
    answer = getattr(Client(REMOTE_ADDR=FAR_AWAY), method)(address)
    if answer.status_code == 302:
        return str(answer["Location"]).startswith(SIGN_IN)
    return answer.status_code in CLOSED


def test_a_stranger_finds_every_other_address_closed(cast: Cast) -> None:
    asked = [
        (method, address_of(route))
        for route in ROUTES
        if route not in OPEN
        for method in (METHODS_OF_THE_API if route.startswith("api/") else METHODS)
    ]

    assert [one for one in asked if not is_closed(*one)] == []


@pytest.mark.parametrize("route", OPEN)
def test_what_is_open_tells_nothing_of_customers(route: str, cast: Cast) -> None:
    message = shown(cast, letter("drop@example.jp", subject=SECRET, text=SECRET))

    for method in ("get", "post"):
        answer = getattr(Client(REMOTE_ADDR=FAR_AWAY), method)(address_of(route))
        assert answer.status_code < 500 or route == "readyz"  # here no worker runs
        for told in (SECRET, message.conversation.reference, "drop@example.jp"):
            assert told not in answer.content.decode()


def test_figures_are_for_this_machine_and_operators(cast: Cast) -> None:
    assert Client(REMOTE_ADDR=FAR_AWAY).get("/metrics").status_code == 403
    agent = Client(REMOTE_ADDR=FAR_AWAY)
    agent.force_login(cast.mina)
    assert agent.get("/metrics").status_code == 403
    agent.force_login(cast.ana)
    assert agent.get("/metrics").status_code == 200
