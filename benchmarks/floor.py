"""The floor under event streams: the barest ASGI application that holds them, served by the same uvicorn."""

from __future__ import annotations

import asyncio
import json
import sys
import time

import uvicorn

subscribers: set[asyncio.Queue[bytes]] = set()


async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        for stage in ("startup", "shutdown"):
            while (await receive())["type"] != f"lifespan.{stage}":
                pass
            await send({"type": f"lifespan.{stage}.complete"})
    elif scope["path"] == "/events":
        await _stream(send)
    else:
        chunk = b"data: %s\n\n" % json.dumps({"data": {"told_at": time.time()}}).encode()
        for queue in subscribers:
            queue.put_nowait(chunk)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def _stream(send):
    headers = [(b"content-type", b"text/event-stream")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"event: hello\n\n", "more_body": True})
    queue: asyncio.Queue[bytes] = asyncio.Queue()
    subscribers.add(queue)
    try:
        while True:
            chunk = await queue.get()
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    finally:
        subscribers.discard(queue)


if __name__ == "__main__":
    uvicorn.run(
        application, host="127.0.0.1", port=int(sys.argv[1]), loop="asyncio", http="h11",
        log_level="error", timeout_graceful_shutdown=1,
    )  # fmt: skip
