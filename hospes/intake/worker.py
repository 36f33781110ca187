"""The worker that understands: claims the next batch while the last one is written."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from typing import Any

import psycopg
import structlog
from django.conf import settings
from django.db import Error as DatabaseFault
from django.db import connection
from django.utils import timezone

from hospes.channels.contract import Inbound, Unreadable
from hospes.channels.email.child import ParserChild
from hospes.events.hints import DESK_CHANNEL
from hospes.intake.actions.claiming import (
    BATCH,
    BATCH_BYTES,
    Claimed,
    claim,
    give_back_untried,
    release_dead_claims,
)
from hospes.intake.actions.filing import store_missing_files
from hospes.intake.actions.storing import CHANNEL
from hospes.intake.actions.understanding import Read, read, write
from hospes.intake.counters import count_on
from hospes.intake.crowds import Crowd
from hospes.intake.desk import FRESH_SECONDS, Desk, DeskView
from hospes.lib.locks import Lock

IDLE_SECONDS = 2.0
COUNT_SECONDS = 60.0
FILE_SECONDS = 20.0  # until what the disk did not take is tried again

log = structlog.get_logger(__name__)


def run(stop: threading.Event) -> None:
    """Understand what comes in until `stop` is set; survives a database that comes and goes."""
    with closing(ParserChild()) as parser, ThreadPoolExecutor(1, "parser") as reading:
        parser.preload()
        while not stop.is_set():
            try:
                with psycopg.connect(settings.DATABASE_URL, autocommit=True) as own:
                    _Worker(own, parser, reading).work(stop)
            except (psycopg.Error, DatabaseFault, OSError, RuntimeError) as error:
                log.warning("intake: starting again", error=type(error).__name__)
                connection.close()
                stop.wait(1.0)


def is_running() -> bool:
    """Whether a worker that understands is alive anywhere."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted"
            " AND objsubid = 2 AND classid = %s AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database()))",
            [Lock.WORKER],
        )
        return bool(cursor.fetchone()[0])


class _Worker:
    """One connection of its own holds the lock that says it lives, and hears of new mail."""

    def __init__(
        self, own: psycopg.Connection[Any], parser: ParserChild, reading: ThreadPoolExecutor
    ) -> None:
        self.own, self.parser, self.reading = own, parser, reading
        self.desk = DeskView()
        self.crowd: Crowd | None = None  # while more waits than one batch takes
        self.counted_at = self.filed_at = time.monotonic()
        self.number = self._take_number()
        self.is_woken = False  # something came in since the last claim
        own.execute(f"LISTEN {CHANNEL}")
        own.execute(f"LISTEN {DESK_CHANNEL}")

    def work(self, stop: threading.Event) -> None:
        """Understand when it is our turn.

        Two at once would write an answer before the letter it answers, and tear threads apart; one
        alone understands more mail than a desk of any size gets.
        """
        while not self._has_turn():
            if stop.wait(IDLE_SECONDS):
                return
        release_dead_claims()
        try:
            self._work(stop)
        except (OSError, DatabaseFault):
            with suppress(DatabaseFault):
                give_back_untried(worker_id=self.number)  # a disk without room is no mail's fault
            raise

    def _work(self, stop: threading.Event) -> None:
        ahead: Future[list[Read]] | None = None
        while not stop.is_set():
            self._look_after()
            batch = self._claim()
            if len(batch) == 1 and ahead is None:  # alone: whoever sent it may be watching
                desk = self._desk_for(batch)
                write(read(batch, self.parser, desk), desk=desk, at=timezone.now())
                continue
            following = self._read(batch) if batch else None
            if ahead is not None:
                self._write(ahead.result())
            ahead = following
            if ahead is None:
                self._wait()
        if ahead is not None:
            self._write(ahead.result())

    def _claim(self) -> list[Claimed]:
        """Take the next batch; when more than one waits, of all who wait."""
        if self.crowd is not None:
            self.crowd.look()
        self.is_woken = False
        favoured = self.crowd.first(BATCH // 2) if self.crowd is not None else []
        batch = claim(worker_id=self.number, before_others=favoured)
        if not _is_full(batch):
            self.crowd = None
        elif self.crowd is None:
            self.crowd = Crowd()
        if self.crowd is not None:
            self.crowd.taken([one.raw_id for one in batch])
        return batch

    def _look_after(self) -> None:
        """Now and then, do what nobody waits for."""
        now = time.monotonic()
        if now - self.counted_at > COUNT_SECONDS:
            has_more = count_on(at=timezone.now())
            self.counted_at = self.counted_at if has_more else now
        if now - self.filed_at > FILE_SECONDS:
            self.filed_at = now
            store_missing_files(parser=self, at=timezone.now())

    def parse_all(
        self, bodies: Sequence[bytes], *, priors: Sequence[Sequence[str]] = ()
    ) -> list[Inbound | Unreadable]:
        """Let the parser read something between the batches: it reads one thing at a time."""
        return self.reading.submit(self.parser.parse_all, bodies, priors=priors).result()

    def _read(self, batch: list[Claimed]) -> Future[list[Read]]:
        return self.reading.submit(read, batch, self.parser, self._desk_for(batch))

    def _write(self, batch: list[Read]) -> None:
        desk = self._desk_for([one.claimed for one in batch])
        write(batch, desk=desk, at=timezone.now())

    def _desk_for(self, batch: list[Claimed]) -> Desk:
        self._hear(0)
        return self.desk.now({one.channel_id for one in batch})

    def _wait(self) -> None:
        """Sleep until something comes in; now and then look after dead colleagues, and at the desk."""
        if self.is_woken or self._hear(IDLE_SECONDS):
            return
        release_dead_claims()
        self.desk.renew(older_than=FRESH_SECONDS - IDLE_SECONDS)  # or the next mail waits for it

    def _hear(self, seconds: float) -> bool:
        """Listen for so long, until something is told; whether anything was."""
        heard = [one.channel for one in self.own.notifies(timeout=seconds, stop_after=1)]
        if heard:  # behind the news of much mail there may be others
            heard += [one.channel for one in self.own.notifies(timeout=0)]
        if DESK_CHANNEL in heard:
            self.desk.forget()
        self.is_woken |= CHANNEL in heard
        return bool(heard)

    def _has_turn(self) -> bool:
        row = self.own.execute("SELECT pg_try_advisory_lock(%s)", [Lock.UNDERSTANDING]).fetchone()
        return bool(row and row[0])

    def _take_number(self) -> int:
        """Hold a lock nobody else has, under a number nobody had before.

        Not even we: what we had claimed when the database went away must count as forsaken.
        """
        while True:
            number = secrets.randbelow(2**31)
            row = self.own.execute(
                "SELECT pg_try_advisory_lock(%s, %s)", [Lock.WORKER, number]
            ).fetchone()
            if row and row[0]:
                return number


def _is_full(batch: list[Claimed]) -> bool:
    """Whether more may wait: a batch has its number of mails, or their weight; a suspect comes alone."""
    size_bytes = sum(len(one.body) for one in batch)
    is_suspect = any(one.attempts > 1 for one in batch)
    return len(batch) >= BATCH or size_bytes > BATCH_BYTES // 2 or is_suspect
