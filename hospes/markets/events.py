"""What happened to what is known of a market."""

from __future__ import annotations

from dataclasses import dataclass

from hospes.events.recording import HappeningAtDesk


@dataclass(frozen=True)
class MarketFactChanged(HappeningAtDesk):
    """An operator set, waived, corrected or confirmed a fact, or took that back."""

    place: str  # JP, US-CA, EU, _global
    key: str
    own_value_id: int


@dataclass(frozen=True)
class CalendarChanged(HappeningAtDesk):
    """A calendar was made, changed or removed: its week, its holidays, or single days."""

    calendar_id: int


@dataclass(frozen=True)
class CalendarChosen(HappeningAtDesk):
    """From now on a calendar counts for somebody, or none of their own does."""

    by: str  # team, channel, market, contract
    owner_id: int
    calendar_id: int | None


@dataclass(frozen=True)
class ZoneRulesChanged(HappeningAtDesk):
    """Clocks of the world go by other rules than what is stored was counted by: the time zone database is another."""

    before: str  # its release, such as 2026b; "" where nothing tells
    now: str
