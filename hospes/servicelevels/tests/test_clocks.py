"""What is due by when, on any calendar, whatever happens in whichever order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hospes.markets import working_time
from hospes.markets.working_time import Calendar
from hospes.servicelevels.clocks import Clocks, Due, Happened, Rules, Targets, What, count

NINE_TO_FIVE = Calendar(zone="UTC", hours=(((540, 1020),),) * 5 + ((), ()))
NEVER = Calendar(zone="UTC", hours=((),) * 7)
TWO_HOURS = timedelta(hours=2)
TARGETS = Targets(TWO_HOURS, timedelta(hours=1), timedelta(hours=8))
MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def at(clock: str, *, day: int = 0) -> datetime:
    """A moment of that week. clock: such as 13:30."""
    hour, minute = map(int, clock.split(":"))
    return MONDAY + timedelta(days=day, hours=hour - 9, minutes=minute)


def told(
    *events: tuple[str, str],
    created: datetime = MONDAY,
    targets: Targets = TARGETS,
    pauses_while_customer_owes: bool = False,
) -> Clocks:
    """Count what is told as ("10:00", "agent_reply"), all on Monday; "1 10:00" is Tuesday."""
    happened = []
    for when, what in events:
        day, _, clock = when.rpartition(" ")
        happened.append(Happened(at(clock, day=int(day or 0)), What(what)))
    rules = Rules(NINE_TO_FIVE, targets, pauses_while_customer_owes=pauses_while_customer_owes)
    return count(rules, created_at=created, happened=happened)


def due(clocks: Clocks) -> tuple[datetime | None, datetime | None, datetime | None]:
    newest = clocks.next_reply
    return clocks.first_reply.due_at, newest.due_at if newest else None, clocks.resolution.due_at


def next_due(clocks: Clocks) -> datetime | None:
    return clocks.next.due_at if clocks.next else None


def test_a_new_conversation_owes_a_first_reply_and_a_resolution() -> None:
    clocks = told()

    assert due(clocks) == (at("11:00"), None, at("17:00"))
    assert next_due(clocks) == at("11:00")
    assert clocks.first_reply_time is clocks.resolution_time is None


def test_what_the_customer_writes_at_the_moment_it_began_is_what_began_it() -> None:
    clocks = told(("9:00", "agent_reply"), ("9:00", "customer_message"))

    assert clocks.next_reply is None
    assert clocks.first_reply_time == timedelta(0)


def test_a_reply_meets_the_first_due_which_is_told_on() -> None:
    clocks = told(("10:15", "agent_reply"))

    assert due(clocks) == (at("11:00"), None, at("17:00"))
    assert next_due(clocks) == at("17:00")
    assert clocks.first_reply_time == timedelta(minutes=75)


def test_a_note_is_nothing() -> None:
    assert told(("10:00", "note")) == told()


def test_what_the_customer_adds_before_the_first_reply_owes_no_next_one() -> None:
    clocks = told(("9:30", "customer_message"), ("10:00", "agent_reply"))

    assert clocks.next_replies == ()
    assert clocks.first_reply.since == MONDAY


def test_the_next_reply_counts_from_the_oldest_message_without_an_answer() -> None:
    asked = (("9:30", "agent_reply"), ("10:00", "customer_message"), ("10:30", "customer_message"))

    clocks = told(*asked)
    answered = told(*asked, ("10:45", "agent_reply"))
    asked_again = told(*asked, ("10:45", "agent_reply"), ("12:00", "customer_message"))

    assert due(clocks)[1] == next_due(clocks) == at("11:00")
    assert due(answered)[1] is None
    assert next_due(answered) == at("17:00")
    assert due(asked_again)[1] == at("13:00")
    assert [one.met_at for one in asked_again.next_replies] == [at("10:45"), None]


def test_a_pause_that_runs_moves_nothing_and_nothing_is_due_next() -> None:
    clocks = told(("10:00", "pending"))

    assert due(clocks) == due(told())
    assert clocks.next is None
    assert clocks.is_paused


def test_pauses_that_ended_move_each_due_by_their_working_time() -> None:
    clocks = told(("9:30", "pending"), ("10:00", "open"), ("10:10", "pending"), ("10:20", "open"))

    assert due(clocks) == (at("11:40"), None, at("9:40", day=1))
    assert next_due(clocks) == at("11:40")


def test_a_pause_over_night_moves_by_the_hours_that_are_worked() -> None:
    clocks = told(("16:00", "pending"), ("1 9:30", "open"), created=at("15:30"))

    assert due(clocks)[0] == at("11:00", day=1)


def test_a_second_pending_goes_on_with_the_first() -> None:
    once = told(("9:30", "pending"), ("10:30", "open"))

    assert told(("9:30", "pending"), ("10:00", "pending"), ("10:30", "open")) == once


def test_a_reply_ends_no_pause() -> None:
    clocks = told(("10:00", "pending"), ("10:30", "agent_reply"), ("11:00", "customer_message"))

    assert clocks.is_paused
    assert clocks.first_reply_time == timedelta(hours=1)
    assert due(clocks) == (at("11:00"), at("12:00"), at("17:00"))
    assert clocks.next is None


def test_pending_until_it_is_closed_is_a_pause_that_ended() -> None:
    clocks = told(("10:00", "pending"), ("12:00", "closed"))

    assert due(clocks)[0] == at("13:00")
    assert clocks.resolution_time == timedelta(hours=1)
    assert clocks.next is None


def test_time_closed_before_it_is_opened_again_is_a_pause() -> None:
    closed = told(("10:00", "agent_reply"), ("11:00", "closed"))
    reopened = told(("10:00", "agent_reply"), ("11:00", "closed"), ("12:00", "open"))
    closed_again = told(
        ("10:00", "agent_reply"), ("11:00", "closed"), ("12:00", "open"), ("13:00", "closed")
    )

    assert closed.resolution_time == TWO_HOURS
    assert closed.next is None
    assert due(reopened)[2] == next_due(reopened) == at("10:00", day=1)
    assert reopened.resolution_time is None
    assert closed_again.resolution_time == timedelta(hours=3)


def test_a_close_without_an_answer_stops_no_clock_of_a_reply() -> None:
    clocks = told(("10:00", "closed"), ("10:30", "open"))

    assert clocks.first_reply.met_at is None
    assert next_due(clocks) == at("11:30")


def test_closing_what_is_closed_keeps_the_first_close() -> None:
    assert told(("10:00", "closed"), ("11:00", "closed")).resolution_time == timedelta(hours=1)


def test_an_answer_outside_hours_took_no_working_time() -> None:
    clocks = told(("20:00", "agent_reply"), created=at("18:00"))

    assert due(clocks)[0] == at("11:00", day=1)
    assert clocks.first_reply_time == timedelta(0)


def test_without_targets_nothing_is_due_and_time_is_counted_all_the_same() -> None:
    clocks = told(("10:00", "agent_reply"), ("11:00", "closed"), targets=Targets())

    assert due(clocks) == (None, None, None)
    assert clocks.next is None
    assert clocks.first_reply_time == timedelta(hours=1)
    assert clocks.resolution_time == TWO_HOURS


def test_where_nobody_ever_works_nothing_is_ever_due() -> None:
    clocks = count(Rules(NEVER, TARGETS), created_at=MONDAY, happened=[])

    assert due(clocks) == (None, None, None)


def test_where_the_service_level_says_so_the_customers_turn_is_a_pause() -> None:
    events = (("10:00", "agent_reply"), ("12:00", "customer_message"))

    owed = told(events[0], pauses_while_customer_owes=True)
    back = told(*events, pauses_while_customer_owes=True)

    assert owed.is_paused
    assert owed.next is None
    assert due(back) == (at("13:00"), at("13:00"), at("11:00", day=1))
    assert next_due(back) == at("13:00")
    assert due(told(*events))[2] == at("17:00")


def test_a_due_is_late_once_it_has_passed_without_being_met() -> None:
    first = told(("11:30", "agent_reply")).first_reply
    open_still = told().first_reply

    assert first.is_late(MONDAY)
    assert not open_still.is_late(at("11:00"))
    assert open_still.is_late(at("11:01"))
    assert not told(targets=Targets()).first_reply.is_late(at("17:00", day=9))


MINUTES = st.integers(min_value=0, max_value=20 * 24 * 60)
EVENTS = st.lists(st.tuples(MINUTES, st.sampled_from(list(What))), max_size=14)


def happened(events: list[tuple[int, What]]) -> list[Happened]:
    return [Happened(MONDAY + timedelta(minutes=minute), what) for minute, what in events]


@given(events=EVENTS, data=st.data())
def test_the_order_of_telling_changes_nothing(
    events: list[tuple[int, What]], data: st.DataObject
) -> None:
    unlike = list({minute: (minute, what) for minute, what in events}.values())
    shuffled = data.draw(st.permutations(unlike))
    rules = Rules(NINE_TO_FIVE, TARGETS)

    assert count(rules, created_at=MONDAY, happened=happened(unlike)) == count(
        rules, created_at=MONDAY, happened=happened(shuffled)
    )


@given(events=EVENTS)
def test_no_due_comes_before_its_target_and_each_is_moved_by_what_was_paused(
    events: list[tuple[int, What]],
) -> None:
    targets = replace(TARGETS, waiting=timedelta(minutes=5))
    clocks = count(Rules(NINE_TO_FIVE, targets), created_at=MONDAY, happened=happened(events))

    for one in clocks.all:
        target = targets.of(one.what)
        assert target is not None
        assert one.due_at is not None
        used = working_time.between(NINE_TO_FIVE, one.since, one.due_at)
        assert used >= target.total_seconds()
        if not any(what in {What.PENDING, What.CLOSED} for _, what in events):
            assert used == target.total_seconds()


@given(events=EVENTS)
def test_what_is_due_next_is_owed_and_comes_first(events: list[tuple[int, What]]) -> None:
    clocks = count(Rules(NINE_TO_FIVE, TARGETS), created_at=MONDAY, happened=happened(events))

    owed = [one.due_at for one in clocks.all if one.met_at is None and one.due_at is not None]
    assert next_due(clocks) == (None if clocks.is_paused or not owed else min(owed))
    assert sum(one.met_at is None for one in clocks.next_replies) <= 1
    if clocks.next_replies:
        assert clocks.first_reply.met_at is not None


@given(events=EVENTS)
def test_no_more_time_is_used_than_was_worked(events: list[tuple[int, What]]) -> None:
    clocks = count(Rules(NINE_TO_FIVE, TARGETS), created_at=MONDAY, happened=happened(events))

    for taken, one in (
        (clocks.first_reply_time, clocks.first_reply),
        (clocks.resolution_time, clocks.resolution),
    ):
        assert (taken is None) == (one.met_at is None)
        if taken is not None and one.met_at is not None:
            whole = working_time.between(NINE_TO_FIVE, MONDAY, one.met_at)
            assert 0 <= taken.total_seconds() <= whole


@pytest.mark.parametrize("what", list(Due))
def test_every_due_has_a_target_of_its_own(what: Due) -> None:
    assert Targets(*(timedelta(hours=n) for n in (1, 2, 3, 4))).of(what) == timedelta(
        hours=1 + list(Due).index(what)
    )
