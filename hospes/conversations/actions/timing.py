"""Keep what was meant as a time on clocks of a place, and count it anew when their rules change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from hospes.conversations.inbox import keep_rows
from hospes.conversations.models import Conversation, OutboxEntry, WallClockTime
from hospes.markets.wall_clock import moment_when

State = OutboxEntry.State


@dataclass(frozen=True, slots=True)
class Moved:
    """A snooze or a reply that is to end or leave at another moment than before."""

    conversation_id: int
    is_reply: bool
    before: datetime
    now: datetime
    zone: str


def keep_snooze_time(conversation: Conversation, zone: str) -> None:
    """Keep that the snooze was meant to end as clocks of this zone show then; "": as a moment."""
    rows = WallClockTime.objects.filter(conversation=conversation, entry=None)
    rows.delete()
    if zone and conversation.snoozed_until is not None:
        _keep(conversation, None, conversation.snoozed_until, zone)


def keep_send_time(conversation: Conversation, entry: OutboxEntry, zone: str) -> None:
    """Keep that a reply was meant to leave as clocks of this zone show then; "": as soon as it may."""
    if zone:
        _keep(conversation, entry, entry.due_at, zone)


def _keep(
    conversation: Conversation, entry: OutboxEntry | None, moment: datetime, zone: str
) -> None:
    shows = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None).isoformat()
    WallClockTime.objects.create(
        conversation=conversation, entry=entry, shows=shows, zone=zone, moment=moment
    )


@transaction.atomic
def move_wall_clock_times(*, at: datetime) -> list[Moved]:
    """Count what lies ahead by the rules of time zones that hold now; return what moved.

    Doing it again moves nothing.
    """
    rows = WallClockTime.objects.filter(moment__gt=at).order_by("conversation_id", "pk")
    changed = [(row, now) for row in rows if (now := _counted(row)) != row.moment]
    ids = sorted({row.conversation_id for row, _now in changed})
    locked = Conversation.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True)
    conversations = {one.pk: one for one in locked}
    moved = []
    for row, now in changed:
        if _move(row, conversations[row.conversation_id], now):
            is_reply = row.entry_id is not None
            moved.append(Moved(row.conversation_id, is_reply, row.moment, now, row.zone))
        row.moment = now
    WallClockTime.objects.bulk_update([row for row, _now in changed], ["moment"])
    _keep_lists(moved)
    return moved


def _counted(row: WallClockTime) -> datetime:
    return moment_when(ZoneInfo(row.zone), datetime.fromisoformat(row.shows))


def _move(row: WallClockTime, conversation: Conversation, now: datetime) -> bool:
    """Let it end or leave at another moment; False when it has ended, left or been changed already."""
    if row.entry_id is None:
        if conversation.snoozed_until != row.moment:
            return False
        conversation.snoozed_until = now
        conversation.save(update_fields=["snoozed_until"])
        return True
    waiting = OutboxEntry.objects.filter(
        pk=row.entry_id, state=State.QUEUED, due_at=row.moment, undo_until=row.moment
    )
    return waiting.update(due_at=now, undo_until=now) > 0


def _keep_lists(moved: Sequence[Moved]) -> None:
    snoozed = sorted({one.conversation_id for one in moved if not one.is_reply})
    if snoozed:
        keep_rows(snoozed)
