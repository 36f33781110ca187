"""The PostgreSQL that Hospes brings along, run as one of its own processes.

`programs.py` finds the programs, `account.py` says as whom they run, `cluster.py` makes the data
folder, `server.py` starts and stops. This file only says where things are, so that settings can ask
without cost.

    <data folder>/postgres/data        the cluster; belongs to the account that runs the server
    <data folder>/postgres/run         its socket; nobody else may enter
    <data folder>/postgres/programs    a copy of the programs, where that account could not reach them
    <data folder>/postgres/server.log

Started by root, the server runs as `postgres` or `nobody`. Where that account cannot enter the data
folder, `postgres` is a link to a folder that it can enter; nobody's permissions are widened for it.
"""

from __future__ import annotations

import hashlib
import socket
from pathlib import Path
from urllib.parse import quote

USER = DATABASE = "hospes"
MAX_SOCKET_PATH = 90  # the system's limit is 107 bytes with the socket's own name


class CannotStart(Exception):
    """The database cannot be started; the text says why and what would do."""


def home(data_dir: Path) -> Path:
    """Return the folder of everything the embedded database keeps."""
    return data_dir / "postgres"


def socket_dir(data_dir: Path) -> Path:
    """Return where the server listens; short enough for a Unix socket, whatever the data folder."""
    inside = home(data_dir) / "run"
    # A comma would part a list of servers in the address.
    if len(bytes(inside)) <= MAX_SOCKET_PATH and "," not in str(inside):
        return inside
    short = hashlib.sha256(bytes(data_dir)).hexdigest()[:12]
    return Path("/tmp") / f"hospes-{short}"  # noqa: S108 # made 0700, and checked, by the server


def url(data_dir: Path, *, database: str = DATABASE) -> str:
    """Return the address of the embedded database of this data folder."""
    return f"postgresql:///{database}?host={quote(str(socket_dir(data_dir)), safe='/')}&user={USER}"


def is_listening(data_dir: Path) -> bool:
    """Whether a server of this data folder takes connections now."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(socket_dir(data_dir) / ".s.PGSQL.5432"))
        except OSError:
            return False
    return True
