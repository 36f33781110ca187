"""Who looks at live pages now, and what each may hear: all open streams of one process.

One LISTEN feeds them all. A browser that comes back gets what it missed from memory, so that thousands may come
back at once; who was away too long is told to load anew.
"""

from __future__ import annotations

import asyncio
import json
import signal
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import psycopg
import structlog
from django.conf import settings
from django.db import Error as DatabaseFault
from django.db import connection
from django.utils.module_loading import import_string

from hospes.events.hints import HINTS_CHANNEL, PRESENCE_CHANNEL, RIGHTS

QUEUE_LENGTH = 128  # more behind than this: the screen loads anew
PING_SECONDS = 20
CHECK_SECONDS = (
    60  # for what nobody announces; whoever takes rights away does (`tell_rights_changed`)
)
READY_SECONDS = 10
MAX_REPLAY = 2000  # hints kept in memory for who comes back
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

    def may_have(self, hint: Kept) -> bool:
        return self.reader.may_have(hint.queue_id, hint.agent_id)

    def end(self) -> None:
        self.put(BYE)
        self.put(None)

    def put(self, chunk: bytes | None) -> None:
        try:
            self.queue.put_nowait(chunk)
        except asyncio.QueueFull:
            while not self.queue.empty():
                self.queue.get_nowait()
            self.queue.put_nowait(RESYNC if chunk is not None else None)


@dataclass(frozen=True, slots=True)
class Kept:
    """A hint as it goes out, and to whom."""

    number: int
    queue_id: int | None
    agent_id: int | None
    chunk: bytes


class Hub:
    """All open streams of this process, fed by one database connection."""

    def __init__(self) -> None:
        self.streams: set[Stream] = set()
        self.is_closing = False
        self.last_id = 0
        self._kept: deque[Kept] = deque(maxlen=MAX_REPLAY)
        self._tasks: list[asyncio.Task[None]] = []
        # One thread, so one database connection, reads who asks.
        self._asking = ThreadPoolExecutor(1, "who-asks")
        self._ready = asyncio.Event()

    async def start(self) -> None:
        """Begin to listen; called by the first stream. Returns when nothing can be missed any more.

        Raises TimeoutError when the database does not answer.
        """
        if not self._tasks:
            self._end_with_the_server()
            self._tasks = [
                asyncio.create_task(job())
                for job in (self._listen_for_ever, self._ping_for_ever, self._check_for_ever)
            ]
        await asyncio.wait_for(self._ready.wait(), READY_SECONDS)

    def close(self) -> None:
        """End every stream; browsers come back by themselves."""
        self.is_closing = True
        for stream in self.streams:
            stream.end()
        for task in self._tasks:
            task.cancel()

    async def who_asks(self, cookies: dict[str, str]) -> Reader | None:
        """Return who holds this session. Raises DatabaseFault when the database does not answer."""
        return await asyncio.get_running_loop().run_in_executor(self._asking, _who_asks, cookies)

    def open(self, stream: Stream, after: int | None) -> list[bytes]:
        """Let the stream have every hint from now on; return what its browser missed before.

        after: the last hint the browser has; None: it has just loaded its page.
        """
        self.streams.add(stream)
        if after is None or after == self.last_id:
            return [_stamp(self.last_id) + HELLO]
        if not any(one.number == after for one in self._kept):
            return [_stamp(self.last_id) + RESYNC]
        missed = (one for one in self._kept if one.number > after)
        return [one.chunk for one in missed if stream.may_have(one)]

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
                await self._remember(connection)
                self._ready.set()
            await self._fetch(connection)
            while True:
                # Notifications end before the next statement: the connection does one at a time.
                news = [n async for n in connection.notifies(timeout=None, stop_after=1)]
                for one in news:
                    if one.channel == PRESENCE_CHANNEL:
                        await self._pass_on_presence(one.payload)
                await self._fetch(connection)

    async def _remember(self, connection: psycopg.AsyncConnection[Any]) -> None:
        """Load the newest hints: those who looked before this process started come back to it."""
        cursor = await connection.execute(_NEWEST, [MAX_REPLAY])
        for row in await cursor.fetchall():
            self._keep(row)

    async def _fetch(self, connection: psycopg.AsyncConnection[Any]) -> None:
        cursor = await connection.execute(_SINCE, [self.last_id, MAX_REPLAY])
        for row in await cursor.fetchall():
            self._pass_on(self._keep(row))

    def _keep(self, row: tuple[Any, ...]) -> Kept:
        number, topic, queue_id, agent_id, data = row
        kept = Kept(number, queue_id, agent_id, _chunk(number, topic, data))
        self.last_id = number
        self._kept.append(kept)
        return kept

    async def _pass_on_presence(self, payload: str) -> None:
        told = json.loads(payload)
        if told["topic"] == RIGHTS:
            await self._check([s for s in self.streams if s.reader.agent_id == told["agent_id"]])
            return
        chunk = _chunk(None, told["topic"], told["data"])
        self._pass_on(Kept(0, told["queue_id"], told["agent_id"], chunk))

    def _pass_on(self, hint: Kept) -> None:
        for stream in self.streams:
            if stream.may_have(hint):
                stream.put(hint.chunk)

    async def _ping_for_ever(self) -> None:
        while True:
            await asyncio.sleep(PING_SECONDS)
            for stream in self.streams:
                stream.put(PING)

    async def _check_for_ever(self) -> None:
        """Ask again who looks: a session may have run out without anybody saying so."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            await self._check(list(self.streams))

    async def _check(self, streams: Sequence[Stream]) -> None:
        for stream in streams:
            try:
                reader = await self.who_asks(stream.cookies)
            except DatabaseFault as error:
                log.warning("live: not checked", error=type(error).__name__)
                return
            if reader is None:
                stream.end()
            else:
                stream.reader = reader


def _who_asks(cookies: dict[str, str]) -> Reader | None:
    """Ask in this thread; anew when its connection went away since it was last used."""
    ask: Callable[[dict[str, str]], Reader | None] = import_string(settings.WHO_ASKS)
    try:
        return ask(cookies)
    except DatabaseFault:
        connection.close()
        return ask(cookies)


_SINCE = (
    "SELECT id, topic, queue_id, agent_id, data FROM events_hint WHERE id > %s ORDER BY id LIMIT %s"
)
_NEWEST = (
    "SELECT * FROM (SELECT id, topic, queue_id, agent_id, data FROM events_hint"
    " ORDER BY id DESC LIMIT %s) newest ORDER BY id"
)


def _stamp(number: int) -> bytes:
    return f"id: {number}\n".encode()


def _chunk(number: int | None, topic: str, data: Any) -> bytes:
    hint = {"id": number, "topic": topic, "data": data}
    text = json.dumps(hint, separators=(",", ":"))
    stamp = _stamp(number) if number else b""
    return stamp + f"event: hint\ndata: {text}\n\n".encode()
