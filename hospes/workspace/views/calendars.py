"""Calendars: the week, public holidays, single days, and for whom each counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hospes.lib.refusal import Refused
from hospes.markets.actions.calendars import (
    change_calendar,
    clear_day,
    let_count,
    make_calendar,
    remove_calendar,
    set_day,
)
from hospes.markets.models import Calendar, CalendarDay
from hospes.markets.profiles import UnknownMarket
from hospes.servicelevels.models import MovedDue
from hospes.workspace.access import AgentRequest, operator_required
from hospes.workspace.calendars_shown import (
    USERS,
    days_off,
    now_of,
    seasons_offered,
    single_days,
    week_of,
    with_users,
)
from hospes.workspace.forms import StyledForm
from hospes.workspace.forms.calendars import (
    DayForm,
    HolidaysForm,
    NewCalendarForm,
    SeasonPlaceForm,
    SeasonsForm,
    UsersForm,
    WeekForm,
)
from hospes.workspace.frame import page

MOST_MOVED = 200  # on the page; `hospes servicelevels moved` prints all
MOVED_SHOWN = timedelta(days=30)


@require_http_methods(["GET", "POST"])
@operator_required
def index(request: AgentRequest) -> HttpResponse:
    """All calendars, and a form for the next one."""
    form = NewCalendarForm(request.POST or None, initial={"zone": request.user.zone})
    if request.method == "POST" and form.is_valid():
        try:
            made = make_calendar(form.plan(), by_id=request.user.pk, at=timezone.now())
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("settings_calendar", made.pk)
    now = timezone.now()
    values = {
        "calendars": [(row, week_of(row), now_of(row, now)) for row in with_users()],
        "form": form,
        "moved": MovedDue.objects.filter(at__gte=now - MOVED_SHOWN).count(),
        "section": "calendars",
    }
    return page(request, "workspace/settings/calendars.html", values)


@require_safe
@operator_required
def moved(request: AgentRequest) -> HttpResponse:
    """What is due at another moment since the rules of time zones changed, the newest first."""
    rows = MovedDue.objects.select_related("conversation").order_by("-at", "-pk")
    values = {"moved": rows[:MOST_MOVED], "section": "calendars"}
    return page(request, "workspace/settings/moved.html", values)


@require_http_methods(["GET", "POST"])
@operator_required
def calendar(request: AgentRequest, calendar_id: int) -> HttpResponse:
    """One calendar; its name, zone and week are written here. GET with a country previews its holidays."""
    found = _calendar(calendar_id)
    if request.method == "GET":
        return _calendar_page(request, found)
    return _kept(request, found, week=WeekForm(request.POST))


@operator_required
@require_POST
def holidays(request: AgentRequest, calendar_id: int) -> HttpResponse:
    """Let the public holidays of a country or region close it."""
    found = _calendar(calendar_id)
    form = HolidaysForm(request.POST, country=request.POST.get("country", ""))
    return _kept(request, found, holidays=form)


@operator_required
@require_POST
def days(request: AgentRequest, calendar_id: int) -> HttpResponse:
    """Let one day differ."""
    return _kept(request, _calendar(calendar_id), day=DayForm(request.POST))


@operator_required
@require_POST
def seasons(request: AgentRequest, calendar_id: int) -> HttpResponse:
    """Let it be closed in seasons of a market."""
    found = _calendar(calendar_id)
    place = request.POST.get("season_place", "")
    return _kept(request, found, seasons=_seasons_form(found, place, request.POST))


def _kept(
    request: AgentRequest, found: Calendar, **given: WeekForm | HolidaysForm | SeasonsForm | DayForm
) -> HttpResponse:
    """Keep what one form of the page says, named as the page names it; else show it again with what is wrong."""
    (form,) = given.values()

    def keep() -> None:
        by_id, at = request.user.pk, timezone.now()
        if isinstance(form, DayForm):
            set_day(found, form.day(), by_id=by_id, at=at)
        else:
            change_calendar(found, form.plan_for(found), by_id=by_id, at=at)

    if form.carried_out(keep):
        return _saved(request, found)
    return _calendar_page(request, found, **given)


@operator_required
@require_POST
def day_removal(request: AgentRequest, day_id: int) -> HttpResponse:
    """Let a day be as in every week again."""
    day = get_object_or_404(CalendarDay.objects.select_related("calendar"), pk=day_id)
    clear_day(day.calendar, day.on, by_id=request.user.pk, at=timezone.now())
    return _saved(request, day.calendar)


@operator_required
@require_POST
def users(request: AgentRequest, calendar_id: int) -> HttpResponse:
    """Say for which teams, channels and markets it counts."""
    found = _calendar(calendar_id)
    form = UsersForm(request.POST)
    if not form.is_valid():
        return _calendar_page(request, found, users=form)
    with transaction.atomic():
        for kind, wanted in form.cleaned_data.items():
            _let_count(request, found, getattr(found, kind).all(), wanted)
    return _saved(request, found)


def _let_count(request: AgentRequest, calendar: Calendar, had: Any, wanted: Any) -> None:
    before, after, at = set(had), set(wanted), timezone.now()
    for owner in before - after:
        let_count(owner, None, by_id=request.user.pk, at=at)
    for owner in after - before:
        let_count(owner, calendar, by_id=request.user.pk, at=at)


@operator_required
@require_POST
def removal(request: AgentRequest, calendar_id: int) -> HttpResponse:
    found = _calendar(calendar_id)
    try:
        remove_calendar(found, by_id=request.user.pk, at=timezone.now())
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("settings_calendar", calendar_id)
    messages.success(request, _("Removed."))
    return redirect("settings_calendars")


def _calendar(calendar_id: int) -> Calendar:
    return get_object_or_404(with_users(), pk=calendar_id)


def _saved(request: AgentRequest, calendar: Calendar) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect("settings_calendar", calendar.pk)


def _calendar_page(request: AgentRequest, found: Calendar, **given: StyledForm) -> HttpResponse:
    at = timezone.now()
    today = at.astimezone(found.clock).date()
    previewed, form = _previewed(request, found)
    values = {
        "calendar": found,
        "now": now_of(found, at),
        "week": WeekForm.of(found),
        "holidays": form,
        "is_preview": previewed is not found,
        "days_off": days_off(previewed, today),
        **_season_values(request, found),
        "days": single_days(found, today),
        "day": DayForm(),
        "users": UsersForm.of(found),
        "is_in_use": any(getattr(found, f"{kind}_count") for kind in USERS),
        "section": "calendars",
        **given,
    }
    return page(request, "workspace/settings/calendar.html", values)


def _season_values(request: AgentRequest, found: Calendar) -> dict[str, StyledForm]:
    """Return the seasons of the market asked for, else of the one chosen, else of where its holidays are."""
    usual = found.season_place or "-".join(filter(None, (found.country, found.subdivision)))
    place = request.GET.get("season_place", usual)
    return {
        "season_place": SeasonPlaceForm(initial={"season_place": place}),
        "seasons": _seasons_form(found, place),
    }


def _seasons_form(found: Calendar, place: str, given: Any = None) -> SeasonsForm:
    try:
        offered = seasons_offered(place, timezone.now().astimezone(found.clock).date())
    except UnknownMarket:
        place, offered = "", []
    chosen = found.seasons if place == found.season_place else []
    return SeasonsForm(given, offered=offered, initial={"season_place": place, "seasons": chosen})


def _previewed(request: AgentRequest, found: Calendar) -> tuple[Calendar, HolidaysForm]:
    """Return the calendar as it is, or with the holidays asked for, which nobody has saved."""
    if "country" not in request.GET:
        return found, HolidaysForm.of(found)
    country = request.GET["country"]
    form = HolidaysForm(_of_this_country(request), country=country)
    if not form.is_valid():
        return found, form
    plan = form.plan_for(found)
    other = Calendar(
        pk=found.pk, zone=found.zone, hours=found.hours, country=plan.country,
        subdivision=plan.subdivision, with_observed=plan.with_observed, categories=list(plan.categories),
    )  # fmt: skip
    return other, form


def _of_this_country(request: AgentRequest) -> Any:
    """Return what was asked for; region and sorts of another country are left out when the country changes."""
    given = request.GET.copy()
    if given.get("country", "") != given.get("of", ""):
        given.pop("subdivision", None)
        given.setlist("categories", ["public"])
        given["with_observed"] = "on"
    return given
