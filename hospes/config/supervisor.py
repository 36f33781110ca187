"""`hospes serve`: starts the parts in order, restarts what dies, stops all of them, the database last."""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog

from hospes.lib.ballast import Ballast
from hospes.lib.embedded_postgres import CannotStart
from hospes.lib.embedded_postgres.server import Server
from hospes.lib.processes import call_itself, end_with_parent

ENDINGS = (signal.SIGTERM, signal.SIGINT)
AWAITED = (*ENDINGS, signal.SIGCHLD)
STOP_SECONDS = 7.0  # for the parts; the database has what is left of ten
ASK_SECONDS = 5.0  # how often a part that is not always wanted is asked for
BALLAST_SECONDS = 5.0  # how often it is looked whether there is room for what was given up
STEADY_SECONDS = 10.0  # a part that lived longer is started again at once
MAX_PAUSE_SECONDS = 30.0

log = structlog.get_logger(__name__)
Life = Callable[[], int]
Wanted = Callable[[], bool]


@dataclass
class Part:
    """One process to keep alive."""

    name: str
    life: Life
    is_wanted: Wanted | None = None  # None: always; otherwise asked while it does not run
    pid: int = 0  # 0: not running
    started_at: float = 0.0  # monotonic
    pause: float = 0.0  # seconds before the next start
    due_at: float = 0.0  # monotonic


class Supervisor:
    """Keeps the parts and the database alive until it is asked to stop.

    database: None when the database is somebody else's to run.
    ballast: lies there for when the database does not start on a full disk.
    wanted: for parts that only run now and then, whether they are wanted now. Such a part may end by itself.
    """

    def __init__(
        self,
        lives: dict[str, Life],
        database: Server | None,
        *,
        wanted: Mapping[str, Wanted] | None = None,
        ballast: Ballast | None = None,
    ) -> None:
        self.parts = [Part(name, life, (wanted or {}).get(name)) for name, life in lives.items()]
        self.database = database
        self.ballast = ballast
        self.is_stopping = False

    def start(self) -> None:
        """Fork every part. Everything they share must be imported by now, and no connection open."""
        signal.pthread_sigmask(signal.SIG_BLOCK, AWAITED)
        gc.collect()
        gc.freeze()  # what is shared stays shared: the collector would write to every page of it
        for part in self.parts:
            self._start_if_wanted(part)

    def watch(self) -> None:
        """Restart what dies until SIGTERM or SIGINT."""
        while True:
            got = signal.sigtimedwait(AWAITED, self._seconds_to_next())
            if got is not None and got.si_signo in ENDINGS:
                return
            self._reap()
            self._mend_database()
            for part in self.parts:
                if not part.pid and part.due_at <= time.monotonic():
                    self._start_if_wanted(part)

    def stop(self) -> None:
        """Ask every part to end, and end those that do not."""
        self.is_stopping = True
        log.info("serve: stopping")
        self._signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while any(part.pid for part in self.parts) and time.monotonic() < deadline:
            signal.sigtimedwait([signal.SIGCHLD], 0.2)
            self._reap()
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        for part in self.parts:
            if part.pid:
                with suppress(ProcessLookupError):
                    os.kill(part.pid, number)

    def _start_if_wanted(self, part: Part) -> None:
        if part.is_wanted is None or part.is_wanted():
            self._start(part)
        else:
            part.due_at = time.monotonic() + ASK_SECONDS

    def _start(self, part: Part) -> None:
        parent = os.getpid()
        _flush()  # or the child says it again
        part.started_at = time.monotonic()
        part.pid = os.fork()
        if part.pid == 0:
            _live(part, parent)

    def _reap(self) -> None:
        for part in self.parts:
            if not part.pid:
                continue
            pid, status = os.waitpid(part.pid, os.WNOHANG)
            if pid:
                self._lost(part, os.waitstatus_to_exitcode(status))

    def _lost(self, part: Part, code: int) -> None:
        lived = time.monotonic() - part.started_at
        if lived > STEADY_SECONDS:
            part.pause = 0.0
        if part.is_wanted is not None and code == 0:
            part.pid, part.due_at = 0, time.monotonic() + ASK_SECONDS
            return
        if not self.is_stopping:
            log.warning("serve: a part ended", part=part.name, code=code, pause_seconds=part.pause)
        part.pid, part.due_at = 0, time.monotonic() + part.pause
        part.pause = min(max(0.5, part.pause * 2), MAX_PAUSE_SECONDS)

    def _mend_database(self) -> None:
        if self.database is None:
            return
        if self.database.is_alive:
            if self.ballast is not None:
                self.ballast.keep()
            return
        log.warning("serve: the database ended")
        try:
            self.database.start()
            self.database.wait_until_ready()
        except (CannotStart, OSError) as error:  # a full disk, perhaps: space may come back
            gives = self.ballast is not None and self.ballast.give_up()
            log.warning("serve: the database does not start", why=str(error), gives_room=gives)

    def _seconds_to_next(self) -> float:
        if self.database is not None and not self.database.is_alive:
            return 2.0
        most = 60.0 if self.ballast is None or self.ballast.is_kept else BALLAST_SECONDS
        waits = [part.due_at - time.monotonic() for part in self.parts if not part.pid]
        return max(0.0, min([*waits, most]))


def _live(part: Part, parent: int) -> None:
    """Be a part until it ends; never returns into the supervisor's code."""
    code = 1
    try:
        end_with_parent(parent, signal.SIGTERM)
        for number in ENDINGS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, AWAITED)
        os.setsid()  # Ctrl-C reaches the supervisor alone, which stops us in order
        call_itself(f"hospes: {part.name}")
        code = part.life()
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else 1
    except BaseException:  # the last chance to say what it was
        log.exception("serve: a part failed", part=part.name)
    finally:
        _leave(code)


def _leave(code: int) -> Any:
    _flush()
    os._exit(code)


def _flush() -> None:
    """Let go what was said; a disk that is full of logs ends nobody."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
