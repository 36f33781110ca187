"""The openings of one calendar, worked out once and looked up by halving; pure.

All moments here are whole numbers of microseconds since 1970, so that nothing is ever rounded. The table
holds the years somebody asked about and grows when they ask about more.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hospes.markets.wall_clock import (
    DAY_MINUTES,
    EPOCH_ORDINAL,
    is_skipped,
    midnight_of,
    utc_second,
)

Span = tuple[int, int]
MICRO = 1_000_000
DAY = 86_400 * MICRO
FIRST_DAYS, MOST_DAYS = 366, 366 * 16  # what one look beyond the table adds
REACH_DAYS = 366 * 200  # how far from the moment asked about an opening is looked for


class NeverOpen(ValueError):
    """No opening within two hundred years of the moment asked about."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the openings of a day follow from."""

    zone: ZoneInfo
    hours: tuple[tuple[Span, ...], ...]
    holidays: frozenset[date]
    breaks: Mapping[date, tuple[Span, ...]]
    exceptions: Mapping[date, tuple[Span, ...]]

    def minutes_of(self, day: date) -> tuple[Span, ...]:
        """Return the openings that begin on this day, in minutes of its wall clock, before breaks."""
        if day in self.holidays:
            return ()
        return self.exceptions.get(day, self.hours[day.weekday()])


class Known(NamedTuple):
    """Openings in order without overlap: when each starts and ends, and how long was open until then."""

    days: Span  # since 1970; the last not among them
    starts: list[int]
    ends: list[int]
    worked: list[int]  # open time up to the end of each

    def position(self, moment: int) -> int:
        """Return the open time between the first day known and this moment."""
        at = bisect_right(self.ends, moment)
        if at == len(self.ends):
            return self.worked[-1] if self.worked else 0
        return self.worked[at] - self.ends[at] + max(moment, self.starts[at])


