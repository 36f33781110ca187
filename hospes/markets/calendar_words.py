"""Why something cannot be a calendar, in the reader's words."""

from __future__ import annotations

from datetime import date

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, to_locale
from django.utils.translation import gettext_lazy as _

from hospes.markets.working_time import WEEKDAYS, BadCalendar, NeverOpen

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


def _locale() -> Locale:
    try:
        return Locale.parse(to_locale(get_language() or "en"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")
