"""Start the database server as a child of this process, and stop it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import psycopg

from hospes.lib.embedded_postgres import CannotStart, url
from hospes.lib.embedded_postgres.cluster import Cluster, prepare
from hospes.lib.embedded_postgres.programs import Programs
from hospes.lib.processes import end_with_parent

START_SECONDS = 60.0  # a crash leaves work to do before the first connection
LOG_SIZE_BYTES = 5 * 2**20


class Server:
    """The server of one data folder. One process at a time may start it: the caller holds a lock.

    tuning: settings that differ from ours, such as `{"fsync": "off"}` for tests.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        programs: Programs | None = None,
        tuning: Mapping[str, str] | None = None,
    ) -> None:
        self.data_dir = data_dir
        self.programs = programs
        self.tuning = tuning
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start the server and return at once, after making the cluster if there is none.

        Raises CannotStart with the reason.
        """
        self.cluster = prepare(self.data_dir, programs=self.programs, tuning=self.tuning)
        _end_the_forsaken(self.cluster)
        self._spawn()

    def wait_until_ready(self, *, seconds: float = START_SECONDS) -> None:
        """Return when the server answers: judged by a real connection, not by its process.

        Raises CannotStart when it ended, or did not answer in time.
        """
        deadline = time.monotonic() + seconds
        while not _answers(self.data_dir):
            if not self.is_alive:
                why = self._why()
                if time.monotonic() > deadline or not _is_held_by_the_dead(why):
                    raise CannotStart(f"The database ended: {why} Its log is {self.cluster.log}.")
                self._spawn()
            if time.monotonic() > deadline:
                raise CannotStart(f"The database does not answer; see {self.cluster.log}.")
            time.sleep(0.02)

    def place_for_ballast(self) -> Path:
        """Return a name for a file on the disk that the server's log of changes lies on."""
        log = (self.cluster.data / "pg_wal").resolve()
        is_elsewhere = log.stat().st_dev != self.cluster.home.stat().st_dev
        return (log if is_elsewhere else self.cluster.home) / "ballast"

    def stop(self, *, seconds: float = 5.0) -> None:
        """End all connections and stop; when that takes too long, leave the rest to recovery."""
        if self.process is None:
            return
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            if self.is_alive:
                self.process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
                break
        if (
            self.cluster.run.parent != self.cluster.home
        ):  # in the system's folder of temporary files
            with contextlib.suppress(OSError):
                self.cluster.run.rmdir()

    def _spawn(self) -> None:
        cluster = self.cluster
        if cluster.log.exists() and cluster.log.stat().st_size > LOG_SIZE_BYTES:
            cluster.log.rename(cluster.log.with_suffix(".log.1"))
        self._log_from = cluster.log.stat().st_size if cluster.log.exists() else 0
        descriptor = os.open(cluster.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "wb") as log:
            self.process = cluster.account.spawn(
                [cluster.programs.path("postgres"), "-D", cluster.data],
                output=log,
                first=_end_with(os.getpid()),
            )

    def _why(self) -> str:
        """Return the reason the server gave for ending."""
        said = self.cluster.log.read_bytes()[self._log_from :].decode("utf-8", "replace")
        reasons = [line for line in said.splitlines() if "FATAL:" in line or "PANIC:" in line]
        return f"{reasons[-1].partition(':  ')[2]}." if reasons else "it gave no reason."


def _end_with(parent: int) -> Callable[[], None]:
    """Return what makes the server shut down when we are killed: nobody would ever stop it."""

    def ask() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        os.setsid()  # Ctrl-C reaches us alone; the server goes last
        end_with_parent(parent, signal.SIGINT)

    return ask


def _answers(data_dir: Path) -> bool:
    try:
        psycopg.connect(url(data_dir), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _end_the_forsaken(cluster: Cluster) -> None:
    """Stop a server whose Hospes was killed, and clear the lock of one that was killed itself.

    PostgreSQL takes a process with the number in its lock file for a server, whatever it is; after a
    restart of a container that may be anything. So who uses the folder is asked of the system.
    """
    lock = cluster.data / "postmaster.pid"
    if not lock.exists() or not Path("/proc/self").exists():
        return
    deadline = time.monotonic() + 10
    while users := _users(cluster.data):
        if time.monotonic() > deadline:
            raise CannotStart(f"Another server uses {cluster.data} (process {min(users)}).")
        pid = _first_number(lock)
        if pid in users:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT)
        time.sleep(0.05)
    lock.unlink(missing_ok=True)
    for path in cluster.run.glob(".s.PGSQL.*"):
        path.unlink(missing_ok=True)


def _is_held_by_the_dead(why: str) -> bool:
    """Whether the start failed only because killed processes of a former server are still going."""
    return "postmaster.pid" in why or "shared memory block" in why


def _users(data: Path) -> set[int]:
    """Return the processes that work in this folder, as every process of a server does."""
    found = set()
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if process.name.isdigit() and (process / "cwd").readlink() == data:
                found.add(int(process.name))
    return found


def _first_number(lock: Path) -> int:
    try:
        return int(lock.read_text(encoding="utf-8").split("\n", 1)[0])
    except (OSError, ValueError):
        return 0
