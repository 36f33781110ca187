"""Reads for lists: who may see what, a page of conversations, how many there are.

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
from django.db.models import (
    Case, CharField, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When,
)  # fmt: skip
from django.db.models.functions import Coalesce, JSONObject, Left, Now
from django.db.models.lookups import GreaterThan, LessThan

from hospes.conversations.cursors import make_cursor, read_cursor
from hospes.conversations.models import (
    Conversation, Draft, InboxRow, Message, Presence, QueueMember, Seen,
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
    market_code: str  # ISO 3166-1 alpha-2, "" when unknown
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
    last_message_id: int | None
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

    Open views begin with who has waited longest, the snoozed one with what comes back next, the
    closed one with what was active last.

    queue_ids: what the reader may see; None: everything.
    after: the cursor of the page before.
    at: who is present is told as of this moment; the database's own clock when not given.

    Raises ValueError for an unknown view or a cursor that is none.
    """
    if view not in VIEWS:
        raise ValueError(f"no such view: {view!r}")
    rows = _closed_rows(queue_ids, after, limit) if view == "closed" else _open_rows(
        queue_ids, view, agent_id, after, limit
    )
    found = list(_with_reader(rows, agent_id, at).values(*_COLUMNS, *_READER_COLUMNS))
    page = [_list_row(values) for values in found[:limit]]
    if len(found) <= limit:
        return ListPage(page, None)
    last = found[limit - 1]
    return ListPage(page, make_cursor(last["order_at"], last["conversation_id"]))


def view_counts(queue_ids: Sequence[int] | None, agent_id: int) -> dict[str, int]:
    """Return how many conversations each open view holds, in one pass over an index."""
    rows = InboxRow.objects.all() if queue_ids is None else InboxRow.objects.filter(
        queue_id__in=queue_ids
    )
    return rows.aggregate(
        **{view: Count("pk", filter=_in_view(view, agent_id)) for view in OPEN_VIEWS}
    )


def _in_view(view: str, agent_id: int) -> Q:
    is_open = Q(status=InboxRow.Status.OPEN)
    return {
        "mine": is_open & Q(assignee_id=agent_id),
        "unassigned": is_open & Q(assignee_id=0),
        "open": is_open,
        "waiting": is_open & Q(sort_at__lt=NEVER),
        "snoozed": Q(status=InboxRow.Status.SNOOZED),
    }[view]


def _open_rows(
    queue_ids: Sequence[int] | None, view: str, agent_id: int, after: str | None, limit: int
) -> QuerySet[InboxRow]:
    rows = InboxRow.objects.filter(_in_view(view, agent_id))
    if queue_ids is not None:
        rows = rows.filter(queue_id__in=queue_ids)
    if after:
        rows = rows.filter(_beyond(GreaterThan, "sort_at", "conversation_id", after))
    return rows.order_by("sort_at", "conversation_id")[: limit + 1]
