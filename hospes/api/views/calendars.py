"""Calendars: when work is done, and for whom each counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, TypeVar

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from ninja import Router

from hospes.api import access
from hospes.api.answers import answer, answer_page, nothing
from hospes.api.bearer import ApiRequest, Bearer
from hospes.api.paging import USUAL_LIMIT, Cursor, Limit, numbered
from hospes.api.problems import no_such_row
from hospes.api.schemas.calendars import (
    CalendarGiven,
    CalendarPage,
    CalendarPatched,
    CalendarTold,
    DayGiven,
    UsersGiven,
    week_of,
)
from hospes.lib.refusal import Refused
from hospes.markets.actions.calendars import (
    OtherDay,
    Plan,
    change_calendar,
    clear_day,
    let_count,
    make_calendar,
    remove_calendar,
    set_day,
)
from hospes.markets.calendar_reading import read_day, read_spans
from hospes.markets.calendar_words import why_not
from hospes.markets.models import Calendar
from hospes.markets.working_time import BadCalendar

router = Router(tags=["calendars"])
READ, WRITE = Bearer("settings:read"), Bearer("settings:write")
T = TypeVar("T")


@router.get("", response=CalendarPage, auth=READ, operation_id="list_calendars")
def index(request: ApiRequest, limit: Limit = USUAL_LIMIT, cursor: Cursor = None) -> HttpResponse:
    """All calendars. For operators, as every address here: others see none."""
    rows, following = numbered(access.calendars(request), cursor, of="calendars", limit=limit)
    items = [CalendarTold.of(row) for row in rows]
    return answer_page(request, CalendarPage(items=items, next_cursor=following))


@router.post("", response={201: CalendarTold}, auth=WRITE, operation_id="make_calendar")
def make(request: ApiRequest, body: CalendarGiven) -> HttpResponse:
    """Make a calendar."""
    access.operators_only(request)
    plan = _plan(body.model_dump())
    made = make_calendar(plan, by_id=request.auth.agent_id, at=timezone.now())
    return answer(CalendarTold.of(access.calendar(request, made.pk)), status=201)


@router.get("/{int:calendar_id}", response=CalendarTold, auth=READ, operation_id="get_calendar")
def show(request: ApiRequest, calendar_id: int) -> HttpResponse:
    """One calendar."""
    return answer(CalendarTold.of(access.calendar(request, calendar_id)))


@router.patch(
    "/{int:calendar_id}", response=CalendarTold, auth=WRITE, operation_id="change_calendar"
)
def change(request: ApiRequest, calendar_id: int, body: CalendarPatched) -> HttpResponse:
    """Change a calendar; fields that are not named stay. Open conversations are counted anew."""
    one = access.calendar(request, calendar_id)
    plan = _plan(_changed(CalendarTold.of(one), body))
    change_calendar(one, plan, by_id=request.auth.agent_id, at=timezone.now())
    return answer(CalendarTold.of(access.calendar(request, calendar_id)))


@router.delete(
    "/{int:calendar_id}", response={204: None}, auth=WRITE, operation_id="remove_calendar"
)
def remove(request: ApiRequest, calendar_id: int) -> HttpResponse:
    """Remove a calendar that counts for nobody."""
    one = access.calendar(request, calendar_id)
    remove_calendar(one, by_id=request.auth.agent_id, at=timezone.now())
    return nothing()


@router.put(
    "/{int:calendar_id}/days/{on}", response=CalendarTold, auth=WRITE,
    operation_id="set_calendar_day",
)  # fmt: skip
def day(request: ApiRequest, calendar_id: int, on: str, body: DayGiven) -> HttpResponse:
    """Let one day differ, in place of how it differed before."""
    one = access.calendar(request, calendar_id)
    spans = _read(lambda: read_spans(body.hours, where="hours"))
    other = OtherDay(_day(on), body.is_open, spans, body.reason)
    set_day(one, other, by_id=request.auth.agent_id, at=timezone.now())
    return answer(CalendarTold.of(access.calendar(request, calendar_id)))


@router.delete(
    "/{int:calendar_id}/days/{on}", response=CalendarTold, auth=WRITE,
    operation_id="clear_calendar_day",
)  # fmt: skip
def day_removal(request: ApiRequest, calendar_id: int, on: str) -> HttpResponse:
    """Let a day be as in every week again."""
    one = access.calendar(request, calendar_id)
    clear_day(one, _day(on), by_id=request.auth.agent_id, at=timezone.now())
    return answer(CalendarTold.of(access.calendar(request, calendar_id)))


@router.put(
    "/{int:calendar_id}/users", response=CalendarTold, auth=WRITE,
    operation_id="let_calendar_count",
)  # fmt: skip
def users(request: ApiRequest, calendar_id: int, body: UsersGiven) -> HttpResponse:
    """Say for which teams, channels, markets and contracts it counts."""
    one = access.calendar(request, calendar_id)
    with transaction.atomic():
        for name, (field, rows) in access.calendar_users(request).items():
            wanted = getattr(body, name)
            if wanted is not None:
                had = getattr(one, access.CALENDAR_USERS[name]).all()
                _let_count(request, one, had, _chosen(rows, field, wanted, name))
    return answer(CalendarTold.of(access.calendar(request, calendar_id)))


def _let_count(
    request: ApiRequest, calendar: Calendar, had: Iterable[Any], wanted: Iterable[Any]
) -> None:
    before, after = set(had), set(wanted)
    by_id, at = request.auth.agent_id, timezone.now()
    for owner in before - after:
        let_count(owner, None, by_id=by_id, at=at)
    for owner in after - before:
        let_count(owner, calendar, by_id=by_id, at=at)


def _chosen(rows: Any, field: str, wanted: Sequence[Any], name: str) -> list[Any]:
    found = list(rows.filter(**{f"{field}__in": wanted}))
    if {getattr(one, field) for one in found} != set(wanted):
        raise no_such_row(name)
    return found


def _changed(told: CalendarTold, body: CalendarPatched) -> dict[str, Any]:
    """Return a calendar as it is with what was given over it; another country has no such region."""
    given = body.model_dump(exclude_unset=True)
    as_it_is = told.model_dump(include=set(CalendarPatched.model_fields))
    if given.get("country", told.country) != told.country:
        as_it_is |= {"subdivision": "", "categories": ["public"]}
    return {**as_it_is, **given}


def _plan(given: dict[str, Any]) -> Plan:
    return Plan(
        given["name"], given["zone"], _read(lambda: week_of(given["hours"])),
        given["country"] or "", given["subdivision"], given["with_observed"],
        given["categories"] or ["public"], given["season_place"] or "",
        given["seasons"],
    )  # fmt: skip


def _day(on: str) -> date:
    return _read(lambda: read_day(on))


def _read(reading: Callable[[], T]) -> T:
    """Return what is read; what cannot be read is refused in the words of the pages."""
    try:
        return reading()
    except BadCalendar as bad:
        raise Refused(why_not(bad), code=bad.code) from bad
