"""What the clocks of conversations are counted from, read for many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import QuerySet

from hospes.conversations.events import (
    ConversationAssigned,
    ConversationAwoke,
    ConversationClosed,
    ConversationReopened,
    ConversationSnoozed,
)
from hospes.conversations.models import Conversation, Message, OutboxEntry
from hospes.events.models import Event
from hospes.servicelevels.clocks import Happened, What

NEVER_ARRIVED = (OutboxEntry.State.FAILED, OutboxEntry.State.BOUNCED)
LATER = timedelta(minutes=2)  # no time to take a reply back is as long

TURNS = {
    ConversationSnoozed.__name__: What.PENDING,
    ConversationAwoke.__name__: What.OPEN,
    ConversationClosed.__name__: What.CLOSED,
    ConversationReopened.__name__: What.OPEN,
}
ASSIGNED = ConversationAssigned.__name__


def locked(conversation_ids: Iterable[int]) -> list[Conversation]:
    """Return the conversations, locked, with all that says which targets and whose calendar hold for them."""
    rows = with_circumstances(Conversation.objects.filter(pk__in=list(conversation_ids)))
    return list(rows.select_for_update(of=("self",), no_key=True).order_by("pk"))


def with_circumstances(rows: QuerySet[Conversation]) -> QuerySet[Conversation]:
    return rows.select_related(
        "customer__market__calendar",
        "customer__contract__calendar",
        "customer__contract__market__calendar",
        "channel__market__calendar",
        "channel__calendar",
        "queue__market__calendar",
        "queue__team__calendar",
    )


def happened_in(conversations: Sequence[Conversation]) -> dict[int, list[Happened]]:
    """Return what happened in these conversations, in order; two statements.

    What a machine wrote, theirs or ours, is nothing; so is a holding reply, and a letter that never reached anybody.
    """
    ids = [one.pk for one in conversations]
    told: dict[int, list[Happened]] = defaultdict(list)
    messages = Message.objects.filter(conversation__in=ids, is_automatic=False).order_by("pk")
    for number, at, direction, is_holding, undo_until, state in messages.values_list(
        "conversation_id",
        "at",
        "direction",
        "is_holding",
        "outbox_entry__undo_until",
        "outbox_entry__state",
    ):
        arrived = state not in NEVER_ARRIVED
        what = _said(direction, is_holding=is_holding) if arrived else What.NOTE
        told[number].append(Happened(_heard(at, undo_until), what))
    turns: dict[int, list[Happened]] = defaultdict(list)
    kinds = [*TURNS, ASSIGNED]
    events = Event.objects.filter(conversation_id__in=ids, kind__in=kinds).order_by("pk")
    for event in events.only("conversation_id", "at", "kind", "data"):
        if event.conversation_id is None:
            continue
        if event.kind == ASSIGNED:
            if event.data["agent_id"] is not None:
                told[event.conversation_id].append(Happened(event.at, What.PICKED_UP))
        else:
            turns[event.conversation_id].append(Happened(event.at, TURNS[event.kind]))
    for one in conversations:
        told[one.pk] += _as_it_stands(one, turns[one.pk])
    return told


def _heard(at: datetime, undo_until: datetime | None) -> datetime:
    """When a message counts: a reply that was set to leave later, when it leaves."""
    return undo_until if undo_until is not None and undo_until - at > LATER else at


def _said(direction: int, *, is_holding: bool) -> What:
    if direction == Message.Direction.IN:
        return What.CUSTOMER_MESSAGE
    return What.PICKED_UP if is_holding else What.AGENT_REPLY


def _as_it_stands(one: Conversation, turns: list[Happened]) -> list[Happened]:
    """Leave out a close that was taken back: with the reply it came with, nothing says that it was opened again."""
    while one.is_open and turns and turns[-1].what is What.CLOSED:
        turns = turns[:-1]
    return turns
