"""Many open screens, and mail from the door to the last thing that follows from it."""

from __future__ import annotations

import asyncio
import json
import smtplib
import statistics
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg

from benchmarks import corpus, ground, processes
from benchmarks.memory import Desk, serving
from benchmarks.report import Line, Report
from hospes.lib.embedded_postgres import url

STREAMS, QUICK_STREAMS = 1000, 100
SENDERS = 20
EVENTS = 10
MEMORY_LINE = Line("memory of an open screen", "KiB", "<= 1.5x of the floor")
FAN_OUT = "one event to all screens"
STOP_LINE = Line("stop with a thousand open screens", "s", "<= 2")
END_TO_END_LINE = Line(
    "mails a second, door to last reaction", "1/s", ">= 200", more_is_better=True
)
LONE_LINE = Line("a lone mail, DATA to committed message", "ms", "<= 30")


def measure(report: Report, at: str, *, is_quick: bool) -> None:
    streams = QUICK_STREAMS if is_quick else STREAMS
    _floor(report, at, streams)
    with serving() as desk:
        bodies = _bodies(200 if is_quick else 2000)
        _mail(report, at, desk, bodies)
    with serving() as desk:
        session = json.loads(ground.run_desk("tell.py"))["bench"]
        _screens(
            report, at, "ours", desk.port, desk.parts()["web"], streams, session, _tell, desk=desk
        )


# Screens --------------------------------------------------------------------------------------


def _floor(report: Report, at: str, streams: int) -> None:
    port = ground.free_port()
    words = [sys.executable, ground.HERE / "floor.py", port]
    with ground.running(words, ground.desk_environment(), port=port) as server:

        def publish() -> None:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/publish").read()

        _screens(report, at, "floor", port, [server.pid], streams, "", publish)


def _tell() -> None:
    """Do what the reaction does that refreshes screens: one hint for everybody."""
    with psycopg.connect(url(ground.DESK)) as connection:
        connection.execute(
            "INSERT INTO events_hint (at, topic, data) VALUES (now(), 'counts', %s)",
            [json.dumps({"told_at": time.time()})],
        )
        connection.execute("NOTIFY hospes_hints")


class _Screen(asyncio.Protocol):
    def __init__(self, delays: list[float]) -> None:
        self.delays = delays
        self.ready: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if b"hello" in data and not self.ready.done():
            self.ready.set_result(True)
        told = data.partition(b'"told_at":')[2]
        if told:
            self.delays.append(time.time() - float(told.split(b"}")[0]))

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.ready.done():
            self.ready.set_result(False)


