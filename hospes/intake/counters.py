"""What became of everything that came in: the equation that must always hold, for each channel and in all.

stored = shown + held + quarantined + pending + deleted

Mail that was put aside is held as well, and so is junk: nothing is deleted but by somebody, and that is counted, too. The rows of a desk may be millions, so
how many came in and how many are shown is kept up to a number that lies some minutes back (`count_on`), and only what
has a higher number is counted when somebody asks. `hospes doctor` counts everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from hospes.conversations.models import Message
from hospes.intake.models import CountedChannel, CountedThrough, Raw

# No transaction that writes mail takes so long: what has a number below those of then is there, or never will be.
SETTLES_IN = timedelta(minutes=10)
STEP = 50_000  # numbers that are counted in one go: whoever reads mail does it in between
LONG_PENDING_SECONDS = 60  # somebody has to look


@dataclass(frozen=True)
class Counters:
    stored: int = 0
    shown: int = 0
    held: int = 0
    quarantined: int = 0
    pending: int = 0
    deleted: int = 0  # by somebody, of what was held or quarantined
    oldest_pending_seconds: float = 0.0
    last_at: datetime | None = None  # when the last one came in

    def __str__(self) -> str:
        """The equation, as commands print it."""
        return (
            f"{self.stored} stored = {self.shown} shown + {self.held} held"
            f" + {self.quarantined} quarantined + {self.pending} pending"
            + (f" + {self.deleted} deleted" if self.deleted else "")
        )

    @property
    def is_balanced(self) -> bool:
        became = self.shown + self.held + self.quarantined + self.pending + self.deleted
        return self.stored == became

    @property
    def is_late(self) -> bool:
        """Whether something waits to be understood for longer than it may."""
        return self.oldest_pending_seconds > LONG_PENDING_SECONDS

    @property
    def is_well(self) -> bool:
        return self.is_balanced and not self.is_late


@dataclass(frozen=True)
class _Marks:
    """Up to which numbers it is known how many there are."""

    raw_id: int
    message_id: int


_FROM_THE_BEGINNING = _Marks(0, 0)


def counters() -> Counters:
    """Return what became of the mail of the whole desk."""
    return in_all(counters_by_channel())


def counters_by_channel() -> dict[int, Counters]:
    """Return what became of the mail of each channel that ever had any, in two statements."""
    marks, counted = _kept()
    return _counted(marks, counted)


def counted_anew() -> dict[int, Counters]:
    """Return the same from the rows alone, however many there are."""
    return _counted(_FROM_THE_BEGINNING, {})


def in_all(counted: Mapping[int, Counters]) -> Counters:
    every = list(counted.values())
    return Counters(
        stored=sum(one.stored for one in every),
        shown=sum(one.shown for one in every),
        held=sum(one.held for one in every),
        quarantined=sum(one.quarantined for one in every),
        pending=sum(one.pending for one in every),
        deleted=sum(one.deleted for one in every),
        oldest_pending_seconds=max((one.oldest_pending_seconds for one in every), default=0.0),
        last_at=max((one.last_at for one in every if one.last_at), default=None),
    )


@transaction.atomic
def count_on(*, at: datetime) -> bool:
    """Move on to the numbers that were the highest some minutes ago, by a step; whether more steps are left."""
    through, _ = CountedThrough.objects.select_for_update().get_or_create(
        pk=1, defaults={"next_at": at, **_highest()}
    )
    if at - through.next_at < SETTLES_IN:
        return False  # what has lower numbers may not all be there yet
    raw_id = min(through.next_raw_id, through.raw_id + STEP)
    message_id = min(through.next_message_id, through.message_id + STEP)
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD,
            {
                "raws_after": through.raw_id,
                "raws_to": raw_id,
                "messages_after": through.message_id,
                "messages_to": message_id,
            },
        )
    through.raw_id, through.message_id = raw_id, message_id
    is_there = (raw_id, message_id) == (through.next_raw_id, through.next_message_id)
    if is_there:
        for name, highest in _highest().items():
            setattr(through, name, highest)
        through.next_at = at
    through.save()
    return not is_there


def is_kept_right() -> bool:
    """Whether what is known up to those numbers is what there is, however long it takes to count."""
    marks, known = _kept()
    with connection.cursor() as cursor:
        cursor.execute(
            _BETWEEN,
            {
                "raws_after": 0,
                "raws_to": marks.raw_id,
                "messages_after": 0,
                "messages_to": marks.message_id,
            },
        )
        found = {channel_id: (stored, shown) for channel_id, stored, shown, _ in cursor.fetchall()}
    return found == {pk: (one.stored, one.shown) for pk, one in known.items()}


@transaction.atomic
def forget_counts() -> None:
    """Let everything be counted from the beginning again."""
    CountedThrough.objects.all().delete()
    CountedChannel.objects.all().delete()


def _highest() -> dict[str, int]:
    return {
        "next_raw_id": Raw.objects.aggregate(highest=Max("pk"))["highest"] or 0,
        "next_message_id": Message.objects.aggregate(highest=Max("pk"))["highest"] or 0,
    }


def _kept() -> tuple[_Marks, dict[int, Counters]]:
    """Return what is known, as it stood in one moment."""
    with connection.cursor() as cursor:
        cursor.execute(_KEPT)
        rows = cursor.fetchall()
    marks = _Marks(rows[0][0], rows[0][1]) if rows else _FROM_THE_BEGINNING
    return marks, {
        channel_id: Counters(stored=stored, shown=shown, last_at=last_at)
        for _, _, channel_id, stored, shown, last_at in rows
        if channel_id is not None
    }


def _counted(marks: _Marks, known: Mapping[int, Counters]) -> dict[int, Counters]:
    """Add what has higher numbers, and what waits or was put away, in one statement, so in one moment."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"raws": marks.raw_id, "messages": marks.message_id})
        rows: Iterable[tuple[Any, ...]] = cursor.fetchall()
    found = dict(known)
    for channel_id, stored, shown, held, quarantined, pending, deleted, seconds, last_at in rows:
        before = known.get(channel_id, Counters())
        found[channel_id] = Counters(
            before.stored + stored,
            before.shown + shown,
            held,
            quarantined,
            pending,
            deleted,
            seconds,
            last_at or before.last_at,
        )
    return found


