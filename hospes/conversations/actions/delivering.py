"""Settle what became of a reply: by what a mail server reports, or by what an agent knows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hospes.conversations.events import DeliveryChanged
from hospes.conversations.locking import lock
from hospes.conversations.models import Message, OutboxEntry
from hospes.events.recording import record, record_all
from hospes.lib.refusal import Refused
from hospes.team.models import Agent

State, Reason = OutboxEntry.State, OutboxEntry.Reason
MAY_BE_SENT_AGAIN = {State.FAILED, State.UNKNOWN, State.BOUNCED}


@transaction.atomic
def resend(message: Message, *, by: Agent, at: datetime) -> OutboxEntry:
    """Queue a reply again that did not arrive, or of which nobody knows.

    Raises Refused when it is on its way or has arrived.
    """
    entry = _locked(message, by)
    if entry.state not in MAY_BE_SENT_AGAIN:
        raise Refused(_("This reply needs no second try."), code="no_second_try")
    entry.state, entry.stage, entry.reason = State.QUEUED, OutboxEntry.Stage.BEFORE_DOT, ""
    entry.answer, entry.due_at, entry.undo_until, entry.attempts = "", at, None, 0
    _keep(entry, by=by, at=at)
    return entry


@transaction.atomic
def settle_as_sent(message: Message, *, by: Agent, at: datetime) -> OutboxEntry:
    """Note that a reply of which nobody knew did arrive, as an agent found out.

    Raises Refused when its state is known.
    """
    entry = _locked(message, by)
    if entry.state != State.UNKNOWN:
        raise Refused(_("What became of this reply is known already."), code="known_already")
    entry.state, entry.reason = State.ACCEPTED, ""
    _keep(entry, by=by, at=at)
    return entry


@transaction.atomic(savepoint=False)
def mark_bounced(answers: Mapping[int, str], *, at: datetime) -> int:
    """Note that mail servers sent replies back; return of how many that was news. Three statements.

    answers: why, in the server's own words, for each outbox entry.
    """
    entries = list(
        OutboxEntry.objects.select_for_update(of=("self",))
        .select_related("message")
        .defer("message__text", "message__reply_text", "message__html")
        .filter(pk__in=answers)
        .exclude(state=State.BOUNCED)
        .order_by("pk")
    )
    for entry in entries:
        entry.state, entry.reason = State.BOUNCED, Reason.BOUNCED
        entry.answer, entry.changed_at = answers[entry.pk][:2000], at
    OutboxEntry.objects.bulk_update(entries, ["state", "reason", "answer", "changed_at"])
    record_all([(_changed(entry), at, None) for entry in entries])
    return len(entries)


@transaction.atomic
def release_waiting(*, at: datetime) -> int:
    """Let go what waited for an outgoing server, as soon as there is one; return how many."""
    waiting = OutboxEntry.objects.filter(state=State.QUEUED, reason=Reason.NO_SERVER)
    return waiting.update(due_at=at)


def _locked(message: Message, by: Agent) -> OutboxEntry:
    lock(message.conversation, by=by)
    return OutboxEntry.objects.select_for_update().select_related("message").get(message=message)


def _keep(entry: OutboxEntry, *, by: Agent, at: datetime) -> None:
    entry.changed_at = at
    entry.save()
    record(_changed(entry), at=at, by_id=by.pk)


def _changed(entry: OutboxEntry) -> DeliveryChanged:
    return DeliveryChanged(entry.message.conversation_id, entry.message_id, entry.state)
