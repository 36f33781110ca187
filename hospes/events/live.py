"""The live stream: one bare ASGI application beside Django, one LISTEN for all who look.

Server-sent events: `id` is the hint's number, `event` is its topic's first word, `data` a small JSON object. A
browser that comes back says the last number it has (`Last-Event-ID`) and gets what it missed; who was away
longer than hints are kept is told to load anew.
"""

from __future__ import annotations

import asyncio
import json
import signal
import threading
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

import psycopg
import structlog
from django.conf import settings
from django.utils.module_loading import import_string

from hospes.events.hints import HINTS_CHANNEL, PRESENCE_CHANNEL

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]

QUEUE_LENGTH = 128  # more behind than this: the screen loads anew
PING_SECONDS = 20
CHECK_SECONDS = 60  # how long a permission taken away may still receive hints
MAX_REPLAY = 1000
BYE = b"event: bye\ndata: {}\n\n"
HELLO = b"event: hello\ndata: {}\n\n"
PING = b": ping\n\n"
RESYNC = b'event: resync\ndata: {"topic":"resync"}\n\n'

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Reader:
    """Who looks, and which queues they may see (None: all)."""

    agent_id: int
    queue_ids: frozenset[int] | None

    def may_have(self, queue_id: int | None, agent_id: int | None) -> bool:
        if agent_id is not None:
            return agent_id == self.agent_id
        return queue_id is None or self.queue_ids is None or queue_id in self.queue_ids


@dataclass(eq=False)
class Stream:
    """One open browser."""

    reader: Reader
    cookies: dict[str, str] = field(repr=False)
    queue: asyncio.Queue[bytes | None] = field(
        default_factory=lambda: asyncio.Queue(QUEUE_LENGTH), repr=False
    )

    def put(self, chunk: bytes | None) -> None:
        try:
            self.queue.put_nowait(chunk)
        except asyncio.QueueFull:
            while not self.queue.empty():
                self.queue.get_nowait()
            self.queue.put_nowait(RESYNC if chunk is not None else None)


