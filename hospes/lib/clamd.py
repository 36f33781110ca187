"""What clamd, the virus scanner of ClamAV, says of bytes: its own protocol, over a socket (clamd(8), INSTREAM)."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO

Place = str | tuple[str, int]  # the path of a Unix socket, or a host and port

CHUNK_BYTES = 64 * 2**10
MAX_ANSWER_BYTES = 4096
CONNECT_SECONDS = 3.0
SECONDS = 60.0  # for one file
# What it says of a file that is too deep, too wide or too large for it: that is no virus.
LIMITS = "Heuristics.Limits.Exceeded"


class NotReached(Exception):
    """The scanner is not there, or does not answer; the text says how it went wrong."""


class NoVerdict(Exception):
    """The scanner took the file and said nothing of use in time; asking again may help."""


@dataclass(frozen=True)
class Verdict:
    """found: the name of the virus, "" when there is none. unread: why it could not look into the file, or ""."""

    found: str = ""
    unread: str = ""


def look_into(file: BinaryIO, *, at: Place, seconds: float = SECONDS) -> Verdict:
    """Return what the scanner says of a file. Raises NotReached or NoVerdict."""
    ends_at = time.monotonic() + seconds
    with _connected(at) as scanner:
        try:
            _ask(scanner, b"zINSTREAM\0", ends_at)
            with suppress(
                BrokenPipeError, ConnectionResetError
            ):  # it has heard enough, and says why
                while chunk := file.read(CHUNK_BYTES):
                    _ask(scanner, len(chunk).to_bytes(4) + chunk, ends_at)
                _ask(scanner, bytes(4), ends_at)
            return _verdict(_answer(scanner, ends_at))
        except OSError as error:
            raise NoVerdict(str(error) or type(error).__name__) from error


def version(*, at: Place) -> str:
    """Return what the scanner calls itself, with the age of what it knows. Raises NotReached."""
    with _connected(at) as scanner:
        try:
            ends_at = time.monotonic() + CONNECT_SECONDS
            _ask(scanner, b"zVERSION\0", ends_at)
            answer = _answer(scanner, ends_at)
        except OSError as error:
            raise NotReached(str(error) or type(error).__name__) from error
    if not answer:
        raise NotReached("It said nothing.")
    return answer


def _connected(at: Place) -> socket.socket:
    try:
        if not isinstance(at, str):
            return socket.create_connection(at, timeout=CONNECT_SECONDS)
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        made.settimeout(CONNECT_SECONDS)
        try:
            made.connect(at)
        except OSError:
            made.close()
            raise
    except OSError as error:
        raise NotReached(error.strerror or str(error) or type(error).__name__) from error
    return made


def _ask(scanner: socket.socket, words: bytes, ends_at: float) -> None:
    scanner.settimeout(_left(ends_at))
    scanner.sendall(words)


def _answer(scanner: socket.socket, ends_at: float) -> str:
    """Return what it says up to its end. Raises OSError."""
    heard = bytearray()
    while b"\0" not in heard and len(heard) < MAX_ANSWER_BYTES:
        scanner.settimeout(_left(ends_at))
        part = scanner.recv(MAX_ANSWER_BYTES)
        if not part:
            break
        heard += part
    return heard.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _left(ends_at: float) -> float:
    left = ends_at - time.monotonic()
    if left <= 0:
        raise TimeoutError("It took too long.")
    return left


def _verdict(answer: str) -> Verdict:
    """Read `stream: OK`, `stream: Some.Name FOUND`, or `... ERROR`. Raises NoVerdict for anything else."""
    said = answer.rpartition(": ")[2]
    if said == "OK":
        return Verdict()
    if said.endswith(" FOUND"):
        name = said.removesuffix(" FOUND").strip()
        return Verdict(unread=name) if name.startswith(LIMITS) else Verdict(found=name or "?")
    if "size limit exceeded" in said:
        return Verdict(unread=said)
    raise NoVerdict(said or "It said nothing.")
