"""Pages as a browser asks for them: one kept connection, one cookie jar, both signed in."""

from __future__ import annotations

import base64
import http.client
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import quote, urlencode


@dataclass
class Answer:
    status: int
    body: bytes
    location: str
    seconds: float


@dataclass
class Browser:
    """Somebody who is signed in, on one kept connection."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(
        self, method: str, path: str, form: dict[str, str] | None = None, **headers: str
    ) -> Answer:
        sent = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Referer": f"http://127.0.0.1:{self.port}/",
            **self.headers,
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        body = None
        if form is not None:
            body = urlencode(form)
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        start = time.perf_counter()
        try:
            response = self._once(method, path, body, sent)
        except (http.client.RemoteDisconnected, ConnectionError):  # it rested for too long
            self.connection.close()
            start = time.perf_counter()
            response = self._once(method, path, body, sent)
        content = response.read()
        seconds = time.perf_counter() - start
        for line in response.headers.get_all("Set-Cookie") or []:
            self.cookies.update({k: m.value for k, m in SimpleCookie(line).items()})
        return Answer(response.status, content, response.getheader("Location") or "", seconds)

    def _once(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> http.client.HTTPResponse:
        self.connection.request(method, path, body=body, headers=headers)
        return self.connection.getresponse()


@dataclass(frozen=True)
class Ask:
    """One thing to ask for."""

    method: str
    path: str
    form: dict[str, str] | None = None
    headers: dict[str, str] = field(default_factory=dict)


Page = Callable[[int], list[Ask]]  # what the n-th view of it asks for


def ask_all(browser: Browser, asks: list[Ask]) -> float:
    """Ask for each in turn and return the seconds it took. Raises SystemExit when one is refused."""
    seconds = 0.0
    for one in asks:
        answer = browser.ask(one.method, one.path, one.form, **one.headers)
        if answer.status not in {200, 204, 302}:
            raise SystemExit(f"{one.method} {one.path}: {answer.status} {answer.body[:300]!r}")
        seconds += answer.seconds
    return seconds


# django-helpdesk ------------------------------------------------------------------------------


def sign_in_to_peer(port: int) -> Browser:
    browser = Browser(port)
    page = browser.ask("GET", "/helpdesk/login/").body.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    form = {
        "csrfmiddlewaretoken": token[1],
        "username": "bench",
        "password": "bench",
        "next": "/helpdesk/tickets/",
    }
    browser.ask("POST", "/helpdesk/login/", form)
    assert "sessionid" in browser.cookies
    return browser


def peer_pages(browser: Browser, tickets: list[int]) -> dict[str, Page]:
    """The peer's pages. Its list is a frame and, asked for by it, the rows."""
    asked = {
        "filtering": {"status__in": [1, 2]}, "filtering_null": {}, "sorting": "created",
        "sortreverse": False, "search_string": "",
    }  # fmt: skip
    query = quote(base64.b64encode(json.dumps(asked).encode()).decode())
    table = f"/helpdesk/datatables_ticket_list/{query}?draw=1&length=25&order[0][column]=5&order[0][dir]=desc"
    reply = {
        "comment": "Thank you, this is resolved now. " * 10, "public": "1", "new_status": "1",
        "title": "Bench reply", "owner": "0", "priority": "3", "due_date": "", "queue": "2",
    }  # fmt: skip

    def answer(number: int) -> list[Ask]:
        form = {**reply, "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
        return [Ask("POST", f"/helpdesk/tickets/{_pick(tickets, number)}/update/", form)]

    return {
        "list": lambda _: [Ask("GET", "/helpdesk/tickets/"), Ask("GET", f"{table}&start=0")],
        "list, page 201": lambda _: [Ask("GET", f"{table}&start=5000")],
        "conversation": lambda n: [Ask("GET", f"/helpdesk/tickets/{_pick(tickets, n)}/")],
        "reply": answer,
    }


# Hospes ---------------------------------------------------------------------------------------


def sign_in_to_ours(port: int, session_key: str) -> Browser:
    """Take up a session; the token against forged requests stands in every page."""
    browser = Browser(port, {"hospes_session": session_key})
    page = browser.ask("GET", "/inbox/open/").body.decode()
    token = re.search(r'X-CSRFToken": "([^"]+)"', page)
    if token is None:
        raise SystemExit(f"Not signed in: {page[:300]}")
    browser.headers["X-CSRFToken"] = token[1]
    return browser


@contextmanager
def open_stream(port: int, session_key: str) -> Iterator[None]:
    """Hold the live stream of a signed-in reader open, as each of their pages does."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/events", headers={"Cookie": f"hospes_session={session_key}"})
    answer = connection.getresponse()
    if answer.status != 200 or not answer.readline():
        raise SystemExit(f"No stream: {answer.status}")
    try:
        yield
    finally:
        connection.close()


def our_pages(references: list[str], long_ones: list[str], cursor: str) -> dict[str, Page]:
    """Our pages. A list is a page of conversations; one opened from it comes alone, by htmx."""
    text = "Thank you, this is resolved now. " * 10
    return {
        "list": lambda _: [Ask("GET", "/inbox/open/")],
        "list, page 201": lambda _: [
            Ask("GET", f"/inbox/open/?after={cursor}", headers={"HX_Request": "true"})
        ],
        "conversation": lambda n: [Ask("GET", f"/c/{_pick(references, n)}/")],
        "conversation from the list": lambda n: [
            Ask("GET", f"/c/{_pick(references, n)}/", headers={"HX_Request": "true"})
        ],
        "conversation of 60 messages": lambda n: [Ask("GET", f"/c/{_pick(long_ones, n)}/")],
        "reply": lambda n: [
            Ask("POST", f"/c/{_pick(references, n)}/reply/", {"text": text, "version": "0"})
        ],
    }


def _pick(among: list, number: int):
    return among[(number * 7919) % len(among)]
