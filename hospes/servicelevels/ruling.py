"""Which service level holds for a conversation, and whose calendar counts: one written rule each.

The first active service level all of whose conditions hold; where none does, what customers of the market usually
expect. The calendar is that of the customer's contract, else the market's, else the channel's, else the
team's; where none of them has one, the usual opening hours of the market with its public
holidays; where nobody knows the market, every hour counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from hospes.conversations.models import Conversation
from hospes.markets import shipped
from hospes.markets.calendars import working_time_of
from hospes.markets.models import Market
from hospes.markets.profiles import Profile, profiles_of
from hospes.markets.public_holidays import UnknownPlace, Where, public_holidays
from hospes.markets.wall_clock import is_skipped
from hospes.markets.working_time import Calendar
from hospes.servicelevels.clocks import Rules
from hospes.servicelevels.models import ServiceLevel, Whose
from hospes.servicelevels.usual import OPEN_ALL_DAY, Hours, Usual, usual_in

WARN_PERCENT = 25
# A calendar is asked for a stretch of time; a due that lies further ahead than that is nobody's.
BEHIND, AHEAD = timedelta(days=400), timedelta(days=800)
EVERY_HOUR = Calendar(zone="UTC", hours=(OPEN_ALL_DAY,) * 7)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a conversation is counted by, and why."""

    rules: Rules
    whose: Whose
    calendar_name: str  # "" for the usual hours of a market, and for every hour
    level_id: int | None  # None: what is usual in the market
    warn_percent: int


class Rulebook:
    """The service levels and calendars of this desk as they are now; read once for many conversations."""

    def __init__(self, levels: Sequence[ServiceLevel], *, at: datetime) -> None:
        self.levels = levels
        self.at = at
        self.calendars: dict[int, Calendar] = {}
        self.usual: dict[tuple[str, str], Usual] = {}
        self.markets: dict[str, Market | None] = {}  # by code; None: not served here

    @classmethod
    def read(cls, *, at: datetime) -> Rulebook:
        return cls(list(ServiceLevel.objects.filter(is_active=True)), at=at)

    def ruling(self, one: Conversation) -> Ruling:
        market = self._market(one)
        usual = self._usual(one, market)
        level = level_of(one, self.levels, market)
        whose, row = whose_calendar(one, market)
        if row is not None:
            calendar, name = self._calendar(row), str(row)
        else:
            calendar, name = self._of_market(market, usual), ""
        if level is None:
            targets, percent, pauses = usual.targets_on(calendar.hours), WARN_PERCENT, False
        else:
            targets, percent = level.targets, level.warn_percent
            pauses = level.pauses_while_customer_owes
        return Ruling(
            Rules(calendar, targets, pauses_while_customer_owes=pauses),
            whose,
            name,
            level.pk if level else None,
            percent,
        )

    def _market(self, one: Conversation) -> Market | None:
        """Return the market the customer is in; what is not read with a conversation is asked for once for all."""
        found = one.whereabouts
        if not found.market:
            return None
        if found.market not in self.markets:
            market = one.customer_market
            self.markets[found.market] = market if market is not None and market.pk else None
        return self.markets[found.market] or Market(code=found.market, zone=found.zone)

    def _usual(self, one: Conversation, market: Market | None) -> Usual:
        key = (market.code if market else "", one.channel.kind)
        if key not in self.usual:
            self.usual[key] = usual_in(profile_for(key[0]), key[1])
        return self.usual[key]

    def _of_market(self, market: Market | None, usual: Usual) -> Calendar:
        if market is None:
            return EVERY_HOUR
        if usual.counts_every_hour:  # of a holiday, too
            return Calendar(zone=market.zone, hours=usual.hours)
        return _usual_calendar(market.code, market.zone, usual.hours, self.at.year)

    def _calendar(self, row: Any) -> Calendar:
        if row.pk not in self.calendars:
            self.calendars[row.pk] = working_time_of(
                row, (self.at - BEHIND).date(), (self.at + AHEAD).date()
            )
        return self.calendars[row.pk]


def level_of(
    one: Conversation, levels: Iterable[ServiceLevel], market: Market | None
) -> ServiceLevel | None:
    """Return the first service level that applies; None: none does. market: where the customer is."""
    code = market.code if market else ""
    return next((level for level in levels if level.applies_to(one, market_code=code)), None)


def whose_calendar(one: Conversation, market: Market | None) -> tuple[Whose, Any]:
    """Return whose calendar counts, and its row; None where there is none of its own."""
    contract, team = one.customer.contract_in_force, one.queue.team
    ways = (
        (Whose.CONTRACT, contract.calendar if contract else None),
        (Whose.MARKET, market.calendar if market else None),
        (Whose.CHANNEL, one.channel.calendar),
        (Whose.TEAM, team.calendar if team else None),
    )
    own = next(((whose, row) for whose, row in ways if row is not None), None)
    if own is not None:
        return own
    return (Whose.PROFILE if market else Whose.ALWAYS), None


def profile_for(code: str) -> Profile:
    """Return the profile of a market; that of the world where nobody knows the market."""
    return profiles_for([code])[code]


def profiles_for(codes: Iterable[str]) -> dict[str, Profile]:
    """Return the same for several markets by their codes, with one query for all."""
    places = {code: code if shipped.is_place(code) else "_global" for code in codes}
    found = profiles_of(places.values())
    return {code: found[place] for code, place in places.items()}


@lru_cache(maxsize=256)
def _usual_calendar(code: str, zone: str, hours: Hours, year: int) -> Calendar:
    """Return the usual hours of a market with its public holidays, for the years about one."""
    place = Where(code.partition("-")[0], code.partition("-")[2])
    try:
        found = public_holidays(place, year - 1, year + 2)
    except UnknownPlace:
        found = ()
    clock = ZoneInfo(zone)
    closed = {one.on for one in found if not one.is_half and not is_skipped(clock, one.on)}
    return Calendar(zone=zone, hours=hours, holidays=frozenset(closed))
