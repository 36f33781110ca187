"""From counted clocks to the rows that keep them: no clock of its own, nothing is read or written here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from hospes.conversations.models import Conversation
from hospes.markets import working_time
from hospes.servicelevels.clocks import Clocks, Owed
from hospes.servicelevels.models import Breach, Clock
from hospes.servicelevels.ruling import Ruling


@dataclass(frozen=True, slots=True)
class Recounted:
    """A conversation with its clocks, counted anew."""

    conversation: Conversation
    ruling: Ruling
    clocks: Clocks

    @property
    def row(self) -> Clock:
        counted, one, due = self.clocks, self.conversation, self.clocks.next
        newest = counted.next_reply
        row = Clock(
            conversation_id=one.pk,
            level_id=self.ruling.level_id,
            whose=self.ruling.whose,
            calendar_name=self.ruling.calendar_name,
            zone=self.ruling.rules.calendar.zone,
            channel_id=one.channel_id,
            opened_at=one.opened_at,
            first_reply_due=counted.first_reply.due_at,
            first_reply_at=counted.first_reply.met_at,
            first_reply_seconds=_seconds(counted.first_reply_time),
            next_reply_since=newest.since if newest else None,
            next_reply_due=newest.due_at if newest else None,
            resolution_due=counted.resolution.due_at,
            resolved_at=counted.resolution.met_at,
            resolution_seconds=_seconds(counted.resolution_time),
            waiting_due=counted.waiting.due_at,
            waiting_at=counted.waiting.met_at,
            is_paused=counted.is_paused,
        )
        if due is not None and due.due_at is not None:
            row.next_due, row.next_due_at = due.what, due.due_at
            row.warn_at = self.warn_at(due)
        return row

    def warn_at(self, due: Owed) -> datetime | None:
        """When so much of the target is left as the service level says, in working time."""
        target = self.ruling.rules.targets.of(due.what)
        if target is None or due.due_at is None:
            return None
        left = int(target.total_seconds()) * self.ruling.warn_percent // 100
        warn_at = working_time.subtract(self.ruling.rules.calendar, due.due_at, left)
        return max(warn_at, due.since)

    def missed(self, now: datetime) -> list[Breach]:
        """What was due and was met late, or is still owed though it is due; a pause waits for its end."""
        late = [
            one
            for one in self.clocks.all
            if one.is_late(now) and (one.met_at is not None or not self.clocks.is_paused)
        ]
        return [
            Breach(
                conversation_id=self.conversation.pk,
                what=one.what,
                since=one.since,
                due_at=one.due_at,
                met_at=one.met_at,
                noticed_at=now,
            )
            for one in late
            if one.due_at is not None
        ]


def settle(row: Clock, before: Clock | None, *, now: datetime) -> Clock:
    """Let a row that was counted anew remember what it was warned of, and know when to look next."""
    if before is not None and before.warned_due_at == row.next_due_at:
        row.warned_due_at = before.warned_due_at
    row.look_at = next_look(row, now)
    return row


def next_look(row: Clock, now: datetime) -> datetime | None:
    """Return when this clock has to warn or to tell; None: there is nothing more to tell."""
    if row.next_due_at is None:
        return None
    if row.warned_due_at != row.next_due_at and row.warn_at is not None:
        return row.warn_at
    return row.next_due_at if now <= row.next_due_at else None


def _seconds(span: timedelta | None) -> int | None:
    return int(span.total_seconds()) if span is not None else None
