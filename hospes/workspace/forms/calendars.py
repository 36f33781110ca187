"""What an operator says of a calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from babel.dates import get_day_names
from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hospes.channels.models import Channel
from hospes.markets.actions.calendars import OtherDay, Plan
from hospes.markets.calendar_reading import read_openings
from hospes.markets.calendar_words import openings_in_words, why_not
from hospes.markets.models import Calendar, Market
from hospes.markets.opening_table import Span
from hospes.markets.public_holidays import (
    PUBLIC,
    UnknownPlace,
    categories,
    countries,
    subdivisions,
)
from hospes.markets.shipped import countries as countries_with_facts
from hospes.markets.wall_clock import WEEKDAYS
from hospes.markets.wording import place_in_words
from hospes.markets.working_time import BadCalendar
from hospes.people.models import Contract
from hospes.team.models import Team
from hospes.workspace.forms import LongSelect, StyledForm, ZoneField
from hospes.workspace.showing import in_order, reader_locale

USUAL_DAY = ((540, 1020),)  # nine to five, to begin with
SORT_NAMES = {
    "public": _("Public holidays"),
    "half_day": _("Half days (closed from noon)"),
    "bank": _("Bank holidays"),
    "government": _("Holidays of public offices"),
    "optional": _("Optional holidays"),
}


class OpeningsField(forms.CharField):
    """Openings of one day as people write them: 09:00-12:00, 13:00-17:00."""

    def __init__(self, **more: Any) -> None:
        more.setdefault("required", False)
        super().__init__(
            max_length=200,
            widget=forms.TextInput(
                attrs={"dir": "ltr", "autocomplete": "off", "inputmode": "text"}
            ),
            **more,
        )

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) or value is None else openings_in_words(value)

    def clean(self, value: Any) -> tuple[Span, ...]:
        try:
            return read_openings(super().clean(value))
        except BadCalendar as bad:
            raise forms.ValidationError(why_not(bad)) from bad


class NewCalendarForm(StyledForm):
    name = forms.CharField(label=_("Name"), max_length=80)
    zone = ZoneField(label=_("Time zone"))

    def plan(self) -> Plan:
        week = [list(USUAL_DAY) if day < 5 else [] for day in range(7)]
        return Plan(self.cleaned_data["name"], self.cleaned_data["zone"], week)


class WeekForm(NewCalendarForm):
    """A calendar's name, zone and week; public holidays are a form of their own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = get_day_names("wide", context="stand-alone", locale=reader_locale())
        for index, day in enumerate(WEEKDAYS):
            self.fields[day] = OpeningsField(label=names[index].capitalize())
            self.fields[day].widget.attrs["class"] = "input"

    @classmethod
    def of(cls, calendar: Calendar) -> WeekForm:
        week = dict(zip(WEEKDAYS, calendar.hours, strict=True))
        return cls(initial={"name": calendar.name, "zone": calendar.zone, **week})

    @property
    def days(self) -> list[forms.BoundField]:
        return [self[day] for day in WEEKDAYS]

    def plan_for(self, calendar: Calendar) -> Plan:
        """Return the calendar as it should be, with its holidays as they are."""
        given = self.cleaned_data
        week = [given[day] for day in WEEKDAYS]
        return replace(Plan.of(calendar), name=given["name"], zone=given["zone"], hours=week)


