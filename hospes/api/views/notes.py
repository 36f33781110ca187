"""What is said among us, and what is not yet said."""

from __future__ import annotations

from typing import Literal

from django.http import HttpResponse
from django.utils import timezone
from ninja import Router

from hospes.api import access
from hospes.api.answers import answer, answer_page, nothing
from hospes.api.bearer import ApiRequest, Bearer
from hospes.api.paging import USUAL_LIMIT, Cursor, Limit, numbered
from hospes.api.problems import not_found
from hospes.api.schemas.conversations import (
    DraftGiven,
    DraftTold,
    NotePage,
    NoteTold,
    TextGiven,
)  # fmt: skip
from hospes.conversations.actions import drafting, noting

router = Router(tags=["notes and drafts"])
READ, WRITE = Bearer("notes:read"), Bearer("notes:write")
DRAFTS = Bearer("messages:write")

Kind = Literal["reply", "note"]


@router.get("/{reference}/notes", response=NotePage, auth=READ, operation_id="list_notes")
def index(
    request: ApiRequest, reference: str, limit: Limit = USUAL_LIMIT, cursor: Cursor = None
) -> HttpResponse:
    """Notes of a conversation, oldest first."""
    one = access.conversation(request, reference)
    rows, following = numbered(access.notes(one), cursor, of=f"notes {one.pk}", limit=limit)
    items = [NoteTold.of(row) for row in rows]
    return answer_page(request, NotePage(items=items, next_cursor=following))


@router.post("/{reference}/notes", response={201: NoteTold}, auth=WRITE, operation_id="write_note")
def note(request: ApiRequest, reference: str, body: TextGiven) -> HttpResponse:
    """Write something among us; the customer never sees it."""
    one = access.conversation(request, reference)
    written = noting.note(one, text=body.text, by=request.auth.agent, at=timezone.now())
    return answer(NoteTold.of(written), status=201)


@router.get("/{reference}/drafts/{kind}", response=DraftTold, auth=DRAFTS, operation_id="get_draft")
def draft(request: ApiRequest, reference: str, kind: Kind) -> HttpResponse:
    """The draft of the token's agent, as it is kept. 404 when there is none."""
    one = access.conversation(request, reference)
    found = access.draft(request, one, kind)
    if found is None:
        raise not_found()
    return answer(DraftTold.of(found))


@router.put(
    "/{reference}/drafts/{kind}", response=DraftTold, auth=DRAFTS, operation_id="save_draft"
)
def save(request: ApiRequest, reference: str, kind: Kind, body: DraftGiven) -> HttpResponse:
    """Keep what is being written, unless a newer version is kept; answers with what is kept now."""
    one = access.conversation(request, reference)
    agent, at = request.auth.agent, timezone.now()
    kept = drafting.save_draft(
        one, kind=kind, text=body.text, version=body.version, by=agent, at=at
    )
    return answer(DraftTold.of(kept))


@router.delete(
    "/{reference}/drafts/{kind}", response={204: None}, auth=DRAFTS, operation_id="discard_draft"
)
def discard(request: ApiRequest, reference: str, kind: Kind) -> HttpResponse:
    """Throw the draft away."""
    one = access.conversation(request, reference)
    drafting.discard_draft(one, kind=kind, by=request.auth.agent, at=timezone.now())
    return nothing()
