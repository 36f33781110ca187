"""One mail that waits for a decision, whole: its words, how it was designed, its files. Nothing of it can act here."""

from __future__ import annotations

import html
from base64 import b64encode
from contextlib import closing
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_safe

from hospes.channels.contract import Inbound, Unreadable
from hospes.channels.email.child import ParserChild
from hospes.conversations.models import Conversation
from hospes.intake.actions.deciding import put_aside, take_back, try_again
from hospes.intake.actions.scanning import check_one
from hospes.intake.boxes import QUARANTINED, box_of
from hospes.intake.desk import load_desk
from hospes.intake.models import HeldRaw, QuarantinedRaw
from hospes.language.writing import direction
from hospes.lib.clamd import NotReached
from hospes.lib.refusal import Refused
from hospes.workspace import access, designs
from hospes.workspace.access import AgentRequest, lead_required
from hospes.workspace.frame import page
from hospes.workspace.showing import SHOWN_INLINE
from hospes.workspace.views.designs import IN_FRAME
from hospes.workspace.views.files import raw_response
from hospes.workspace.views.mail import address_of, box_in, decided_alone

MAX_SHOWN_CHARS = 200_000
MAX_RAW_BYTES = 64 * 1024  # of what nobody could read, to look at
MAX_PICTURES_BYTES = 4 * 2**20  # that came with it, within the frame


@require_http_methods(["GET", "HEAD", "POST"])
@lead_required
def decide(request: AgentRequest, raw_id: int) -> HttpResponse:
    """The mail to be read; posted to, a decision about it."""
    if request.method != "POST":
        return _shown(request, raw_id)
    decision = request.POST.get("decision", "")
    if decision == "again":
        try_again(get_object_or_404(access.quarantined_mail(request), pk=raw_id))
        messages.success(request, _("It is being read again."))
        return redirect(address_of(QUARANTINED))
    waiting = access.undecided(request, raw_id)
    try:
        if decision == "aside":
            put_aside(waiting, by=request.user, at=timezone.now())
            messages.success(request, _("It is put aside, and kept."))
        elif decision == "back":
            take_back(waiting)
            messages.success(request, _("It waits for a decision again."))
        elif isinstance(waiting, HeldRaw):
            return decided_alone(request, waiting, decision)
        return redirect(address_of(box_in(request.POST)))
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(address_of(box_in(request.POST)))


def _shown(request: AgentRequest, raw_id: int) -> HttpResponse:
    held = access.held_mail(request).select_related("raw", "put_aside_by").filter(pk=raw_id).first()
    if held is None:
        unread = get_object_or_404(
            access.quarantined_mail(request).select_related("raw"), pk=raw_id
        )
        return _shown_unread(request, unread)
    read = _read(held)
    values: dict[str, Any] = {
        "one": held,
        "conversation": Conversation.objects.filter(pk=held.conversation_id or 0).first(),
        "box": box_of(held),
        "back": address_of(box_of(held)),
    }
    if isinstance(read, Inbound):
        values |= {
            "read": read,
            "text": read.text[:MAX_SHOWN_CHARS],
            "is_cut": len(read.text) > MAX_SHOWN_CHARS,
            "files": list(enumerate(read.files)),
        }
    return page(request, "workspace/held.html", values)


def _shown_unread(request: AgentRequest, one: QuarantinedRaw) -> HttpResponse:
    """What nobody could read: its beginning as it came in, letter by letter."""
    body = bytes(one.raw.body[:MAX_RAW_BYTES])
    values = {
        "unread": one,
        "box": box_of(one),
        "back": address_of(box_of(one)),
        "text": body.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}"),
        "is_cut": len(one.raw.body) > MAX_RAW_BYTES,
    }
    return page(request, "workspace/held.html", values)


def _read(held: HeldRaw) -> Inbound | Unreadable:
    priors = load_desk().languages_of(held.raw.channel_id)
    with closing(ParserChild()) as parser:
        (read,) = parser.parse_all([bytes(held.raw.body)], priors=[priors])
    return read


def _readable(request: AgentRequest, raw_id: int) -> Inbound:
    """Return a held mail as it reads. Raises Http404 when there is none, or none that can be read."""
    held = get_object_or_404(access.held_mail(request).select_related("raw"), pk=raw_id)
    read = _read(held)
    if isinstance(read, Unreadable):
        raise Http404
    return read


@require_safe
@lead_required
@xframe_options_sameorigin
def frame(request: AgentRequest, raw_id: int) -> HttpResponse:
    """The mail as its sender designed it, for the same sandboxed frame as messages; nothing is loaded from elsewhere."""
    read = _readable(request, raw_id)
    if not read.html:
        raise Http404
    language = html.escape(read.language or "", quote=True)
    design = designs.made_ready(read.html, files=_pictures_of(read))
    body = (
        f'<!doctype html><html lang="{language}" dir="{direction(read.language or "")}"><head><meta charset="utf-8">'
        f'<base target="_blank"><title></title><style>{designs.STYLE}</style></head><body>{design.html}</body></html>'
    )
    response = HttpResponse(body)
    response["Content-Security-Policy"] = IN_FRAME.format(files="")
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    return response


def _pictures_of(read: Inbound) -> dict[str, str]:
    """Return the pictures that came with it as addresses that hold them, by Content-ID; nothing where a scanner is set."""
    shown: dict[str, str] = {}
    room = 0 if settings.CLAMD else MAX_PICTURES_BYTES
    for file in read.files:
        if file.content_id and file.content_type in SHOWN_INLINE and file.size_bytes <= room:
            room -= file.size_bytes
            content = b64encode(file.content).decode("ascii")
            shown[file.content_id.lower()] = f"data:{file.content_type};base64,{content}"
    return shown


@require_safe
@lead_required
def file(request: AgentRequest, raw_id: int, position: int) -> HttpResponse:
    """A file that came with a held mail, to be saved: never opened here. With a virus in it, for nobody."""
    held = get_object_or_404(access.held_mail(request).select_related("raw"), pk=raw_id)
    _refuse_unchecked(held)
    read = _read(held)
    if isinstance(read, Unreadable) or position >= len(read.files):
        raise Http404
    return raw_response(read.files[position].content, read.files[position].name or "file")


def _refuse_unchecked(held: HeldRaw) -> None:
    """Raise Refused for what the virus scanner found something in, or could not look into."""
    if settings.CLAMD and held.checked_at is None:
        try:
            check_one(held, at=timezone.now())
        except NotReached as error:
            raise Refused(
                _("Waiting: the virus scanner does not answer."), code="not_checked"
            ) from error
        held.refresh_from_db(fields=["virus"])
    if held.virus:
        raise Refused(
            _("A virus was found in this file. Nobody can open it here."), code="virus_found"
        )


@require_safe
@lead_required
def raw(request: AgentRequest, raw_id: int) -> HttpResponse:
    """The mail byte for byte, while it waits for a decision. With a virus in it, for operators alone."""
    waiting = access.undecided(request, raw_id)
    if waiting.virus and not request.user.is_operator:
        raise Refused(
            _("A virus was found in this mail. Only operators may save it."), code="virus_found"
        )
    return raw_response(bytes(waiting.raw.body), f"mail-{raw_id}.eml")
