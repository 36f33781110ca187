"""What is due in one conversation, by which moment: pure, counted anew from all that happened in it.

The rules, which `hospes servicelevels replay` shows to whoever wants to check them:

- The clocks start when the conversation does. What the customer writes at that moment is what began it.
- Only a meaningful reply stops a clock; notes, automatic answers and holding replies are nothing.
- Time pending, and time closed before it is opened again, is a pause. Where the service level says so, the time in
  which the customer owes the answer is one, too. A reply or a message ends no pause.
- A due moves by the working time of the pauses that have ended since its clock started, whether it is met or not. A
  pause that still runs moves nothing: nobody knows how long it lasts.
- The next reply counts from the oldest message that came after the first reply and has no answer.
- The waiting time ends when somebody of us is there: takes the conversation, or says anything, a holding reply included.
- The next due is the earliest that is not met; there is none as long as a pause runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from hospes.markets import working_time
from hospes.markets.working_time import Calendar


class What(StrEnum):
    """What can happen to the clocks of a conversation."""

    CUSTOMER_MESSAGE = "customer_message"
    AGENT_REPLY = "agent_reply"  # a meaningful one
    NOTE = "note"  # and whatever else stops no clock
    PICKED_UP = "picked_up"  # somebody of us is there, and has said nothing that answers
    PENDING = "pending"
    OPEN = "open"
    CLOSED = "closed"


class Due(StrEnum):
    """What is owed."""

    FIRST_REPLY = "first_reply"
    NEXT_REPLY = "next_reply"
    RESOLUTION = "resolution"
    WAITING = "waiting"  # until somebody of us is there, whatever they say


@dataclass(frozen=True, slots=True)
class Happened:
    at: datetime  # aware
    what: What


@dataclass(frozen=True, slots=True)
class Targets:
    """Working time until each is owed; None: it is never."""

    first_reply: timedelta | None = None
    next_reply: timedelta | None = None
    resolution: timedelta | None = None
    waiting: timedelta | None = None

    def of(self, what: Due) -> timedelta | None:
        return {
            Due.FIRST_REPLY: self.first_reply,
            Due.NEXT_REPLY: self.next_reply,
            Due.RESOLUTION: self.resolution,
            Due.WAITING: self.waiting,
        }[what]


@dataclass(frozen=True, slots=True)
class Owed:
    """One thing that is owed."""

    what: Due
    since: datetime
    due_at: datetime | None  # None: no target
    met_at: datetime | None  # None: still owed

    def is_late(self, now: datetime) -> bool:
        """Whether it was met after it was due, or is overdue now."""
        return self.due_at is not None and (self.met_at or now) > self.due_at


@dataclass(frozen=True, slots=True)
class Clocks:
    """All that is and was owed in a conversation, and how long it took."""

    first_reply: Owed
    next_replies: tuple[Owed, ...]  # one for each time the customer wrote again, oldest first
    resolution: Owed
    waiting: Owed
    is_paused: bool  # pending, closed, or waiting for the customer where that is a pause
    first_reply_time: timedelta | None  # working time it took; None: it is still owed
    resolution_time: timedelta | None

    @property
    def next_reply(self) -> Owed | None:
        """The one that counts towards the next reply; None: everything is answered."""
        newest = self.next_replies[-1] if self.next_replies else None
        return newest if newest is not None and newest.met_at is None else None

    @property
    def all(self) -> tuple[Owed, ...]:
        return (self.waiting, self.first_reply, *self.next_replies, self.resolution)

    @property
    def next(self) -> Owed | None:
        """What is due first of all that is not met; None as long as a pause runs, and when nothing is owed."""
        if self.is_paused:
            return None
        owed = [one for one in self.all if one.met_at is None and one.due_at is not None]
        return min(owed, key=_due_at, default=None)


@dataclass(frozen=True, slots=True)
class Rules:
    """By which a conversation is counted."""

    calendar: Calendar
    targets: Targets
    pauses_while_customer_owes: bool = False


def count(rules: Rules, *, created_at: datetime, happened: Iterable[Happened]) -> Clocks:
    """Return the clocks of a conversation as of the last thing that happened in it.

    happened: in any order; of what happened at one moment, what is named first came first.
    """
    told = _Told(created_at, pauses_while_customer_owes=rules.pauses_while_customer_owes)
    for one in sorted(happened, key=_at):
        told.take_in(one)
    return _Counting(rules, told).clocks()


def _at(one: Happened) -> datetime:
    return one.at


def _due_at(clock: Owed) -> datetime:
    assert clock.due_at is not None
    return clock.due_at


Pause = tuple[datetime, datetime]


@dataclass(slots=True)
class _Told:
    """What the events say, before any working time is counted."""

    created_at: datetime
    pauses_while_customer_owes: bool
    first_reply_at: datetime | None = None
    picked_up_at: datetime | None = None
    rounds: list[tuple[datetime, datetime | None]] = field(default_factory=list)  # asked, answered
    closed_at: datetime | None = None
    pauses: list[Pause] = field(default_factory=list)  # those that ended
    running_since: datetime | None = None  # the pause that has not
    state: What = What.OPEN
    is_ours: bool = True  # the customer spoke last, or nobody answered yet

    def take_in(self, one: Happened) -> None:
        at = max(one.at, self.created_at)
        before = self._reason
        if one.what in {What.AGENT_REPLY, What.PICKED_UP}:
            self.picked_up_at = self.picked_up_at or at
        if one.what is What.AGENT_REPLY:
            self._answer(at)
        elif one.what is What.CUSTOMER_MESSAGE:
            self._ask(at)
        elif one.what not in {What.NOTE, What.PICKED_UP}:
            self._become(one.what, at)
        if self._reason != before:
            self._turn(at)

    @property
    def _reason(self) -> What | None:
        """Why the clocks stand still; None: they run."""
        if self.state is not What.OPEN:
            return self.state
        return What.AGENT_REPLY if self.pauses_while_customer_owes and not self.is_ours else None

    def _answer(self, at: datetime) -> None:
        if self.first_reply_at is None:
            self.first_reply_at = at
        elif self.rounds and self.rounds[-1][1] is None:
            self.rounds[-1] = (self.rounds[-1][0], at)
        self.is_ours = False

    def _ask(self, at: datetime) -> None:
        if at == self.created_at:
            return
        self.is_ours = True
        is_answered = not self.rounds or self.rounds[-1][1] is not None
        if self.first_reply_at is not None and is_answered:
            self.rounds.append((at, None))

    def _become(self, state: What, at: datetime) -> None:
        if state is What.CLOSED and self.state is not What.CLOSED:
            self.closed_at = at
        elif state is not What.CLOSED:
            self.closed_at = None
        self.state = state

    def _turn(self, at: datetime) -> None:
        """The reason changed: one pause ends, another may begin."""
        if self.running_since is not None and at > self.running_since:
            self.pauses.append((self.running_since, at))
        self.running_since = at if self._reason is not None else None


class _Counting:
    """The working time of what was told."""

    def __init__(self, rules: Rules, told: _Told) -> None:
        self.rules = rules
        self.told = told

    def clocks(self) -> Clocks:
        told, targets = self.told, self.rules.targets
        start = told.created_at
        return Clocks(
            first_reply=Owed(
                Due.FIRST_REPLY, start, self._due(start, targets.first_reply), told.first_reply_at
            ),
            next_replies=tuple(
                Owed(Due.NEXT_REPLY, asked, self._due(asked, targets.next_reply), answered)
                for asked, answered in told.rounds
            ),
            resolution=Owed(
                Due.RESOLUTION, start, self._due(start, targets.resolution), told.closed_at
            ),
            waiting=Owed(Due.WAITING, start, self._due(start, targets.waiting), told.picked_up_at),
            is_paused=told.running_since is not None,
            first_reply_time=self._taken(told.first_reply_at),
            resolution_time=self._taken(told.closed_at),
        )

    def _due(self, since: datetime, target: timedelta | None) -> datetime | None:
        if target is None:
            return None
        paused = self._working(_cut(self.told.pauses, since))
        try:
            return working_time.add(
                self.rules.calendar, since, int(target.total_seconds()) + paused
            )
        except working_time.NeverOpen:
            return None  # where nobody ever works, nothing is ever due

    def _taken(self, until: datetime | None) -> timedelta | None:
        if until is None:
            return None
        start, pauses = self.told.created_at, list(self.told.pauses)
        if self.told.running_since is not None:
            pauses.append((self.told.running_since, until))
        whole = working_time.between(self.rules.calendar, start, until)
        return timedelta(seconds=whole - self._working(_cut(pauses, start, until)))

    def _working(self, stretches: Sequence[Pause]) -> int:
        return sum(working_time.between(self.rules.calendar, *one) for one in stretches)


def _cut(pauses: Iterable[Pause], start: datetime, end: datetime | None = None) -> list[Pause]:
    """Return what of the pauses lies after one moment and before another; end: None for as far as they last."""
    cut = [(max(begin, start), min(stop, end or stop)) for begin, stop in pauses]
    return [(begin, stop) for begin, stop in cut if begin < stop]
