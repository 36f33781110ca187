"""Make calendars, change them and the days on which they differ, and let them count somewhere."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any, Protocol

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext_lazy as _

from hospes.events.recording import record
from hospes.lib.refusal import Refused
from hospes.markets.calendar_words import why_not
from hospes.markets.calendars import put_together
from hospes.markets.events import CalendarChanged, CalendarChosen
from hospes.markets.models import Calendar, CalendarDay
from hospes.markets.opening_table import Span
from hospes.markets.profiles import profile_of
from hospes.markets.public_holidays import PUBLIC, UnknownPlace, check
from hospes.markets.seasons import SEASONS
from hospes.markets.working_time import BadCalendar

Week = Sequence[Sequence[Span]]
MOST_REASON_CHARS = 200


@dataclass(frozen=True)
class Plan:
    """What a calendar is to be: its week in minutes of the wall clock, and whose public holidays close it."""

    name: str
    zone: str  # IANA
    hours: Week = field(default_factory=lambda: [[] for _day in range(7)])
    country: str = ""
    subdivision: str = ""
    with_observed: bool = True
    categories: Sequence[str] = (PUBLIC,)
    season_place: str = ""  # the market whose seasons close it
    seasons: Sequence[str] = ()  # what its facts call those that do

    @classmethod
    def of(cls, calendar: Calendar) -> Plan:
        """Return a calendar as it is."""
        return cls(**{one.name: getattr(calendar, one.name) for one in fields(cls)})


class HasCalendar(Protocol):
    """A team, a channel, a market, a contract."""

    pk: Any
    calendar: Calendar | None

    def save(self, *, update_fields: Sequence[str]) -> None: ...


@transaction.atomic
def make_calendar(plan: Plan, *, by_id: int | None, at: datetime) -> Calendar:
    """Raises Refused, with what is wrong, when it cannot be a calendar or another has its name."""
    return _write(Calendar(), plan, by_id=by_id, at=at)


@transaction.atomic
def change_calendar(calendar: Calendar, plan: Plan, *, by_id: int | None, at: datetime) -> Calendar:
    """Raises Refused, with what is wrong, when it cannot be a calendar or another has its name."""
    locked = Calendar.objects.select_for_update().get(pk=calendar.pk)
    return _write(locked, plan, by_id=by_id, at=at)


@transaction.atomic
def remove_calendar(calendar: Calendar, *, by_id: int | None, at: datetime) -> None:
    """Raises Refused while it counts anywhere."""
    pk = calendar.pk
    try:
        calendar.delete()
    except ProtectedError as error:
        raise Refused(
            _("This calendar is in use. Choose another one wherever it counts, then remove it."),
            code="in_use",
        ) from error
    record(CalendarChanged(calendar_id=pk), at=at, by_id=by_id)


@dataclass(frozen=True)
class OtherDay:
    """How a day differs: open at these hours, or closed then (all day without any)."""

    on: date
    is_open: bool
    spans: Sequence[Span] = ()
    reason: str = ""


@transaction.atomic
def set_day(calendar: Calendar, day: OtherDay, *, by_id: int | None, at: datetime) -> CalendarDay:
    """Let one day differ, in place of how it differed before. Raises Refused."""
    locked = Calendar.objects.select_for_update().get(pk=calendar.pk)
    if day.is_open and not day.spans:
        raise Refused(_("Say from when to when it is open then."), code="no_hours")
    kind = CalendarDay.Kind.OPEN if day.is_open else CalendarDay.Kind.CLOSED
    locked.days.filter(on=day.on).delete()
    made = locked.days.create(
        on=day.on,
        kind=kind,
        spans=[list(span) for span in day.spans],
        reason=day.reason.strip()[:MOST_REASON_CHARS],
    )
    _refuse_bad(locked)
    _changed(locked, by_id=by_id, at=at)
    return made


@transaction.atomic
def clear_day(calendar: Calendar, on: date, *, by_id: int | None, at: datetime) -> None:
    """Let a day be as in every week again; nothing happens when it is."""
    locked = Calendar.objects.select_for_update().get(pk=calendar.pk)
    gone, _rows = locked.days.filter(on=on).delete()
    if gone:
        _changed(locked, by_id=by_id, at=at)


@transaction.atomic
def let_count(
    owner: HasCalendar, calendar: Calendar | None, *, by_id: int | None, at: datetime
) -> None:
    """Let a calendar count for a team, a channel, a market or a contract; None: nothing of its own."""
    owner.calendar = calendar
    owner.save(update_fields=["calendar"])
    chosen = CalendarChosen(
        by=type(owner).__name__.lower(),
        owner_id=int(owner.pk),
        calendar_id=calendar.pk if calendar is not None else None,
    )
    record(chosen, at=at, by_id=by_id)


def _write(row: Calendar, plan: Plan, *, by_id: int | None, at: datetime) -> Calendar:
    name = " ".join(plan.name.split())
    if not name or len(name) > 80:
        raise Refused(_("Give the calendar a name of at most 80 characters."), code="no_name")
    if Calendar.objects.filter(name__iexact=name).exclude(pk=row.pk).exists():
        raise Refused(_("Another calendar is called %(name)s.") % {"name": name}, code="name_taken")
    row.name, row.zone = name, plan.zone.strip()
    row.hours = [sorted(list(span) for span in day) for day in plan.hours]
    row.country, row.subdivision = plan.country.strip().upper(), plan.subdivision.strip()
    row.with_observed, row.categories = plan.with_observed, list(plan.categories)
    if not row.country:
        row.subdivision, row.categories = "", []
    row.season_place, row.seasons = _checked_seasons(plan)
    _refuse_bad(row)
    _changed(row, by_id=by_id, at=at)
    return row


def _checked_seasons(plan: Plan) -> tuple[str, list[str]]:
    """Return whose seasons close it and which; those that the facts do not know any more are left out.

    Raises UnknownMarket.
    """
    wanted = set(plan.seasons)
    if not wanted:
        return "", []
    profile = profile_of(plan.season_place)
    known = [season["event"] for season in profile.value(SEASONS, ())]
    chosen = [event for event in known if event in wanted]
    return (profile.code, chosen) if chosen else ("", [])


def _refuse_bad(row: Calendar) -> None:
    """Raises Refused, in the reader's words, when this cannot be reckoned with."""
    try:
        if row.where is not None:
            check(row.where)
        put_together(row, row.days.all() if row.pk else (), 2020, 2020)
    except BadCalendar as error:
        raise Refused(why_not(error), code=error.code) from error
    except UnknownPlace as error:
        raise Refused(
            _("No public holidays are known of this country or region."), code="unknown_place"
        ) from error


def _changed(row: Calendar, *, by_id: int | None, at: datetime) -> None:
    row.revision, row.changed_at = uuid.uuid4(), at
    row.save()
    record(CalendarChanged(calendar_id=row.pk), at=at, by_id=by_id)
