"""What customers of a market usually expect, for conversations that no service level holds for.

A default to start from, never a promise: the answering times of the facts are of the world, with low confidence, for
nearly every market. Three facts sharpen them. Where customers expect somebody at every hour, or do not accept silence
at night and on weekends, every hour counts. Where the phone is the last resort, all that matters is written: half the
time is left. An answer within so many whole days means working days, where only opening hours count.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from hospes.markets.profiles import Profile
from hospes.markets.resolving import How
from hospes.markets.wall_clock import WEEKDAYS
from hospes.servicelevels.clocks import Targets

CHANNELS = {"email": "email"}  # Channel.Kind: its name in the facts
DAY = timedelta(days=1)
LEAST = timedelta(minutes=5)
OPEN_ALL_DAY = ((0, 1440),)
MON_TO_FRI, SUN_TO_THU = (0, 1, 2, 3, 4), (6, 0, 1, 2, 3)

Hours = tuple[tuple[tuple[int, int], ...], ...]  # seven days from Monday, in minutes


@dataclass(frozen=True, slots=True)
class Usual:
    """What holds where nobody set anything."""

    within: timedelta | None  # an answer is expected, as clocks on the wall go; None: nobody knows
    is_last_resort: bool  # to phone: all that matters is written
    hours: Hours
    counts_every_hour: bool
    is_of_the_world: bool  # nobody knows better for this market: low confidence

    @property
    def targets(self) -> Targets:
        return self.targets_on(self.hours)

    def targets_on(self, hours: Hours) -> Targets:
        """Return what is owed where these opening hours count: a day means a day of theirs."""
        if self.within is None:
            return Targets()
        whole = in_working_time(self.within, hours)
        target = max(LEAST, whole / 2 if self.is_last_resort else whole)
        return Targets(first_reply=target, next_reply=target)


def usual_in(profile: Profile, channel_kind: str) -> Usual:
    """Return what customers of a market usually expect of a kind of channel."""
    always = counts_every_hour(profile)
    hours = usual_hours(profile)
    name = CHANNELS.get(channel_kind, "email")
    minutes = profile.value("response.first_reply_minutes", {}).get(name)
    fact = profile["response.first_reply_minutes"]
    origin = fact.parts.get(name, fact).origin if fact is not None else None
    return Usual(
        timedelta(minutes=minutes) if minutes is not None else None,
        profile.value("channels.phone_role") == "last_resort",
        (OPEN_ALL_DAY,) * 7 if always else hours,
        counts_every_hour=always,
        is_of_the_world=origin is None or origin.how is How.WORLD,
    )


def counts_every_hour(profile: Profile) -> bool:
    """Whether customers of a market wait at night as they wait by day."""
    if profile.value("response.always_on") == "expected":
        return True
    return profile.value("response.after_hours_silence_ok") is False


def in_working_time(within: timedelta, hours: Hours) -> timedelta:
    """Return a span of days as so many days of work; one of less than a working day as it is."""
    day = working_day(hours)
    return min(within, day) if within < DAY else within / DAY * day


def working_day(hours: Hours) -> timedelta:
    """Return how long the desk of such a week is open on a day it is open."""
    minutes = [sum(end - start for start, end in day) for day in hours if day]
    return timedelta(minutes=sorted(minutes)[len(minutes) // 2]) if minutes else DAY


def usual_hours(profile: Profile) -> Hours:
    """Return the usual opening hours of a market, seven days from Monday.

    Where the facts name only the working days of most countries, they hold for the working days of this one.
    """
    told = profile.value("response.business_hours", {})
    days: list[tuple[tuple[int, int], ...]] = [()] * 7
    for name, working in (("mon_fri", MON_TO_FRI), ("sun_thu", SUN_TO_THU)):
        if name in told:
            fact = profile["response.business_hours"]
            is_own = fact is not None and fact.origin.how is not How.WORLD
            for day in working if is_own else _working_days(profile.country):
                days[day] = _opening(told[name])
    for number, name in enumerate(WEEKDAYS):
        if told.get(name):
            days[number] = _opening(told[name])
    return tuple(days)


def _working_days(country: str) -> tuple[int, ...]:
    """Return the days that are no weekend in a country, 0 for Monday."""
    locale = _locale(country)
    if locale is None:
        return MON_TO_FRI
    first, last = locale.weekend_start, locale.weekend_end
    weekend = {(first + n) % 7 for n in range((last - first) % 7 + 1)}
    return tuple(day for day in range(7) if day not in weekend)


def _locale(country: str) -> Locale | None:
    languages = get_global("territory_languages").get(country, {})
    for language in sorted(languages, key=lambda tag: -languages[tag]["population_percent"]):
        try:
            return Locale.parse(f"{language}_{country}")
        except (UnknownLocaleError, ValueError):
            continue
    return None


def _opening(told: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    minutes = [int(clock[:2]) * 60 + int(clock[3:]) for clock in told]
    return tuple(zip(minutes[::2], minutes[1::2], strict=True))