_KEPT = """
SELECT t.raw_id, t.message_id, c.channel_id, c.stored, c.shown, c.last_at
FROM intake_countedthrough t LEFT JOIN intake_countedchannel c ON true
"""
_BETWEEN = """
SELECT channel_id, sum(stored)::bigint AS stored, sum(shown)::bigint AS shown, max(last_at) AS last_at
FROM (
    SELECT channel_id, count(*) AS stored, 0 AS shown, max(received_at) AS last_at
    FROM intake_raw WHERE id > %(raws_after)s AND id <= %(raws_to)s GROUP BY channel_id
    UNION ALL
    SELECT channel_id, 0, count(*), NULL FROM conversations_message
    WHERE id > %(messages_after)s AND id <= %(messages_to)s AND raw_id IS NOT NULL GROUP BY channel_id
) AS more
GROUP BY channel_id
"""
_ADD = f"""
INSERT INTO intake_countedchannel AS known (channel_id, stored, shown, last_at) {_BETWEEN}
ON CONFLICT (channel_id) DO UPDATE SET stored = known.stored + excluded.stored,
    shown = known.shown + excluded.shown, last_at = coalesce(excluded.last_at, known.last_at)
"""
_COUNT = """
SELECT channel_id, sum(stored)::bigint, sum(shown)::bigint, sum(held)::bigint, sum(quarantined)::bigint,
    sum(pending)::bigint, sum(deleted)::bigint, coalesce(extract(epoch FROM now() - min(waits_since)), 0)::float, max(last_at)
FROM (
    SELECT channel_id, count(*) AS stored, 0 AS shown, 0 AS held, 0 AS quarantined, 0 AS pending,
        0 AS deleted, NULL::timestamptz AS waits_since, max(received_at) AS last_at
    FROM intake_raw WHERE id > %(raws)s GROUP BY channel_id
    UNION ALL
    SELECT channel_id, 0, count(*), 0, 0, 0, 0, NULL, NULL
    FROM conversations_message WHERE id > %(messages)s AND raw_id IS NOT NULL GROUP BY channel_id
    UNION ALL
    SELECT channel_id, 0, 0, count(*), 0, 0, 0, NULL, NULL
    FROM intake_heldraw WHERE channel_id IS NOT NULL GROUP BY channel_id
    UNION ALL
    SELECT r.channel_id, 0, 0, count(*), 0, 0, 0, NULL, NULL
    FROM intake_heldraw h JOIN intake_raw r ON r.id = h.raw_id
    WHERE h.channel_id IS NULL GROUP BY r.channel_id
    UNION ALL
    SELECT r.channel_id, 0, 0, 0, count(*), 0, 0, NULL, NULL
    FROM intake_quarantinedraw q JOIN intake_raw r ON r.id = q.raw_id GROUP BY r.channel_id
    UNION ALL
    SELECT r.channel_id, 0, 0, 0, 0, count(*), 0, min(r.received_at), NULL
    FROM intake_pendingraw p JOIN intake_raw r ON r.id = p.raw_id GROUP BY r.channel_id
    UNION ALL
    SELECT channel_id, 0, 0, 0, 0, 0, count(*), NULL, NULL FROM intake_deletedraw GROUP BY channel_id
) AS counted
GROUP BY channel_id
"""
