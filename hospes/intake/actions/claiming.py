"""Take pending raws to understand them, and give back what could not be settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.postgres.functions import TransactionNow
from django.db import connection
from django.db.models import Case, DurationField, F, When

from hospes.intake.models import PendingRaw
from hospes.lib.crash_points import crash_here
from hospes.lib.locks import Lock

BATCH = 50
BATCH_BYTES = 32 * 2**20  # a few large mails make a batch, too
POSTPONED_SECONDS = (5, 15)  # until the DNS is asked again; then it counts as telling nothing


@dataclass(frozen=True)
class Claimed:
    """A raw that this worker has."""

    raw_id: int
    attempts: int  # this one included
    channel_id: int
    envelope_to: str
    received_at: datetime
    body: bytes
    envelope_from: str = ""
    peer: str = ""  # who brought it, and the name it gave
    helo: str = ""
    postponed: int = 0  # how often nobody could tell who sent it


def claim(
    *, worker_id: int, limit: int = BATCH, before_others: Sequence[int] = ()
) -> list[Claimed]:
    """Take the oldest raws nobody has, in one statement, with those that are to come before their turn.

    One that a worker died of before is taken alone, so that it can spoil no other.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            {
                "worker": worker_id,
                "limit": limit,
                "bytes": BATCH_BYTES,
                "before_others": list(before_others),
            },
        )
        rows = [
            Claimed(raw_id, attempts, channel_id, envelope_to, received_at, bytes(body), *seen)
            for raw_id, attempts, channel_id, envelope_to, received_at, body, *seen in cursor.fetchall()
        ]
    crash_here("intake.claimed")
    return sorted(rows, key=lambda one: one.raw_id)


# The pending ones are claimed before their bodies are looked up: joined first, a claim would read all mail there is, and an
# update reads whatever it joins whole, once for every pair it looks at.
# Nobody waits for the disk: a claim that a crash of the database undoes is one whose worker lost its lock by it.
_CLAIM = """
WITH unhurried AS MATERIALIZED (
    SELECT set_config('synchronous_commit', 'off', true)
), favoured AS MATERIALIZED (
    SELECT raw_id, attempts FROM intake_pendingraw
    WHERE raw_id = ANY(%(before_others)s::bigint[]) AND claimed_by IS NULL
        AND (not_before IS NULL OR not_before <= clock_timestamp())
    FOR UPDATE SKIP LOCKED
), oldest AS MATERIALIZED (
    SELECT raw_id, attempts FROM intake_pendingraw
    WHERE claimed_by IS NULL AND (not_before IS NULL OR not_before <= clock_timestamp())
        AND raw_id <> ALL(%(before_others)s::bigint[])
    ORDER BY raw_id LIMIT %(limit)s - (SELECT count(*) FROM favoured)
    FOR UPDATE SKIP LOCKED
), waiting AS MATERIALIZED (
    SELECT raw_id, attempts, is_favoured, min(raw_id) FILTER (WHERE attempts > 0) OVER () AS suspect
    FROM (SELECT raw_id, attempts, true AS is_favoured FROM favoured
        UNION ALL SELECT raw_id, attempts, false FROM oldest) AS both_kinds
), placed AS MATERIALIZED (
    SELECT raw_id, attempts, suspect,
        row_number() OVER (ORDER BY (is_favoured AND suspect IS NULL) DESC, raw_id) AS place
    FROM waiting
), fitting AS MATERIALIZED (
    SELECT w.raw_id, w.attempts, w.suspect, w.place,
        sum(length(r.body)) OVER (ORDER BY w.place) AS bytes
    FROM placed w JOIN intake_raw r ON r.id = w.raw_id
), chosen AS MATERIALIZED (
    SELECT raw_id FROM fitting
    WHERE (place = 1 OR bytes <= %(bytes)s)
        AND CASE WHEN suspect IS NULL THEN true
                 WHEN place = 1 THEN true
                 WHEN (SELECT attempts FROM fitting WHERE place = 1) > 0 THEN false
                 ELSE raw_id < suspect END
), claimed AS (
    UPDATE intake_pendingraw p SET claimed_by = %(worker)s, attempts = p.attempts + 1
    FROM chosen c, unhurried WHERE c.raw_id = p.raw_id
    RETURNING p.raw_id, p.attempts, p.postponed
)
SELECT c.raw_id, c.attempts, r.channel_id, r.envelope_to, r.received_at, r.body,
    r.envelope_from, r.peer, r.helo, c.postponed
FROM claimed c JOIN intake_raw r ON r.id = c.raw_id
"""


def give_back_untried(*, worker_id: int) -> None:
    """Let go what this worker has; no attempt is counted."""
    pending = PendingRaw.objects.filter(claimed_by=worker_id)
    pending.update(claimed_by=None, attempts=F("attempts") - 1)


def release_dead_claims() -> int:
    """Give back what workers had that are dead: their lock can be taken. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, [Lock.WORKER])
        return int(cursor.rowcount)


_RELEASE = """
WITH workers AS MATERIALIZED (
    SELECT DISTINCT claimed_by FROM intake_pendingraw WHERE claimed_by IS NOT NULL
), living AS MATERIALIZED (
    SELECT objid::int AS number FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND classid = %s
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
)
UPDATE intake_pendingraw SET claimed_by = NULL
WHERE claimed_by IN (SELECT claimed_by FROM workers)
    AND claimed_by NOT IN (SELECT number FROM living)
"""


def postpone(batch: Sequence[Claimed]) -> None:
    """Give back what nobody can tell the sender of now, to be asked again in a while."""
    if batch:
        PendingRaw.objects.filter(pk__in=[one.raw_id for one in batch]).update(
            claimed_by=None,
            attempts=F("attempts") - 1,
            postponed=F("postponed") + 1,
            not_before=TransactionNow()
            + Case(
                When(postponed=0, then=timedelta(seconds=POSTPONED_SECONDS[0])),
                default=timedelta(seconds=POSTPONED_SECONDS[1]),
                output_field=DurationField(),
            ),
        )
