"""Mail that waits for a decision: held, because it cannot be believed; quarantined, because it cannot be read."""

from __future__ import annotations

from contextlib import closing

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hospes.channels.email.child import ParserChild
from hospes.conversations.models import Conversation
from hospes.intake.actions.deciding import let_in, put_aside, take_back, try_again
from hospes.intake.counters import counters
from hospes.lib.refusal import Refused
from hospes.workspace import access
from hospes.workspace.access import AgentRequest, lead_required
from hospes.workspace.frame import page
from hospes.workspace.views.files import raw_response

SHOWN = 100


@require_safe
@lead_required
def index(request: AgentRequest) -> HttpResponse:
    is_aside = "aside" in request.GET
    rows = access.held_mail(request).select_related("raw", "put_aside_by").defer("raw__body")
    waiting, aside = rows.filter(put_aside_at=None), rows.exclude(put_aside_at=None)
    held = list((aside if is_aside else waiting).order_by("-at", "-pk")[:SHOWN])
    wanted = Conversation.objects.in_bulk(
        [one.conversation_id for one in held if one.conversation_id]
    )
    values = {
        "is_aside": is_aside,
        "waiting_count": waiting.count(),
        "aside_count": aside.count(),
        "held": [(one, wanted.get(one.conversation_id or 0)) for one in held],
        "quarantined": access.quarantined_mail(request)
        .select_related("raw")
        .order_by("-raw__received_at", "-pk")[:SHOWN],
        "counters": counters() if request.user.is_operator else None,  # of the whole desk
    }
    return page(request, "workspace/mail.html", values)


@require_safe
@lead_required
def count(request: AgentRequest) -> HttpResponse:
    """How many held mails wait for this lead: the number beside the link, nothing when none does."""
    waiting = access.held_mail(request).filter(put_aside_at=None).count()
    return render(request, "workspace/mail.html#count", {"waiting": waiting})


@require_POST
@lead_required
def decide(request: AgentRequest, raw_id: int) -> HttpResponse:
    """Let a held mail in or put it aside, or read a quarantined one again."""
    decision = request.POST.get("decision")
    if decision == "again":
        try_again(get_object_or_404(access.quarantined_mail(request), pk=raw_id))
        messages.success(request, _("It is being read again."))
        return redirect("settings_mail")
    held = get_object_or_404(access.held_mail(request), pk=raw_id)
    try:
        if decision == "aside":
            put_aside(held, by=request.user, at=timezone.now())
            messages.success(request, _("It is put aside, and kept."))
            return redirect("settings_mail")
        if decision == "back":
            take_back(held)
            messages.success(request, _("It waits for a decision again."))
            return redirect("settings_mail")
        with closing(ParserChild()) as parser:
            message = let_in(held, parser=parser, at=timezone.now(), join=decision == "join")
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("settings_mail")
    return redirect("conversation", reference=message.conversation.reference)


@require_safe
@lead_required
def raw(request: AgentRequest, raw_id: int) -> HttpResponse:
    """The mail byte for byte, while it waits for a decision."""
    found = access.waiting_raw(request, raw_id)
    return raw_response(bytes(found.body), f"mail-{raw_id}.eml")
