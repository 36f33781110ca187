"""The list of conversations: views, pages, rows that change while somebody looks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from hospes.conversations.counting import view_counts
from hospes.conversations.models.conversation import NEVER
from hospes.conversations.queries import (
    ListPage,
    ListRow,
    list_page,
    rows_of,
    visible_queue_ids,
)  # fmt: skip
from hospes.language.writing import direction
from hospes.workspace import showing
from hospes.workspace.access import AgentRequest, agent_required
from hospes.workspace.frame import VIEWS, framed
from hospes.workspace.views.entering import may_set_up

PAGE = 25  # within 5 kB gzipped in any script; the next comes by itself when its end is in sight
LAST_VIEW = (
    "last_view"  # in a cookie: which list stands beside a conversation opened by its address
)
MAX_ROWS_ASKED = 60
ELSEWHERE = ("open", "snoozed", "closed")  # every conversation stands in one of these


@dataclass(frozen=True)
class Row:
    """A conversation as the list shows it: every text ready, so that the template only prints."""

    found: ListRow
    tag: str
    name_initial: str
    time_words: str
    waits: str
    back: str
    direction: str
    now: datetime
    has_left: bool = False  # the view; shown only because the reader has it open

    @property
    def is_answered(self) -> bool:
        """Whether it is the customer's turn."""
        r = self.found
        is_ours = r.is_closed or r.snoozed_until or r.sort_at < NEVER
        return not is_ours and not r.is_last_incoming

    @property
    def url(self) -> str:
        return f"/c/{self.found.reference}/"


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """To work; on a desk nobody has set up yet, whoever may do that goes there."""
    if not request.user.is_authenticated:
        return redirect("setup") if may_set_up(request) else redirect_to_login("/")
    return redirect("inbox", view="mine")


@require_safe
@agent_required
def inbox(request: AgentRequest, view: str) -> HttpResponse:
    """One view of the list, beside an empty conversation; only the list for htmx."""
    queue_ids, page = _page(request, view)
    values = {
        "view": view,
        "view_label": VIEWS[view],
        "rows": _rows(page),
        "next_cursor": page.next_cursor,
        "current": request.GET.get("current", ""),
    }
    if request.GET.get("after"):
        return render(request, "workspace/inbox.html#page", values)
    template = "workspace/inbox.html#list" if request.htmx else "workspace/inbox.html"
    counts = view_counts(queue_ids, request.user.pk, as_of=request.live_after)
    response = framed(request, template, values, counts)
    response.set_cookie(LAST_VIEW, view, samesite="Lax", httponly=True, secure=request.is_secure())
    return response


@require_safe
@agent_required
def rows(request: AgentRequest, view: str) -> HttpResponse:
    """The rows of some conversations as they are now; those that left the view are missing."""
    if view not in VIEWS:
        raise Http404
    ids = [int(word) for word in request.GET.get("ids", "").split(",") if word.isdecimal()]
    found = rows_of(
        ids[:MAX_ROWS_ASKED], visible_queue_ids(request.user), view=view, agent_id=request.user.pk
    )
    values = {
        "rows": [*_rows(ListPage(found, None)), *_left(request, view, ids, found)],
        "current": request.GET.get("current", ""),
        "view": view,
    }
    return render(request, "workspace/inbox.html#rows", values)


def _left(request: AgentRequest, view: str, ids: list[int], found: list[ListRow]) -> list[Row]:
    """Return the row of what is open beside the list when it left the view: it stays until the reader goes on."""
    given = request.GET.get("opened", "")
    opened = int(given) if given.isdecimal() else 0
    if opened not in ids or opened in {row.conversation_id for row in found}:
        return []
    queue_ids, agent_id = visible_queue_ids(request.user), request.user.pk
    for elsewhere in ELSEWHERE:
        if rows := rows_of([opened], queue_ids, view=elsewhere, agent_id=agent_id):
            return [_row(rows[0], timezone.now(), has_left=True)]
    return []


@require_safe
@agent_required
def counts(request: AgentRequest) -> JsonResponse:
    queue_ids = visible_queue_ids(request.user)
    return JsonResponse(view_counts(queue_ids, request.user.pk, as_of=request.live_after))


def _page(request: AgentRequest, view: str) -> tuple[list[int] | None, ListPage]:
    if view not in VIEWS:
        raise Http404
    queue_ids = visible_queue_ids(request.user)
    try:
        page = list_page(
            queue_ids,
            view=view,
            agent_id=request.user.pk,
            after=request.GET.get("after") or None,
            limit=PAGE,
        )
    except ValueError as error:
        raise Http404 from error
    return queue_ids, page


def _rows(page: ListPage) -> list[Row]:
    now = timezone.now()
    return [_row(found, now) for found in page.rows]


def _row(found: ListRow, now: datetime, *, has_left: bool = False) -> Row:
    shown_at = found.waiting_since or found.last_activity_at
    return Row(
        found=found,
        tag=" · ".join(part for part in (found.market_code, found.language) if part),
        name_initial=showing.initials(found.customer_name),
        time_words=showing.age(found.last_activity_at, now),
        waits=showing.age(shown_at, now) if found.waiting_since else "",
        back=showing.moment(found.snoozed_until, now=now) if found.snoozed_until else "",
        direction=direction(found.language),
        now=now,
        has_left=has_left,
    )
