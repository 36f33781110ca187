"""Who and what there is: the token itself, agents, queues, channels."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Router

from hospes.api import access
from hospes.api.answers import answer, answer_page
from hospes.api.bearer import ApiRequest, Bearer
from hospes.api.paging import USUAL_LIMIT, Cursor, Limit, numbered
from hospes.api.schemas.people import (
    AgentPage,
    AgentTold,
    ChannelPage,
    ChannelTold,
    QueuePage,
    QueueTold,
    TokenTold,
)  # fmt: skip

router = Router(tags=["desk"])
READ = Bearer("team:read")


@router.get("/token", response=TokenTold, auth=Bearer(), operation_id="get_token")
def token(request: ApiRequest) -> HttpResponse:
    """What the token that asks may do, and as whom."""
    return answer(TokenTold.of(request.auth, access.queue_ids(request)))


@router.get("/agents", response=AgentPage, auth=READ, operation_id="list_agents")
def agents(request: ApiRequest, limit: Limit = USUAL_LIMIT, cursor: Cursor = None) -> HttpResponse:
    """Agents who share a queue with the token's agent, and operators."""
    rows, following = numbered(access.agents(request), cursor, of="agents", limit=limit)
    items = [AgentTold.of(row) for row in rows]
    return answer_page(request, AgentPage(items=items, next_cursor=following))


@router.get("/queues", response=QueuePage, auth=READ, operation_id="list_queues")
def queues(request: ApiRequest, limit: Limit = USUAL_LIMIT, cursor: Cursor = None) -> HttpResponse:
    """Queues the token's agent works in; all of them for an operator."""
    rows, following = numbered(access.queues(request), cursor, of="queues", limit=limit)
    items = [QueueTold.of(row) for row in rows]
    return answer_page(request, QueuePage(items=items, next_cursor=following))


@router.get("/channels", response=ChannelPage, auth=READ, operation_id="list_channels")
def channels(
    request: ApiRequest, limit: Limit = USUAL_LIMIT, cursor: Cursor = None
) -> HttpResponse:
    """Channels of the brands the token's agent works for."""
    rows, following = numbered(access.channels(request), cursor, of="channels", limit=limit)
    items = [ChannelTold.of(row) for row in rows]
    return answer_page(request, ChannelPage(items=items, next_cursor=following))
