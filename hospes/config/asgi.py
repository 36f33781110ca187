"""What the web server runs: live streams as they are, every other page through Django's threads.

Pages are synchronous code and cost a third as much in plain threads (docs/adr/0002); a stream costs a few
kilobytes here and would cost a thread there.
"""

from __future__ import annotations

from typing import Any

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

from hospes.events.live import Receive, Send, stream

THREADS = 8

pages = WSGIMiddleware(get_wsgi_application(), workers=THREADS)


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Answer one request."""
    if scope["type"] != "http":
        return
    if scope["path"] == "/events" and scope["method"] == "GET":
        await stream(scope, receive, send)
    else:
        await pages(scope, receive, send)
