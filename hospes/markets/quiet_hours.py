"""When we may write to a customer of our own accord, and when it is quiet there; pure.

The customer's own hours go first, and bind whatever we send but an answer that comes at once. What we start keeps to the
market's windows for messages, to those for calls where it has none, with their days. A later answer only minds the night:
the hours of the windows for messages, on any day, else those in which people are up anywhere. An answer within two hours of
the customer's message always goes at once: whoever has just written is awake.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from hospes.markets.profiles import Profile
from hospes.markets.wall_clock import WEEKDAYS, midnight_of, utc_second

AT_ONCE = timedelta(hours=2)
DAY = (time(8), time(20))  # when people may be disturbed anywhere
DAY_MINUTES = 1440
LOOK_AHEAD_DAYS = 30  # no window is shut longer, but for holidays in a row
Window = tuple[int, int]  # minutes of the wall clock; the end may lie on the next day


class Why(StrEnum):
    """Why now, or why not before."""

    ANSWER = "answer"  # they wrote less than two hours ago
    OPEN = "open"  # it is not quiet there
    NOWHERE = "nowhere"  # nobody knows their clock
    OWN_HOURS = "own_hours"  # they told us when
    MARKET = "market"  # it is quiet there


@dataclass(frozen=True, slots=True)
class Sending:
    """From when a message may leave. at: UTC; the moment asked for where it may at once."""

    at: datetime
    why: Why

    def waits(self, now: datetime) -> bool:
        return self.at > now


def when_may_we_write(  # each of them has a say
    profile: Profile,
    customer_hours: tuple[time, time] | None,
    zone: str,
    now: datetime,
    last_message_at: datetime | None,
    *,
    is_started: bool = False,
    holidays: Container[date] = (),
) -> Sending:
    """Return from when a message may leave.

    customer_hours: from and until, on their clock; over midnight when the end is before the beginning.
    zone: IANA, "" when nobody knows it. last_message_at: theirs; None: they have not written.
    is_started: we begin, rather than answer what they wrote. holidays: public, where they are.
    """
    if last_message_at is not None and timedelta(0) <= now - last_message_at <= AT_ONCE:
        return Sending(now, Why.ANSWER)
    if not zone:
        return Sending(now, Why.NOWHERE)
    week, why, shut = _week(profile, customer_hours, is_started=is_started, holidays=holidays)
    at = _next(week, ZoneInfo(zone), now, shut)
    return Sending(now, Why.OPEN) if at == now else Sending(at, why)


def _week(
    profile: Profile,
    hours: tuple[time, time] | None,
    *,
    is_started: bool,
    holidays: Container[date],
) -> tuple[Sequence[Sequence[Window]], Why, Container[date]]:
    if hours is not None:
        return [[_window(*hours)]] * 7, Why.OWN_HOURS, ()
    fact = profile["marketing.message_windows"]
    if fact is None and is_started:
        fact = profile["marketing.call_windows"]
    if fact is None:
        return [[_window(*DAY)]] * 7, Why.MARKET, ()
    week = _windows(fact.value)
    if is_started:
        may_on_holidays = profile.value("marketing.holiday_contact", default=False)
        return week, Why.MARKET, () if may_on_holidays else holidays
    opened = [window for day in week for window in day]
    return [[(min(w[0] for w in opened), max(w[1] for w in opened))]] * 7, Why.MARKET, ()


def _windows(rows: Sequence[dict[str, object]]) -> list[list[Window]]:
    """Return the windows of each day from Monday; a day without any is barred."""
    week: list[list[Window]] = [[] for _ in WEEKDAYS]
    for row in rows:
        days = row["days"]
        assert isinstance(days, Sequence)
        for day in days:
            week[WEEKDAYS.index(str(day))].append(
                _window(_time(str(row["from"])), _time(str(row["to"])))
            )
    return [sorted(day) for day in week]


def _time(text: str) -> time:
    return time(0) if text == "24:00" else time.fromisoformat(text)


def _window(start: time, end: time) -> Window:
    first, last = start.hour * 60 + start.minute, end.hour * 60 + end.minute
    return first, last if last > first else last + DAY_MINUTES


def _next(
    week: Sequence[Sequence[Window]], zone: ZoneInfo, now: datetime, shut: Container[date]
) -> datetime:
    """Return the first moment from now on that lies in a window; now itself where none ever comes."""
    today = now.astimezone(zone).date()
    for ahead in range(-1, LOOK_AHEAD_DAYS):  # yesterday's may reach into today
        day = today + timedelta(days=ahead)
        if day in shut:
            continue
        for first, last in week[day.weekday()]:
            start, end = _moment(zone, day, first), _moment(zone, day, last)
            if now < end:
                return max(now, start)
    return now


def _moment(zone: ZoneInfo, day: date, minute: int) -> datetime:
    wall = midnight_of(day) + timedelta(minutes=minute)
    return datetime.fromtimestamp(utc_second(zone, wall), UTC)
