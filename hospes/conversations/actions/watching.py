"""Say what cannot be seen from outside: that a server is slow, that somebody died, that letters have to wait."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import models, transaction
from django.utils import timezone

from hospes.channels.actions.departing import is_limited, next_departure
from hospes.channels.models import Channel
from hospes.channels.sending import repeatable_for
from hospes.conversations.events import DeliveryChanged
from hospes.conversations.models import OutboxEntry
from hospes.conversations.sending_locks import give_lock_back, take_lock
from hospes.events.recording import record_all

SLOW_AFTER = timedelta(seconds=20)  # a server that has the whole letter and says nothing

State, Stage, Reason = OutboxEntry.State, OutboxEntry.Stage, OutboxEntry.Reason


def watch_sending(*, at: datetime) -> int:
    """Tell of letters that may have gone and whose answer is missing; return how many.

    Talks to nobody, so it is never late: who died leaves `unknown`, who still waits says so.
    """
    begun = OutboxEntry.objects.filter(state=State.SENDING, stage=Stage.AFTER_DOT)
    told = 0
    for outbox_id in list(begun.values_list("pk", flat=True)):
        if take_lock(outbox_id):
            try:
                told += _settle_left_behind(outbox_id)
            finally:
                give_lock_back(outbox_id)
        else:
            told += _say_not_yet(outbox_id, at)
    return told


@transaction.atomic
def _settle_left_behind(outbox_id: int) -> int:
    entries = list(_begun(outbox_id))
    # What may be asked again under the same number is no matter of knowing: whoever sends asks.
    left = [one for one in entries if not repeatable_for(one.server_id)]
    for entry in left:
        entry.state, entry.reason = State.UNKNOWN, Reason.NO_ANSWER
    return _keep(left)


@transaction.atomic
def _say_not_yet(outbox_id: int, at: datetime) -> int:
    slow = list(_begun(outbox_id).filter(changed_at__lt=at - SLOW_AFTER, reason__in=["", *_BEFORE]))
    for entry in slow:
        entry.reason = Reason.NOT_YET
    return _keep(slow)


# Why it waited before it was tried this time.
_BEFORE = (
    Reason.NO_SERVER, Reason.UNREACHABLE, Reason.REFUSED_FOR_NOW, Reason.RATE, Reason.HELD,
    Reason.ASKED_AGAIN, Reason.UNCHECKED,
)  # fmt: skip


@transaction.atomic
def let_wait(channel_id: int, *, at: datetime) -> bool:
    """Where no letter may leave the channel now, have those that are due wait, in one statement; whether it is so."""
    channel = Channel.objects.get(pk=channel_id)
    free_at = next_departure(channel, at=at) if is_limited(channel) else at
    if free_at <= at:
        return False
    due = OutboxEntry.objects.filter(channel=channel, state=State.QUEUED, due_at__lte=at)
    due = due.exclude(reason=Reason.DEMO)
    told = list(
        due.exclude(reason=Reason.RATE)
        .filter(doubt_since=None)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("message")
    )
    for entry in told:
        entry.reason, entry.due_at = Reason.RATE, free_at
    _keep(told)
    due.update(due_at=free_at)
    return True


def _begun(outbox_id: int) -> models.QuerySet[OutboxEntry]:
    return (
        OutboxEntry.objects.select_for_update(of=("self",))
        .select_related("message")
        .filter(pk=outbox_id, state=State.SENDING, stage=Stage.AFTER_DOT)
    )


def _keep(entries: Sequence[OutboxEntry]) -> int:
    now = timezone.now()
    for entry in entries:
        if entry.state != State.SENDING:
            entry.changed_at = now
    OutboxEntry.objects.bulk_update(entries, ["state", "reason", "due_at", "changed_at"])
    record_all(
        [
            (DeliveryChanged(one.message.conversation_id, one.message_id, one.state), now, None)
            for one in entries
        ]
    )
    return len(entries)
