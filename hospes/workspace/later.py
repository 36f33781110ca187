"""Replies that wait for the customer's hours: nobody is written to at night who did not just write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from hospes.conversations.models import Conversation
from hospes.markets.quiet_hours import Why, when_may_we_write
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
        return self.at.isoformat() if self.at else ""


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
    return Later(found.at, showing.moment(found.at, zone=zone, now=found.at), reason)
