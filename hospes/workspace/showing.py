"""How moments, languages and people are put into words, for the reader at hand."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Literal
from unicodedata import combining, normalize
from zlib import crc32
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import format_date, format_datetime, format_skeleton, format_time
from babel.languages import get_official_languages
from babel.numbers import format_decimal
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hospes.language.detect import canonical
from hospes.lib.units import in_unit, pattern_of
from hospes.markets.quiet_hours import DAY

HUES = 8
SHOWN_INLINE = {"image/png", "image/jpeg", "image/gif", "image/webp"}  # pictures that cannot act


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """Return Babel's locale of a language tag, or English when it knows none."""
    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def reader_locale() -> Locale:
    return locale_of(get_language() or "en")


def language_name(language: str) -> str:
    """Return a language's name in the reader's language; the tag itself when nobody named it."""
    return _name_in(reader_locale(), language) if language else _("Language not known")


@lru_cache(maxsize=1024)
def _name_in(locale: Locale, language: str) -> str:
    found = locale_of(language).get_display_name(locale) if _is_known(language) else None
    return found or language


def _is_known(language: str) -> bool:
    return language.partition("-")[0] in get_global("likely_subtags") or len(language) < 9


def age(since: datetime, now: datetime) -> str:
    """Return how long ago something was, in words: "22 min", "7 hr", "3 days".

    The same words as `clocks.js` writes when it keeps them true.
    """
    minutes = max(1, _rounded((now - since) / timedelta(minutes=1)))
    if minutes < 60:
        return _unit(minutes, "minute", "short")
    hours = _rounded(minutes / 60)
    return (
        _unit(hours, "hour", "short") if hours < 24 else _unit(_rounded(hours / 24), "day", "long")
    )


def span(length: timedelta, *, by_days: bool = True) -> str:
    """Return a length of time in words, with a second unit where the first alone says too little: "1 hr, 30 min".

    by_days: how long it was for people; working time is told in hours, since a day of work is none of the clock.
    """
    minutes = max(1, _rounded(length / timedelta(minutes=1)))
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24) if by_days else (0, hours)
    parts = [_unit(days, "day", "long")] if days else []
    parts += [_unit(hours, "hour", "short")] if hours else []
    parts += [_unit(minutes, "minute", "short")] if minutes else []
    return parts[0] if len(parts) == 1 else _two_of(reader_locale()).format(*parts[:2])


@lru_cache(maxsize=64)
def _two_of(locale: Locale) -> str:
    """Return how a language puts two units together; not every one has a way of its own."""
    patterns = locale.list_patterns.get("unit") or locale.list_patterns.get("unit-short") or {}
    return str(patterns.get("2", "{0} {1}"))


def _rounded(value: float) -> int:
    return int(value + 0.5)


def _unit(value: int, unit: str, length: Literal["short", "long"]) -> str:
    return _unit_in(reader_locale(), value, unit, length)


# A page says the same ages, days and times again and again, and Babel takes its time over each.


@lru_cache(maxsize=4096)
def _unit_in(locale: Locale, value: int, unit: str, length: Literal["short", "long"]) -> str:
    return in_unit(value, f"duration-{unit}", locale=locale, length=length)


@lru_cache(maxsize=4096)
def _date_in(language: str, on: date, skeleton: str) -> str:
    """Return a date in words; skeleton: Babel's, or "full" for all of it with the weekday."""
    locale = locale_of(language)
    if skeleton == "full":
        return format_date(on, "full", locale=locale)
    return format_skeleton(skeleton, datetime(on.year, on.month, on.day), locale=locale)  # noqa: DTZ001


@lru_cache(maxsize=4096)
def _time_in(language: str, hour: int, minute: int) -> str:
    told = format_time(time(hour, minute), "short", locale=locale_of(language))
    return told.replace(" ", "\N{NO-BREAK SPACE}")  # a time stays in one piece


@lru_cache(maxsize=64)
def _joint_in(language: str) -> str:
    """Return how a language puts a time (0) and a day (1) together."""
    return str(locale_of(language).datetime_formats["medium"])


def on_clock(at: datetime, zone: tzinfo | None = None) -> datetime:
    """Return a moment on a clock, the reader's by default; what lies beyond the last or first year there, as it is."""
    try:
        return at.astimezone(zone or timezone.get_current_timezone())
    except OverflowError:
        return at


def moment(at: datetime, *, zone: tzinfo | None = None, now: datetime | None = None) -> str:
    """Return a moment on the reader's clock, as short as it is clear: today only the time."""
    zone = zone or timezone.get_current_timezone()
    today = (now or timezone.now()).astimezone(zone).date()
    return _moment(get_language() or "en", on_clock(at, zone), today)


def moment_and_full(at: datetime) -> tuple[str, str]:
    """Return a moment on the reader's clock twice: as `moment` and as `full_moment` tell it."""
    language, zone = get_language() or "en", timezone.get_current_timezone()
    local = on_clock(at, zone)
    return _moment(language, local, timezone.now().astimezone(zone).date()), _full(language, local)


def _moment(language: str, local: datetime, today: date) -> str:
    clock = _time_in(language, local.hour, local.minute)
    on = local.date()
    if on == today:
        return clock
    day = _date_in(language, on, "MMMd" if on.year == today.year else "yMMMd")
    return _joint_in(language).format(clock, day)


