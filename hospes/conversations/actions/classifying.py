"""Say what a conversation is about, and how much it presses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from babel.numbers import list_currencies
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hospes.conversations.events import ConversationClassified
from hospes.conversations.inbox import keep_rows
from hospes.conversations.locking import lock
from hospes.conversations.models import Conversation, Priority
from hospes.events.recording import record
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


def _check(one: Conversation) -> None:
    one.topic, one.product = " ".join(one.topic.split()), " ".join(one.product.split())
    if one.priority not in Priority.values:
        raise Refused(_("Choose a priority."), code="no_such_priority")
    if len(one.topic) > MAX_CHARS or len(one.product) > MAX_CHARS:
        raise Refused(
            _("Use at most %(limit)d characters.") % {"limit": MAX_CHARS}, code="too_long"
        )
    if one.value_minor is None:
        one.value_currency = ""
    elif one.value_minor < 0 or one.value_currency not in list_currencies():
        raise Refused(_("Give the value as an amount with its currency."), code="no_such_value")
