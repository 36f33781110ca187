"""The live stream of a real server: nothing missed, nothing heard that is not one's own, ended soon."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import Client

from hospes.conversations.actions.seating import seat
from hospes.events.hints import Told, announce, tell
from hospes.events.models import Hint
from hospes.events.streams import QUEUE_LENGTH, RESYNC, Reader, Stream
from hospes.team.actions.adding import change_seat, set_password
from hospes.team.models import Agent
from tests import apart
from tests.cast import NOON, Cast

pytestmark = pytest.mark.django_db(transaction=True)

SERVE = """
import socket, uvicorn
port = socket.create_server(("127.0.0.1", 0), backlog=512)
config = uvicorn.Config(
    "hospes.config.asgi:application", loop="asyncio", http="h11", lifespan="on", log_config=None,
    timeout_graceful_shutdown=8,
)
print(port.getsockname()[1], flush=True)
uvicorn.Server(config).run(sockets=[port])
"""


@contextmanager
def serving() -> Iterator[tuple[subprocess.Popen[str], int]]:
    process = apart.start(SERVE)
    assert process.stdout is not None
    try:
        yield process, int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture(scope="module")
def port(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    with django_db_blocker.unblock(), serving() as (_process, port):
        yield port


def session_of(agent: Agent) -> str:
    client = Client()
    client.force_login(agent)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


class Browser:
    """An open stream, read as a browser reads it."""

    def __init__(self, port: int, session: str, *, after: int | str | None = None) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=15)
        asked = [
            "GET /events HTTP/1.1", "Host: localhost",
            f"Cookie: {settings.SESSION_COOKIE_NAME}={session}",
            *([f"Last-Event-ID: {after}"] if after is not None else []),
        ]  # fmt: skip
        self.socket.sendall("\r\n".join([*asked, "", ""]).encode())
        self.file = self.socket.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        while self.file.readline().strip():
            pass
        self.last_id = 0

    def next(self) -> tuple[str, Any]:
        """Return the next event and its data; ("end", None) when there is none any more."""
        kind, data = "", None
        for raw in self.file:
            line = raw.decode().strip()
            if line.startswith("id: "):
                self.last_id = int(line[4:])
            elif line.startswith("event: "):
                kind = line[7:]
            elif line.startswith("data: "):
                data = json.loads(line[6:])
            elif line == "0":  # the last chunk of the answer
                break
            elif not line and kind:
                return kind, data
        return "end", None

    def topics(self, count: int) -> list[str]:
        return [self.next()[1]["topic"] for _ in range(count)]

    def close(self) -> None:
        self.file.close()
        self.socket.close()


@contextmanager
def looking(port: int, agent: Agent, **asked: Any) -> Iterator[Browser]:
    with closing(Browser(port, session_of(agent), **asked)) as browser:
        yield browser


def hint(topic: str, **to: Any) -> None:
    tell([Told(topic, **to)], at=NOON)


def test_strangers_have_no_stream(port: int, cast: Cast) -> None:
    for session in ("", "x" * 32, session_of(cast.mina)[:-1] + "?"):
        with closing(Browser(port, session)) as browser:
            assert browser.status == 401


def test_what_happens_is_told_in_the_order_of_commit(port: int, cast: Cast) -> None:
    with looking(port, cast.mina) as browser:
        assert browser.next()[0] == "hello"
        for number in range(30):
            hint(f"conversation.{number}", queue_id=cast.care.pk)

        assert browser.topics(30) == [f"conversation.{number}" for number in range(30)]
        assert browser.last_id == Hint.objects.latest("pk").pk


def test_who_comes_back_gets_exactly_what_was_missed(port: int, cast: Cast) -> None:
    with looking(port, cast.mina) as browser:
        browser.next()
        hint("conversation.1", queue_id=cast.care.pk)
        browser.next()
        had = browser.last_id
    hint("conversation.2", queue_id=cast.care.pk)
    hint("not.hers", queue_id=cast.elsewhere.pk)
    hint("conversation.3", queue_id=cast.care.pk)

    with looking(port, cast.ana) as witness:  # it has passed on all three before we come back
        witness.next()
        hint("conversation.4", queue_id=cast.care.pk)
        witness.next()
    with looking(port, cast.mina, after=had) as browser:
        hint("conversation.5", queue_id=cast.care.pk)

        assert browser.topics(4) == [f"conversation.{number}" for number in (2, 3, 4, 5)]


def test_who_missed_nothing_is_only_greeted(port: int, cast: Cast) -> None:
    with looking(port, cast.mina) as browser:
        browser.next()
        had = browser.last_id
    with looking(port, cast.mina, after=had) as browser:
        assert browser.next()[0] == "hello"


@pytest.mark.parametrize("after", [10**9, 2**62, "nonsense"])
def test_who_was_away_too_long_loads_anew(port: int, cast: Cast, after: int | str) -> None:
    hint("counts")
    with looking(port, cast.mina, after=after) as browser:
        assert browser.next()[0] == ("hello" if after == "nonsense" else "resync")


def test_nobody_hears_of_queues_and_notices_of_others(port: int, cast: Cast) -> None:
    with looking(port, cast.vera) as vera, looking(port, cast.ana) as ana:
        assert vera.next()[0] == ana.next()[0] == "hello"
        hint("conversation.1", queue_id=cast.care.pk)
        hint("notice", agent_id=cast.mina.pk)
        announce(Told("presence.1", queue_id=cast.care.pk))
        hint("conversation.2", queue_id=cast.elsewhere.pk)
        hint("resync")

        assert vera.topics(2) == ["conversation.2", "resync"]
        heard = ana.topics(4)

    assert set(heard) == {"conversation.1", "presence.1", "conversation.2", "resync"}


def test_another_seat_is_heard_at_once(port: int, cast: Cast) -> None:
    with looking(port, cast.vera) as browser:
        browser.next()
        seat(cast.vera, queues=[cast.care])
        announce(Told("presence.0", agent_id=cast.vera.pk))
        assert browser.topics(1) == ["presence.0"]  # what was said before it is settled, too

        hint("conversation.1", queue_id=cast.elsewhere.pk)
        hint("conversation.2", queue_id=cast.care.pk)
        assert browser.topics(1) == ["conversation.2"]


def _sign_out(agent: Agent, session: str) -> None:
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session
    assert client.post("/account/logout/").status_code == 302
    assert not SessionStore().exists(session)


ENDINGS = {
    "signs out": _sign_out,
    "loses the seat": lambda agent, _: change_seat(agent, role="agent", is_active=False, by=None),
    "gets a new password": lambda agent, _: set_password(agent, password="quite another machine"),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_stream_ends_soon_when_its_reader(port: int, cast: Cast, ending: str) -> None:
    session = session_of(cast.mina)
    with closing(Browser(port, session)) as browser:
        browser.next()
        began = time.monotonic()
        ENDINGS[ending](cast.mina, session)

        assert [browser.next()[0] for _ in range(2)] == ["bye", "end"]
        assert time.monotonic() - began < 5
    with closing(Browser(port, session)) as browser:
        assert browser.status == 401


def test_a_restart_of_the_database_loses_no_hint(port: int, cast: Cast) -> None:
    session = session_of(cast.mina)
    with closing(Browser(port, session)) as browser:
        browser.next()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        hint("conversation.1", queue_id=cast.care.pk)
        assert browser.topics(1) == ["conversation.1"]
        with closing(Browser(port, session)) as second:
            assert second.status == 200


def test_a_server_that_is_asked_to_stop_ends_its_streams(cast: Cast) -> None:
    session = session_of(cast.mina)
    with serving() as (process, port):
        browsers = [Browser(port, session) for _ in range(220)]
        assert {browser.next()[0] for browser in browsers} == {"hello"}
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)

        assert time.monotonic() - began < 4  # two seconds, on a machine that has nothing else to do
        assert {browser.next()[0] for browser in browsers} == {"bye"}
        for browser in browsers:
            browser.close()


def test_who_reads_too_slowly_is_told_to_load_anew() -> None:
    stream = Stream(Reader(1, None), {})
    for number in range(QUEUE_LENGTH + 3):
        stream.put(str(number).encode())

    assert [stream.queue.get_nowait() for _ in range(stream.queue.qsize())] == [
        RESYNC, str(QUEUE_LENGTH + 1).encode(), str(QUEUE_LENGTH + 2).encode(),
    ]  # fmt: skip


def test_a_stream_that_is_full_still_ends() -> None:
    stream = Stream(Reader(1, None), {})
    for number in range(QUEUE_LENGTH):
        stream.put(str(number).encode())
    stream.end()

    left = [stream.queue.get_nowait() for _ in range(stream.queue.qsize())]
    assert left[-1] is None


def test_what_happens_between_a_page_and_its_stream_is_heard(port: int, cast: Cast) -> None:
    session = session_of(cast.mina)
    with closing(Browser(port, session)) as browser:
        browser.next()
        hint("conversation.1", queue_id=cast.care.pk)
        browser.next()
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/inbox/open/",
        headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"},
    )
    with urllib.request.urlopen(asked, timeout=20) as answer:
        (after,) = re.findall(r'data-live-after="(\d+)"', answer.read().decode())
    hint("conversation.2", queue_id=cast.care.pk)

    with closing(Browser(port, session, after=after)) as browser:
        kind, told = browser.next()
        if kind == "hello":  # the stream was there before the hint
            kind, told = browser.next()
        assert (kind, told["topic"]) == ("hint", "conversation.2")
