"""Somebody else's web server on loopback: pictures, and every way to trick whoever asks for one."""

from __future__ import annotations

import struct
import threading
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

from tests.http_here import answering

THEIRS = "127.0.0.2"  # where pictures may be loaded from, when a test allows it
OURS = "127.0.0.1"  # where nobody's picture may be


def png(width: int = 3, height: int = 2, *, beside: bytes = b"") -> bytes:
    """Return a red picture; beside: a part of no use to anybody."""
    rows = b"".join(b"\0" + b"\xc0\x20\x20" * width for _ in range(height)) if width < 5000 else b""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), *([(b"tEXt", beside)] if beside else []), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]  # fmt: skip
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)
        for kind, body in parts
    )


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'


@dataclass
class Elsewhere:
    """What was asked of it, and what it answers by path; `/to?URL` leads on to an address."""

    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)  # path, headers
    answers: dict[str, tuple[str, bytes]] = field(default_factory=dict)  # type and body by path
    is_over: threading.Event = field(default_factory=threading.Event)
    host: str = THEIRS
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def paths(self) -> list[str]:
        return [path for path, _headers in self.asked]


def _handler(server: Elsewhere) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

        def do_GET(self) -> None:
            server.asked.append((self.path, dict(self.headers.items())))
            with suppress(BrokenPipeError, ConnectionResetError):
                self._answer()

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/to":
                self.send_response(302)
                self.send_header("Location", parts.query)
                self.send_header("Set-Cookie", "known=1")
                self.end_headers()
            elif parts.path == "/slow":  # one byte at a time, in the head already
                self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                while not server.is_over.wait(0.2):
                    self.wfile.write(b"x")
                    self.wfile.flush()
            elif parts.path == "/huge":
                self.send_response(200)
                self.send_header("Content-Type", "image/png")
                self.end_headers()
                self.wfile.write(png())
                while not server.is_over.is_set():
                    self.wfile.write(b"\0" * 2**16)
            else:
                self._say(*server.answers.get(parts.path, ("text/plain", b"")))

        def _say(self, kind: str, body: bytes) -> None:
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Set-Cookie", "known=1")
            self.send_header("ETag", '"tells-on-you"')
            self.end_headers()
            self.wfile.write(body)

    return Handler


@contextmanager
def elsewhere(host: str = THEIRS) -> Iterator[Elsewhere]:
    server = Elsewhere(host=host)
    server.answers["/red.png"] = ("image/png", png())
    with answering(_handler(server), host) as server.port:
        try:
            yield server
        finally:
            server.is_over.set()
