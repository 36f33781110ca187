"""Mail that waits for a decision: held, because it cannot be believed; quarantined, because it cannot be read."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from hospes.channels.email.child import ParserChild
from hospes.conversations.models import Conversation
from hospes.intake.actions.blocking import block, unblock
from hospes.intake.actions.deciding import let_in, put_aside, take_back, try_again
from hospes.intake.models import JUNK, Block, HeldRaw, HeldReason
from hospes.lib.refusal import Refused
from hospes.workspace import access
from hospes.workspace.access import AgentRequest, lead_required
from hospes.workspace.channel_health import automatic_values, desk_health
from hospes.workspace.frame import page
from hospes.workspace.views.files import raw_response

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

SHOWN = 100
BOXES = {"waiting": _("Waiting"), "junk": _("Junk"), "aside": _("Put aside")}


@dataclass(frozen=True)
class Box:
    """One of the places held mail may be in."""

    name: str
    label: StrPromise
    count: int
    is_current: bool


@require_safe
@lead_required
def index(request: AgentRequest) -> HttpResponse:
    rows = access.held_mail(request).select_related("raw", "put_aside_by").defer("raw__body")
    boxes = {
        "waiting": rows.filter(put_aside_at=None).exclude(reason__in=JUNK),
        "junk": rows.filter(put_aside_at=None, reason__in=JUNK),
        "aside": rows.exclude(put_aside_at=None),
    }
    box = next((name for name in boxes if name in request.GET), "waiting")
    held = list(boxes[box].order_by("-at", "-pk")[:SHOWN])
    wanted = Conversation.objects.in_bulk(
        [one.conversation_id for one in held if one.conversation_id]
    )
    values = {
        "box": box,
        "boxes": [
            Box(name, BOXES[name], found.count(), is_current=name == box)
            for name, found in boxes.items()
        ],
        "blocks": Block.objects.select_related("by").order_by("value") if box == "junk" else [],
        "held": [(one, wanted.get(one.conversation_id or 0)) for one in held],
        "quarantined": access.quarantined_mail(request)
        .select_related("raw")
        .order_by("-raw__received_at", "-pk")[:SHOWN],
        **(_health_values() if request.user.is_operator else {}),  # of the whole desk
    }
    return page(request, "workspace/mail.html", values)


def _health_values() -> dict[str, Any]:
    now = timezone.now()
    return {"health": desk_health(at=now), **automatic_values(at=now)}


@require_safe
@lead_required
def count(request: AgentRequest) -> HttpResponse:
    """How many held mails wait for this lead: the number beside the link, nothing when none does."""
    held = access.held_mail(request).filter(put_aside_at=None)
    waiting = held.exclude(reason__in=JUNK).count()
    return render(request, "workspace/mail.html#count", {"waiting": waiting})


@require_POST
@lead_required
def decide(request: AgentRequest, raw_id: int) -> HttpResponse:
    """Let a held mail in or put it aside, or read a quarantined one again."""
    decision = request.POST.get("decision")
    join = decision == "join"
    if decision == "again":
        try_again(get_object_or_404(access.quarantined_mail(request), pk=raw_id))
        messages.success(request, gettext("It is being read again."))
        return redirect("settings_mail")
    held = get_object_or_404(access.held_mail(request), pk=raw_id)
    try:
        if decision == "aside":
            put_aside(held, by=request.user, at=timezone.now())
            messages.success(request, gettext("It is put aside, and kept."))
            return redirect("settings_mail")
        if decision == "back":
            take_back(held)
            messages.success(request, gettext("It waits for a decision again."))
            return redirect("settings_mail")
        with closing(ParserChild()) as parser:
            message = let_in(held, parser=parser, at=timezone.now(), join=join)
        if join:
            messages.success(request, gettext("It is in the conversation now."))
        else:
            messages.success(request, gettext("It is a conversation now."))
        if held.reason == HeldReason.BLOCKED and unblock(held.from_address):
            told = gettext("%(sender)s is not blocked any more.")
            messages.success(request, told % {"sender": held.from_address})
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("settings_mail")
    return redirect("conversation", reference=message.conversation.reference)


@lead_required
@require_POST
def blocks(request: AgentRequest) -> HttpResponse:
    """Block a sender, or let one in again."""
    try:
        if "unblock" in request.POST:
            unblock(request.POST["unblock"])
        else:
            block(request.POST.get("sender", ""), by=request.user, at=timezone.now())
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(f"{reverse('settings_mail')}?junk")


@require_safe
@lead_required
def raw(request: AgentRequest, raw_id: int) -> HttpResponse:
    """The mail byte for byte, while it waits for a decision. With a virus in it, for operators alone."""
    found = access.waiting_raw(request, raw_id)
    if (
        not request.user.is_operator
        and HeldRaw.objects.filter(pk=raw_id).exclude(virus="").exists()
    ):
        raise Refused(
            gettext("A virus was found in this mail. Only operators may save it."),
            code="virus_found",
        )
    return raw_response(bytes(found.body), f"mail-{raw_id}.eml")
