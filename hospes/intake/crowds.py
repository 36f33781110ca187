"""Whose mail is read next when much of it waits: nobody's flood holds up what others write.

Half of every batch is the oldest there is, so that everything has its turn; the other half goes round: one mailbox
after the other, and in each one sender after the other.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterator
from itertools import count, islice

from django.db import connection

LOOKED_AT = 20_000  # mails: the most that are learnt of in one go
COME_LATE = 400  # numbers are drawn before they are committed


class Crowd:
    """What waits, as one worker knows it; it may miss some, which then have their turn among the oldest."""

    def __init__(self) -> None:
        self._channels: OrderedDict[int, OrderedDict[str, dict[int, None]]] = OrderedDict()
        self._whose: dict[int, tuple[int, str]] = {}
        self._highest = 0

    def __len__(self) -> int:
        return len(self._whose)

    def look(self) -> None:
        """Learn what came since the last look."""
        with connection.cursor() as cursor:
            cursor.execute(_NEW, {"after": self._highest - COME_LATE, "limit": LOOKED_AT})
            for raw_id, channel_id, sender in cursor.fetchall():
                self._highest = max(self._highest, raw_id)
                if raw_id not in self._whose:
                    self._whose[raw_id] = (channel_id, sender)
                    senders = self._channels.setdefault(channel_id, OrderedDict())
                    senders.setdefault(sender, {})[raw_id] = None

    def first(self, most: int) -> list[int]:
        """Return whose turn it is, at most so many."""
        found: list[int] = []
        circles = [_round(senders) for senders in self._channels.values()]
        while circles and len(found) < most:
            for circle in list(circles):
                raw_id = next(circle, None)
                if raw_id is None:
                    circles.remove(circle)
                elif len(found) < most:
                    found.append(raw_id)
        return found

    def taken(self, raw_ids: Collection[int]) -> None:
        """Forget what was taken; whoever had a turn is last in the next round."""
        for raw_id in raw_ids:
            channel_id, sender = self._whose.pop(raw_id, (0, ""))
            senders = self._channels.get(channel_id)
            if senders is None:
                continue
            del senders[sender][raw_id]
            senders.move_to_end(sender)
            if not senders[sender]:
                del senders[sender]
            self._channels.move_to_end(channel_id)
            if not senders:
                del self._channels[channel_id]


def _round(senders: OrderedDict[str, dict[int, None]]) -> Iterator[int]:
    """Yield the first mail of each sender, then the second of each, and so on."""
    for place in count():
        is_over = True
        for raw_ids in senders.values():  # there may be thousands, and few are asked for
            raw_id = next(islice(raw_ids, place, None), None)
            if raw_id is not None:
                is_over = False
                yield raw_id
        if is_over:
            return


_NEW = """
SELECT p.raw_id, r.channel_id, lower(r.envelope_from)
FROM intake_pendingraw p JOIN intake_raw r ON r.id = p.raw_id
WHERE p.raw_id > %(after)s AND p.claimed_by IS NULL AND p.attempts = 0 AND p.not_before IS NULL
ORDER BY p.raw_id LIMIT %(limit)s
"""
