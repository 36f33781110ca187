"""Say what a conversation is about, and how much it presses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from babel.numbers import list_currencies
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from hospes.conversations.events import ConversationClassified, Reason
from hospes.conversations.inbox import keep_rows
from hospes.conversations.locking import lock
from hospes.conversations.models import Conversation, Priority
from hospes.events.models import Event
from hospes.events.recording import Happening, record, record_all
from hospes.lib.refusal import Refused
from hospes.team.models import Agent

FIELDS = ("priority", "topic", "product", "value_minor", "value_currency")
MAX_CHARS = 80


@transaction.atomic
def classify(
    conversation: Conversation, *, changes: Mapping[str, Any], by: Agent, at: datetime
) -> Conversation:
    """Change the fields named, leave all others: priority, topic, product, value_minor, value_currency.

    Raises Refused when one of them cannot be. What changes nothing records nothing.
    """
    conversation = lock(conversation, by=by)
    before = {name: getattr(conversation, name) for name in FIELDS}
    for name in FIELDS:
        if name in changes:
            setattr(conversation, name, changes[name])
    _check(conversation)
    if before != {name: getattr(conversation, name) for name in FIELDS}:
        conversation.save(update_fields=FIELDS)
        keep_rows([conversation.pk])
        record(
            ConversationClassified(
                conversation.pk,
                priority=conversation.priority,
                previous_priority=before["priority"],
            ),
            at=at,
            by_id=by.pk,
        )
    return conversation


@transaction.atomic
def raise_priorities(wanted: Mapping[int, int], *, reason: Reason, at: datetime) -> list[int]:
    """Let a rule raise the priority of conversations, each to one given by number; return those it raised.

    A rule never lowers one, and leaves alone what anybody, or a rule, has classified before.
    """
    classified = Event.objects.filter(
        conversation_id=OuterRef("pk"), kind=ConversationClassified.__name__
    )
    rows = Conversation.objects.filter(pk__in=list(wanted), closed_at=None)
    locked = rows.select_for_update(of=("self",), no_key=True).order_by("pk")
    raised = [one for one in locked.exclude(Exists(classified)) if one.priority < wanted[one.pk]]
    happenings: list[tuple[Happening, datetime, int | None]] = []
    for one in raised:
        told = ConversationClassified(one.pk, wanted[one.pk], one.priority, reason=reason)
        one.priority = wanted[one.pk]
        happenings.append((told, at, None))
    if raised:
        Conversation.objects.bulk_update(raised, ["priority"])
        keep_rows([one.pk for one in raised])
        record_all(happenings)
    return [one.pk for one in raised]


def _check(one: Conversation) -> None:
    one.topic, one.product = " ".join(one.topic.split()), " ".join(one.product.split())
    if one.priority not in Priority.values:
        raise Refused(_("Choose a priority."), code="refused")
    if len(one.topic) > MAX_CHARS or len(one.product) > MAX_CHARS:
        raise Refused(
            _("Use at most %(limit)d characters.") % {"limit": MAX_CHARS}, code="too_long"
        )
    if one.value_minor is None:
        one.value_currency = ""
    elif one.value_minor < 0 or one.value_currency not in list_currencies():
        raise Refused(_("Give the value as an amount with its currency."), code="refused")
