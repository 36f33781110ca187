"""What the web part serves: live streams by themselves, everything else by Django in threads.

Why two: `docs/adr/0002-pages-in-threads-streams-beside-them.md`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from django.core.handlers.wsgi import WSGIHandler

from hospes.events.live import stream

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

THREADS = 8

pages: Any = WSGIMiddleware(cast("Any", WSGIHandler()), workers=THREADS)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request, or follow the server through its life."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
    elif scope["type"] == "http":
        # WSGI writes `-` and `_` alike, so `X_Forwarded_For` could pose as a proxy's header.
        scope["headers"] = [pair for pair in scope["headers"] if b"_" not in pair[0]]
        answer = stream if scope["path"] == "/events" else pages
        await answer(scope, receive, send)


async def _live(receive: Receive, send: Send) -> None:
    for stage in ("startup", "shutdown"):
        while (await receive())["type"] != f"lifespan.{stage}":
            pass
        await send({"type": f"lifespan.{stage}.complete"})
