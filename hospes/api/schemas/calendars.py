"""Calendars: the week, whose public holidays close it, the days that differ, and for whom it counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field, WithJsonSchema

from hospes.api.fields import Given, Id, Instant, Line, Told
from hospes.markets.calendar_reading import read_spans
from hospes.markets.models import Calendar, CalendarDay
from hospes.markets.opening_table import Span
from hospes.markets.wall_clock import WEEKDAYS
from hospes.markets.working_time import BadCalendar, in_hours

OPENINGS = {
    "type": "array",
    "items": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2},
    "maxItems": 50,
    "examples": [[["09:00", "12:00"], ["13:00", "17:00"]]],
}
Openings = Annotated[
    list[list[Annotated[str, Field(max_length=8)]]],
    Field(max_length=50),
    WithJsonSchema(OPENINGS),
]
WEEK = {"mon": [["09:00", "17:00"]], "sat": [["10:00", "14:00"]]}
SEASON_PLACE = "The market whose seasons close it; null: none do"
SEASONS = "What the facts of that market call them (`calendar.service_effects`)"
HOURS = (
    "By day of the week (`mon` to `sun`), each opening as a pair of times; an end that is not after its start is on"
    " the next day. A day left out is closed."
)


class DayTold(Told):
    """A day on which the calendar is not as in every week."""

    on: str = Field(examples=["2026-12-24"])
    is_open: bool
    hours: Openings = Field(description="Open or closed then; closed without any: all day")
    reason: str

    @classmethod
    def of(cls, row: CalendarDay) -> DayTold:
        return cls(
            on=row.on.isoformat(),
            is_open=row.kind == CalendarDay.Kind.OPEN,
            hours=_pairs(row.spans),
            reason=row.reason,
        )


class UsersTold(Told):
    """For whom a calendar counts."""

    team_ids: list[int]
    channel_ids: list[int]
    markets: list[str]
    contract_ids: list[int]


class CalendarTold(Told):
    """When work is done."""

    id: int
    name: str
    zone: str = Field(description="IANA time zone")
    hours: dict[str, Openings] = Field(description=HOURS, examples=[WEEK])
    country: str | None = Field(description="Whose public holidays close it; null: nobody's")
    subdivision: str
    with_observed: bool = Field(description="Also days given instead of a holiday on a weekend")
    categories: list[str] = Field(description="Sorts of holidays, such as `public`")
    season_place: str | None = Field(description=SEASON_PLACE)
    seasons: list[str] = Field(description=SEASONS)
    days: list[DayTold]
    counts_for: UsersTold
    changed_at: Instant

    @classmethod
    def of(cls, row: Calendar) -> CalendarTold:
        return cls(
            id=row.pk,
            name=row.name,
            zone=row.zone,
            hours={day: _pairs(row.hours[n]) for n, day in enumerate(WEEKDAYS) if row.hours[n]},
            country=row.country or None,
            subdivision=row.subdivision,
            with_observed=row.with_observed,
            categories=[str(one) for one in row.categories],
            season_place=row.season_place or None,
            seasons=[str(one) for one in row.seasons],
            days=[DayTold.of(day) for day in row.days.all()],
            counts_for=UsersTold(
                team_ids=[one.pk for one in row.teams.all()],
                channel_ids=[one.pk for one in row.channels.all()],
                markets=[one.code for one in row.markets.all()],
                contract_ids=[one.pk for one in row.contracts.all()],
            ),
            changed_at=row.changed_at,
        )


class CalendarPage(Told):
    items: list[CalendarTold]
    next_cursor: str | None


class CalendarPatched(Given):
    """Only the fields that are given change; the hours as a whole."""

    name: Line = Field("", min_length=1)
    zone: Line = Field("", description="IANA time zone")
    hours: dict[str, Openings] = Field(default={}, description=HOURS, examples=[WEEK])
    country: Line | None = Field(
        None, description="ISO 3166-1 alpha-2, of its public holidays", examples=["JP"]
    )
    subdivision: Line = ""
    with_observed: bool = True
    categories: list[Line] = Field(default=["public"], max_length=10)
    season_place: Line | None = Field(None, description=SEASON_PLACE, examples=["JP"])
    seasons: list[Line] = Field(
        default=[], max_length=50, description=SEASONS, examples=[["Golden Week"]]
    )


class CalendarGiven(CalendarPatched):
    name: Line = Field(min_length=1)
    zone: Line = Field(description="IANA time zone")


class DayGiven(Given):
    """How a day differs, in place of how it differed before."""

    is_open: bool
    hours: Openings = Field(
        default=[], description="Open or closed then; closed without any: all day"
    )
    reason: Line = ""


class UsersGiven(Given):
    """For whom it counts from now on: each list as a whole; one left out stays as it is."""

    team_ids: list[Id] | None = Field(None, max_length=1000)
    channel_ids: list[Id] | None = Field(None, max_length=1000)
    markets: list[Line] | None = Field(None, max_length=1000)
    contract_ids: list[Id] | None = Field(None, max_length=1000)


def week_of(given: Mapping[str, Any]) -> list[tuple[Span, ...]]:
    """Return a week as actions take it. Raises BadCalendar."""
    for name in given:
        if name not in WEEKDAYS:
            raise BadCalendar("unknown_name", name=name, known=", ".join(WEEKDAYS))
    return [read_spans(given.get(day) or [], where=day) for day in WEEKDAYS]


def _pairs(stored: Iterable[Sequence[int]]) -> list[list[str]]:
    return [[in_hours(int(start)), in_hours(int(end))] for start, end in stored]
