"""When a customer will hear from us: a range, from what is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hospes.markets import working_time
from hospes.markets.working_time import Calendar
from hospes.servicelevels.expecting import ENOUGH, Answered, expected, is_about_this_hour

NINE_TO_FIVE = Calendar(zone="UTC", hours=(((540, 1020),),) * 5 + ((), ()))
MONDAY = datetime(2026, 11, 2, 10, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


def lately(*minutes: int, at: datetime = MONDAY) -> list[Answered]:
    """Answers of the days before, each of which took so many minutes."""
    return [Answered(at - timedelta(days=n + 1), m * 60) for n, m in enumerate(minutes)]


def test_with_too_few_cases_the_service_level_counts_from_the_next_opening() -> None:
    night = MONDAY + 10 * HOUR

    assert expected(NINE_TO_FIVE, night, lately(5, 6, 7), 2 * HOUR) == (
        datetime(2026, 11, 3, 9, 0, tzinfo=UTC),
        datetime(2026, 11, 3, 11, 0, tzinfo=UTC),
    )


def test_with_enough_cases_it_is_told_how_long_answers_took() -> None:
    answered = lately(*range(10, 10 + 10 * ENOUGH, 10))

    assert expected(NINE_TO_FIVE, MONDAY, answered, 40 * HOUR) == (
        datetime(2026, 11, 2, 11, 0, tzinfo=UTC),
        datetime(2026, 11, 2, 13, 30, tzinfo=UTC),
    )


def test_letters_of_another_hour_say_nothing() -> None:
    answered = lately(*[10] * 30, at=MONDAY + 5 * HOUR)

    assert expected(NINE_TO_FIVE, MONDAY, answered, None) is None


def test_without_a_service_level_and_without_cases_nobody_can_say() -> None:
    assert expected(NINE_TO_FIVE, MONDAY, [], None) is None


def test_where_nobody_ever_works_nobody_can_say() -> None:
    never = Calendar(zone="UTC", hours=((),) * 7)

    assert expected(never, MONDAY, [], HOUR) is None


def test_hours_are_compared_round_midnight() -> None:
    late, early = (
        datetime(2026, 11, 1, 23, 30, tzinfo=UTC),
        datetime(2026, 11, 3, 0, 30, tzinfo=UTC),
    )

    assert is_about_this_hour(late, early)
    assert not is_about_this_hour(late, early + HOUR)


@given(
    minutes=st.lists(st.integers(0, 5000), max_size=40),
    target=st.integers(1, 5000),
    asked=st.integers(0, 20_000),
)
def test_the_range_begins_no_later_than_it_ends_and_lies_ahead(
    minutes: list[int], target: int, asked: int
) -> None:
    at = MONDAY + timedelta(minutes=asked)

    found = expected(NINE_TO_FIVE, at, lately(*minutes, at=at), timedelta(minutes=target))

    assert found is not None
    first, last = found
    assert first < last
    assert last > at
    assert first > at - timedelta(minutes=30)
    assert {first.minute, last.minute} <= {0, 30}
    if len(minutes) < ENOUGH:
        due = working_time.add(NINE_TO_FIVE, at, target * 60)
        assert due <= last <= due + HOUR
