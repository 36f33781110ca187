"""The one consumer of events: what follows from them, in order, at least once.

Everything here happens in the database; work outside it becomes a job of its own, deferred by a
reaction in the same transaction. One consumer, held by an advisory lock, keeps the order and makes
the numbers of hints grow in the order of commit.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import psycopg
import structlog
from django.conf import settings
from django.db import Error as DatabaseFault
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from hospes.events.models import Event, Hint, PendingEvent
from hospes.events.recording import CHANNEL, Happening, Recorded
from hospes.lib.crash_points import crash_here
from hospes.lib.locks import Lock
from hospes.lib.outages import is_outage

Reaction = Callable[[Sequence[Recorded]], None]
Reactions = Mapping[type[Happening], Sequence[Reaction]]

BATCH = 200
MAX_ATTEMPTS = 3  # failed by itself so often, it stays parked for the operator to see
RETRY_AFTER = (5, 30)  # seconds
OUTAGE_SECONDS = 30  # until what failed for want of a disk or a network is tried again
HINTS_KEPT_FOR = timedelta(minutes=15)
IDLE_SECONDS = 2.0

log = structlog.get_logger(__name__)


def run(stop: threading.Event) -> None:
    """Consume events until `stop` is set; survives a database that goes away and comes back."""
    reactions: Reactions = import_string(settings.REACTIONS)
    while not stop.is_set():
        try:
            with psycopg.connect(settings.DATABASE_URL, autocommit=True) as listening:
                _consume(listening, reactions, stop)
        except (psycopg.Error, DatabaseFault, OSError, RuntimeError) as error:
            log.warning("events: starting again", error=type(error).__name__)
            connection.close()
            stop.wait(1.0)


def _consume(
    listening: psycopg.Connection[Any], reactions: Reactions, stop: threading.Event
) -> None:
    while not stop.is_set() and not _take_lock(listening):
        stop.wait(IDLE_SECONDS)
    listening.execute(f"LISTEN {CHANNEL}")
    swept_at = timezone.now()
    while not stop.is_set():
        at = timezone.now()
        done = consume_batch(reactions, at=at)
        if at - swept_at > timedelta(minutes=1):
            forget_hints(at=at)
            swept_at = at
        if not done:
            for _ in listening.notifies(timeout=IDLE_SECONDS, stop_after=1):
                pass


def _take_lock(listening: psycopg.Connection[Any]) -> bool:
    row = listening.execute("SELECT pg_try_advisory_lock(%s)", [Lock.CONSUMER]).fetchone()
    return bool(row and row[0])


@transaction.atomic
def consume_batch(reactions: Reactions, *, at: datetime) -> int:
    """Run what follows from the oldest pending events; return how many were settled or put off."""
    pending = list(
        PendingEvent.objects.filter(Q(retry_at=None) | Q(retry_at__lte=at))
        .filter(attempts__lt=MAX_ATTEMPTS)
        .select_related("event")
        .order_by("event_id")[:BATCH]
    )
    kinds = {kind.__name__: kind for kind in reactions}
    settled: list[int] = []
    for name, run_of in groupby(pending, key=lambda one: one.event.kind):
        settled += _react(list(run_of), kinds.get(name), reactions, at)
    PendingEvent.objects.filter(pk__in=settled).delete()
    crash_here("events.before_commit")
    return len(pending)


def _react(
    pending: list[PendingEvent],
    kind: type[Happening] | None,
    reactions: Reactions,
    at: datetime,
) -> list[int]:
    """Run the reactions of neighbours of one kind; return the numbers of those that are settled.

    When one fails, each event is tried alone, so that it spoils no other.
    """
    if kind is None:
        return [one.pk for one in pending]
    try:
        with transaction.atomic():
            _run_all(reactions[kind], [_recorded(one.event, kind) for one in pending])
    except Exception as error:  # whatever a reaction does, the others go on
        if not connection.is_usable():
            raise  # no fault of the event
        if len(pending) == 1:
            _put_off(pending[0], error, at)
            return []
        return [pk for one in pending for pk in _react([one], kind, reactions, at)]
    return [one.pk for one in pending]


def _run_all(reactions: Sequence[Reaction], recorded: list[Recorded]) -> None:
    for reaction in reactions:
        reaction(recorded)


def _recorded(event: Event, kind: type[Happening]) -> Recorded:
    of = {} if event.conversation_id is None else {"conversation_id": event.conversation_id}
    happening = kind(**of, **event.data)
    return Recorded(event.pk, event.at, event.by_id, happening)


def _put_off(pending: PendingEvent, error: Exception, at: datetime) -> None:
    """Let an event wait for another try. One that an outage kept back is tried until the outage ends."""
    if is_outage(error):
        wait = OUTAGE_SECONDS
    else:
        wait = RETRY_AFTER[min(pending.attempts, len(RETRY_AFTER) - 1)]
        pending.attempts += 1
    pending.retry_at = at + timedelta(seconds=wait)
    pending.error = f"{type(error).__name__}: {error}"[:2000]
    pending.save(update_fields=["attempts", "retry_at", "error"])
    log.error(
        "events: a reaction failed", kind=pending.event.kind, number=pending.pk, exc_info=error
    )


def forget_hints(*, at: datetime) -> None:
    """Delete hints that no screen will ask for any more: whoever was away longer loads anew."""
    Hint.objects.filter(at__lt=at - HINTS_KEPT_FOR).delete()