def appointment(at: datetime, *, zone: tzinfo | None = None, now: datetime | None = None) -> str:
    """Return a moment to come on a clock, with its weekday, and its year when it is another: "Wed, Nov 25, 9:00 AM"."""
    language, local = get_language() or "en", on_clock(at, zone)
    clock = _time_in(language, local.hour, local.minute)
    is_this_year = local.year == on_clock(now or timezone.now(), zone).year
    day = _date_in(language, local.date(), "MMMEd" if is_this_year else "yMMMEd")
    return _joint_in(language).format(clock, day)


def full_moment(at: datetime, *, zone: tzinfo | None = None) -> str:
    """Return a moment with its weekday and year, to the minute."""
    return _full(get_language() or "en", on_clock(at, zone))


def _full(language: str, local: datetime) -> str:
    clock = _time_in(language, local.hour, local.minute)
    return f"{_date_in(language, local.date(), 'full')}, {clock}"


def time_of(at: datetime, *, zone: tzinfo | None = None) -> str:
    """Return the time of day of a moment on a clock."""
    local = on_clock(at, zone)
    return _time_in(get_language() or "en", local.hour, local.minute)


def full_day(on: date) -> str:
    """Return a day with its weekday and year."""
    return _date_in(get_language() or "en", on, "full")


def day(at: datetime) -> str:
    """Return a day's name for the line between days."""
    local = timezone.localtime(at).date()
    today = timezone.localtime().date()
    if local == today:
        return _("Today")
    if local == today - timedelta(days=1):
        return _("Yesterday")
    return _date_in(get_language() or "en", local, "full")


@lru_cache(maxsize=1024)
def known_zone(zone_name: str) -> ZoneInfo | None:
    """Return the zone of this name; None when nobody knows it."""
    try:
        return ZoneInfo(zone_name)
    except (ZoneInfoNotFoundError, ValueError):
        return None


def clock_there(zone_name: str, now: datetime, *, with_day: bool = True) -> str:
    """Return what time it is in a zone, with the weekday; "" for a zone nobody knows."""
    minute = now.replace(second=0, microsecond=0)
    return _clock_in(reader_locale(), zone_name, minute, with_day=with_day)


@lru_cache(maxsize=1024)  # every page of a minute shows the same
def _clock_in(locale: Locale, zone_name: str, minute: datetime, *, with_day: bool) -> str:
    zone = known_zone(zone_name)
    if zone is None:
        return ""
    pattern = str(locale.time_formats["short"].pattern)
    if with_day:  # where the weekday stands is told by the language, for the scripts as for us
        pattern = str(locale.datetime_skeletons["Ehm" if "a" in pattern else "EHm"].pattern)
    return format_datetime(minute, pattern, tzinfo=zone, locale=locale)


def is_night(zone_name: str, now: datetime) -> bool:
    """Whether people in a zone should be left in peace: from eight in the evening to eight."""
    zone = known_zone(zone_name)
    return zone is not None and not DAY[0] <= now.astimezone(zone).time() < DAY[1]


def zone_city(zone_name: str) -> str:
    """Return the place a zone is named after, in the reader's language."""
    if zone_name == "UTC":
        return zone_name
    named = reader_locale().time_zones.get(zone_name, {}).get("city")
    return str(named or zone_name.rpartition("/")[2].replace("_", " "))


def file_kind(name: str, content_type: str) -> str:
    """Return what kind of file it is in a word everybody knows: PDF, JPG, HEIC; "" when unclear."""
    ending = name.rpartition(".")[2] if "." in name else ""
    if ending.isascii() and ending.isalnum() and len(ending) <= 5:
        return ending.upper()
    main, _, sub = content_type.partition("/")
    return sub.upper() if main == "image" and len(sub) <= 5 else ""


def initials(name: str) -> str:
    """Return two letters of a name in an alphabet, one sign of a name in another script."""
    parts = [part for part in name.split() if part[:1].isalnum()]
    if not parts:
        return "?"
    if parts[0][0].lower() == parts[0][0].upper():
        return parts[0][0]
    letters = [parts[0], parts[-1]] if len(parts) > 1 else parts
    return "".join(part[0] for part in letters).upper()


def hue(name: str) -> int:
    """Return one of a few colours, always the same for a name."""
    return crc32(name.encode()) % HUES


def file_size(size_bytes: int) -> str:
    """Return a size as the reader's language says it: "719 bytes", "1.5 MB", "1,5 Mo"."""
    size, unit = float(size_bytes), "byte"
    for unit in ("byte", "kilobyte", "megabyte", "gigabyte"):
        if size < 1000 or unit == "gigabyte":
            break
        size /= 1000
    digits = "#,##0" if unit == "byte" or size >= 10 else "#,##0.#"
    locale = reader_locale()
    number = format_decimal(size, format=digits, locale=locale)
    length: Literal["short", "long"] = "long" if unit == "byte" else "short"
    return pattern_of(f"digital-{unit}", size, locale=locale, length=length).format(number)


def in_order(name: str) -> str:
    """Return what a name is sorted by: letters with marks stand beside those without."""
    letters = normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if not combining(letter))


def country_of_zone(zone: str) -> str:
    """Return the country a time zone lies in, as ISO 3166 code; "" when it lies in none or nobody knows."""
    country = str(get_global("zone_territories").get(zone, ""))
    return country if len(country) == 2 else ""


def language_of_country(country: str) -> str:
    """Return the language most people of a country read, as BCP 47 tag; "" when nobody knows."""
    found = get_official_languages(country, regional=False) if country else ()
    return canonical(found[0]) if found else ""
