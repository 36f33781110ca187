"""Replies that wait for the customer's hours: nobody is written to at night who did not just write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from hospes.conversations.models import Conversation
from hospes.markets.quiet_hours import Why, when_may_we_write
from hospes.markets.wall_clock import moment_when
from hospes.workspace import showing
from hospes.workspace.greeting import profile_where


@dataclass(frozen=True)
class Later:
    """When a reply could go instead of now."""

    at: datetime | None = None
    words: str = ""  # the time on the customer's clock
    reason: str = ""

    @property
    def is_offered(self) -> bool:
        return self.at is not None

    @property
    def value(self) -> str:
        return as_meant(self.at) if self.at else ""


def later_for(one: Conversation, now: datetime, *, heard_at: datetime | None = None) -> Later:
    """Return when the customer may be written to, if that is not now.

    heard_at: when they wrote last, where that is known; else since when they wait counts.
    """
    where = one.whereabouts
    zone = showing.known_zone(where.zone) if where.zone else None
    if zone is None:
        return Later()
    found = when_may_we_write(
        profile_where(where),
        one.customer.own_hours,
        where.zone,
        now,
        heard_at or one.waiting_since,
    )
    if not found.waits(now):
        return Later()
    reason = (
        _("They want to be written to in hours of their own.")
        if found.why is Why.OWN_HOURS
        else _("It is night where they are.")
    )
    return Later(
        found.at.astimezone(zone), showing.moment(found.at, zone=zone, now=found.at), reason
    )


def as_meant(at: datetime) -> str:
    """Return a moment as a page sends it back: one of a zone as its clocks show it, one of UTC as it is."""
    name = getattr(at.tzinfo, "key", "")
    return f"{at.replace(tzinfo=None).isoformat()}@{name}" if name else at.isoformat()


def meant(given: str, *, zone: str = "") -> tuple[datetime | None, str]:
    """Read what `as_meant` wrote, or a moment with its offset: the moment, and the zone whose clocks it is meant by.

    zone: of whoever writes a time and no more; without one that is no moment, and None is returned.
    """
    wall, _at, named = given.partition("@")
    try:
        moment = datetime.fromisoformat(wall)
    except ValueError:
        return None, ""
    if moment.tzinfo is not None:
        return moment, ""
    clock = showing.known_zone(named or zone) if named or zone else None
    return (moment_when(clock, moment), clock.key) if clock is not None else (None, "")
