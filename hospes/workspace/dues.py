"""What is owed by when, in words: for the list, for the strip over a conversation, for its details."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from hospes.servicelevels.models import Clock
from hospes.workspace import showing

FINE, SOON, LATE, MET, PAUSED = "fine", "soon", "late", "met", "paused"
ICONS = {FINE: "timer", SOON: "hourglass", LATE: "triangle-alert", MET: "check", PAUSED: "moon"}
CHIPS = {FINE: "", SOON: " chip-warn", LATE: " chip-bad", MET: " chip-ok", PAUSED: ""}


@dataclass(frozen=True)
class DueShown:
    """One due as a page shows it."""

    what: str  # in words
    due_at: datetime
    state: str
    left: str  # "38 min left", "12 min late"; "" once it is met
    clocks: str  # when that is, on the clocks of both
    warn_at: datetime | None = None


@dataclass(frozen=True)
class Owed:
    """All that the page says of the clocks of a conversation."""

    next: DueShown | None
    all: list[DueShown]
    level_name: str
    is_usual: bool  # no service level holds: what is usual in the market
    is_paused: bool
    whose: str
    zone: str

    @property
    def is_missed(self) -> bool:
        return any(one.state == LATE for one in self.all)


def state_of(due_at: datetime, warn_at: datetime | None, now: datetime) -> str:
    if now > due_at:
        return LATE
    return SOON if warn_at is not None and now >= warn_at else FINE


def left_words(due_at: datetime, now: datetime) -> str:
    """Return how much time is left, or how late it is; the same words as `clocks.js` writes."""
    if now > due_at:
        return _("%(time)s late") % {"time": showing.age(due_at, now)}
    return _("%(time)s left") % {"time": showing.age(now, due_at + timedelta(seconds=1))}


def what_words(what: str) -> str:
    """Return what is owed, as it stands before its time."""
    if what == "first_reply":
        return pgettext("due", "First reply")
    if what == "next_reply":
        return pgettext("due", "Next reply")
    if what == "waiting":
        return pgettext("due", "Waiting time")
    return pgettext("due", "Resolution")


def clocks_words(at: datetime, *, there: str, now: datetime) -> str:
    """Return a moment on the clock of the reader, and on that of the customer where it is another."""
    zone = showing.known_zone(there)
    here = showing.moment(at, now=now)
    if zone is None or _is_same(at, zone):
        return here
    return _("%(there)s in %(city)s, %(here)s here") % {
        "there": showing.moment(at, zone=zone, now=now),
        "city": showing.zone_city(there),
        "here": here,
    }


def _is_same(at: datetime, zone: ZoneInfo) -> bool:
    return at.astimezone(zone).utcoffset() == timezone.localtime(at).utcoffset()


def owed(clock: Clock | None, *, there: str, now: datetime) -> Owed | None:
    """Return what the page shows of a conversation's clocks; None when they were never counted."""
    if clock is None:
        return None
    rows = (
        ("waiting", clock.waiting_due, clock.waiting_at),
        ("first_reply", clock.first_reply_due, clock.first_reply_at),
        ("next_reply", clock.next_reply_due, None),
        ("resolution", clock.resolution_due, clock.resolved_at),
    )
    shown = [
        _shown(what, due_at, met_at, clock, there=there, now=now)
        for what, due_at, met_at in rows
        if due_at is not None
    ]
    next_one = None
    if clock.next_due_at is not None:
        next_one = _shown(clock.next_due, clock.next_due_at, None, clock, there=there, now=now)
    return Owed(
        next=next_one,
        all=shown,
        level_name=clock.level.name if clock.level else "",
        is_usual=clock.level is None,
        is_paused=clock.is_paused,
        whose=str(clock.get_whose_display()),
        zone=clock.zone,
    )


def _shown(  # the columns of one line
    what: str,
    due_at: datetime,
    met_at: datetime | None,
    clock: Clock,
    *,
    there: str,
    now: datetime,
) -> DueShown:
    is_next = clock.next_due_at == due_at
    warn_at = clock.warn_at if is_next else None
    if met_at is not None:
        state = MET if met_at <= due_at else LATE
        left = ""
    elif clock.is_paused:
        state, left = PAUSED, pgettext("due", "Paused")
    else:
        state, left = state_of(due_at, warn_at, now), left_words(due_at, now)
    return DueShown(
        what_words(what), due_at, state, left, clocks_words(due_at, there=there, now=now), warn_at
    )
