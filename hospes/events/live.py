"""The live stream: one bare ASGI application beside Django.

Server-sent events: `id` is the hint's number, `event` is what it is, `data` a small JSON object. A browser that
comes back says the last number it has (`Last-Event-ID`) and gets what it missed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from django.db import Error as DatabaseFault

from hospes.events.streams import Hub, Stream

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]

hub: Hub | None = None


def latest() -> int | None:
    """Return the newest hint this process has passed on; None when it passes on none yet.

    A page that reads it before anything else, and asks for what came after, misses nothing.
    """
    return hub.last_id if hub is not None and hub.last_id else None


async def stream(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Answer `GET /events`: 401 for strangers, 503 while the server ends, else the stream."""
    global hub  # noqa: PLW0603 # made in the running loop, once a process
    if hub is None:
        hub = Hub()
    headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
    cookies = _cookies(headers.get(b"cookie", ""))
    if hub.is_closing:
        return await _refuse(send, 503, [(b"retry-after", b"2")])
    try:
        reader = await hub.who_asks(cookies)
        await hub.start()
    except (DatabaseFault, TimeoutError):
        return await _refuse(send, 503, [(b"retry-after", b"5")])
    if reader is None:
        return await _refuse(send, 401, [])
    await _answer(hub, Stream(reader, cookies), _last_id(scope, headers), receive, send)
    return None


async def _answer(
    hub: Hub, stream: Stream, after: int | None, receive: Receive, send: Send
) -> None:
    gone = asyncio.create_task(_watch(receive, stream))
    try:
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await _write(send, [b"retry: 2000\n\n", *hub.open(stream, after)])
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
    return int(given) if given.isdecimal() and len(given) < 20 else None
