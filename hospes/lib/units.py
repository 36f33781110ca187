"""So many of something, as a language says it: "3 days", "1,5 Mo"."""

from __future__ import annotations

from typing import Literal

from babel import Locale

Length = Literal["short", "long"]


def pattern_of(unit: str, value: float, *, locale: Locale, length: Length) -> str:
    """Return how a language writes so many of a unit: "{0} days".

    A language that has no long form says the short one, one without a form for this number the form
    for all others. Babel's own `format_unit` writes "1 horas" and "5 duration-day" there.
    """
    forms = locale._data["unit_patterns"][unit]  # noqa: SLF001 - nothing public tells
    here = forms.get(length, {})
    if "other" not in here:
        here = forms["short"]
    return str(here.get(locale.plural_form(value), here["other"]))


def in_unit(value: int, unit: str, *, locale: Locale, length: Length) -> str:
    """Return "3 days". unit: as CLDR calls it, such as `duration-day`."""
    return pattern_of(unit, value, locale=locale, length=length).format(value)
