"""Reads for lists: who may see what, a page of conversations.

One statement a page whatever its length, flat at a million conversations: open conversations are
read from their inbox rows, all others by an index that leads with the queue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Case, CharField, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, JSONObject, Left, Now, NullIf
from django.db.models.lookups import GreaterThan, LessThan

from hospes.conversations.cursors import make_cursor, read_cursor
from hospes.conversations.models import (
    Conversation,
    Draft,
    InboxRow,
    Message,
    Presence,
    QueueMember,
    Seen,
)  # fmt: skip
from hospes.conversations.models.conversation import NEVER
from hospes.team.models import Agent

OPEN_VIEWS = ("mine", "unassigned", "open", "waiting", "snoozed")
VIEWS = (*OPEN_VIEWS, "closed")
FEW_QUEUES = 12  # up to here one index walk for each queue beats one walk over all
PREVIEW_CHARS = 200


@dataclass(frozen=True, slots=True)
class Colleague:
    """An agent who has a conversation open now."""

    agent_id: int
    name: str
    state: str  # Presence.State


@dataclass(frozen=True, slots=True)
class ListRow:
    """Everything the list shows of one conversation."""

    conversation_id: int
    reference: str
    queue_id: int
    channel_id: int
    customer_id: int
    customer_name: str
    market_code: str  # JP, US-CA; "" when unknown
    language: str  # BCP 47, "" when unknown
    subject: str
    preview: str  # of the last message, one line
    assignee_id: int | None
    assignee_name: str
    last_activity_at: datetime
    waiting_since: datetime | None
    snoozed_until: datetime | None
    is_closed: bool
    is_last_incoming: bool
    is_sender_verified: bool
    is_undelivered: bool  # a reply did not arrive, or may not have
    last_message_id: int | None
    priority: int  # Priority
    next_due_at: datetime | None  # by when something is owed
    next_due: str  # what: first_reply, next_reply, resolution or waiting; "" for nothing
    due_warn_at: datetime | None  # from then on it is soon
    sort_at: datetime  # the list stands in this order
    is_unread: bool  # something came in that the reader has not seen
    draft: str  # the reader's own unsent reply, "" when there is none
    present: tuple[Colleague, ...]  # others who have it open


@dataclass(frozen=True, slots=True)
class ListPage:
    rows: list[ListRow]
    next_cursor: str | None  # None: this was the last page


def visible_queue_ids(agent: Agent) -> list[int] | None:
    """Return the queues whose conversations this agent may see; None: all of them."""
    if agent.is_operator:
        return None
    members = QueueMember.objects.filter(agent=agent).order_by("queue_id")
    return list(members.values_list("queue_id", flat=True))


def list_page(
    queue_ids: Sequence[int] | None,
    *,
    view: str,
    agent_id: int,
    after: str | None = None,
    limit: int = 50,
    at: datetime | None = None,
) -> ListPage:
    """Return one page of a view, in one statement.

    Open views begin with what is due first, the snoozed one with what comes back next, the
    closed one with what was active last.

    queue_ids: what the reader may see; None: everything.
    after: the cursor of the page before.
    at: who is present is told as of this moment; the database's own clock when not given.

    Raises ValueError for an unknown view or a cursor that is none.
    """
    if view not in VIEWS:
        raise ValueError(f"no such view: {view!r}")
    rows: QuerySet[Any] = (
        _closed_rows(queue_ids, after, limit)
        if view == "closed"
        else _open_rows(queue_ids, view, agent_id, after, limit)
    )
    found = list(_with_reader(rows, agent_id, at).values(*_COLUMNS, *_READER_COLUMNS))
    page = [_list_row(values) for values in found[:limit]]
    if len(found) <= limit:
        return ListPage(page, None)
    last = found[limit - 1]
    return ListPage(page, make_cursor(last["order_at"], last["conversation_id"]))


def rows_of(
    conversation_ids: Sequence[int],
    queue_ids: Sequence[int] | None,
    *,
    view: str,
    agent_id: int,
) -> list[ListRow]:
    """Return the rows of these conversations as far as they stand in the view, in its order."""
    if view not in VIEWS:
        raise ValueError(f"no such view: {view!r}")
    limit = len(conversation_ids)
    rows: QuerySet[Any] = (
        _closed_rows(queue_ids, None, limit, among=conversation_ids)
        if view == "closed"
        else _open_rows(queue_ids, view, agent_id, None, limit, among=conversation_ids)
    )
    found = _with_reader(rows, agent_id, None).values(*_COLUMNS, *_READER_COLUMNS)
    return [_list_row(values) for values in found]


def _in_view(view: str, agent_id: int) -> Q:
    is_open = Q(status=InboxRow.Status.OPEN)
    return {
        "mine": is_open & Q(assignee_id=agent_id),
        "unassigned": is_open & Q(assignee_id=0),
        "open": is_open,
        "waiting": is_open & Q(sort_at__lt=NEVER),
        "snoozed": Q(status=InboxRow.Status.SNOOZED),
    }[view]


def views_of(one: Conversation, agent_id: int) -> list[str]:
    """Return the views this conversation stands in for an agent, the one to show it in first."""
    if not one.is_open:
        return ["closed"]
    if one.is_snoozed:
        return ["snoozed"]
    views = {
        "mine": one.assignee_id == agent_id,
        "open": True,
        "waiting": any((one.waiting_since, one.awoke_at, one.undelivered_since)),
        "unassigned": one.assignee_id is None,
    }
    return [view for view, is_in in views.items() if is_in]


def _open_rows(
    queue_ids: Sequence[int] | None,
    view: str,
    agent_id: int,
    after: str | None,
    limit: int,
    *,
    among: Sequence[int] | None = None,
) -> QuerySet[InboxRow]:
    rows = InboxRow.objects.filter(_in_view(view, agent_id)).order_by("sort_at", "conversation_id")
    if after:
        rows = rows.filter(beyond(GreaterThan, "sort_at", "conversation_id", after))
    if among is not None:
        rows = rows.filter(pk__in=among)
    rows = in_queues(rows, queue_ids, limit)
    return rows.annotate(
        order_at=F("sort_at"),
        assignee_name=_name_of(OuterRef("assignee_id")),
        is_closed=Value(value=False),
    )[: limit + 1]


def _closed_rows(
    queue_ids: Sequence[int] | None,
    after: str | None,
    limit: int,
    *,
    among: Sequence[int] | None = None,
) -> QuerySet[Conversation]:
    rows: QuerySet[Conversation] = Conversation.objects.exclude(closed_at=None)
    rows = rows.order_by("-last_activity_at", "-pk")
    if after:
        rows = rows.filter(beyond(LessThan, "last_activity_at", "pk", after))
    if among is not None:
        rows = rows.filter(pk__in=among)
    rows = in_queues(rows, queue_ids, limit)
    last = Message.objects.filter(pk=OuterRef("last_message_id"))
    return rows.annotate(
        conversation_id=F("pk"),
        order_at=F("last_activity_at"),
        customer_name=F("customer__display_name"),
        market_code=Coalesce(
            "customer__market__code",
            Case(
                When(customer__contract__ended_at=None, then=F("customer__contract__market__code"))
            ),
            NullIf("customer__country", Value("")),
            "channel__market__code",
            "queue__market__code",
            Value(""),
        ),
        preview=Coalesce(Subquery(last.values(cut=Left("reply_text", PREVIEW_CHARS))), Value("")),
        is_last_incoming=Coalesce(
            Subquery(last.values(incoming=Q(direction=Message.Direction.IN))), Value(value=True)
        ),
        assignee_name=_name_of(OuterRef("assignee_id")),
        is_undelivered=Value(value=False),
        is_closed=Value(value=True),
    )[: limit + 1]


def in_queues(rows: QuerySet[Any], queue_ids: Sequence[int] | None, limit: int) -> QuerySet[Any]:
    """Keep what stands in these queues: for few of them, the first rows of each by its own index."""
    if queue_ids is None:
        return rows
    if len(queue_ids) > FEW_QUEUES or not queue_ids:
        return rows.filter(queue_id__in=queue_ids)
    firsts = [rows.filter(queue_id=queue_id).values("pk")[: limit + 1] for queue_id in queue_ids]
    return rows.filter(pk__in=firsts[0].union(*firsts[1:], all=True))


def beyond(after_or_before: type[models.Lookup[Any]], moment: str, number: str, cursor: str) -> Any:
    """Compare the pair (moment, number) with a cursor as one value, which an index can do."""
    at, (last,) = read_cursor(cursor)
    return after_or_before(
        models.Func(F(moment), F(number), function="ROW", output_field=models.Field()),
        models.Func(Value(at), Value(last), function="ROW", output_field=models.Field()),
    )


def _name_of(agent_id: OuterRef) -> Coalesce:
    return Coalesce(Subquery(Agent.objects.filter(pk=agent_id).values("name")), Value(""))


def _with_reader(rows: QuerySet[Any], agent_id: int, at: datetime | None) -> QuerySet[Any]:
    """Add what only this reader sees: how far they have read, their draft, who else is there."""
    conversation = OuterRef("pk")
    seen = Seen.objects.filter(agent_id=agent_id, conversation_id=conversation)
    draft = Draft.objects.filter(
        agent_id=agent_id, conversation_id=conversation, kind=Draft.Kind.REPLY
    )
    now = Value(at) if at else Now()
    present = Presence.objects.filter(
        conversation_id=conversation, at__gt=now - Value(Presence.FADES_AFTER)
    ).exclude(agent_id=agent_id)
    read: QuerySet[Any] = rows.annotate(
        seen_id=Coalesce(Subquery(seen.values("last_message_id")), Value(0)),
        draft=Coalesce(
            Subquery(draft.values(cut=Left("text", PREVIEW_CHARS))),
            Value(""),
            output_field=CharField(),
        ),
        present=ArraySubquery(
            present.values(
                colleague=JSONObject(agent_id="agent_id", name="agent__name", state="state")
            )
        ),
    )
    return read


_COLUMNS = (
    "conversation_id", "reference", "queue_id", "channel_id", "customer_id", "customer_name",
    "market_code", "language", "subject", "preview", "assignee_id", "assignee_name",
    "last_activity_at", "waiting_since", "snoozed_until", "is_closed", "is_last_incoming",
    "is_sender_verified", "is_undelivered", "last_message_id", "priority", "next_due_at", "next_due",
    "due_warn_at",
)  # fmt: skip
_READER_COLUMNS = ("seen_id", "draft", "present", "order_at")


def _list_row(values: dict[str, Any]) -> ListRow:
    seen_id, present = values.pop("seen_id"), values.pop("present")
    is_new = values["is_last_incoming"] and (values["last_message_id"] or 0) > seen_id
    row = {name: values[name] for name in _COLUMNS}
    return ListRow(
        **{**row, "assignee_id": row["assignee_id"] or None},
        sort_at=values["order_at"],
        is_unread=bool(is_new),
        draft=values["draft"],
        present=tuple(Colleague(**one) for one in present),
    )


def colleagues_in(queue_id: int) -> list[Agent]:
    """Return who could take a conversation in this queue: its members, and operators."""
    members = QueueMember.objects.filter(queue_id=queue_id).values("agent_id")
    may = Q(pk__in=members) | Q(role="operator")
    return list(Agent.objects.filter(may, is_active=True).order_by("name"))