class Hub:
    """All open streams of this process, fed by one database connection."""

    def __init__(self) -> None:
        self.streams: set[Stream] = set()
        self.is_closing = False
        self._tasks: list[asyncio.Task[None]] = []
        self._last_id = 0
        # One thread, so one database connection, reads who asks.
        self._asking = ThreadPoolExecutor(1, "who-asks")
        self._ready = asyncio.Event()

    async def start(self) -> None:
        """Begin to listen; called by the first stream. Returns when nothing can be missed any more."""
        if not self._tasks:
            self._end_with_the_server()
            self._tasks = [
                asyncio.create_task(job())
                for job in (self._listen_for_ever, self._ping_for_ever, self._check_for_ever)
            ]
        await asyncio.wait_for(self._ready.wait(), 10)

    def close(self) -> None:
        """End every stream; browsers come back by themselves."""
        self.is_closing = True
        for stream in self.streams:
            stream.put(BYE)
            stream.put(None)
        for task in self._tasks:
            task.cancel()

    async def who_asks(self, cookies: dict[str, str]) -> Reader | None:
        ask: Callable[[dict[str, str]], Reader | None] = import_string(settings.WHO_ASKS)
        return await asyncio.get_running_loop().run_in_executor(self._asking, ask, cookies)

    async def greeting(self, after: int | None, reader: Reader) -> list[bytes]:
        """Return what a browser missed since it had this hint, or the word to load anew.

        after: None for a page just loaded, which has missed nothing.
        """
        if after is None:
            return [_stamp(self._last_id) + HELLO]
        async with await psycopg.AsyncConnection.connect(settings.DATABASE_URL) as connection:
            known = await connection.execute("SELECT 1 FROM events_hint WHERE id = %s", [after])
            if not await known.fetchone():
                return [_stamp(self._last_id) + RESYNC]
            cursor = await connection.execute(_SINCE, [after, MAX_REPLAY])
            rows = await cursor.fetchall()
        if len(rows) == MAX_REPLAY:
            return [_stamp(rows[-1][0]) + RESYNC]
        return [_chunk(*row) for row in rows if reader.may_have(row[2], row[3])]

    def _end_with_the_server(self) -> None:
        """Without this, a server asked to stop waits for streams that never end."""
        if threading.current_thread() is not threading.main_thread():
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            previous = signal.getsignal(number)

            def end(num: int, frame: Any, previous: Any = previous) -> None:
                loop.call_soon_threadsafe(self.close)
                if callable(previous):
                    previous(num, frame)

            signal.signal(number, end)

    async def _listen_for_ever(self) -> None:
        while True:
            try:
                await self._listen()
            except (psycopg.Error, OSError) as error:
                log.warning("live: listening again", error=type(error).__name__)
                await asyncio.sleep(1)

    async def _listen(self) -> None:
        async with await psycopg.AsyncConnection.connect(
            settings.DATABASE_URL, autocommit=True
        ) as connection:
            await connection.execute(f"LISTEN {HINTS_CHANNEL}")
            await connection.execute(f"LISTEN {PRESENCE_CHANNEL}")
            if not self._ready.is_set():
                cursor = await connection.execute("SELECT coalesce(max(id), 0) FROM events_hint")
                self._last_id = (await cursor.fetchone() or [0])[0]
                self._ready.set()
            await self._fetch(connection)
            while True:
                # Notifications end before the next statement: the connection does one at a time.
                news = [n async for n in connection.notifies(timeout=None, stop_after=1)]
                for one in news:
                    if one.channel == PRESENCE_CHANNEL:
                        self._pass_on_presence(one.payload)
                await self._fetch(connection)

    async def _fetch(self, connection: psycopg.AsyncConnection[Any]) -> None:
        cursor = await connection.execute(_SINCE, [self._last_id, MAX_REPLAY])
        for row in await cursor.fetchall():
            self._last_id = row[0]
            self._pass_on(row[2], row[3], _chunk(*row))

    def _pass_on_presence(self, payload: str) -> None:
        told = json.loads(payload)
        chunk = _chunk(None, told["topic"], None, None, told["data"])
        self._pass_on(told["queue_id"], told["agent_id"], chunk)

    def _pass_on(self, queue_id: int | None, agent_id: int | None, chunk: bytes) -> None:
        for stream in self.streams:
            if stream.reader.may_have(queue_id, agent_id):
                stream.put(chunk)

    async def _ping_for_ever(self) -> None:
        while True:
            await asyncio.sleep(PING_SECONDS)
            for stream in self.streams:
                stream.put(PING)

    async def _check_for_ever(self) -> None:
        """Ask again who looks: rights may have been taken away, or the session ended."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            for stream in list(self.streams):
                reader = await self.who_asks(stream.cookies)
                if reader is None:
                    stream.put(BYE)
                    stream.put(None)
                else:
                    stream.reader = reader


_SINCE = (
    "SELECT id, topic, queue_id, agent_id, data FROM events_hint WHERE id > %s ORDER BY id LIMIT %s"
)


def _stamp(number: int) -> bytes:
    return f"id: {number}\n".encode()


def _chunk(
    number: int | None, topic: str, _queue_id: int | None, _agent_id: int | None, data: Any
) -> bytes:
    hint = {"id": number, "topic": topic, "data": data}
    text = json.dumps(hint, separators=(",", ":"))
    stamp = _stamp(number) if number else b""
    return stamp + f"event: hint\ndata: {text}\n\n".encode()


hub: Hub | None = None


async def stream(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Answer `GET /events`: 401 for strangers, 503 while the server ends, else the stream."""
    global hub  # noqa: PLW0603 # made in the running loop, once a process
    if hub is None:
        hub = Hub()
    headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
    cookies = _cookies(headers.get(b"cookie", ""))
    if hub.is_closing:
        return await _refuse(send, 503, [(b"retry-after", b"2")])
    reader = await hub.who_asks(cookies)
    if reader is None:
        return await _refuse(send, 401, [])
    await hub.start()
    await _answer(hub, Stream(reader, cookies), _last_id(scope, headers), receive, send)
    return None


async def _answer(
    hub: Hub, stream: Stream, after: int | None, receive: Receive, send: Send
) -> None:
    hub.streams.add(stream)
    gone = asyncio.create_task(_watch(receive, stream))
    try:
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await _write(send, [b"retry: 2000\n\n", *await hub.greeting(after, stream.reader)])
        while (chunk := await stream.queue.get()) is not None:
            await _write(send, [chunk])
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        hub.streams.discard(stream)
        gone.cancel()


async def _watch(receive: Receive, stream: Stream) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.put(None)


async def _write(send: Send, chunks: Iterable[bytes]) -> None:
    body = b"".join(chunks)
    if body:
        await send({"type": "http.response.body", "body": body, "more_body": True})


async def _refuse(send: Send, status: int, headers: list[tuple[bytes, bytes]]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx would keep hints back
    (b"x-content-type-options", b"nosniff"),
]


def _cookies(header: str) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header).items()}
    except CookieError:
        return {}


def _last_id(scope: dict[str, Any], headers: dict[bytes, str]) -> int | None:
    asked = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("after", [""])[0]
    given = headers.get(b"last-event-id") or asked
    return int(given) if given.isdecimal() and len(given) < 19 else None
