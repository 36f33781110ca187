"""What an agent says: replies, notes, drafts, and what becomes of a reply."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hospes.channels.contract import OutboundFile
from hospes.conversations.actions import delivering, drafting, noting, replying, unsending
from hospes.conversations.models import Draft, DraftFile
from hospes.conversations.recipients import typed
from hospes.lib.refusal import Refused
from hospes.texts.placeholders import left_in
from hospes.workspace import showing
from hospes.workspace.access import AgentRequest, agent_required, conversation, draft_file, message
from hospes.workspace.answers import done, news
from hospes.workspace.greeting import greeting_for
from hospes.workspace.later import meant

MAX_VERSION = 2**53
MAX_TYPED = 20_000  # characters of recipients


@require_POST
@agent_required
def reply(request: AgentRequest, reference: str) -> HttpResponse:
    """Send a reply; it can be taken back for a few seconds."""
    one = conversation(request, reference)
    close_after = bool(request.POST.get("close"))
    send_at, send_zone = meant(request.POST.get("send_at", ""))
    if left := left_in(request.POST.get("text", "")):
        words = _(
            "Fill in %(places)s first; or write two braces, if they are meant to stand there."
        )
        raise Refused(words % {"places": ", ".join(left[:3])}, code="places_left")
    sent = replying.reply(
        one,
        text=request.POST.get("text", ""),
        by=request.user,
        at=timezone.now(),
        last_seen_message_id=_number(request.POST.get("last_seen")),
        files=_files(request),
        kept_file_ids=[number for one in request.POST.getlist("kept") if (number := _number(one))],
        to=typed(request.POST["to"]) if "to" in request.POST else None,
        cc=typed(request.POST.get("cc", "")),
        close_after=close_after,
        draft_version=_number(request.POST.get("version")) or 0,
        send_id=_uuid(request.POST.get("send_id", "")),
        send_at=send_at,
        send_zone=send_zone,
    )
    return done(
        _sent_words(is_closed=close_after, send_at=send_at),
        undo_url=reverse("unsend", args=[sent.pk]) if settings.UNDO_SECONDS else "",
        seconds=settings.UNDO_SECONDS,
        said="reply",
        closed=close_after,
    )


@require_safe
@agent_required
def greeting(request: AgentRequest, reference: str) -> HttpResponse:
    """How a reply here begins and ends; the composer puts it around what is written."""
    made = greeting_for(conversation(request, reference), by=request.user)
    return JsonResponse({"salutation": made.salutation, "closing": made.closing})


def _sent_words(*, is_closed: bool, send_at: datetime | None) -> str:
    if send_at is not None:
        return _("It leaves at %(time)s. Until then you can take it back.") % {
            "time": showing.moment(send_at)
        }
    if settings.UNDO_SECONDS:
        return (
            _("Closed. The reply leaves in a moment.") if is_closed else _("It leaves in a moment.")
        )
    return _("Sent and closed.") if is_closed else _("Sent.")


@require_POST
@agent_required
def note(request: AgentRequest, reference: str) -> HttpResponse:
    one = conversation(request, reference)
    noting.note(
        one,
        text=request.POST.get("text", ""),
        by=request.user,
        at=timezone.now(),
        draft_version=_number(request.POST.get("version")) or 0,
    )
    return done(_("Note added."), said="note")


@require_POST
@agent_required
def draft(request: AgentRequest, reference: str, kind: str) -> HttpResponse:
    """Keep what is being written; answers with the version that is kept."""
    one = conversation(request, reference)
    if kind not in Draft.Kind.values:
        raise Refused(_("There are drafts of replies and of notes."), code="no_such_kind")
    kept = drafting.save_draft(
        one,
        kind=kind,
        text=request.POST.get("text", "")[:200_000].replace("\0", ""),
        version=_number(request.POST.get("version")) or 0,
        by=request.user,
        at=timezone.now(),
        to=_as_typed(request, "to"),
        cc=_as_typed(request, "cc"),
    )
    return JsonResponse({"version": kept.version})


@require_POST
@agent_required
def draft_files(request: AgentRequest, reference: str) -> HttpResponse:
    """Keep a file for the reply that is being written; answers with what is kept."""
    one = conversation(request, reference)
    found = _files(request)
    if not found:
        raise Refused(_("There is no file in this request."), code="empty")
    kept = drafting.keep_file(one, found[0], by=request.user, at=timezone.now())
    return JsonResponse(_told(kept), status=201)


@require_POST
@agent_required
def drop_draft_file(request: AgentRequest, draft_file_id: int) -> HttpResponse:
    """Take a file out of the reader's own draft."""
    drafting.drop_file(draft_file(request, draft_file_id), by=request.user)
    return HttpResponse(status=204)


def _told(file: DraftFile) -> dict[str, Any]:
    return {"id": file.pk, "name": file.name, "size_bytes": file.size_bytes}


@require_POST
@agent_required
def unsend(request: AgentRequest, message_id: int) -> HttpResponse:
    """Take a reply back; its text is a draft again."""
    one = message(request, message_id)
    back = unsending.unsend(one, by=request.user, at=timezone.now())
    return news(
        unsent={
            "message_id": message_id,
            "reference": one.conversation.reference,
            "text": back.text,
            "version": back.version,
            "to": back.to,
            "cc": back.cc,
            "files": [_told(one) for one in back.files.order_by("pk")],
        }
    )


@require_POST
@agent_required
def resend(request: AgentRequest, message_id: int) -> HttpResponse:
    """Send a reply again, perhaps to another address."""
    to = _as_typed(request, "to")
    delivering.resend(
        message(request, message_id),
        by=request.user,
        at=timezone.now(),
        to=typed(to) if to is not None else None,
    )
    return done(_("It is being sent again."))


@require_POST
@agent_required
def settle(request: AgentRequest, message_id: int) -> HttpResponse:
    delivering.settle_as_sent(message(request, message_id), by=request.user, at=timezone.now())
    return done(_("Noted as sent."))


def _as_typed(request: AgentRequest, name: str) -> str | None:
    given = request.POST.get(name)
    return given[:MAX_TYPED].replace("\0", "") if given is not None else None


def _number(given: str | None) -> int | None:
    number = int(given) if given and given.isdecimal() and len(given) < 17 else None
    return min(number, MAX_VERSION) if number is not None else None


def _uuid(given: str) -> UUID | None:
    try:
        return UUID(hex=given)
    except ValueError:
        return None


def _files(request: AgentRequest) -> list[OutboundFile]:
    return [
        OutboundFile(
            name=(file.name or "file")[:255],
            content_type=file.content_type or "application/octet-stream",
            content=file.read(),
        )
        for file in request.FILES.getlist("files")
    ]
