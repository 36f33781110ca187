"""What lies between us and an IMAP server: every answer has its time and its size, whatever the server does."""

from __future__ import annotations

import imaplib
import select
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

Connect = Callable[[str, int, float], socket.socket]  # host, port, seconds

MAX_LINE_BYTES = 4 * 2**20  # a search may name half a million mails in one
MAX_ANSWER_BYTES = 16 * 2**20  # beside the mails that were asked for
SILENCE_SECONDS = 30.0  # with no byte at all while an answer is due
CHUNK_BYTES = 2**16
GONE = "The server hung up."


class TooMuch(Exception):
    """The server announces or sends more than was asked for."""


class Wire(imaplib.IMAP4):
    """A connection whose every answer ends in time, and is no larger than it may be."""

    sock: socket.socket

    def __init__(
        self, host: str, port: int, *, seconds: float, connect: Connect, tls: ssl.SSLContext | None
    ) -> None:
        """tls: encrypt from the first byte, as this says."""
        self._connect_to, self._tls = connect, tls
        self._silence = min(seconds, SILENCE_SECONDS)
        self._unread = bytearray()
        self.hurry(seconds)
        super().__init__(host, port, timeout=seconds)

    def hurry(self, seconds: float, *, room_bytes: int = 0) -> None:
        """Begin a command: its answer has this long, and this many bytes beside the usual."""
        self._ends_at = time.monotonic() + seconds
        self._room_bytes = room_bytes + MAX_ANSWER_BYTES

    def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:
        self.host, self.port = host, port
        self.sock = self._connect_to(host, port, timeout or SILENCE_SECONDS)
        self.sock.settimeout(self._silence)
        if self._tls is not None:
            try:
                self._encrypt(self._tls)
            except BaseException:  # nobody else closes it: there is no connection yet
                self.sock.close()
                raise

    def read(self, size: int) -> bytes:
        """Return a literal. Raises TooMuch before anything of one that is too large is read."""
        self._spend(size)
        while len(self._unread) < size:
            self._receive()
        return self._take(size)

    def readline(self) -> bytes:
        start = 0
        while (end := self._unread.find(b"\n", start)) < 0:
            start = len(self._unread)
            if start > MAX_LINE_BYTES:
                raise TooMuch("The server's answer does not end.")
            self._receive()
        self._spend(end + 1)
        return self._take(end + 1)

    def shutdown(self) -> None:
        with suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()

    def starttls(self, ssl_context: ssl.SSLContext | None = None) -> Any:
        """Encrypt from here on. Raises imaplib.IMAP4.error when the server does not offer that."""
        if "STARTTLS" not in self.capabilities:
            raise self.error("STARTTLS is not offered")
        answer = self._simple_command("STARTTLS")
        if answer[0] != "OK":
            raise self.error("STARTTLS is refused")
        self._encrypt(ssl_context or ssl.create_default_context())
        self._get_capabilities()
        return answer

    def has_words(self, seconds: float) -> bool:
        """Whether the server says something within this time; nothing of it is read."""
        if self._unread or (isinstance(self.sock, ssl.SSLSocket) and self.sock.pending()):
            return True
        poller = select.poll()
        poller.register(self.sock, select.POLLIN)
        return bool(poller.poll(seconds * 1000))

    def _encrypt(self, context: ssl.SSLContext) -> None:
        self._unread.clear()  # words slipped in before the handshake
        self.sock = context.wrap_socket(self.sock, server_hostname=self.host)

    def _spend(self, size: int) -> None:
        if size > self._room_bytes:
            raise TooMuch("The server sends more than it was asked for.")
        self._room_bytes -= size

    def _take(self, size: int) -> bytes:
        taken = bytes(memoryview(self._unread)[:size])
        del self._unread[:size]
        return taken

    def _receive(self) -> None:
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("The server took too long.")
        self.sock.settimeout(min(left, self._silence))
        got = self.sock.recv(CHUNK_BYTES)
        if not got:
            raise self.abort(GONE)
        self._unread += got
