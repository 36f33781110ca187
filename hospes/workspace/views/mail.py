"""Mail that waits for a decision: held, because it cannot be believed; quarantined, because it cannot be read."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from hospes.channels.email.child import ParserChild
from hospes.conversations.models import Conversation
from hospes.intake import boxes
from hospes.intake.actions.blocking import block, domain_block_of, unblock
from hospes.intake.actions.deciding import (
    call_junk,
    delete,
    let_in,
    put_aside,
    take_back,
    try_again,
)
from hospes.intake.models import Block, HeldRaw, HeldReason, QuarantinedRaw
from hospes.lib.refusal import Refused
from hospes.servicelevels.queries import waiting_for_a_decision
from hospes.workspace import access
from hospes.workspace.access import AgentRequest, lead_required, operator_required
from hospes.workspace.channel_health import automatic_values, desk_health
from hospes.workspace.frame import page

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

BOXES = {
    boxes.WAITING: _("Waiting"),
    boxes.JUNK: _("Junk"),
    boxes.ASIDE: _("Put aside"),
    boxes.QUARANTINED: _("Quarantined"),
}
AT_ONCE = 200  # that may be chosen


@dataclass(frozen=True)
class Box:
    """One of the places mail may wait in."""

    name: str
    label: StrPromise
    count: int
    is_current: bool

    @property
    def address(self) -> str:
        return address_of(self.name)


def address_of(box: str, **more: str | int) -> str:
    """Return where a box is shown."""
    said = "&".join(
        [*([box] if box != boxes.WAITING else []), *([urlencode(more)] if more else [])]
    )
    return reverse("settings_mail") + (f"?{said}" if said else "")


def box_in(given: Any) -> str:
    """Return which box a request speaks of."""
    return next((name for name in BOXES if name in given), boxes.WAITING)


@require_safe
@lead_required
def index(request: AgentRequest) -> HttpResponse:
    box = box_in(request.GET)
    words = request.GET.get("q", "").strip()[:200]
    held, unread = access.held_mail(request), access.quarantined_mail(request)
    counts = {name: held.filter(rule).count() for name, rule in boxes.HELD.items()}
    for name, rule in boxes.UNREAD.items():
        counts[name] = counts.get(name, 0) + unread.filter(rule).count()
    span = {
        "older_than": _number(request.GET.get("older")),
        "newer_than": _number(request.GET.get("newer")),
    }
    values: dict[str, Any] = {
        "box": box,
        "boxes": [
            Box(name, label, counts[name], is_current=name == box) for name, label in BOXES.items()
        ],
        "words": words,
        "blocks": Block.objects.select_related("by").order_by("value") if box == boxes.JUNK else [],
    }
    mails = held.select_related("raw", "put_aside_by").defer("raw__body")
    lying: list[boxes.Rows] = []
    if box in boxes.HELD:
        lying.append(boxes.with_words(mails.filter(boxes.HELD[box]), words))
    if box in boxes.UNREAD:
        unread = unread.filter(boxes.UNREAD[box]).select_related("raw")
        lying.append(boxes.with_words(unread, words))
    found = boxes.page_of(*lying, **span)
    values["held"] = _with_conversations([o for o in found.rows if isinstance(o, HeldRaw)])
    values["quarantined"] = [one for one in found.rows if isinstance(one, QuarantinedRaw)]
    more = {"q": words} if words else {}
    values["newer"] = found.newest and address_of(box, newer=found.newest, **more)
    values["older"] = found.oldest and address_of(box, older=found.oldest, **more)
    return page(request, "workspace/mail.html", {**values, **_alarms(request)})


def _number(given: str | None) -> int | None:
    return int(given) if given and given.isdecimal() and len(given) < 18 else None


def _with_conversations(held: Any) -> list[tuple[HeldRaw, Conversation | None]]:
    """Return each with the conversation it wants to join."""
    wanted = Conversation.objects.in_bulk(
        [one.conversation_id for one in held if one.conversation_id]
    )
    return [(one, wanted.get(one.conversation_id or 0)) for one in held]


def _alarms(request: AgentRequest) -> dict[str, Any]:
    """What an operator has to know of the whole desk, wherever they look."""
    if not request.user.is_operator:
        return {}
    now = timezone.now()
    return {"health": desk_health(at=now), **automatic_values(at=now)}


@require_safe
@lead_required
def count(request: AgentRequest) -> HttpResponse:
    """What waits for this lead to decide: the numbers beside the links to held mail and missed dues, if there is any."""
    values = {
        "waiting": access.held_mail(request).filter(boxes.HELD[boxes.WAITING]).count(),
        "missed": waiting_for_a_decision(access.breaches(request)),
    }
    return render(request, "workspace/mail.html#count", values)


@require_safe
@operator_required
def health(request: AgentRequest) -> HttpResponse:
    """What became of all mail, and how every way in and out is doing."""
    return page(
        request, "workspace/settings/health.html", {**_alarms(request), "section": "health"}
    )


# Decisions ----------------------------------------------------------------------------------------


@lead_required
@require_POST
def chosen(request: AgentRequest) -> HttpResponse:
    """Decide about several mails at once; about deleting them it is asked first."""
    box, decision = box_in(request.POST), request.POST.get("decision", "")
    ids = [int(one) for one in request.POST.getlist("raw") if _number(one)][:AT_ONCE]
    held = list(access.held_mail(request).filter(pk__in=ids).select_related("raw").order_by("pk"))
    unread = list(access.quarantined_mail(request).filter(pk__in=ids).order_by("pk"))
    if not held and not unread:
        messages.error(request, gettext("Choose at least one mail."))
        return redirect(address_of(box))
    if decision == "delete" and "confirmed" not in request.POST:
        values = {"box": box, "held": held, "quarantined": unread, "back": address_of(box)}
        return page(request, "workspace/mail_delete.html", values)
    done, refused = 0, ""
    waiting: list[HeldRaw | QuarantinedRaw] = [*held, *unread]
    with closing(ParserChild()) as parser:
        for one in waiting:
            try:
                done += _decided(request, one, decision, parser)
            except Refused as fault:
                refused = str(fault)
    _tell(request, decision, done, refused)
    return redirect(address_of(box))


def _decided(
    request: AgentRequest, one: HeldRaw | QuarantinedRaw, decision: str, parser: ParserChild
) -> bool:
    """Decide about one of several. Raises Refused."""
    now = timezone.now()
    if decision == "delete":
        delete(one, by=request.user, at=now)
    elif decision == "aside":
        put_aside(one, by=request.user, at=now)
    elif decision == "back":
        take_back(one)
    elif isinstance(one, QuarantinedRaw):
        if decision != "again":
            return False
        try_again(one)
    elif decision == "open":
        let_in(one, parser=parser, at=now, join=False)
        _unblocked(request, one)
    elif decision == "junk":
        call_junk(one)
    else:
        return False
    return True


def _tell(request: AgentRequest, decision: str, done: int, refused: str) -> None:
    """Say how many were decided about, and why others were not."""
    if done:
        told = {
            "open": ngettext("%(n)d mail is a conversation now.", "%(n)d mails are conversations now.", done),
            "aside": ngettext("%(n)d mail is put aside, and kept.", "%(n)d mails are put aside, and kept.", done),
            "back": ngettext("%(n)d mail waits for a decision again.", "%(n)d mails wait for a decision again.", done),
            "junk": ngettext("%(n)d mail is junk now.", "%(n)d mails are junk now.", done),
            "again": ngettext("%(n)d mail is being read again.", "%(n)d mails are being read again.", done),
            "delete": ngettext("%(n)d mail is deleted.", "%(n)d mails are deleted.", done),
        }  # fmt: skip
        messages.success(request, told[decision] % {"n": done})
    if refused:
        messages.error(request, refused)


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
    return redirect(address_of(boxes.JUNK))


def decided_alone(request: AgentRequest, one: HeldRaw, decision: str) -> HttpResponse:
    """Decide about one held mail, and lead to the conversation that it became. Raises Refused."""
    join = decision == "join"
    if decision == "junk" or (decision == "block" and one.may_lie):
        call_junk(one)
        messages.success(request, ngettext("%(n)d mail is junk now.", "%(n)d mails are junk now.", 1) % {"n": 1})  # fmt: skip
    elif decision == "block":
        value = block(one.from_address, by=request.user, at=timezone.now()).value
        call_junk(one)
        messages.success(request, gettext("%(sender)s is blocked.") % {"sender": value})
    elif join or decision == "open":
        with closing(ParserChild()) as parser:
            message = let_in(one, parser=parser, at=timezone.now(), join=join)
        if join:
            messages.success(request, gettext("It is in the conversation now."))
        else:
            messages.success(request, gettext("It is a conversation now."))
        _unblocked(request, one)
        return redirect("conversation", reference=message.conversation.reference)
    return redirect(address_of(box_in(request.POST)))


def _unblocked(request: AgentRequest, one: HeldRaw) -> None:
    """Let in again whoever was let in, and say what still keeps them out."""
    if one.reason != HeldReason.BLOCKED:
        return
    if unblock(one.from_address):
        told = gettext("%(sender)s is not blocked any more.")
        messages.success(request, told % {"sender": one.from_address})
    if domain := domain_block_of(one.from_address):
        told = gettext("%(domain)s is blocked all the same: further mail of this sender is junk.")
        messages.warning(request, told % {"domain": domain})
