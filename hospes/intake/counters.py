"""What became of everything that came in: the equation that must always hold.

stored = shown + held + quarantined + pending
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True)
class Counters:
    stored: int
    shown: int
    held: int
    quarantined: int
    pending: int
    oldest_pending_seconds: float

    @property
    def is_balanced(self) -> bool:
        return self.stored == self.shown + self.held + self.quarantined + self.pending


def counters() -> Counters:
    """Count in one statement, so in one moment."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT)
        return Counters(*cursor.fetchone())


_COUNT = """
SELECT (SELECT count(*) FROM intake_raw),
    (SELECT count(*) FROM conversations_message WHERE raw_id IS NOT NULL),
    (SELECT count(*) FROM intake_heldraw),
    (SELECT count(*) FROM intake_quarantinedraw),
    (SELECT count(*) FROM intake_pendingraw),
    coalesce((SELECT extract(epoch FROM now() - min(r.received_at))::float
        FROM intake_pendingraw p JOIN intake_raw r ON r.id = p.raw_id), 0)
"""
