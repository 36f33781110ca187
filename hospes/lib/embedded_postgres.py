"""The PostgreSQL that Hospes brings along."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

MAX_SOCKET_PATH = 90  # the system's limit is 107 bytes with the socket's own name


def socket_dir(data_dir: Path) -> Path:
    """Return where the server listens; short enough for a Unix socket, whatever the data folder."""
    inside = data_dir / "postgres" / "run"
    if len(str(inside)) <= MAX_SOCKET_PATH:
        return inside
    short = hashlib.sha256(str(data_dir).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"hospes-{short}"


def url(data_dir: Path) -> str:
    """Return the address of the embedded database of this data folder."""
    return f"postgresql:///hospes?host={socket_dir(data_dir)}&user=hospes"
