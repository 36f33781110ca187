"""The part that fetches: a thread for each mailbox, begun anew when somebody changes what they set."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg
import structlog
from django.conf import settings
from django.db import Error as DatabaseFault

from hospes.channels.actions.fetching import CHANNEL
from hospes.channels.models import IncomingServer
from hospes.intake.fetching.mailbox import Mailbox
from hospes.intake.fetching.store import Store, wanted_servers
from hospes.lib.locks import Lock

LOOK_SECONDS = 2.0
END_SECONDS = 2.5  # for the threads; what they have begun is taken up again

log = structlog.get_logger(__name__)


def run(stop: threading.Event, *, ends_when_idle: bool = False) -> None:
    """Fetch until `stop` is set; survives a database that comes and goes.

    ends_when_idle: return as soon as there is nothing to fetch from.
    """
    while not stop.is_set():
        try:
            with psycopg.connect(settings.DATABASE_URL, autocommit=True) as own:
                if _Fetcher(own).work(stop, ends_when_idle=ends_when_idle):
                    return
        except (psycopg.Error, DatabaseFault, OSError) as error:
            log.warning("fetching: starting again", error=type(error).__name__)
            stop.wait(1.0)


@dataclass
class _Fetcher:
    """One connection of its own holds the lock, and hears of changes."""

    own: psycopg.Connection[Any]
    store: Store = field(default_factory=Store)
    running: dict[tuple[int, datetime], tuple[Mailbox, threading.Thread]] = field(
        default_factory=dict
    )

    def work(self, stop: threading.Event, *, ends_when_idle: bool) -> bool:
        """Fetch when it is our turn; True: there is nothing to fetch from."""
        while not self._has_turn():
            if stop.wait(LOOK_SECONDS):
                return False
        self.own.execute(f"LISTEN {CHANNEL}")
        try:
            while not stop.is_set():
                wanted = set(self.store.ask(wanted_servers).items())
                self._follow(wanted)
                if ends_when_idle and not wanted:
                    return True
                self._wait()
        finally:
            self._end()
        return False

    def _follow(self, wanted: set[tuple[int, datetime]]) -> None:
        for key in self.running.keys() - wanted:
            mailbox, _ = self.running.pop(key)
            mailbox.stop.set()  # its thread ends by itself, and may take a while
        for key in wanted - self.running.keys():
            mailbox = Mailbox(IncomingServer(pk=key[0]), self.store)
            thread = threading.Thread(target=mailbox.run, name=f"mailbox {key[0]}", daemon=True)
            self.running[key] = (mailbox, thread)
            thread.start()

    def _wait(self) -> None:
        """Sleep until somebody changes a server, or for a moment."""
        for _ in self.own.notifies(timeout=LOOK_SECONDS, stop_after=1):
            return

    def _end(self) -> None:
        for mailbox, _ in self.running.values():
            mailbox.stop.set()
        ends_at = time.monotonic() + END_SECONDS
        for _, thread in self.running.values():
            thread.join(max(0.0, ends_at - time.monotonic()))
        self.store.close()

    def _has_turn(self) -> bool:
        row = self.own.execute("SELECT pg_try_advisory_lock(%s)", [Lock.FETCHING]).fetchone()
        return bool(row and row[0])
