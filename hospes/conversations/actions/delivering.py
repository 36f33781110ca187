"""Settle what became of a reply: by what a mail server reports, or by what an agent knows."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hospes.conversations.events import DeliveryChanged
from hospes.conversations.locking import lock
from hospes.conversations.models import Message, OutboxEntry
from hospes.events.recording import record
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


@transaction.atomic
def mark_bounced(outbox_id: int, *, answer: str, at: datetime) -> bool:
    """Note that a mail server sent a reply back; return whether that was news.

    answer: why, in the server's own words.
    """
    entry = (
        OutboxEntry.objects.select_for_update(of=("self",))
        .select_related("message")
        .filter(pk=outbox_id)
        .exclude(state=State.BOUNCED)
        .first()
    )
    if entry is None:
        return False
    entry.state, entry.reason, entry.answer = State.BOUNCED, Reason.BOUNCED, answer[:2000]
    _keep(entry, by=None, at=at)
    return True


@transaction.atomic
def release_waiting(*, at: datetime) -> int:
    """Let go what waited for an outgoing server, as soon as there is one; return how many."""
    waiting = OutboxEntry.objects.filter(state=State.QUEUED, reason=Reason.NO_SERVER)
    return waiting.update(due_at=at)


def _locked(message: Message, by: Agent) -> OutboxEntry:
    lock(message.conversation, by=by)
    return OutboxEntry.objects.select_for_update().select_related("message").get(message=message)


def _keep(entry: OutboxEntry, *, by: Agent | None, at: datetime) -> None:
    entry.changed_at = at
    entry.save()
    record(
        DeliveryChanged(entry.message.conversation_id, entry.message_id, entry.state),
        at=at,
        by_id=by.pk if by else None,
    )