class OpeningTable:
    """What is known so far of a calendar's openings. Threads may share it: what is known is replaced whole."""

    __slots__ = ("_closed", "_known", "_rules")

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._closed: list[Span] | None = None
        self._known = Known((0, 0), [], [], [])

    def around(self, *moments: int) -> Known:
        """Return what is known, the days of these moments and those beside them included."""
        known = self._known
        for moment in moments:
            day = moment // DAY
            first, last = known.days
            if first == last:
                known = self._grown(known, day - 7, day + FIRST_DAYS)
            elif day - 2 < first:
                known = self._grown(known, day - FIRST_DAYS, last)
            elif day + 2 >= last:
                known = self._grown(known, first, day + FIRST_DAYS)
        return known

    def further(self, known: Known, moment: int) -> Known:
        """Return more, after the last opening known. Raises NeverOpen too far from the moment."""
        first, last = known.days
        _give_up_beyond(last - moment // DAY)
        return self._grown(known, first, last + min(MOST_DAYS, last - first))

    def earlier(self, known: Known, moment: int) -> Known:
        """Return more, before the first opening known. Raises NeverOpen too far from the moment."""
        first, last = known.days
        _give_up_beyond(moment // DAY - first)
        return self._grown(known, first - min(MOST_DAYS, last - first), last)

    def _grown(self, known: Known, first: int, last: int) -> Known:
        """Return the days from `first` on and before `last`, which hold those known so far."""
        if self._closed is None:
            self._closed = _closures(self._rules)
        was_first, was_last = known.days
        if was_first == was_last:
            found = list(self._between(first, last))
        else:
            found = [
                *self._between(first, was_first),
                *zip(known.starts, known.ends, strict=True),
                *self._between(was_last, last),
            ]
        starts, ends = [span[0] for span in found], [span[1] for span in found]
        worked = list(accumulate(end - start for start, end in found))
        self._known = Known((first, last), starts, ends, worked)
        return self._known

    def _between(self, first: int, last: int) -> Iterator[Span]:
        """Yield the openings that begin on these days, cut where the one before still runs."""
        until = None
        for ordinal in range(first - 1, last) if first < last else ():
            for start, end in self._of_day(date.fromordinal(ordinal + EPOCH_ORDINAL)):
                begins = start if until is None else max(start, until)
                if begins >= end:
                    continue
                until = end
                if ordinal >= first:
                    yield from self._without_closures(begins, end)

    def _of_day(self, day: date) -> Iterator[Span]:
        """Yield what begins on this day, as the zone's clocks go."""
        minutes = self._rules.minutes_of(day)
        if not minutes:
            return
        zone = self._rules.zone
        midnight = midnight_of(day)
        offset = _offset_throughout(zone, midnight)
        if offset is not None:
            begin = (day.toordinal() - EPOCH_ORDINAL) * 86_400 - offset
            for start, end in minutes:
                yield (begin + start * 60) * MICRO, (begin + end * 60) * MICRO
        elif not is_skipped(zone, day):
            # A missing hour moves what begins in it behind what begins after it.
            yield from sorted(_as_clocks_go(zone, midnight, minutes))

    def _without_closures(self, start: int, end: int) -> Iterator[Span]:
        """Yield what is left of an opening beside breaks and holidays."""
        closed = self._closed or ()
        at = bisect_right(closed, start, key=lambda span: span[1])
        while at < len(closed) and closed[at][0] < end:
            if start < closed[at][0]:
                yield start, closed[at][0]
            start = closed[at][1]
            at += 1
        if start < end:
            yield start, end


def after(table: OpeningTable, moment: int, amount: int) -> int:
    """Return when so much open time has passed since the moment; none: the next moment that is open."""
    known = table.around(moment)
    while (at := bisect_right(known.ends, moment)) == len(known.ends):
        known = table.further(known, moment)
    if amount == 0:
        return max(moment, known.starts[at])
    wanted = known.worked[at] - known.ends[at] + max(moment, known.starts[at]) + amount
    while (at := bisect_left(known.worked, wanted)) == len(known.worked):
        known = table.further(known, moment)
    return known.ends[at] - (known.worked[at] - wanted)


def before(table: OpeningTable, moment: int, amount: int) -> int:
    """Return since when so much open time has passed; none: the last moment that anything was open."""
    known = table.around(moment)
    while (at := bisect_left(known.starts, moment)) == 0:
        known = table.earlier(known, moment)
    if amount == 0:
        return min(moment, known.ends[at - 1])
    while (wanted := known.position(moment) - amount) < 0:
        known = table.earlier(known, moment)
    at = bisect_right(known.worked, wanted)
    return known.ends[at] - (known.worked[at] - wanted)


def from_then_on(table: OpeningTable, moment: int) -> Iterator[Span]:
    """Yield openings in order, the first cut to begin at the moment. Raises NeverOpen when none is left."""
    known = table.around(moment)
    while True:
        while (at := bisect_right(known.ends, moment)) == len(known.ends):
            known = table.further(known, moment)
        yield max(moment, known.starts[at]), known.ends[at]
        moment = known.ends[at]


def _give_up_beyond(days: int) -> None:
    if days > REACH_DAYS:
        raise NeverOpen("Nothing, or not enough, is open within two hundred years.")


def _closures(rules: Rules) -> list[Span]:
    """Return when holidays and breaks close what would be open, in order, joined where they touch."""
    found: list[Span] = []
    for day in rules.holidays:
        midnight = midnight_of(day)
        found.append((_moment(rules.zone, midnight, 0), _moment(rules.zone, midnight, DAY_MINUTES)))
    for day, breaks in rules.breaks.items():
        found += _as_clocks_go(rules.zone, midnight_of(day), breaks)
    joined: list[Span] = []
    for start, end in sorted(found):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _offset_throughout(zone: ZoneInfo, midnight: datetime) -> int | None:
    """Return the seconds east of Greenwich when clocks do not change from this midnight to the one after next.

    None where they do. (Everywhere in the time zone database two days suffice to see a change: nowhere
    do clocks go there and back within them. A test reads all of it.)
    """
    here = midnight.replace(tzinfo=zone).utcoffset()
    there = (midnight + timedelta(days=2)).replace(tzinfo=zone).utcoffset()
    if here is None or here != there:
        return None
    return int(here.total_seconds())


def _as_clocks_go(zone: ZoneInfo, midnight: datetime, spans: Iterable[Span]) -> Iterator[Span]:
    """Yield spans of a day, in order, as moments.

    What touches is one span to the clocks and parted only afterwards: else a cut inside a missing hour would
    count as an hour later, and lie behind the end.
    """
    runs: list[list[int]] = []
    for start, end in spans:
        if runs and start <= runs[-1][-1]:
            runs[-1].append(max(end, runs[-1][-1]))
        else:
            runs.append([start, end])
    for run in runs:
        begin, *cuts, end = (_moment(zone, midnight, minutes) for minutes in run)
        for cut in (*cuts, end):
            if begin < cut <= end:
                yield begin, cut
                begin = cut


def _moment(zone: ZoneInfo, midnight: datetime, minutes: int) -> int:
    return utc_second(zone, midnight + timedelta(minutes=minutes)) * MICRO
