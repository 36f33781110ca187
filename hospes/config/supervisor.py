"""`hospes serve`: starts the database and the parts, starts again what dies, stops all of it."""

from __future__ import annotations

import ctypes
import fcntl
import gc
import json
import os
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from hospes.config import env
from hospes.config.parts import PARTS, Ports, PortTaken, Sockets
from hospes.lib.embedded_postgres import PR_SET_PDEATHSIG, EmbeddedPostgres

STOP_SECONDS = 8.0
LOOK_SECONDS = 0.2
BACK_OFF_SECONDS = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0)  # after so many deaths in a row
STEADY_SECONDS = 30.0  # after which earlier deaths are forgotten
PR_SET_NAME = 15


@dataclass
class Part:
    """One child process."""

    name: str
    pid: int = 0
    started_at: float = 0.0
    deaths: int = 0
    start_at: float = 0.0  # when it may be started (again)


@dataclass
class Supervisor:
    ports: Ports
    with_demo: bool = False
    parts: list[Part] = field(default_factory=lambda: [Part(name) for name in PARTS])
    is_stopping: bool = False

    def run(self) -> int:
        """Run the desk until SIGTERM or Ctrl+C and return the exit code."""
        data_dir = env.data_dir()
        data_dir.mkdir(parents=True, exist_ok=True)
        with (data_dir / "serve.lock").open("a+") as lock:
            if not _take(lock, self.ports):
                return 1
            return self._run_locked(data_dir)

    def _run_locked(self, data_dir: Path) -> int:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop)
        postgres = None if env.text("DATABASE_URL") else EmbeddedPostgres(data_dir)
        try:
            with Sockets.open(self.ports) as sockets:
                if postgres:
                    postgres.start()  # gets ready while Django is imported
                self._get_ready(postgres)
                self._watch(sockets, postgres)
        except PortTaken as error:
            print(error, file=sys.stderr)
            return 1
        finally:
            self._end_parts()
            if postgres:
                postgres.stop()
        return 0

    def _get_ready(self, postgres: EmbeddedPostgres | None) -> None:
        """Import everything once, so that the parts share its memory; bring the database up to date."""
        import django

        django.setup()
        if postgres:
            postgres.wait_until_ready()
        from django.core.wsgi import get_wsgi_application
        from django.db import connections

        from hospes.config.preparing import prepare, welcome

        prepare(with_demo=self.with_demo)
        get_wsgi_application()
        lines = welcome()
        connections.close_all()
        gc.collect()
        gc.freeze()
        print("\n".join(lines), flush=True)

    def _watch(self, sockets: Sockets, postgres: EmbeddedPostgres | None) -> None:
        while not self.is_stopping:
            if postgres and not postgres.is_running():
                postgres.start()
            for part in self.parts:
                if not part.pid and time.monotonic() >= part.start_at:
                    self._start(part, sockets)
            self._bury()
            time.sleep(LOOK_SECONDS)

    def _start(self, part: Part, sockets: Sockets) -> None:
        part.started_at = time.monotonic()
        parent = os.getpid()
        pid = os.fork()
        if pid:
            part.pid = pid
            return
        try:
            _become(part.name, parent)
            PARTS[part.name](sockets)
            os._exit(0)
        except BaseException:  # noqa: BLE001 # the child must never come back into the parent's code
            sys.excepthook(*sys.exc_info())
            sys.stderr.flush()
            os._exit(1)

    def _bury(self) -> None:
        """Take the status of every part that died, and say when it may start again."""
        for part in self.parts:
            if not part.pid or not _is_gone(part.pid):
                continue
            now = time.monotonic()
            part.pid = 0
            part.deaths = 1 if now - part.started_at > STEADY_SECONDS else part.deaths + 1
            part.start_at = now + BACK_OFF_SECONDS[min(part.deaths, len(BACK_OFF_SECONDS)) - 1]

    def _end_parts(self) -> None:
        alive = [part for part in self.parts if part.pid]
        for part in alive:
            _signal(part.pid, signal.SIGTERM)
        end = time.monotonic() + STOP_SECONDS
        while any(part.pid for part in alive) and time.monotonic() < end:
            for part in alive:
                if part.pid and _is_gone(part.pid):
                    part.pid = 0
            time.sleep(0.02)
        for part in alive:
            if part.pid:
                _signal(part.pid, signal.SIGKILL)

    def _stop(self, *_: object) -> None:
        self.is_stopping = True


def _take(lock: IO[str], ports: Ports) -> bool:
    """Hold the data folder for this process; say who has it when it is taken."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        try:
            other = json.loads(lock.read())
            where = f"http://localhost:{other['port']} (process {other['pid']})"
        except (ValueError, KeyError):
            where = "in another process"
        print(f"Hospes runs with this data folder already: {where}.", file=sys.stderr)
        return False
    lock.seek(0)
    lock.truncate()
    lock.write(json.dumps({"pid": os.getpid(), "port": ports.web}))
    lock.flush()
    return True


def _become(name: str, parent: int) -> None:
    """Be that part: named so in the list of processes, and gone with the supervisor."""
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)
    libc.prctl(PR_SET_NAME, f"hospes: {name}".encode())
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _is_gone(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True
