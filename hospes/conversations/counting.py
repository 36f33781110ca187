"""How many conversations each open view holds, told on every page of a list.

Counting walks an index over all open conversations that a reader sees: milliseconds where there are tens of
thousands, and the same for all who see the same queues. So it is kept for two seconds, and only until the next hint
has reached the screens: whoever shows an older count is told to ask again by the very hint that ends it. What is
assigned to the reader is counted every time.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import NamedTuple

from hospes.conversations.models.conversation import NEVER
from hospes.lib.prepared import Prepared

KEPT_SECONDS = 2.0
MOST_KEPT = 256  # sets of queues

_SHARED = """
SELECT count(*) FILTER (WHERE status = 0 AND assignee_id = 0), count(*) FILTER (WHERE status = 0),
    count(*) FILTER (WHERE status = 0 AND sort_at < %(never)s), count(*) FILTER (WHERE status = 1),
    count(*) FILTER (WHERE status = 0 AND assignee_id = %(agent)s)
FROM conversations_inboxrow"""
_MINE = "SELECT count(*) FROM conversations_inboxrow WHERE status = 0 AND assignee_id = %(agent)s"
_IN_QUEUES = "queue_id = ANY(%(queues)s::smallint[])"

_SHARED_OF_ALL, _SHARED_OF_QUEUES = Prepared(_SHARED), Prepared(f"{_SHARED} WHERE {_IN_QUEUES}")
_MINE_OF_ALL, _MINE_OF_QUEUES = Prepared(_MINE), Prepared(f"{_MINE} AND {_IN_QUEUES}")


class _Counted(NamedTuple):
    """What all who see the same queues are told."""

    until: float  # on the monotonic clock
    as_of: int  # the newest hint when counting began
    unassigned: int
    open: int
    waiting: int
    snoozed: int


_kept: dict[tuple[int, ...] | None, _Counted] = {}


def view_counts(
    queue_ids: Sequence[int] | None, agent_id: int, *, as_of: int | None = None
) -> dict[str, int]:
    """Return how many conversations each open view holds, in one statement.

    queue_ids: what the reader may see; None: everything.
    as_of: the newest hint that this process has passed on to screens, read before anything else was asked;
        None: it passes on none, so nothing may be older than now.
    """
    key = None if queue_ids is None else tuple(queue_ids)
    kept = _kept.get(key)
    if kept is None or as_of is None or kept.as_of != as_of or kept.until < monotonic():
        return _count(key, agent_id, as_of)
    found = (
        _MINE_OF_ALL.row(agent=agent_id)
        if key is None
        else _MINE_OF_QUEUES.row(agent=agent_id, queues=list(key))
    )
    return _told(kept, found[0] if found else 0)


def _count(key: tuple[int, ...] | None, agent_id: int, as_of: int | None) -> dict[str, int]:
    until = monotonic() + KEPT_SECONDS
    found = (
        _SHARED_OF_ALL.row(agent=agent_id, never=NEVER)
        if key is None
        else _SHARED_OF_QUEUES.row(agent=agent_id, never=NEVER, queues=list(key))
    )
    *shared, mine = found or (0,) * 5
    counted = _Counted(until, as_of or 0, *shared)
    if as_of is not None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[key] = counted
    return _told(counted, mine)


def _told(counted: _Counted, mine: int) -> dict[str, int]:
    return {
        "mine": mine,
        "unassigned": counted.unassigned,
        "open": counted.open,
        "waiting": counted.waiting,
        "snoozed": counted.snoozed,
    }
