"""Conversations: lists, one of them, and what is done with it."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router

from hospes.api import access
from hospes.api.answers import answer, answer_page
from hospes.api.bearer import ApiRequest, Bearer
from hospes.api.fields import MAX_ID, Moment
from hospes.api.fields import Text as Words
from hospes.api.paging import USUAL_LIMIT, Cursor, Limit, seal, unseal
from hospes.api.problems import Problem, no_such_row
from hospes.api.reading import read_said
from hospes.api.saying import addresses, body_of, outgoing
from hospes.api.schemas.conversations import (
    ConversationChanged,
    ConversationGiven,
    ConversationPage,
    ConversationTold,
    SnoozeGiven,
)  # fmt: skip
from hospes.api.schemas.people import AgentChosen, QueueChosen
from hospes.conversations.actions import assigning, classifying, closing, moving, snoozing, starting
from hospes.conversations.listing import Found, Wanted, conversations_page
from hospes.conversations.models import Conversation
from hospes.search.queries import find
from hospes.team.models import Agent

router = Router(tags=["conversations"])
READ, WRITE = Bearer("conversations:read"), Bearer("conversations:write")

View = Literal["mine", "unassigned", "open", "waiting", "snoozed", "closed"]
Number = Annotated[int | None, Query(ge=1, le=MAX_ID)]


@router.get("", response=ConversationPage, auth=READ, operation_id="list_conversations")
def index(  # noqa: PLR0913 # each is a filter of the list
    request: ApiRequest,
    *,
    view: Annotated[
        View | None,
        Query(
            description="A view of the workspace, in its order; combines with `queue_id` alone. Without one, what was"
            " active last comes first."
        ),
    ] = None,
    q: Annotated[
        Words | None,
        Query(
            description="Words that were all said in one message; combines with `queue_id` alone. One page,"
            " no cursor."
        ),
    ] = None,
    queue_id: Number = None,
    customer_id: Number = None,
    assignee_id: Number = None,
    channel_id: Number = None,
    is_open: bool | None = None,
    active_since: Moment | None = None,
    limit: Limit = USUAL_LIMIT,
    cursor: Cursor = None,
) -> HttpResponse:
    """List the conversations this token may see."""
    queue_ids = _within(access.queue_ids(request), queue_id)
    wanted = Wanted(view, customer_id, assignee_id, channel_id, is_open, active_since)
    if (view or q) and (wanted != Wanted(view) or (view and q)):
        raise Problem(
            422,
            _("`view` and `q` combine with `queue_id` alone."),
            code="filters_do_not_combine",
        )
    if q is not None:
        hits = find(q, queue_ids=queue_ids, limit=limit).hits
        rows = access.among([hit.conversation_id for hit in hits], request)
        return answer_page(request, _page(Found(rows, None), of=""))
    of = f"conversations {queue_id} {wanted}"
    found = conversations_page(
        queue_ids,
        wanted,
        agent_id=request.auth.agent_id,
        after=unseal(cursor, of=of),
        limit=limit,
    )
    return answer_page(request, _page(found, of=of))


def _within(queue_ids: list[int] | None, queue_id: int | None) -> list[int] | None:
    if queue_id is None:
        return queue_ids
    return [queue_id] if queue_ids is None or queue_id in queue_ids else []


def _told(changed: Conversation) -> ConversationTold:
    """Tell of a conversation as it is after a change."""
    return ConversationTold.of(changed)


def _page(found: Found, *, of: str) -> ConversationPage:
    return ConversationPage(
        items=[ConversationTold.of(row) for row in found.conversations],
        next_cursor=seal(found.next_cursor, of=of),
    )


@router.post(
    "", response={201: ConversationTold}, auth=WRITE, operation_id="start_conversation",
    openapi_extra=body_of(ConversationGiven),
)  # fmt: skip
def start(request: ApiRequest) -> HttpResponse:
    """Write to a customer first. Files come as base64, or beside the fields as `multipart/form-data`.

    The scope `messages:write` is needed too: the first message goes out.
    """
    _require_messages(request)
    given, files = read_said(request, ConversationGiven)
    customer = access.customer(request, given.customer_id)
    queue = access.queue(request, given.queue_id)
    channel = access.channel(request, given.channel_id)
    if queue is None or channel is None:
        name = "queue_id" if queue is None else "channel_id"
        raise no_such_row(name)
    message = starting.start(
        customer,
        queue=queue,
        channel=channel,
        subject=given.subject,
        text=given.text,
        by=request.auth.agent,
        at=timezone.now(),
        files=outgoing(given.attachments, files),
        cc=addresses(given.cc),
        close_after=given.close,
    )
    return answer(_told(message.conversation), status=201)


def _require_messages(request: ApiRequest) -> None:
    if "messages:write" not in request.auth.scopes:
        raise Problem(
            403,
            _("The scope %(scope)s is needed.") % {"scope": "messages:write"},
            code="missing_scope",
            scope="messages:write",
        )


@router.get("/{reference}", response=ConversationTold, auth=READ, operation_id="get_conversation")
def show(request: ApiRequest, reference: str) -> HttpResponse:
    """One conversation."""
    return answer(ConversationTold.of(access.conversation(request, reference)))


@router.patch(
    "/{reference}", response=ConversationTold, auth=WRITE, operation_id="change_conversation"
)
def change(request: ApiRequest, reference: str, body: ConversationChanged) -> HttpResponse:
    """Say what it is about and how much it presses; fields that are not named stay. Dues are counted anew."""
    one = access.conversation(request, reference)
    agent, at = request.auth.agent, timezone.now()
    return answer(_told(classifying.classify(one, changes=body.changes, by=agent, at=at)))


@router.post(
    "/{reference}/assignment", response=ConversationTold, auth=WRITE,
    operation_id="assign_conversation",
)  # fmt: skip
def assignment(request: ApiRequest, reference: str, body: AgentChosen) -> HttpResponse:
    """Give it to an agent who works in its queue, or to nobody."""
    one = access.conversation(request, reference)
    to: Agent | None = None
    if body.agent_id is not None:
        to = access.agent(request, body.agent_id)
        if to is None:
            raise no_such_row("agent_id")
    return answer(_told(assigning.assign(one, to=to, by=request.auth.agent, at=timezone.now())))


@router.post(
    "/{reference}/closure", response=ConversationTold, auth=WRITE,
    operation_id="close_conversation",
)  # fmt: skip
def closure(request: ApiRequest, reference: str) -> HttpResponse:
    """Close it: nothing is owed any more."""
    one = access.conversation(request, reference)
    return answer(_told(closing.close(one, by=request.auth.agent, at=timezone.now())))


@router.post(
    "/{reference}/reopening", response=ConversationTold, auth=WRITE,
    operation_id="reopen_conversation",
)  # fmt: skip
def reopening(request: ApiRequest, reference: str) -> HttpResponse:
    """Open it again; a customer who was never answered waits as before."""
    one = access.conversation(request, reference)
    return answer(_told(closing.reopen(one, by=request.auth.agent, at=timezone.now())))


@router.post(
    "/{reference}/snooze", response=ConversationTold, auth=WRITE,
    operation_id="snooze_conversation",
)  # fmt: skip
def snooze(request: ApiRequest, reference: str, body: SnoozeGiven) -> HttpResponse:
    """Put it away until a moment; a new message wakes it before."""
    one = access.conversation(request, reference)
    agent, at = request.auth.agent, timezone.now()
    return answer(_told(snoozing.snooze(one, until=body.until, by=agent, at=at)))


@router.delete(
    "/{reference}/snooze", response=ConversationTold, auth=WRITE,
    operation_id="awaken_conversation",
)  # fmt: skip
def awaken(request: ApiRequest, reference: str) -> HttpResponse:
    """End the snooze now."""
    one = access.conversation(request, reference)
    return answer(_told(snoozing.awaken(one, by=request.auth.agent, at=timezone.now())))


@router.post(
    "/{reference}/queue", response=ConversationTold, auth=WRITE, operation_id="move_conversation"
)
def queue(request: ApiRequest, reference: str, body: QueueChosen) -> HttpResponse:
    """Let it stand in another queue that this token may see."""
    one = access.conversation(request, reference)
    to = access.queue(request, body.queue_id)
    if to is None:
        raise no_such_row("queue_id")
    return answer(_told(moving.move(one, to=to, by=request.auth.agent, at=timezone.now())))
