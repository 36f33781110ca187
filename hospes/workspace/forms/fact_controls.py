"""The controls that the value of a fact is given in: by its type, or its own where the type says too little."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hospes.markets.keys import Key, Type
from hospes.markets.labels import choice_label
from hospes.markets.seasons import SEASONS
from hospes.markets.value_words import locale
from hospes.markets.values import CHANNELS
from hospes.markets.wall_clock import WEEKDAYS

Given = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Controls:
    """How values of a type are given: fields, how they are read, and what stands in them at first."""

    make: Callable[[Key], dict[str, forms.Field]]
    read: Callable[[Given], Any]
    initial: Callable[[Any], dict[str, Any]]


def _one(field: Callable[[Key], forms.Field], read: Callable[[Any], Any] = lambda v: v) -> Controls:
    """One control named `value`."""
    return Controls(
        lambda key: {"value": field(key)},
        lambda given: read(given["value"]),
        lambda value: {"value": value},
    )


def _labels(choices: Iterable[str]) -> list[tuple[str, str]]:
    return [(choice, choice_label(choice)) for choice in choices]


def _choice(key: Key) -> forms.Field:
    return forms.ChoiceField(label=_("Value"), choices=_labels(key.choices))


def _choices(key: Key) -> forms.Field:
    return forms.MultipleChoiceField(
        label=_("Value"), choices=_labels(key.choices), widget=forms.CheckboxSelectMultiple
    )


def _yes_or_no(_key: Key) -> forms.Field:
    return forms.ChoiceField(label=_("Value"), choices=_labels(["yes", "no"]))


_UNIT_HINTS = {
    "days": gettext_lazy("In days."),
    "months": gettext_lazy("In months."),
    "years": gettext_lazy("In years."),
    "hours": gettext_lazy("In hours."),
    "seconds": gettext_lazy("In seconds."),
    "percent": gettext_lazy("In percent."),
}


def _whole(key: Key) -> forms.Field:
    return forms.IntegerField(
        label=_("Value"), min_value=0, max_value=100_000, help_text=_UNIT_HINTS.get(key.unit, "")
    )


def _number(key: Key) -> forms.Field:
    return forms.DecimalField(
        label=_("Value"), min_value=0, max_value=100_000, help_text=_UNIT_HINTS.get(key.unit, "")
    )


def _plain(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


def _text(_key: Key) -> forms.Field:
    widget = forms.Textarea(attrs={"rows": 3, "dir": "auto"})
    return forms.CharField(label=_("Value"), max_length=1000, widget=widget)


def _texts(_key: Key) -> forms.Field:
    widget = forms.Textarea(attrs={"rows": 5, "dir": "auto"})
    return forms.CharField(
        label=_("Value"), max_length=4000, widget=widget, help_text=_("One on each line.")
    )


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _days(_key: Key) -> dict[str, forms.Field]:
    """One control for each day: its hours, several stretches with commas."""
    names = locale().days["format"]["wide"]
    return {
        day: forms.CharField(
            label=str(names[number]), required=False, max_length=80,
            widget=forms.TextInput(attrs={"dir": "ltr", "placeholder": "09:00-17:00"}),
        )
        for number, day in enumerate(WEEKDAYS)
    }  # fmt: skip


def _stretches(text: str) -> list[list[str]]:
    """Return the ends of each stretch of "09:00-12:00, 13:00-17:00"; what is none stays for the action to refuse."""
    written = text.replace("–", "-").replace(" ", "")
    return [part.split("-") for part in written.split(",") if part]


def _openings(given: Given) -> dict[str, list[str]]:
    return {day: [end for part in _stretches(given[day]) for end in part] for day in WEEKDAYS}


def _openings_first(value: Any) -> dict[str, Any]:
    shown = dict.fromkeys(WEEKDAYS, "")
    for days, times in value.items():
        first, _underscore, last = days.partition("_")
        written = ", ".join(
            f"{start}-{end}" for start, end in zip(times[::2], times[1::2], strict=True)
        )
        for day in _from_to(first, last or first):
            shown[day] = written
    return shown


def _from_to(first: str, last: str) -> list[str]:
    start, count = WEEKDAYS.index(first), (WEEKDAYS.index(last) - WEEKDAYS.index(first)) % 7 + 1
    return [WEEKDAYS[(start + n) % 7] for n in range(count)]


def _windows(given: Given) -> list[dict[str, Any]]:
    """Return windows, the days that share the same hours together."""
    days_of: dict[tuple[str, ...], list[str]] = {}
    for day in WEEKDAYS:
        for part in _stretches(given[day]):
            days_of.setdefault(tuple(part), []).append(day)
    return [
        {"days": days, "from": ends[0], "to": ends[1] if len(ends) == 2 else ""}
        for ends, days in days_of.items()
    ]


def _windows_first(value: Any) -> dict[str, Any]:
    shown: dict[str, list[str]] = {day: [] for day in WEEKDAYS}
    for window in value:
        for day in window["days"]:
            shown[day].append(f"{window['from']}-{window['to']}")
    return {day: ", ".join(hours) for day, hours in shown.items()}


def _minutes(_key: Key) -> dict[str, forms.Field]:
    return {
        name: forms.IntegerField(
            label=choice_label(name), required=False, min_value=0, max_value=100_000,
            help_text=_("In minutes."),
        )
        for name in CHANNELS
    }  # fmt: skip


def _honorifics(_key: Key) -> dict[str, forms.Field]:
    texts = {
        name: forms.CharField(
            label=choice_label(name), required=False, max_length=60,
            widget=forms.TextInput(attrs={"dir": "auto"}),
        )
        for name in ("male", "female", "neutral")
    }  # fmt: skip
    position = forms.ChoiceField(label=_("Where"), choices=_labels(["before", "after"]))
    return {**texts, "position": position}


def _amount(_key: Key) -> dict[str, forms.Field]:
    return {
        "amount": forms.DecimalField(label=_("Amount"), min_value=0, max_value=10**9),
        "currency": forms.CharField(
            label=_("Currency"), max_length=3, widget=forms.TextInput(attrs={"dir": "ltr"})
        ),
    }


def _seasons(_key: Key) -> forms.Field:
    widget = forms.Textarea(attrs={"rows": 5, "dir": "auto"})
    return forms.CharField(
        label=_("Value"), max_length=4000, widget=widget,
        help_text=_("One on each line: name | what happens | 12-24..01-10"),
    )  # fmt: skip


def _read_seasons(text: str) -> list[dict[str, Any]]:
    """Read the lines; what a line lacks is for the action to refuse."""
    return [_season(*[part.strip() for part in line.split("|")][:3]) for line in _lines(text)]


def _season(event: str, effect: str = "", when: str = "") -> dict[str, Any]:
    spans = [span.strip().partition("..") for span in when.split(",")]
    rules = [{"from": first, "to": last or first} for first, _dots, last in spans]
    return {"event": event, "effect": effect, "when": when, "rules": rules}


def _write_seasons(value: Any) -> dict[str, Any]:
    lines = [f"{one['event']} | {one['effect']} | {one['when']}" for one in value]
    return {"value": "\n".join(lines)}


BY_TYPE: Mapping[Type, Controls] = {
    Type.ENUM: _one(_choice),
    Type.ENUMS: _one(_choices),
    Type.INT: _one(_whole),
    Type.NUM: _one(_number, _plain),
    Type.STR: _one(_text),
    Type.STRS: Controls(
        lambda key: {"value": _texts(key)},
        lambda given: _lines(given["value"]),
        lambda value: {"value": "\n".join(value)},
    ),
    Type.BOOL: Controls(
        lambda key: {"value": _yes_or_no(key)},
        lambda given: given["value"] == "yes",
        lambda value: {"value": "yes" if value else "no"},
    ),
}
CONTROLS: Mapping[str, Controls] = {
    "response.business_hours": Controls(_days, _openings, _openings_first),
    "marketing.call_windows": Controls(_days, _windows, _windows_first),
    "marketing.message_windows": Controls(_days, _windows, _windows_first),
    "response.first_reply_minutes": Controls(
        _minutes,
        lambda given: {name: given[name] for name in CHANNELS if given[name] is not None},
        dict,
    ),
    "address.honorifics": Controls(
        _honorifics,
        lambda given: {name: given[name] for name in ("male", "female", "neutral", "position")},
        dict,
    ),
    SEASONS: Controls(
        lambda key: {"value": _seasons(key)},
        lambda given: _read_seasons(given["value"]),
        _write_seasons,
    ),
    **dict.fromkeys(
        ("customs.duty_de_minimis", "customs.tax_de_minimis"),
        Controls(
            _amount,
            lambda given: {
                "amount": _plain(given["amount"]),
                "currency": given["currency"].upper(),
            },
            dict,
        ),
    ),
}