class HolidaysForm(StyledForm):
    """Whose public holidays close a calendar; the regions and sorts offered are those of the country given."""

    country = forms.ChoiceField(label=_("Country"), required=False, widget=LongSelect)
    subdivision = forms.ChoiceField(label=_("Region"), required=False)
    categories = forms.MultipleChoiceField(
        label=_("Which ones"), required=False, widget=forms.CheckboxSelectMultiple
    )
    with_observed = forms.BooleanField(
        label=_("Also days given instead when a holiday falls on a weekend"), required=False
    )

    def __init__(self, *args: Any, country: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choices_of("country", [("", _("No public holidays")), *_countries()])
        parts, sorts = _parts_and_sorts(country)
        self._choices_of("subdivision", [("", _("The whole country")), *parts])
        self._choices_of("categories", [(sort, SORT_NAMES[sort]) for sort in sorts])
        if not parts:
            del self.fields["subdivision"]
        if len(sorts) < 2:
            del self.fields["categories"]
        if not sorts:
            del self.fields["with_observed"]

    def _choices_of(self, name: str, choices: Sequence[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    @classmethod
    def of(cls, calendar: Calendar) -> HolidaysForm:
        initial = {
            "country": calendar.country,
            "subdivision": calendar.subdivision,
            "categories": calendar.categories or [PUBLIC],
            "with_observed": calendar.with_observed,
        }
        return cls(country=calendar.country, initial=initial)

    def plan_for(self, calendar: Calendar) -> Plan:
        """Return the calendar with these holidays and its week as it is."""
        given = self.cleaned_data
        return replace(
            Plan.of(calendar),
            country=given["country"],
            subdivision=given.get("subdivision", ""),
            with_observed=given.get("with_observed", True),
            categories=given.get("categories") or [PUBLIC],
        )


def _countries() -> list[tuple[str, str]]:
    names = reader_locale().territories
    named = [(code, str(names[code])) for code in countries() if code in names]
    return sorted(named, key=lambda pair: in_order(pair[1]))


def _parts_and_sorts(country: str) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
    """Return the regions of a country and its sorts of holidays; none of a country nobody knows."""
    if not country:
        return [], ()
    try:
        parts = sorted(subdivisions(country), key=lambda pair: in_order(pair[1]))
        return parts, categories(country)
    except UnknownPlace:
        return [], ()


class SeasonPlaceForm(StyledForm):
    """The market whose seasons are offered."""

    season_place = forms.ChoiceField(
        label=_("Market"),
        required=False,
        choices=lambda: [("", _("No seasons")), *_places_with_seasons()],
        widget=LongSelect,
    )


class SeasonsForm(StyledForm):
    """In which seasons of a market a calendar is closed."""

    season_place = forms.CharField(widget=forms.HiddenInput, required=False)
    seasons = forms.MultipleChoiceField(
        label=_("Closed in these seasons"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, offered: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        """offered: what the facts call each season, and in words."""
        super().__init__(*args, **kwargs)
        field = self.fields["seasons"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = offered

    def plan_for(self, calendar: Calendar) -> Plan:
        """Return the calendar closed in these seasons, with all else as it is."""
        given = self.cleaned_data
        return replace(
            Plan.of(calendar), season_place=given["season_place"], seasons=given["seasons"]
        )


def _places_with_seasons() -> list[tuple[str, str]]:
    codes = [*countries_with_facts(), *Market.objects.values_list("code", flat=True)]
    named = [(code, place_in_words(code)) for code in dict.fromkeys(codes)]
    return sorted(named, key=lambda pair: in_order(pair[1]))


class DayForm(StyledForm):
    """One day on which a calendar is not as in every week."""

    on = forms.DateField(
        label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    kind = forms.ChoiceField(
        label=_("What is different"),
        choices=[
            ("closed", pgettext_lazy("calendar", "Closed")),
            ("open", _("Open at other hours")),
        ],
        widget=forms.RadioSelect,
        initial="closed",
    )
    hours = OpeningsField(
        label=_("From when to when"),
        help_text=_("Such as 10:00-14:00. Left empty, it is closed all day."),
    )
    reason = forms.CharField(label=_("Why"), required=False, max_length=200)

    def day(self) -> OtherDay:
        given = self.cleaned_data
        return OtherDay(given["on"], given["kind"] == "open", given["hours"], given["reason"])


class UsersForm(StyledForm):
    """For whom a calendar counts."""

    teams = forms.ModelMultipleChoiceField(
        label=_("Teams"), queryset=Team.objects.all(), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    channels = forms.ModelMultipleChoiceField(
        label=_("Channels"), queryset=Channel.objects.exclude(address=""), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    markets = forms.ModelMultipleChoiceField(
        label=_("Markets"), queryset=Market.objects.all(), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    contracts = forms.ModelMultipleChoiceField(
        label=_("Contracts"), queryset=Contract.objects.filter(ended_at=None), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in list(self.fields):
            if not getattr(self.fields[name], "queryset").exists():  # noqa: B009 # of these fields only
                del self.fields[name]

    @classmethod
    def of(cls, calendar: Calendar) -> UsersForm:
        names = ("teams", "channels", "markets", "contracts")
        return cls(initial={name: list(getattr(calendar, name).all()) for name in names})