def _screens(
    report: Report, at: str, who: str, port: int, pids: list[int], streams: int, session: str,
    tell: Callable[[], None], desk: Desk | None = None,
) -> None:  # fmt: skip
    async def main() -> None:
        loop, delays = asyncio.get_running_loop(), []
        gate = asyncio.Semaphore(50)
        asked = (
            f"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n"
            f"Cookie: hospes_session={session}\r\n\r\n"
        ).encode()

        async def look(number: int) -> _Screen:
            async with gate:
                _, screen = await loop.create_connection(
                    lambda: _Screen(delays),
                    "127.0.0.1",
                    port,
                    local_addr=(f"127.0.0.{2 + number % 4}", 0),
                )
                screen.transport.write(asked)
                if not await asyncio.wait_for(screen.ready, 60):
                    raise SystemExit("A screen was turned away.")
                return screen

        first = await look(0)  # what all share is there after the first
        before = processes.pss_mib(pids)
        screens = [first, *await asyncio.gather(*(look(n) for n in range(1, streams)))]
        await asyncio.sleep(1)
        each = (processes.pss_mib(pids) - before) * 1024 / (streams - 1)
        _add(report, MEMORY_LINE, at, who, each, screens=streams)
        rounds = []
        for _ in range(EVENTS):
            delays.clear()
            await loop.run_in_executor(None, tell)
            end = time.monotonic() + 10
            while len(delays) < streams and time.monotonic() < end:  # noqa: ASYNC110 # bounded
                await asyncio.sleep(0.005)
            if len(delays) < streams:
                raise SystemExit(f"{streams - len(delays)} screens heard nothing.")
            delays.sort()
            rounds.append((delays[streams // 2], delays[int(streams * 0.99)]))
        for place, percentile in enumerate(("p50", "p99")):
            aim = "<= 2x of the floor" if place else ""
            value = 1000 * statistics.median(one[place] for one in rounds)
            _add(report, Line(f"{FAN_OUT}: {percentile}", "ms", aim), at, who, value)
        if desk is not None:
            report.add(STOP_LINE, at, "ours", await loop.run_in_executor(None, desk.stop))
        for screen in screens:
            screen.transport.abort()

    asyncio.run(main())


def _add(report: Report, line: Line, at: str, who: str, value: float, **more: Any) -> None:
    """The floor has a row of its own: the column beside ours is the peer's, which has no screens."""
    if who == "floor":
        line = Line(f"{line.what} (the floor)", line.unit)
    report.add(line, at, "ours", value, **more)


# Mail -----------------------------------------------------------------------------------------


def _bodies(count: int) -> list[bytes]:
    """Mails nobody has had before: those of conversations above all others."""
    found: list[bytes] = []
    mails = corpus.Corpus()
    for thread in mails.threads(count, first=50_000 + int(time.time()) % 40_000):
        found += mails.mails(thread)
        if len(found) >= count:
            break
    return found[:count]


def _mail(report: Report, at: str, desk: Desk, bodies: list[bytes]) -> None:
    with psycopg.connect(url(ground.DESK), autocommit=True) as watching:
        _send(desk, bodies[:20])
        _wait_until_done(watching)
        for body in bodies[20:40]:
            report.add(LONE_LINE, at, "ours", _lone(desk, body))
        _wait_until_done(watching)
        rest, start = bodies[40:], time.perf_counter()
        shares = [rest[number::SENDERS] for number in range(SENDERS)]
        with ThreadPoolExecutor(SENDERS) as senders:
            list(senders.map(lambda share: _send(desk, share), shares))
        at_the_door = time.perf_counter() - start
        _wait_until_done(watching)
        seconds = time.perf_counter() - start
    report.add(
        END_TO_END_LINE, at, "ours", len(rest) / seconds, door_per_second=len(rest) / at_the_door
    )


def _send(desk: Desk, bodies: list[bytes]) -> None:
    with smtplib.LMTP("127.0.0.1", desk.lmtp_port) as door:
        for body in bodies:
            door.sendmail("customer@client.example", [corpus.SUPPORT], body)


def _lone(desk: Desk, body: bytes) -> float:
    """Return the milliseconds from handing a mail over to its message being committed."""
    with (
        psycopg.connect(url(ground.DESK), autocommit=True) as listening,
        smtplib.LMTP("127.0.0.1", desk.lmtp_port) as door,
    ):
        listening.execute("LISTEN hospes_events")
        door.ehlo()
        time.sleep(0.1)  # everything is at rest again
        newest = "SELECT max(id) FROM conversations_message"
        before = listening.execute(newest).fetchone()
        start = time.perf_counter()
        sending = threading.Thread(
            target=door.sendmail, args=("customer@client.example", [corpus.SUPPORT], body)
        )
        sending.start()
        while listening.execute(newest).fetchone() == before:  # the word may be of something else
            next(listening.notifies(timeout=10, stop_after=1), None)
        seconds = time.perf_counter() - start
        sending.join()
    return 1000 * seconds


def _wait_until_done(watching: psycopg.Connection[Any], *, seconds: float = 120) -> None:
    """Return when everything is understood and everything that follows has followed."""
    end = time.monotonic() + seconds
    asked = (
        "SELECT EXISTS (SELECT FROM intake_pendingraw) OR EXISTS (SELECT FROM events_pendingevent)"
    )
    while watching.execute(asked).fetchone()[0]:
        if time.monotonic() > end:
            raise SystemExit("It is never done.")
        time.sleep(0.01)
