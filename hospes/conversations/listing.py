"""Reads for programs: conversations by filters, and what is told with a row of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.lookups import LessThan

from hospes.conversations.cursors import make_cursor
from hospes.conversations.models import Attachment, Conversation, Message
from hospes.conversations.queries import beyond, in_queues, list_page
from hospes.files.models import FileCheck


@dataclass(frozen=True)
class Wanted:
    """Which conversations are asked for; None: whatever it may be."""

    view: str | None = None  # queries.VIEWS
    customer_id: int | None = None
    assignee_id: int | None = None
    channel_id: int | None = None
    is_open: bool | None = None
    active_since: datetime | None = None


@dataclass(frozen=True)
class Found:
    conversations: list[Conversation]
    next_cursor: str | None  # None: this was the last page


def conversations_page(
    queue_ids: Sequence[int] | None,
    wanted: Wanted,
    *,
    agent_id: int,
    after: str | None,
    limit: int,
) -> Found:
    """Return a page in two statements: a view in its own order, else what was active last first.

    queue_ids: what the reader may see; None: everything.
    Raises ValueError for an unknown view or a cursor that is none.
    """
    if wanted.view is not None:
        page = list_page(queue_ids, view=wanted.view, agent_id=agent_id, after=after, limit=limit)
        ids = [row.conversation_id for row in page.rows]
        return Found(_in_order(ids), page.next_cursor)
    rows = _wanted(wanted).order_by("-last_activity_at", "-pk")
    if after:
        rows = rows.filter(beyond(LessThan, "last_activity_at", "pk", after))
    rows = in_queues(rows, queue_ids, limit)[: limit + 1]
    found = list(rows.values_list("pk", "last_activity_at"))
    if len(found) <= limit:
        return Found(_in_order([pk for pk, _at in found]), None)
    last, at = found[limit - 1]
    return Found(_in_order([pk for pk, _at in found[:limit]]), make_cursor(at, last))


def loaded(rows: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """Load with each conversation the names that are told with it."""
    return rows.select_related(
        "assignee",
        "customer__market",
        "customer__contract__market",
        "channel__market",
        "queue__market",
    )


def _wanted(wanted: Wanted) -> QuerySet[Conversation]:
    rows: QuerySet[Conversation] = Conversation.objects.all()
    if wanted.customer_id is not None:
        rows = rows.filter(customer_id=wanted.customer_id)
    if wanted.assignee_id is not None:
        rows = rows.filter(assignee_id=wanted.assignee_id)
    if wanted.channel_id is not None:
        rows = rows.filter(channel_id=wanted.channel_id)
    if wanted.is_open is not None:
        rows = rows.filter(closed_at__isnull=wanted.is_open)
    if wanted.active_since is not None:
        rows = rows.filter(last_activity_at__gte=wanted.active_since)
    return rows


def _in_order(ids: Sequence[int]) -> list[Conversation]:
    by_id = loaded(Conversation.objects.filter(pk__in=ids)).in_bulk() if ids else {}
    return [by_id[pk] for pk in ids if pk in by_id]


def told(rows: QuerySet[Message]) -> QuerySet[Message]:
    """Load with each message what is told with it, in two statements; `checked` on its files is what is known of them."""
    known = FileCheck.objects.filter(sha256=OuterRef("sha256")).values("state")
    files = Attachment.objects.annotate(checked=Subquery(known)).order_by("position")
    return rows.select_related("agent", "outbox_entry", "conversation").prefetch_related(
        Prefetch("attachments", queryset=files)
    )
