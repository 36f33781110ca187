"""Why something cannot be a calendar, in the reader's words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, to_locale
from django.utils.translation import gettext_lazy as _

from hospes.markets.opening_table import Span
from hospes.markets.wall_clock import DAY_MINUTES, WEEKDAYS
from hospes.markets.working_time import BadCalendar, NeverOpen, in_hours

_REASONS: dict[str, Promise] = {
    "no_json": _("This is not JSON."),
    "no_amount": _("%(given)s is no whole number of 0 or more."),
    "no_clock": _("%(given)s is no time of day. Write it such as 09:00 or 24:00."),
    "no_day": _("%(given)s is no day. Write it such as 2026-12-25."),
    "no_moment": _("%(given)s is no moment with a time zone. Write it such as 2026-12-25T15:30:00Z."),
    "no_span": _(
        "%(day)s: from %(start)s to %(end)s cannot be. An end comes after its start, at most a day later."
    ),
    "overlap": _("%(day)s: two openings overlap."),
    "skipped_day": _("%(day)s did not take place in %(zone)s: clocks there leapt over it."),
    "unknown_name": _("%(name)s is not known here. Known are: %(known)s."),
    "unknown_zone": _("%(zone)s is no time zone. Name one such as Europe/Berlin."),
    "wrong_shape": _("%(name)s is missing, or not in the form it should have."),
}  # fmt: skip


def why_not(error: BadCalendar | NeverOpen) -> str:
    """Return what is wrong, in the language of whoever reads it now."""
    if isinstance(error, NeverOpen):
        return gettext("Nothing, or not enough, is open within two hundred years.")
    places = dict(error.places)
    if "day" in places:
        places["day"] = day_in_words(places["day"])
    return str(_REASONS[error.code]) % places


def day_in_words(day: str) -> str:
    """Return what a weekday ("mon") or a day ("2026-12-25") is called by the reader."""
    locale = _locale()
    if day in WEEKDAYS:
        return str(locale.days["stand-alone"]["wide"][WEEKDAYS.index(day)])
    return format_date(date.fromisoformat(day), "medium", locale=locale)


def week_in_words(hours: Sequence[Sequence[Span]]) -> list[tuple[str, str]]:
    """Return a week as people tell it: ("Mon-Fri", "09:00-17:00"); days without openings are left out."""
    found: list[tuple[int, int, Sequence[Span]]] = []
    for day, spans in enumerate(hours):
        if not spans:
            continue
        if found and found[-1][1] == day - 1 and list(found[-1][2]) == list(spans):
            found[-1] = (found[-1][0], day, spans)
        else:
            found.append((day, day, spans))
    names = _locale().days["stand-alone"]["abbreviated"]
    return [
        (
            names[first] if first == last else f"{names[first]}\u2013{names[last]}",
            openings_in_words(spans),
        )
        for first, last, spans in found
    ]


def openings_in_words(spans: Sequence[Span]) -> str:
    """Return openings of a day as one writes them: 09:00-12:00, 13:00-17:00; 22:00-06:00 past midnight."""
    return ", ".join(f"{in_hours(start)}-{_end_in_hours(end)}" for start, end in spans)


def _end_in_hours(end: int) -> str:
    return in_hours(end - DAY_MINUTES if end > DAY_MINUTES else end)


def _locale() -> Locale:
    try:
        return Locale.parse(to_locale(get_language() or "en"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")
