"""Put a conversation away until later, and bring back those whose time has come."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hospes.conversations.actions.timing import keep_snooze_time
from hospes.conversations.events import ConversationAwoke, ConversationSnoozed
from hospes.conversations.inbox import keep_rows
from hospes.conversations.locking import lock
from hospes.conversations.models import Conversation, InboxRow
from hospes.events.recording import record, record_all
from hospes.lib.refusal import Refused
from hospes.team.models import Agent

BATCH = 500


@transaction.atomic
def snooze(
    conversation: Conversation, *, until: datetime, by: Agent, at: datetime, zone: str = ""
) -> Conversation:
    """Hide an open conversation from the lists until a moment; a new message wakes it before.

    Snoozing again moves the moment; to the same moment changes nothing.
    zone: the moment is meant as what clocks there show, whatever becomes of their rules (IANA); "": as it is.

    Raises Refused when it is closed or the moment has passed.
    """
    if until <= at:
        raise Refused(_("Choose a moment that lies ahead."), code="in_the_past")
    conversation = lock(conversation, by=by)
    if not conversation.is_open:
        raise Refused(_("This conversation is closed. Reopen it first."), code="closed")
    if conversation.snoozed_until == until:
        return conversation
    conversation.snoozed_until, conversation.awoke_at = until, None
    conversation.save(update_fields=["snoozed_until", "awoke_at"])
    keep_snooze_time(conversation, zone)
    keep_rows([conversation.pk])
    record(ConversationSnoozed(conversation.pk, until=until.isoformat()), at=at, by_id=by.pk)
    return conversation


@transaction.atomic
def awaken(conversation: Conversation, *, by: Agent, at: datetime) -> Conversation:
    """End the snooze now. Waking what is awake changes nothing."""
    conversation = lock(conversation, by=by)
    if conversation.is_snoozed:
        conversation.snoozed_until = None
        conversation.save(update_fields=["snoozed_until"])
        keep_rows([conversation.pk])
        record(ConversationAwoke(conversation.pk), at=at, by_id=by.pk)
    return conversation


@transaction.atomic
def awaken_due(*, at: datetime) -> int:
    """Bring back what was snoozed until now, at most 500 at once; return how many."""
    due = InboxRow.objects.filter(status=InboxRow.Status.SNOOZED, sort_at__lte=at)
    locked = (
        Conversation.objects.select_for_update(skip_locked=True)
        .filter(pk__in=list(due.order_by("sort_at").values_list("pk", flat=True)[:BATCH]))
        .filter(snoozed_until__lte=at)
        .order_by("pk")
    )
    ids = [conversation.pk for conversation in locked]
    if ids:
        Conversation.objects.filter(pk__in=ids).update(snoozed_until=None, awoke_at=at)
        keep_rows(ids)
        record_all([(ConversationAwoke(pk), at, None) for pk in ids])
    return len(ids)
