"""One `hospes serve` for each data folder, and where it answers."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = "serving.json"
PATIENCE_SECONDS = 10.0  # for the parts of a desk that was killed a moment ago


class AlreadyServing(Exception):
    """Another `hospes serve` runs on this data folder; the text says where."""


@dataclass(frozen=True)
class Serving:
    """Who serves a data folder, and where."""

    pid: int
    port: int
    url: str
    smtp_port: int = 0  # 0: shut
    lmtp_port: int = 0
    host: str = ""  # the one address it listens on; "": all of this machine's


def take(data_dir: Path, serving: Serving) -> int:
    """Take the lock of this data folder for as long as this process and its children live.

    Returns the descriptor that holds it. Raises AlreadyServing, and OSError when the folder cannot be
    written.
    """
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o711)
    descriptor = os.open(data_dir / FILE, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not _locked(descriptor):
        other = read(data_dir)
        if time.monotonic() > deadline or (other and _is_alive(other.pid)):
            os.close(descriptor)
            raise AlreadyServing(_who(other))
        time.sleep(0.05)
    write(descriptor, serving)
    return descriptor


def _who(other: Serving | None) -> str:
    if other is None:
        return "Hospes is running already."
    if not other.port:  # something that must be alone here, called by its name
        return f"Here is {other.url} under way (process {other.pid}): wait until it is done."
    return f"Hospes is running already at {other.url} (process {other.pid})."


def write(descriptor: int, serving: Serving) -> None:
    """Say who serves the folder, by whoever holds its lock."""
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(asdict(serving)).encode(), 0)


def read(data_dir: Path) -> Serving | None:
    """Return who serves the folder now, or did last."""
    with contextlib.suppress(OSError, ValueError, TypeError):
        return Serving(**json.loads((data_dir / FILE).read_text(encoding="utf-8")))
    return None


def is_served(data_dir: Path) -> bool:
    """Whether a `hospes serve` holds the folder now."""
    try:
        descriptor = os.open(data_dir / FILE, os.O_RDWR)
    except OSError:
        return False
    try:
        return not _locked(descriptor)
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
