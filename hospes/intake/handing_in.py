"""Hand mails in without a door: stored as a door stores them, understood by the worker that runs, or here.

What is handed in ends where mail through a door ends; whoever hands it in can wait until it is understood and
search finds it. However many there are, only a few hundred are in hand at a time.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Self, TypeVar

from django.db import InterfaceError, OperationalError, connection, connections, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hospes.events import consuming, recording
from hospes.intake import room, worker
from hospes.intake.actions import storing
from hospes.intake.actions.storing import Delivery, store_all
from hospes.lib.refusal import Refused

GROUP, GROUP_BYTES = 200, 16 * 2**20
IN_HAND = 3  # groups that are stored and not yet given back
LOOK_AGAIN_SECONDS = (0.01, 0.15)  # at first, and at most
LOOK_FOR_WORKER_SECONDS = 2.0
PATIENCE_SECONDS = 60.0  # for a database that comes back
GIVE_UP_SECONDS = 180.0  # in which nothing at all got on
FAILED_REACTIONS = 3  # an event put off so often is not waited for: search comes later

T = TypeVar("T")


@dataclass(frozen=True)
class Handed:
    """A mail that was handed in and understood."""

    label: str  # what the caller calls it
    raw_id: int


def hand_in(mails: Iterable[tuple[str, Delivery]]) -> Iterator[list[Handed]]:
    """Hand in mails, each with the caller's name for it; give them back in order, group by group.

    Each is understood and found by search when it is given back. One that is known already is given back
    as it stands.

    Raises Refused when the disk has no room for mail, or when nobody gets on with what came in.
    """
    waiting: deque[list[Handed]] = deque()
    with _Helper() as helper:
        for group in _groups(mails):
            waiting.append(patiently(partial(_store, group)))
            if len(waiting) == IN_HAND:
                yield _settled(waiting.popleft(), helper)
        while waiting:
            yield _settled(waiting.popleft(), helper)


def patiently(ask: Callable[[], T]) -> T:
    """Ask the database, and again while it is started anew; what is asked must be safe to repeat.

    Raises OperationalError when it stays away.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return ask()
        except (OperationalError, InterfaceError):
            connection.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def _groups(mails: Iterable[tuple[str, Delivery]]) -> Iterator[list[tuple[str, Delivery]]]:
    group: list[tuple[str, Delivery]] = []
    size_bytes = 0
    for mail in mails:
        length = len(mail[1].body)
        if group and (len(group) == GROUP or size_bytes + length > GROUP_BYTES):
            yield group
            group, size_bytes = [], 0
        group.append(mail)
        size_bytes += length
    if group:
        yield group


def _store(group: Sequence[tuple[str, Delivery]]) -> list[Handed]:
    if room.is_short():
        raise Refused(_("The disk is nearly full, so no mail is taken."), code="disk_full")
    with transaction.atomic():
        ids = store_all([delivery for _, delivery in group], at=timezone.now())
    return [Handed(label, raw_id) for (label, _), raw_id in zip(group, ids, strict=True)]


def _settled(group: list[Handed], helper: _Helper) -> list[Handed]:
    """Return when all of the group are understood and indexed."""
    open_ids = {one.raw_id for one in group}
    pause, most = LOOK_AGAIN_SECONDS
    while open_ids := patiently(partial(_unsettled, open_ids)):
        patiently(helper.look)
        time.sleep(pause)
        pause = min(pause * 1.5, most)
    return group


def _unsettled(raw_ids: set[int]) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(_UNSETTLED, {"raws": list(raw_ids), "attempts": FAILED_REACTIONS})
        return {row[0] for row in cursor.fetchall()}


# The events are few: those whose reactions have not run.
_UNSETTLED = """
SELECT raw_id FROM intake_pendingraw WHERE raw_id = ANY(%(raws)s)
UNION
SELECT m.raw_id
FROM events_pendingevent p JOIN events_event e ON e.id = p.event_id
JOIN conversations_message m ON m.id = (e.data->>'message_id')::bigint
WHERE e.kind = 'MessageReceived' AND p.attempts < %(attempts)s AND m.raw_id = ANY(%(raws)s)
"""


class _Helper:
    """Sees to it that somebody understands: the worker that runs, or else this process."""

    def __init__(self) -> None:
        self._looked_at = 0.0  # monotonic
        self._left: tuple[int, ...] = ()
        self._got_on_at = time.monotonic()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        return self

    def look(self) -> None:
        """Take the worker's part from now on if there is none. Raises Refused when nothing gets on at all."""
        now = time.monotonic()
        if now - self._looked_at < LOOK_FOR_WORKER_SECONDS:
            return
        self._looked_at = now
        if not self._threads and not worker.is_running():
            self._start()
        left = _left()
        if left != self._left:
            self._left, self._got_on_at = left, now
        elif now - self._got_on_at > GIVE_UP_SECONDS:
            raise Refused(
                _("Nobody gets on with the mail that came in. `hospes doctor` says why."),
                code="stuck",
            )

    def _start(self) -> None:
        self._threads = [
            threading.Thread(target=self._run, args=(run,), daemon=True)
            for run in (worker.run, consuming.run)
        ]
        for thread in self._threads:
            thread.start()

    def _run(self, run: Callable[[threading.Event], None]) -> None:
        try:
            run(self._stop)
        finally:
            connections.close_all()  # those of this thread

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        if self._threads and error is None:
            with connection.cursor() as cursor:  # or they would sleep on for a while
                cursor.execute(f"NOTIFY {storing.CHANNEL}")
                cursor.execute(f"NOTIFY {recording.CHANNEL}")
        for thread in self._threads:
            thread.join()


def _left() -> tuple[int, ...]:
    """Return what changes as long as anybody gets on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), coalesce(sum(attempts), 0), (SELECT count(*) FROM events_pendingevent)"
            " FROM intake_pendingraw"
        )
        return tuple(cursor.fetchone())
