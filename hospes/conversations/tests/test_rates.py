"""Only so many letters leave an address in a minute and an hour, whoever sends them; what waits says so."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from pytest_django import Settings

from hospes.channels.actions.departing import depart
from hospes.channels.models import Channel, Departure
from hospes.conversations.actions.replying import reply
from hospes.conversations.actions.sending import send_due
from hospes.conversations.models import OutboxEntry
from hospes.conversations.tests.speaking import asked
from hospes.events.models import Event
from tests.cast import NOON, Cast
from tests.mail import Sink, free_port

State, Reason = OutboxEntry.State, OutboxEntry.Reason
pytestmark = pytest.mark.django_db(transaction=True)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def sink(settings: Settings) -> Iterator[Sink]:
    sink = Sink().start()
    settings.SMTP_URL, settings.UNDO_SECONDS = sink.url, 0
    yield sink
    sink.stop()


def allow(cast: Cast, *, per_minute: int | None = None, per_hour: int | None = None) -> None:
    Channel.objects.filter(pk=cast.channel.pk).update(per_minute=per_minute, per_hour=per_hour)
    cast.channel.refresh_from_db()


def answer(cast: Cast, count: int) -> None:
    conversation = asked(cast)
    for number in range(count):
        reply(conversation, text=f"Letter {number}.", by=cast.mina, at=NOON)


def sent(sink: Sink) -> list[str]:
    return [letter.get_content().split("\n")[0].strip() for letter in sink.letters]


def test_what_may_not_leave_in_this_minute_waits_and_leaves_in_the_next(
    cast: Cast, sink: Sink
) -> None:
    allow(cast, per_minute=2)
    answer(cast, 5)

    send_due(at=NOON)
    waiting = list(OutboxEntry.objects.filter(state=State.QUEUED).order_by("pk"))
    send_due(at=NOON + 59 * SECOND)
    in_the_first = len(sink.letters)
    send_due(at=NOON + MINUTE)
    in_the_second = len(sink.letters)
    send_due(at=NOON + 2 * MINUTE)

    assert (in_the_first, in_the_second, len(sink.letters)) == (2, 4, 5)
    assert sent(sink) == [f"Letter {number}." for number in range(5)]
    assert {one.reason for one in waiting} == {Reason.RATE}
    assert {one.due_at for one in waiting} == {NOON + MINUTE}
    assert {one.attempts for one in waiting} == {0}
    assert waiting[0].explanation.startswith("Waiting: only so many letters")


def test_whoever_waits_for_a_turn_is_told_of_once(cast: Cast, sink: Sink) -> None:
    allow(cast, per_minute=1)
    answer(cast, 3)
    for seconds in range(0, 50, 10):
        send_due(at=NOON + seconds * SECOND)

    told = Event.objects.filter(kind="DeliveryChanged").order_by("pk")
    assert [one.data["state"] for one in told] == ["accepted", "queued", "queued"]


def test_an_hour_has_its_own_limit(cast: Cast, sink: Sink) -> None:
    allow(cast, per_minute=2, per_hour=3)
    answer(cast, 4)
    for minutes in range(60):
        send_due(at=NOON + minutes * MINUTE)
    within_the_hour = len(sink.letters)
    send_due(at=NOON + HOUR)

    assert (within_the_hour, len(sink.letters)) == (3, 4)


def test_one_address_waits_for_no_other(cast: Cast, sink: Sink) -> None:
    allow(cast, per_minute=1)
    other = Channel.objects.create(
        name="Sales", address="sales@kaldera.example", brand=cast.brand, kind="email"
    )
    answer(cast, 2)
    free = asked(cast)
    free.channel = other
    free.save()
    reply(free, text="From sales.", by=cast.mina, at=NOON)

    send_due(at=NOON)

    assert sent(sink) == ["Letter 0.", "From sales."]


def test_a_letter_that_no_server_got_takes_nobodys_turn(
    cast: Cast, sink: Sink, settings: Settings
) -> None:
    allow(cast, per_minute=1)
    answer(cast, 1)
    settings.SMTP_URL = f"smtp://127.0.0.1:{free_port()}"
    send_due(at=NOON)
    assert OutboxEntry.objects.get().reason == Reason.UNREACHABLE

    settings.SMTP_URL = sink.url
    send_due(at=NOON + 40 * SECOND)

    assert len(sink.letters) == 1
    assert Departure.objects.count() == 1


def test_processes_that_send_at_once_let_no_more_leave_together(cast: Cast) -> None:
    allow(cast, per_minute=7)
    left: list[Departure] = []

    def try_often() -> None:
        try:
            for _ in range(5):
                departure = depart(cast.channel, at=NOON)
                if isinstance(departure, Departure):
                    left.append(departure)
        finally:
            connection.close()

    threads = [threading.Thread(target=try_often) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(left) == Departure.objects.count() == 7
