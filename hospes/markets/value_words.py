"""What a value is, in the reader's words: "14 days", "Mon – Fri 09:00–18:00"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, format_percent
from django.utils.translation import get_language, pgettext, to_locale
from django.utils.translation import gettext as _

from hospes.lib.units import in_unit
from hospes.markets.keys import KEYS, Key, Type
from hospes.markets.labels import choice_label
from hospes.markets.seasons import SEASONS
from hospes.markets.wall_clock import WEEKDAYS


def value_in_words(key: str, value: Any) -> str:
    """Return a value as a sentence of the page would say it.

    What the facts say in a text of their own stays as they say it: English, or the language of the market.
    """
    about = KEYS[key]
    return (_BY_KEY.get(key) or _BY_TYPE[about.type])(about, value)


def is_own_text(key: str) -> bool:
    """Whether values of a key are texts of the facts, to be marked with a language of their own."""
    return KEYS[key].type in {Type.STR, Type.STRS} and key not in _BY_KEY


def _number(key: Key, value: Any) -> str:
    unit = _UNITS.get(key.unit)
    if unit is None:
        return str(format_decimal(value, locale=locale()))
    return in_unit(value, unit, locale=locale(), length="long")


def _percent(_key: Key, value: Any) -> str:
    return str(format_percent(value / 100, format="#,##0.##%", locale=locale()))


def _yes_or_no(_key: Key, value: Any) -> str:
    return choice_label("yes" if value else "no")


def _choice(_key: Key, value: Any) -> str:
    return choice_label(value)


def _choices(_key: Key, value: Any) -> str:
    return listed([choice_label(each) for each in value])


def _text(_key: Key, value: Any) -> str:
    return str(value)


def _texts(_key: Key, value: Any) -> str:
    return "; ".join(value)


def _methods(_key: Key, value: Any) -> str:
    return "; ".join(each.replace("_", " ") for each in value)


def _languages(_key: Key, value: Any) -> str:
    return listed([_language(tag) for tag in value])


def _by_channel(_key: Key, value: Any) -> str:
    return "; ".join(
        _("%(name)s: %(value)s") % {"name": choice_label(name), "value": minutes_in_words(minutes)}
        for name, minutes in value.items()
    )


def minutes_in_words(minutes: int) -> str:
    """Return so many minutes, from two hours on in hours where they are whole."""
    if minutes >= 120 and minutes % 60 == 0:
        return in_unit(minutes // 60, "duration-hour", locale=locale(), length="long")
    return in_unit(minutes, "duration-minute", locale=locale(), length="long")


def _honorifics(_key: Key, value: Any) -> str:
    told = [
        _("%(name)s: %(value)s") % {"name": choice_label(name), "value": value[name]}
        for name in ("male", "female", "neutral")
        if value[name]
    ]
    return "; ".join([*told, choice_label(value["position"])]) if told else choice_label("none")


def _openings(_key: Key, value: Any) -> str:
    told = []
    for days, times in value.items():
        first, _underscore, last = days.partition("_")
        hours = [f"{start}–{end}" for start, end in zip(times[::2], times[1::2], strict=True)]
        shut = pgettext("opening hours", "closed")
        told.append(f"{_days(first, last or first)} {', '.join(hours) or shut}")
    return "; ".join(told)


def _windows(_key: Key, value: Any) -> str:
    told = [f"{_day_list(one['days'])} {one['from']}–{one['to']}" for one in value]
    return "; ".join(told) or choice_label("none")


def _day_list(days: tuple[str, ...]) -> str:
    """Return days as a stretch where they are one."""
    numbers = [WEEKDAYS.index(day) for day in days]
    is_stretch = all((later - day) % 7 == 1 for day, later in pairwise(numbers))
    return _days(days[0], days[-1]) if is_stretch else listed([_day(day) for day in days])


def _days(first: str, last: str) -> str:
    return _day(first) if first == last else f"{_day(first)} – {_day(last)}"


def _day(day: str) -> str:
    return str(locale().days["format"]["abbreviated"][WEEKDAYS.index(day)])


def _amount(_key: Key, value: Any) -> str:
    return str(
        format_currency(
            value["amount"],
            value["currency"],
            locale=locale(),
            currency_digits=False,
            format=_whole_amounts(locale()),
        )
    )


def _seasons(_key: Key, value: Any) -> str:
    return "; ".join(season["event"] for season in value)


def listed(words: list[str]) -> str:
    """Return words as the language lists them: "A, B and C"."""
    return format_list(words, locale=locale()) if words else choice_label("none")


def _language(tag: str) -> str:
    try:
        return Locale.parse(tag, sep="-").get_display_name(locale()) or tag
    except (UnknownLocaleError, ValueError):
        return tag


def _whole_amounts(here: Locale) -> str:
    """Return how a language writes amounts, without decimals that are all zero."""
    return str(here.currency_formats["standard"].pattern).replace("0.00", "0.##")


def locale() -> Locale:
    """Return the reader's locale."""
    return _locale_of(get_language() or "en")


@lru_cache(maxsize=64)
def _locale_of(language: str) -> Locale:
    try:
        return Locale.parse(to_locale(language))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


_UNITS = {
    "days": "duration-day",
    "months": "duration-month",
    "years": "duration-year",
    "hours": "duration-hour",
    "minutes": "duration-minute",
    "seconds": "duration-second",
}
Words = Callable[[Key, Any], str]
_BY_KEY: Mapping[str, Words] = {
    "language.service_languages": _languages,
    "language.statutory_language": _languages,
    "address.honorifics": _honorifics,
    "response.first_reply_minutes": _by_channel,
    "response.business_hours": _openings,
    "marketing.call_windows": _windows,
    "marketing.message_windows": _windows,
    "payments.methods": _methods,
    SEASONS: _seasons,
    "customs.tax_standard_pct": _percent,
    "customs.duty_de_minimis": _amount,
    "customs.tax_de_minimis": _amount,
}
_BY_TYPE: Mapping[Type, Words] = {
    Type.STR: _text,
    Type.STRS: _texts,
    Type.ENUM: _choice,
    Type.ENUMS: _choices,
    Type.INT: _number,
    Type.NUM: _number,
    Type.BOOL: _yes_or_no,
}
