"""When the seasons of a market are: weeks in which everybody writes, or nobody is there.

A season of the facts (`calendar.service_effects`) tells people when in words and programs when by `rules`, each one
of these tables; days count from 0 on the day named, and below 0 before it:

    { from = "12-24", to = "01-10" }                          every year, past its end if need be
    { weekday = "thu", nth = 4, month = 11, from = -3, to = 3 }   around the nth weekday, -1 for the last
    { every = "fri", hours = ["11:30", "14:00"] }             every week, all day or these hours
    { easter = [-7, 0] }                                      of the western churches
    { hijri = ["09-01", "09-30"] }                            as Umm al-Qura counts; sightings differ by a day
    { holiday = "Diwali", country = "IN", from = -14, to = 5 }    around a public holiday as `holidays` calls it in
                                                              English; to: from its first day, its last when left out
    { holiday = "Rosh Hashanah", until = "Simchat Torah" }    from one to another
    { regional = true }                                       public holidays of parts of the country
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from hospes.markets.outdoing import minutes
from hospes.markets.wall_clock import WEEKDAYS

SEASONS = "calendar.service_effects"
APART = timedelta(
    days=60
)  # what is farther apart are two feasts of one name, as in a year with two Eids
Rule = Mapping[str, Any]
Span = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Season:
    """Days, first and last, in which something is not as usual, by the calendar of the market.

    hours: minutes of each of these days; None for all day.
    """

    event: str
    effect: str
    first: date
    last: date
    hours: tuple[int, int] | None = None


def seasons_of(
    told: Iterable[Mapping[str, Any]], place: str, first: date, last: date
) -> tuple[Season, ...]:
    """Return the seasons that touch these days, in order; a weekly one once for each week.

    told: what the facts of the place say of seasons, or some of it.
    """
    country, _, part = place.partition("-")
    found = [
        Season(season["event"], season["effect"], *span, hours=_hours(rule))
        for season in told
        for rule in season.get("rules", ())
        for year in range(first.year - 1, last.year + 2)
        for span in spans(rule, year, country=country, part=part)
        if span[0] <= last and first <= span[1]
    ]
    return tuple(sorted(found, key=lambda season: (season.first, season.last, season.event)))


def spans(rule: Rule, year: int, *, country: str, part: str = "") -> list[Span]:
    """Return the spans of days that begin in a year, or belong to a day that is in it."""
    if "regional" in rule:
        return [(day, day) for day in _regional(country, part, year)]
    if "holiday" in rule:
        return _around_holiday(rule, year, rule.get("country", country))
    return next((rule_of(rule, year) for name, rule_of in _RULES.items() if name in rule), [])


def is_rule(rule: Rule) -> bool:
    """Whether days can be computed by it."""
    try:
        found = spans(rule, 2026, country="", part="")
        _hours(rule)
    except (KeyError, ValueError, TypeError, IndexError, AttributeError):
        return False
    return bool(found) or {"holiday", "regional"} & set(rule) != set()


def _hours(rule: Rule) -> tuple[int, int] | None:
    if "hours" not in rule:
        return None
    start, end = rule["hours"]
    return minutes(start), minutes(end)


def _every_year(rule: Rule, year: int) -> list[Span]:
    first, last = _day(year, rule["from"]), _day(year, rule["to"])
    return [(first, last if first <= last else _day(year + 1, rule["to"]))]


def _day(year: int, month_and_day: str) -> date:
    month, _, day = month_and_day.partition("-")
    return date(year, int(month), min(int(day), monthrange(year, int(month))[1]))


def _nth_weekday(rule: Rule, year: int) -> list[Span]:
    month, wanted, nth = rule["month"], WEEKDAYS.index(rule["weekday"]), rule["nth"]
    days = [date(year, month, n) for n in range(1, monthrange(year, month)[1] + 1)]
    on = [day for day in days if day.weekday() == wanted]
    anchor = on[nth - 1] if nth > 0 else on[nth]
    return [_shifted(anchor, rule.get("from", 0), rule.get("to", 0))]


def _every_week(rule: Rule, year: int) -> list[Span]:
    day = date(year, 1, 1)
    day += timedelta(days=(WEEKDAYS.index(rule["every"]) - day.weekday()) % 7)
    return [(day + timedelta(weeks=n),) * 2 for n in range(53) if _in(year, day, n)]


def _in(year: int, day: date, weeks: int) -> bool:
    return (day + timedelta(weeks=weeks)).year == year


def _from_easter(rule: Rule, year: int) -> list[Span]:
    return [_shifted(easter(year), *rule["easter"])]


def easter(year: int) -> date:
    """Return Easter Sunday of the western churches (the calculation of Meeus, Jones and Butcher)."""
    golden, (century, of_century) = year % 19, divmod(year, 100)
    leap_centuries, century_rest = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    moon = (19 * golden + century - leap_centuries - correction + 15) % 30
    leaps, rest = divmod(of_century, 4)
    weekday = (32 + 2 * century_rest + 2 * leaps - moon - rest) % 7
    late = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def _hijri(rule: Rule, year: int) -> list[Span]:
    from hijridate import Gregorian

    first, last = rule["hijri"]
    try:
        around = Gregorian(year, 1, 1).to_hijri().year
        found = [(_of_hijri(each, first), _of_hijri(each, last)) for each in (around, around + 1)]
    except OverflowError:  # it is told from 1924 to 2077
        return []
    return [span for span in found if span[0].year == year]


def _of_hijri(year: int, month_and_day: str) -> date:
    """Return a day of the Hijri calendar; the 30th of a month that has 29 days is its last."""
    from hijridate import Hijri

    month, _, day = month_and_day.partition("-")
    length = Hijri(year, int(month), 1).month_length()
    day_of = Hijri(year, int(month), min(int(day), length)).to_gregorian()
    return date(day_of.year, day_of.month, day_of.day)


def _around_holiday(rule: Rule, year: int, country: str) -> list[Span]:
    found = []
    for feast in _feasts(country, rule["holiday"], year):
        first, last = feast[0], feast[-1]
        if "until" in rule:
            later = [day for day in _named(country, rule["until"], year) if day >= first]
            last = later[0] if later else last
        start, end = rule.get("from", 0), rule.get("to")
        found.append((first + timedelta(days=start), last if end is None else _after(first, end)))
    return found


def _feasts(country: str, name: str, year: int) -> Iterator[Sequence[date]]:
    """Go through the days of a holiday, those of one feast together."""
    feast: list[date] = []
    for day in _named(country, name, year):
        if feast and day - feast[-1] > APART:
            yield feast
            feast = []
        feast.append(day)
    if feast:
        yield feast


def _named(country: str, name: str, year: int) -> list[date]:
    """Return the days of a year on which a country has this holiday, also by "Eid al-Fitr (estimated)"."""
    return [
        day
        for day, called in _holidays(country, "", year)
        if any(one == name or one.startswith((f"{name} ", f"{name};")) for one in called)
    ]


@lru_cache(maxsize=512)
def _regional(country: str, part: str, year: int) -> tuple[date, ...]:
    """Return holidays that not all of a country has: those of one part, or of any."""
    import holidays

    parts = holidays.list_supported_countries().get(country, [])
    everywhere = {day for day, _ in _holidays(country, "", year)}
    asked = [part] if part in parts else ([] if part else parts)
    somewhere = {day for each in asked for day, _ in _holidays(country, each, year)}
    return tuple(sorted(somewhere - everywhere))


@lru_cache(maxsize=512)
def _holidays(country: str, part: str, year: int) -> tuple[tuple[date, tuple[str, ...]], ...]:
    """Return the public holidays of a year with their English names, without what stands in brackets."""
    import holidays  # 20 MB: only for who asks

    try:
        found = holidays.country_holidays(
            country, subdiv=part or None, years=year, language="en_US"
        )
    except NotImplementedError:  # of no country it knows
        return ()
    named = ((day, found.get_list(day)) for day in sorted(found))
    return tuple((day, tuple(_BRACKETS.sub("", name) for name in names)) for day, names in named)


_BRACKETS = re.compile(r"\s*\([^)]*\)")


def _shifted(day: date, start: int, end: int) -> Span:
    return _after(day, start), _after(day, end)


def _after(day: date, days: int) -> date:
    return day + timedelta(days=days)


# By the word that only rules of this sort have; a plain span, which shares its words, comes last.
_RULES: Mapping[str, Callable[[Rule, int], list[Span]]] = {
    "weekday": _nth_weekday,
    "every": _every_week,
    "easter": _from_easter,
    "hijri": _hijri,
    "from": _every_year,
}
