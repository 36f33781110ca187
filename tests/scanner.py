"""clamd's protocol on a real socket, without a signature: it finds what a test tells it to find."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

# The test file of all scanners, in pieces: a whole one would be found in this file.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
NAME = "Eicar-Test-Signature"
VERSION = "ClamAV 1.4.3/27800/Tue Nov 24 09:00:00 2026"


@dataclass
class Scanner:
    """mood: "", "silent" (takes all and says nothing), "small" (takes no more than 1000 bytes), "garbage"."""

    place: str | tuple[str, int]
    mood: str = ""
    viruses: dict[bytes, str] = field(default_factory=lambda: {EICAR: NAME})
    seen: list[bytes] = field(default_factory=list)
    is_free: threading.Event = field(
        default_factory=threading.Event
    )  # until then it answers nobody
    is_over: threading.Event = field(default_factory=threading.Event)

    @property
    def setting(self) -> str:
        return self.place if isinstance(self.place, str) else "{}:{}".format(*self.place)

    def answer(self, content: bytes) -> bytes:
        self.seen.append(content)
        for body, name in self.viruses.items():
            if body in content:
                return f"stream: {name} FOUND\0".encode()
        return b"what?\0" if self.mood == "garbage" else b"stream: OK\0"


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        scanner = self.server.scanner
        with suppress(OSError):
            command = self._up_to_nul()
            if command == b"zVERSION":
                self.wfile.write(f"{VERSION}\0".encode())
            elif command == b"zINSTREAM":
                self._look(scanner)

    def _up_to_nul(self) -> bytes:
        heard = bytearray()
        while (sign := self.rfile.read(1)) not in (b"\0", b""):
            heard += sign
        return bytes(heard)

    def _look(self, scanner: Scanner) -> None:
        content = bytearray()
        while length := int.from_bytes(self.rfile.read(4)):
            content += self.rfile.read(length)
            if scanner.mood == "small" and len(content) > 1000:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        if scanner.mood == "silent":
            scanner.is_over.wait(60)
            return
        scanner.is_free.wait(60)
        self.wfile.write(scanner.answer(bytes(content)))


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    allow_reuse_address = True
    scanner: Scanner


class _UnixServer(_Server):
    address_family = socket.AF_UNIX
    allow_reuse_address = False


@contextmanager
def scanner(path: Path | None = None) -> Iterator[Scanner]:
    """Serve on a Unix socket at this path, or else on a port of loopback."""
    server = _UnixServer(str(path), _Handler) if path else _Server(("127.0.0.1", 0), _Handler)  # type: ignore[arg-type] # a path is an address, too
    with server:
        server.scanner = Scanner(str(path) if path else ("127.0.0.1", server.server_address[1]))
        server.scanner.is_free.set()
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        serving.start()
        try:
            yield server.scanner
        finally:
            server.scanner.is_over.set()
            server.scanner.is_free.set()
            server.shutdown()
            serving.join()
            if path:
                path.unlink(missing_ok=True)
