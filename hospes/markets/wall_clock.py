"""From what a clock on the wall shows to the moment it is, and back; pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 1440
HOUR = timedelta(hours=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


def utc_second(zone: ZoneInfo, wall: datetime) -> int:
    """Return the second since 1970 at which clocks of this zone show `wall` (naive, whole seconds).

    What clocks show twice counts as the first time; what they leap over counts as one hour later,
    as often as it takes to come to a time that they show.
    """
    for _ in range(25):
        moment = wall.replace(tzinfo=zone, fold=0)
        if _shows(moment, wall):
            break
        wall += HOUR
    return int((moment - EPOCH).total_seconds())


def moment_when(zone: ZoneInfo, wall: datetime) -> datetime:
    """Return the moment, in UTC, at which clocks of this zone show `wall`, by the same rules."""
    return EPOCH + timedelta(seconds=utc_second(zone, wall))


@lru_cache(maxsize=4096)
def is_skipped(zone: ZoneInfo, day: date) -> bool:
    """Return whether clocks of this zone never showed this day (Samoa, 30 December 2011)."""
    first = midnight_of(day)
    return not any(
        _shows(wall.replace(tzinfo=zone), wall)
        for wall in (first + timedelta(minutes=minute) for minute in (0, 720, DAY_MINUTES - 1))
    )


def midnight_of(day: date) -> datetime:
    """Return when a day begins as its own clocks show it, wherever they hang."""
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 # the zone comes beside it


def _shows(moment: datetime, wall: datetime) -> bool:
    """Return whether clocks there really show it: what they leap over comes back as something else."""
    return moment.astimezone(UTC).astimezone(moment.tzinfo).replace(tzinfo=None, fold=0) == wall
