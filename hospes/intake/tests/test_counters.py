"""What came in is what became of it, for each channel and in all, and counting it does not take longer with the years."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from hospes.channels.models import Channel
from hospes.intake import counters as counting
from hospes.intake.actions.deciding import let_in, put_aside
from hospes.intake.actions.understanding import MAX_ATTEMPTS
from hospes.intake.counters import (
    Counters,
    count_on,
    counted_anew,
    counters,
    counters_by_channel,
    forget_counts,
    is_kept_right,
)
from hospes.intake.models import CountedChannel, CountedThrough, HeldRaw, PendingRaw
from tests.arriving import ParserHere, arrive, arrive_together, come_in, understand
from tests.cast import NOON, Cast
from tests.mail import letter

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def sales(cast: Cast) -> Channel:
    return Channel.objects.create(brand=cast.brand, name="Sales", address="sales@kaldera.example")


def figures(one: Counters) -> tuple[int, ...]:
    return one.stored, one.shown, one.held, one.quarantined, one.pending


def test_each_channel_and_the_desk_say_what_became_of_their_mail(
    cast: Cast, sales: Channel
) -> None:
    arrive_together(cast, letter("aiko@example.jp"), letter("a@x.example, b@x.example"))
    come_in(sales, letter("omar@example.com"))
    PendingRaw.objects.update(attempts=MAX_ATTEMPTS)
    understand()
    come_in(sales, letter("omar@example.com", text="Hello?"))

    each = counters_by_channel()

    assert figures(each[cast.channel.pk]) == (2, 1, 1, 0, 0)
    assert figures(each[sales.pk]) == (2, 0, 0, 1, 1)
    assert figures(counters()) == (4, 1, 1, 1, 1)
    assert each[sales.pk].last_at == NOON
    assert counters().is_balanced
    assert counters().is_late  # it came in at noon, long ago


def test_what_is_let_in_or_put_aside_keeps_the_balance(cast: Cast) -> None:
    for text in "12":
        arrive(cast, b"X-Spam-Flag: YES\r\n" + letter("a@x.example", text=text))
    first, second = HeldRaw.objects.order_by("pk")
    counted(NOON)

    let_in(first, parser=ParserHere(), at=NOON, join=False)
    put_aside(second, by=cast.ana, at=NOON)

    assert figures(counters()) == (2, 1, 1, 0, 0)
    assert counted_anew() == counters_by_channel()


def counted(at: datetime) -> None:
    """Have what is there now counted for good: looked at, and ten minutes later believed."""
    count_on(at=at)
    count_on(at=at + 11 * MINUTE)


def test_what_is_old_is_counted_once_and_never_again(cast: Cast) -> None:
    arrive_together(cast, *[letter(f"c{number}@example.com") for number in range(3)])
    counted(NOON)
    arrive(cast, letter("late@example.com"))

    with CaptureQueriesContext(connection) as asked:
        now = counters()

    assert figures(now) == (4, 4, 0, 0, 0)
    assert CountedChannel.objects.get().stored == 3
    assert len(asked) == 2
    assert is_kept_right()
    assert counted_anew() == counters_by_channel()


def test_what_may_still_be_under_way_is_not_counted_for_good(cast: Cast) -> None:
    arrive(cast, letter("aiko@example.jp"))
    count_on(at=NOON)
    count_on(at=NOON + 9 * MINUTE)

    assert not CountedChannel.objects.exists()
    arrive(cast, letter("omar@example.com"))  # it has a higher number than the one that is believed
    count_on(at=NOON + 11 * MINUTE)
    assert CountedChannel.objects.get().stored == 1
    assert figures(counters()) == (2, 2, 0, 0, 0)


def test_a_mail_that_is_gone_without_a_trace_is_seen(cast: Cast) -> None:
    arrive(cast, letter("aiko@example.jp"))
    counted(NOON)
    come_in(cast.channel, letter("omar@example.com"))
    PendingRaw.objects.all().delete()

    assert not counters().is_balanced
    assert not counters_by_channel()[cast.channel.pk].is_balanced


def test_counts_that_went_wrong_are_seen_and_begun_anew(cast: Cast) -> None:
    arrive(cast, letter("aiko@example.jp"))
    counted(NOON)
    CountedChannel.objects.update(stored=7)
    assert not is_kept_right()

    forget_counts()

    assert is_kept_right()
    assert figures(counters()) == (1, 1, 0, 0, 0)


def test_what_was_never_counted_is_counted_step_by_step(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "STEP", 2)
    arrive_together(cast, *[letter(f"c{number}@example.com") for number in range(7)])
    count_on(at=NOON)
    CountedThrough.objects.update(raw_id=F("next_raw_id") - 7, message_id=F("next_message_id") - 7)

    steps = [count_on(at=NOON + 11 * MINUTE) for _ in range(4)]

    assert steps == [True, True, True, False]
    assert CountedChannel.objects.get().stored == 7
    assert counted_anew() == counters_by_channel()
