"""Look at the machine: the data folder, its space, who runs, and whether the ports answer."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from hospes.config import serving
from hospes.config.doctor.findings import Finding, fail, ok, warn
from hospes.config.ports import LOOPBACK

PATIENCE_SECONDS = 5.0
PRIVATE = 0o077  # what nobody else may have of the key


def look_at_folder(data_dir: Path) -> Iterator[Finding]:
    """Whether the folder is ours to use, and its key nobody else's to read."""
    if not os.access(data_dir, os.R_OK | os.W_OK | os.X_OK):
        yield fail(
            "data folder",
            f"{data_dir}: this account may not use it.",
            "Ask as the account that runs Hospes, or as root.",
        )
        return
    key = data_dir / "secret_key"
    if key.exists() and key.stat().st_mode & PRIVATE:
        yield fail(
            "secret key", f"{key}: others can read it.", f"chmod 600 {key}", lambda: _lock_up(key)
        )
    foreign = [path.name for path in (key, data_dir / "files") if _is_foreign(path)]
    if foreign:
        owner = data_dir / foreign[0]
        yield fail(
            "data folder",
            f"{owner} belongs to another account.",
            "Run Hospes always as the same account, and give it what lies there.",
        )
    yield ok("data folder", str(data_dir))


def _lock_up(key: Path) -> str:
    key.chmod(0o600)
    return f"Only the owner can read {key} now."


def _is_foreign(path: Path) -> bool:
    return os.geteuid() != 0 and path.exists() and path.stat().st_uid != os.geteuid()


def look_at_space(data_dir: Path, reserve_percent: int) -> Finding:
    usage = shutil.disk_usage(data_dir)
    free_percent = usage.free * 100 / usage.total
    says = f"{usage.free / 2**30:.1f} GiB free ({free_percent:.0f} %)"
    mend = "Make room, or lower HOSPES_DISK_RESERVE_PERCENT."
    if free_percent < reserve_percent:
        return fail("disk", f"{says}: the doors take no mail below {reserve_percent} %.", mend)
    if free_percent < reserve_percent + 5:
        return warn("disk", f"{says}: at {reserve_percent} % the doors stop taking mail.", mend)
    return ok("disk", says)


def look_at_ports(now: serving.Serving) -> Iterator[Finding]:
    """Whether the pages and the doors of the running desk answer."""
    yield _page(now)
    doors = {"SMTP door": now.smtp_port, "LMTP door": now.lmtp_port}
    for name, port in doors.items():
        if port:
            # LMTP is for this machine alone, wherever the others listen.
            yield _door(name, LOOPBACK if name == "LMTP door" else _host(now), port)


def _host(now: serving.Serving) -> str:
    return LOOPBACK if now.host in {"", "0.0.0.0", "::"} else now.host  # noqa: S104 # compared with


def _page(now: serving.Serving) -> Finding:
    host = _host(now)
    place = f"[{host}]" if ":" in host else host
    # By a name that is always allowed, whatever HOSPES_URL is.
    asked = urllib.request.Request(
        f"http://{place}:{now.port}/healthz", headers={"Host": "localhost"}
    )
    reason = "it answers something else"
    try:
        with urllib.request.urlopen(asked, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310 # always http
            if answer.status == 200:
                return ok("pages", f"they answer on port {now.port} ({now.url})")
    except (urllib.error.URLError, OSError) as error:
        reason = str(getattr(error, "reason", error))
    return fail(
        "pages", f"Port {now.port} does not answer: {reason}.", "See what `hospes serve` printed."
    )


def _door(name: str, host: str, port: int) -> Finding:
    greeting = b""
    with (
        contextlib.suppress(OSError),
        socket.create_connection((host, port), PATIENCE_SECONDS) as door,
    ):
        door.settimeout(PATIENCE_SECONDS)
        greeting = door.recv(200)
        door.sendall(b"QUIT\r\n")
    if greeting.startswith(b"220"):
        return ok(name, f"it takes mail on port {port}")
    return fail(name, f"Port {port} does not answer.", "See what `hospes serve` printed.")
