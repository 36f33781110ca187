"""What is known of a market: everybody with a seat reads it, operators say what holds here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hospes.lib.refusal import Refused
from hospes.markets import shipped
from hospes.markets.actions.confirming import confirm
from hospes.markets.actions.correcting import Citation, correct
from hospes.markets.actions.setting import BelowTheLaw, Waiver, set_value
from hospes.markets.actions.taking_back import take_back
from hospes.markets.keys import KEYS
from hospes.markets.models import OwnValue
from hospes.markets.profiles import Profile, UnknownMarket, places_above, profile_of
from hospes.markets.resolving import Fact
from hospes.markets.seasons import SEASONS
from hospes.markets.wording import place_in_words
from hospes.workspace.access import (
    AgentRequest,
    agent_required,
    conversation,
    operator_required,
)
from hospes.workspace.facts_shown import (
    OF_WRITING,
    coming,
    history,
    now_there,
    sections_of,
    shown,
)
from hospes.workspace.forms.facts import CorrectionForm, FactForm, OwnValueForm
from hospes.workspace.frame import page
from hospes.workspace.greeting import greeting_for, profile_where


@require_safe
@agent_required
def market(request: AgentRequest, place: str) -> HttpResponse:
    """Every fact of a market, or those in which what is looked for stands."""
    try:
        profile = profile_of(place)
    except UnknownMarket as unknown:
        values = {"section": "markets", "unknown": unknown}
        return page(request, "workspace/settings/no_market.html", values, status=404)
    if profile.code != place:
        return redirect("settings_market", profile.code)
    facts = [shown(profile, key) for key in KEYS]
    known = sum(fact.is_known for fact in facts)
    wanted, only = request.GET.get("q", "").strip()[:80], request.GET.get("only", "")
    found = [fact for fact in facts if fact.state in _ONLY.get(only, ()) and fact.holds(wanted)]
    values = {
        **_of_place(profile),
        "sections": sections_of(found),
        "above": [(code, place_in_words(code)) for code in places_above(profile.code)],
        "parts": [(code, place_in_words(code)) for code in shipped.subdivisions(profile.code)],
        "wanted": wanted,
        "only": only,
        "known": known,
        "unknown": len(facts) - known,
        "found": len(found),
        "own": sum(fact.state in _ONLY["own"] for fact in facts),
        "proposals": sum(fact.state == "proposal" for fact in facts),
    }
    return page(request, "workspace/settings/market.html", values)


# What is shown, by the word in the address: without one, all that is known.
_ONLY = {
    "": {"own", "waiver", "verified", "confirmed", "proposal", "told"},
    "own": {"own", "waiver"},
    "proposal": {"proposal"},
    "unknown": {"unknown"},
}


def _of_place(profile: Profile) -> dict[str, Any]:
    return {
        "place": profile.code,
        "place_name": place_in_words(profile.code),
        "section": "markets",
    }


@require_http_methods(["GET", "POST"])
@operator_required
def laws(request: AgentRequest, place: str) -> HttpResponse:
    """Laws that nobody has made sure of, to be confirmed once for this market."""
    profile = _profile(place)
    if request.method == "POST":
        try:
            done = confirm(
                place, request.POST.getlist("keys"), by_id=request.user.pk, at=timezone.now()
            )
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            said = ngettext(
                "%(count)d law is confirmed.", "%(count)d laws are confirmed.", len(done)
            )
            messages.success(request, said % {"count": len(done)})
        return redirect("settings_laws", profile.code)
    told = [shown(profile, fact.key) for fact in profile.proposals]
    values = {**_of_place(profile), "sections": sections_of(told), "found": len(told)}
    return page(request, "workspace/settings/laws.html", values)


@require_safe
@agent_required
def fact(request: AgentRequest, place: str, key: str) -> HttpResponse:
    """One fact of a market, with its sources and what was said of it here."""
    return _fact_page(request, _profile(place), _key(key))


def _fact_page(
    request: AgentRequest,
    profile: Profile,
    key: str,
    *,
    form: FactForm | None = None,
    correction: FactForm | None = None,
) -> HttpResponse:
    one = shown(profile, key)
    values = {
        **_of_place(profile),
        "one": one,
        "floor": shown(Profile(profile.code, {key: one.fact.floor}), key)
        if one.fact and one.fact.floor
        else None,
        "coming": coming(profile, on=timezone.localdate()) if key == SEASONS else [],
        "history": history(profile.code, key, on=timezone.now().date()),
    }
    if request.user.is_operator:
        values["form"] = form or _own_form(profile, key)
        values["correction"] = correction or _correction_form(profile, key)
    return page(request, "workspace/settings/fact.html", values)


def _own_form(profile: Profile, key: str, given: Any = None) -> OwnValueForm:
    holding = profile[key]
    told = holding.floor if holding and holding.origin.is_own and holding.floor else holding
    form = OwnValueForm(
        key, given, current=_own_part(holding), has_floor=told is not None and told.is_law
    )
    if holding is not None and holding.parts:  # what is left empty stays as told
        for name, minutes in holding.value.items():
            form.fields[name].widget.attrs["placeholder"] = str(minutes)
    return form


def _own_part(holding: Fact | None) -> Any:
    """Return what stands in the form at first: what holds, of a merged table only what was set here."""
    if holding is None or not holding.parts:
        return holding.value if holding else None
    return {name: holding.value[name] for name, one in holding.parts.items() if one.origin.is_own}


def _correction_form(profile: Profile, key: str, given: Any = None) -> CorrectionForm:
    holding = profile[key]
    current = holding.value if holding else None
    initial = {"cited_on": timezone.localdate()}
    return CorrectionForm(key, given, current=current, initial=initial, prefix="correction")


@operator_required
@require_POST
def own_value(request: AgentRequest, place: str, key: str) -> HttpResponse:
    """Let a value hold instead of what is told."""
    profile, key = _profile(place), _key(key)
    form = _own_form(profile, key, request.POST)
    given = form.is_valid() and form.cleaned_data
    waiver = Waiver(given["reason"], given["until"]) if given and given.get("until") else None
    if _done(form, lambda: _set(request, place, form, waiver)):
        messages.success(request, _("Saved."))
        return redirect("settings_fact", profile.code, key)
    return _fact_page(request, profile, key, form=form)


def _set(request: AgentRequest, place: str, form: FactForm, waiver: Waiver | None) -> None:
    set_value(
        place,
        form.key.name,
        form.value(),
        by_id=request.user.pk,
        at=timezone.now(),
        waiver=waiver,
    )


@operator_required
@require_POST
def correction(request: AgentRequest, place: str, key: str) -> HttpResponse:
    """Say that a fact is another, and where that was read."""
    profile, key = _profile(place), _key(key)
    form = _correction_form(profile, key, request.POST)
    if _done(form, lambda: _correct(request, place, form)):
        messages.success(request, _("Saved."))
        return redirect("settings_fact", profile.code, key)
    return _fact_page(request, profile, key, correction=form)


def _correct(request: AgentRequest, place: str, form: CorrectionForm) -> None:
    citation = Citation(form.cleaned_data["citation"], form.cleaned_data["cited_on"])
    correct(place, form.key.name, form.value(), citation, by_id=request.user.pk, at=timezone.now())


def _done(form: FactForm, act: Callable[[], None]) -> bool:
    """Act on a form without faults; a refusal becomes a fault of the control it is about."""
    if not form.is_valid():
        return False
    try:
        act()
    except BelowTheLaw as refused:
        form.add_error("reason" if "reason" in form.fields else None, str(refused))
    except Refused as refused:
        form.add_error("value" if "value" in form.fields else None, str(refused))
    return form.is_valid()


@operator_required
@require_POST
def taking_back(request: AgentRequest, own_value_id: int) -> HttpResponse:
    """Let what is told hold again."""
    own = get_object_or_404(OwnValue, pk=own_value_id)
    try:
        take_back(own, by_id=request.user.pk, at=timezone.now())
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Taken back."))
    return redirect("settings_fact", own.place, own.key)


@require_safe
@agent_required
def there(request: AgentRequest, reference: str) -> HttpResponse:
    """How people write where a customer lives, beside the conversation: where to start, and which season it is."""
    one = conversation(request, reference)
    home = one.customer_market
    if home is None:
        raise Http404
    profile = profile_where(one.whereabouts)
    today = timezone.now().astimezone(home.clock).date()
    values = {
        **_of_place(profile),
        "greeting": greeting_for(one, by=request.user),
        "form": shown(profile, "address.default_form"),
        "own_form": one.customer.get_form_of_address_display(),
        "facts": [shown(profile, key) for key in OF_WRITING if profile[key]],
        "seasons": now_there(profile, on=today),
    }
    return render(request, "workspace/parts/there.html", values)


def _profile(place: str) -> Profile:
    try:
        return profile_of(place)
    except UnknownMarket as unknown:
        raise Http404 from unknown


def _key(key: str) -> str:
    if key not in KEYS:
        raise Http404
    return key
