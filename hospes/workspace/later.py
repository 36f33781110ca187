"""Replies that wait for the customer's morning: nobody is written to at night who did not just write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from hospes.conversations.models import Conversation
from hospes.workspace import showing

MORNING = 8  # o'clock there; showing.is_night ends then
AT_ONCE = timedelta(hours=2)  # whoever wrote so lately is awake


@dataclass(frozen=True)
class Later:
    """When a reply could go instead of now."""

    at: datetime | None = None
    words: str = ""  # the time on the customer's clock

    @property
    def is_offered(self) -> bool:
        return self.at is not None

    @property
    def value(self) -> str:
        return self.at.isoformat() if self.at else ""


def later_for(one: Conversation, now: datetime) -> Later:
    """Return when people are up where the customer lives, if it is night there now and they did not just write."""
    zone = showing.known_zone(one.customer_zone) if one.customer_zone else None
    if zone is None or not showing.is_night(one.customer_zone, now):
        return Later()
    if one.waiting_since is not None and now - one.waiting_since < AT_ONCE:
        return Later()
    there = now.astimezone(zone)
    day = there.date() + timedelta(days=there.hour >= MORNING)
    at = datetime(day.year, day.month, day.day, MORNING, tzinfo=zone)
    return Later(at, showing.moment(at, zone=zone, now=at))
