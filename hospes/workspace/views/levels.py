"""What is owed by when: the service levels, what was missed, and what an agent says of either."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hospes.conversations.actions.classifying import classify
from hospes.conversations.actions.marking import mark_holding
from hospes.markets.calendars import spans_of
from hospes.markets.models import Market
from hospes.servicelevels.actions.contesting import contest as say_why
from hospes.servicelevels.actions.contesting import decide
from hospes.servicelevels.actions.setting import add_level, ask_before, change_level, remove_level
from hospes.servicelevels.models import Breach, ServiceLevel
from hospes.servicelevels.queries import page_of
from hospes.servicelevels.ruling import profiles_for
from hospes.servicelevels.usual import Usual, usual_in
from hospes.workspace import access, showing
from hospes.workspace.access import (
    AgentRequest,
    agent_required,
    conversation,
    lead_required,
    message,
    operator_required,
)
from hospes.workspace.answers import done
from hospes.workspace.dues import what_words
from hospes.workspace.forms.levels import LevelForm, MatterForm
from hospes.workspace.frame import page


@dataclass(frozen=True)
class InMarket:
    """What holds in a market where nobody set anything."""

    market: Market
    usual: Usual

    @property
    def counts_every_hour(self) -> bool:
        return self.usual.counts_every_hour and self.market.calendar is None

    @property
    def within(self) -> str:
        targets = self.usual.targets
        if self.market.calendar is not None:
            targets = self.usual.targets_on(tuple(map(spans_of, self.market.calendar.hours)))
        target = targets.first_reply
        return showing.span(target, by_days=False) if target else ""


@require_http_methods(["GET", "POST"])
@operator_required
def index(request: AgentRequest) -> HttpResponse:
    """All service levels in the order in which they are asked, and what holds without one."""
    if request.method == "POST":
        if "earlier" in request.POST:
            ask_before(_level(request.POST["earlier"]), by=request.user, at=timezone.now())
        elif "remove" in request.POST:
            remove_level(_level(request.POST["remove"]), by=request.user, at=timezone.now())
            messages.success(request, _("Saved. The dues are counted anew."))
        return redirect("settings_levels")
    markets = list(Market.objects.select_related("calendar"))
    profiles = profiles_for(one.code for one in markets)
    values = {
        "levels": ServiceLevel.objects.all(),
        "usual": [InMarket(one, usual_in(profiles[one.code], "email")) for one in markets],
        "section": "levels",
    }
    return page(request, "workspace/settings/levels.html", values)


@require_http_methods(["GET", "POST"])
@operator_required
def new(request: AgentRequest) -> HttpResponse:
    form = LevelForm(request.POST or None)
    if form.carried_out(lambda: add_level(given=form.given, by=request.user, at=timezone.now())):
        messages.success(request, _("Saved. The dues are counted anew."))
        return redirect("settings_levels")
    return page(request, "workspace/settings/level.html", {"form": form, "section": "levels"})


@require_http_methods(["GET", "POST"])
@operator_required
def level(request: AgentRequest, level_id: int) -> HttpResponse:
    found = get_object_or_404(ServiceLevel, pk=level_id)
    form = LevelForm(request.POST) if request.method == "POST" else LevelForm.of(found)
    if form.carried_out(
        lambda: change_level(found, given=form.given, by=request.user, at=timezone.now())
    ):
        messages.success(request, _("Saved. The dues are counted anew."))
        return redirect("settings_levels")
    values = {"form": form, "level": found, "section": "levels"}
    return page(request, "workspace/settings/level.html", values)


@require_safe
@lead_required
def missed(request: AgentRequest) -> HttpResponse:
    """What was missed in the queues this lead sees, the newest first."""
    found = page_of(
        access.breaches(request),
        older_than=_number(request.GET.get("older", "")) or None,
        newer_than=_number(request.GET.get("newer", "")) or None,
    )
    values = {
        "missed": [_shown(one) for one in found.rows],
        "newer": found.newer and f"?newer={found.newer}",
        "older": found.older and f"?older={found.older}",
    }
    return page(request, "workspace/missed.html", values)


@require_POST
@agent_required
def contest(request: AgentRequest, breach_id: int) -> HttpResponse:
    """Why an agent thinks that it should not count."""
    found = access.breach(request, breach_id)
    say_why(found, why=request.POST.get("why", ""), by=request.user, at=timezone.now())
    return done(_("Said. A lead decides whether it counts."))


@require_POST
@lead_required
def decision(request: AgentRequest, breach_id: int) -> HttpResponse:
    found = access.breach(request, breach_id)
    is_excused = request.POST.get("decision") == "excused"
    decide(found, is_excused=is_excused, by=request.user, at=timezone.now())
    messages.success(request, _("Does not count") if is_excused else _("Counts"))
    return redirect("missed")


@require_http_methods(["GET", "POST"])
@agent_required
def matter(request: AgentRequest, reference: str) -> HttpResponse:
    """What a conversation is about, and how much it presses."""
    one = conversation(request, reference)
    form = MatterForm(request.POST) if request.method == "POST" else MatterForm.of(one)
    if form.is_bound and form.is_valid():
        classify(one, changes=form.changes, by=request.user, at=timezone.now())
        return done(_("Saved."))
    values = {"form": form, "address": reverse("matter", args=[one.reference])}
    return render(request, "workspace/parts/matter.html", values)


@require_POST
@agent_required
def holding(request: AgentRequest, message_id: int) -> HttpResponse:
    """Whether a reply of ours answers, or only holds."""
    is_holding = bool(request.POST.get("is_holding"))
    mark_holding(
        message(request, message_id), is_holding=is_holding, by=request.user, at=timezone.now()
    )
    if is_holding:
        return done(_("A holding reply: the clock goes on."))
    return done(_("An answer: the clock has stopped."))


def _shown(one: Breach) -> dict[str, Any]:
    return {
        "breach": one,
        "what": what_words(one.what),
        "late": showing.span(one.late_by(timezone.now())),
    }


def _level(given: str) -> ServiceLevel:
    number = _number(given)
    return get_object_or_404(ServiceLevel, pk=number if number < 2**15 else 0)


def _number(given: str) -> int:
    return int(given) if given.isdecimal() and len(given) < 18 else 0
