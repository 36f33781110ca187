"""What was said in a conversation, saying something, and what becomes of it."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar
from urllib.parse import quote

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router

from hospes.api import access
from hospes.api.answers import answer, answer_page
from hospes.api.bearer import ApiRequest, Bearer
from hospes.api.paging import USUAL_LIMIT, Cursor, Limit, numbered
from hospes.api.problems import Problem, not_found
from hospes.api.reading import read_said
from hospes.api.saying import addresses, body_of, outgoing
from hospes.api.schemas.conversations import DraftTold, ReplyGiven, ResendingGiven
from hospes.api.schemas.messages import MessageInFull, MessagePage, MessageTold
from hospes.conversations.actions import delivering, replying, unsending
from hospes.conversations.models import Attachment, Message
from hospes.files import store
from hospes.files.checks import may_open, states_of
from hospes.files.models import FileCheck

router = Router(tags=["messages"])
READ, WRITE = Bearer("messages:read"), Bearer("messages:write")

Response = TypeVar("Response", bound=HttpResponseBase)

NOTHING_RUNS = "default-src 'none'; sandbox"
Unchecked = Annotated[
    bool, Query(description="Take it even if the virus scanner has not looked into it yet")
]


@router.get(
    "/conversations/{reference}/messages", response=MessagePage, auth=READ,
    operation_id="list_messages",
)  # fmt: skip
def index(
    request: ApiRequest,
    reference: str,
    order: Annotated[
        Literal["oldest_first", "newest_first"], Query(description="Which come first")
    ] = "oldest_first",
    limit: Limit = USUAL_LIMIT,
    cursor: Cursor = None,
) -> HttpResponse:
    """What was said between us and the customer."""
    one = access.conversation(request, reference)
    rows, following = numbered(
        access.messages(one),
        cursor,
        of=f"messages {one.pk} {order}",
        limit=limit,
        newest_first=order == "newest_first",
    )
    items = [MessageTold.of(row) for row in rows]
    return answer_page(request, MessagePage(items=items, next_cursor=following))


@router.post(
    "/conversations/{reference}/messages", response={201: MessageInFull}, auth=WRITE,
    operation_id="reply", openapi_extra=body_of(ReplyGiven),
)  # fmt: skip
def reply(request: ApiRequest, reference: str) -> HttpResponse:
    """Reply to the customer. Files come as base64, or beside the fields as `multipart/form-data`.

    With `last_seen_message_id`, a reply that would overtake a message its writer has not read is stopped: the 409
    holds those `messages`.
    """
    one = access.conversation(request, reference)
    given, files = read_said(request, ReplyGiven)
    message = replying.reply(
        one,
        text=given.text,
        by=request.auth.agent,
        at=timezone.now(),
        last_seen_message_id=given.last_seen_message_id,
        files=outgoing(given.attachments, files),
        to=addresses(given.to) or None,
        cc=addresses(given.cc),
        close_after=given.close,
        is_holding=given.is_holding,
    )
    return answer(MessageInFull.of(access.message(request, message.pk)), status=201)


@router.get(
    "/messages/{int:message_id}", response=MessageInFull, auth=READ, operation_id="get_message"
)
def show(request: ApiRequest, message_id: int) -> HttpResponse:
    """One message, with its HTML."""
    return answer(MessageInFull.of(access.message(request, message_id)))


@router.get(
    "/messages/{int:message_id}/raw", auth=READ, operation_id="get_raw_message",
    openapi_extra={"x-content": "message/rfc822"},
)  # fmt: skip
def raw(request: ApiRequest, message_id: int) -> HttpResponse:
    """The mail as it came in, byte for byte. For operators."""
    found = access.message(request, message_id)
    if not request.auth.agent.is_operator:
        raise Problem(403, _("Only operators may do this."), code="operators_only")
    one = access.raw(found)
    response = HttpResponse(bytes(one.body), content_type="message/rfc822")
    return _to_be_saved(response, f"{found.conversation.reference}-{found.pk}.eml")


@router.get(
    "/attachments/{int:attachment_id}", auth=READ, operation_id="get_attachment",
    openapi_extra={"x-content": "application/octet-stream"},
)  # fmt: skip
def attachment(
    request: ApiRequest,
    attachment_id: int,
    unchecked: Unchecked = False,  # noqa: FBT002 # a question of the address
) -> HttpResponseBase:
    """The file itself. One in which a virus was found is not to be had.

    Where a virus scanner is set, a file it has not looked into yet is refused with `not_checked`, unless it is asked
    for with `unchecked=true`.
    """
    found = access.attachment(request, attachment_id)
    _check_opened(found, is_unchecked=unchecked)
    try:
        content = store.open_stored(found.sha256)
    except FileNotFoundError as error:
        raise not_found() from error
    response = FileResponse(content, content_type="application/octet-stream")
    response["Content-Length"] = str(found.size_bytes)
    return _to_be_saved(response, found.name or "file")


def _check_opened(found: Attachment, *, is_unchecked: bool) -> None:
    state = states_of([found.sha256]).get(found.sha256, "")
    if state == FileCheck.State.FOUND:
        raise Problem(
            409, _("A virus was found in this file. Nobody can open it here."), code="virus_found"
        )
    if not is_unchecked and not may_open(state, is_incoming=found.message.is_incoming):
        raise Problem(409, _("Not checked for viruses yet"), code="not_checked")


def _to_be_saved(response: Response, name: str) -> Response:
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response["Content-Security-Policy"] = NOTHING_RUNS
    return response


@router.post(
    "/messages/{int:message_id}/unsending", response=DraftTold, auth=WRITE, operation_id="unsend"
)
def unsend(request: ApiRequest, message_id: int) -> HttpResponse:
    """Take a reply back while it has not gone; its text is a draft again."""
    found = access.message(request, message_id)
    draft = unsending.unsend(found, by=request.auth.agent, at=timezone.now())
    return answer(DraftTold.of(draft))


@router.post(
    "/messages/{int:message_id}/resending", response=MessageInFull, auth=WRITE,
    operation_id="resend",
)  # fmt: skip
def resend(
    request: ApiRequest, message_id: int, body: ResendingGiven | None = None
) -> HttpResponse:
    """Send a reply again that did not arrive, or of which nobody knows, perhaps to somebody else."""
    found = _ours(access.message(request, message_id))
    to = addresses(body.to) if body and body.to else None
    delivering.resend(found, by=request.auth.agent, at=timezone.now(), to=to)
    return answer(MessageInFull.of(access.message(request, message_id)))


@router.post(
    "/messages/{int:message_id}/settlement", response=MessageInFull, auth=WRITE,
    operation_id="settle_as_sent",
)  # fmt: skip
def settle(request: ApiRequest, message_id: int) -> HttpResponse:
    """Note that a reply of which nobody knew did arrive."""
    found = _ours(access.message(request, message_id))
    delivering.settle_as_sent(found, by=request.auth.agent, at=timezone.now())
    return answer(MessageInFull.of(access.message(request, message_id)))


def _ours(found: Message) -> Message:
    """Only what goes out has a way to follow."""
    if found.is_incoming:
        raise Problem(409, _("This message came in."), code="came_in")
    return found
