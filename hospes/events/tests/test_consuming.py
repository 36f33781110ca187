"""What follows from events: in order, at least once, one failure parked alone."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import psycopg
import pytest
from django.conf import settings as django_settings
from django.db import OperationalError, connection, transaction
from psycopg.conninfo import make_conninfo
from pytest_django import Settings

from hospes.events import consuming
from hospes.events.consuming import MAX_ATTEMPTS, Reaction, consume_batch, forget_hints
from hospes.events.hints import Told, tell
from hospes.events.models import Event, Hint, PendingEvent
from hospes.events.recording import Happening, Recorded, record, record_all
from tests import apart
from tests.cast import NOON
from tests.running import wait_until

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class KettleBoiled(Happening):
    degrees: int = 100


@dataclass(frozen=True)
class TeaPoured(Happening):
    pass


class Notebook:
    """Reactions that write down what they were given, and fail where they are told to."""

    def __init__(self, *, fails_for: int | None = None) -> None:
        self.fails_for = fails_for
        self.runs: list[list[int]] = []

    def write(self, recorded: Sequence[Recorded]) -> None:
        numbers = [one.event.conversation_id for one in recorded]
        if self.fails_for in numbers:
            raise ArithmeticError(f"cannot bear {self.fails_for}")
        self.runs.append(numbers)

    @property
    def numbers(self) -> list[int]:
        return [number for run in self.runs for number in run]


def happen(*happenings: Happening) -> list[int]:
    with transaction.atomic():
        return record_all([(one, NOON, 7) for one in happenings])


def pending() -> list[int]:
    return list(
        PendingEvent.objects.order_by("pk").values_list("event__conversation_id", flat=True)
    )


# Recording -----------------------------------------------------------------------------------


def test_an_event_is_written_with_its_pending_mark_and_its_circumstances() -> None:
    (number,) = happen(KettleBoiled(3, degrees=98))

    event = Event.objects.get(pk=number)
    assert (event.kind, event.at, event.by_id) == ("KettleBoiled", NOON, 7)
    assert (event.conversation_id, event.data) == (3, {"degrees": 98})
    assert PendingEvent.objects.filter(event=event).exists()


def test_events_are_numbered_in_the_order_given() -> None:
    numbers = happen(*[KettleBoiled(number) for number in range(20)])

    assert numbers == sorted(numbers)
    assert pending() == list(range(20))


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_refused() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        record(KettleBoiled(1), at=NOON)
    assert not Event.objects.exists()


def test_a_change_that_is_rolled_back_has_not_happened() -> None:
    with transaction.atomic():
        record(KettleBoiled(1), at=NOON)
        transaction.set_rollback(True)

    assert not Event.objects.exists()
    assert not PendingEvent.objects.exists()


# Consuming -----------------------------------------------------------------------------------


def test_reactions_get_what_happened_with_its_circumstances() -> None:
    got: list[Recorded] = []
    (number,) = happen(KettleBoiled(3, degrees=98))

    assert consume_batch({KettleBoiled: [got.extend]}, at=NOON) == 1

    assert got == [Recorded(number, NOON, 7, KettleBoiled(3, degrees=98))]
    assert pending() == []


def test_reactions_run_in_the_order_of_the_list_and_of_the_events() -> None:
    told: list[str] = []

    def saying(word: str) -> Reaction:
        return lambda recorded: told.append(
            word + "".join(str(one.event.conversation_id) for one in recorded)
        )

    happen(KettleBoiled(1), KettleBoiled(2), TeaPoured(3), KettleBoiled(4))
    consume_batch({KettleBoiled: [saying("a"), saying("b")], TeaPoured: [saying("c")]}, at=NOON)

    assert told == ["a12", "b12", "c3", "a4", "b4"]


def test_f20_one_event_that_fails_is_put_off_and_all_others_go_on() -> None:
    notebook = Notebook(fails_for=2)
    happen(*[KettleBoiled(number) for number in range(5)], TeaPoured(9))

    consume_batch({KettleBoiled: [notebook.write], TeaPoured: [notebook.write]}, at=NOON)

    assert notebook.numbers == [0, 1, 3, 4, 9]
    parked = PendingEvent.objects.get()
    assert parked.event.conversation_id == 2
    assert (parked.attempts, parked.retry_at) == (1, NOON + timedelta(seconds=5))
    assert "cannot bear 2" in parked.error


def test_what_was_put_off_is_tried_again_when_its_time_comes() -> None:
    notebook = Notebook(fails_for=2)
    happen(KettleBoiled(2))
    reactions = {KettleBoiled: [notebook.write]}
    consume_batch(reactions, at=NOON)

    notebook.fails_for = None
    assert consume_batch(reactions, at=NOON + timedelta(seconds=4)) == 0
    assert consume_batch(reactions, at=NOON + timedelta(seconds=5)) == 1
    assert notebook.numbers == [2]
    assert pending() == []


def test_f20_what_fails_by_itself_is_parked_after_three_tries_and_holds_nobody_up() -> None:
    notebook = Notebook(fails_for=2)
    reactions = {KettleBoiled: [notebook.write]}
    happen(KettleBoiled(2))
    at = NOON
    for number in range(3):
        happen(KettleBoiled(10 + number))
        assert consume_batch(reactions, at=at) == 2
        at += timedelta(days=1)
    happen(KettleBoiled(3))

    assert consume_batch(reactions, at=at) == 1
    assert notebook.numbers == [10, 11, 12, 3]
    assert pending() == [2]
    assert PendingEvent.objects.get().attempts == MAX_ATTEMPTS == 3


OUTAGES = [
    OSError(errno.ENOSPC, "No space left on device"),
    ConnectionRefusedError("Connection refused"),
    OperationalError("the database is shutting down"),
]


@pytest.mark.parametrize("outage", OUTAGES, ids=str)
def test_f20_an_outage_parks_nothing_however_long_it_lasts(outage: Exception) -> None:
    if isinstance(outage, OperationalError):
        outage.__cause__ = psycopg.errors.AdminShutdown()
    is_away = True
    told: list[int | None] = []

    def telling(recorded: Sequence[Recorded]) -> None:
        if is_away:
            raise outage
        told.extend(one.event.conversation_id for one in recorded)

    happen(KettleBoiled(2), KettleBoiled(3))
    at = NOON
    for _ in range(20):
        assert consume_batch({KettleBoiled: [telling]}, at=at) == 2
        at += timedelta(minutes=1)
    is_away = False

    assert consume_batch({KettleBoiled: [telling]}, at=at) == 2
    assert told == [2, 3]
    assert pending() == []


def test_a_reaction_that_fails_leaves_nothing_of_the_reactions_before_it() -> None:
    def hinting(_recorded: Sequence[Recorded]) -> None:
        tell([Told("counts")], at=NOON)

    happen(KettleBoiled(2))
    consume_batch({KettleBoiled: [hinting, Notebook(fails_for=2).write]}, at=NOON)

    assert not Hint.objects.exists()


def test_a_reaction_that_breaks_the_database_transaction_spoils_no_other() -> None:
    def breaking(recorded: Sequence[Recorded]) -> None:
        if any(one.event.conversation_id == 2 for one in recorded):
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")

    happen(KettleBoiled(1), KettleBoiled(2), KettleBoiled(3))
    consume_batch({KettleBoiled: [breaking]}, at=NOON)

    assert pending() == [2]


def test_an_event_nothing_follows_from_is_settled() -> None:
    happen(TeaPoured(1))

    assert consume_batch({}, at=NOON) == 1
    assert pending() == []


def test_old_hints_are_forgotten() -> None:
    tell([Told("old")], at=NOON - timedelta(hours=1))
    tell([Told("new")], at=NOON)

    forget_hints(at=NOON)

    assert [hint.topic for hint in Hint.objects.all()] == ["new"]


# The one consumer, running -------------------------------------------------------------------


@pytest.fixture
def run_beside(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, transactional_db: None
) -> Callable[..., Callable[[], None]]:
    """Return a function that starts consumers with these reactions, and returns what stops them."""
    settings.DATABASE_URL = make_conninfo(
        django_settings.DATABASE_URL, dbname=str(connection.settings_dict["NAME"])
    )
    monkeypatch.setattr(consuming, "IDLE_SECONDS", 0.2)

    def start(
        reactions: dict[type[Happening], list[Reaction]], *, count: int = 1
    ) -> Callable[[], None]:
        monkeypatch.setattr(consuming, "import_string", lambda _name: reactions)
        stop = threading.Event()
        threads = [threading.Thread(target=_consume, args=(stop,)) for _ in range(count)]
        for thread in threads:
            thread.start()

        def end() -> None:
            stop.set()
            for thread in threads:
                thread.join()

        return end

    return start


def _consume(stop: threading.Event) -> None:
    try:
        consuming.run(stop)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_of_two_consumers_one_works_and_the_order_is_kept(
    run_beside: Callable[..., Callable[[], None]],
) -> None:
    notebook = Notebook()
    end = run_beside({KettleBoiled: [notebook.write]}, count=2)
    try:
        for number in range(60):
            happen(KettleBoiled(number))
        wait_until(lambda: pending() == [], why="everything is consumed", seconds=30)
    finally:
        end()

    assert notebook.numbers == list(range(60))


@pytest.mark.django_db(transaction=True)
def test_a_consumer_goes_on_after_the_database_was_away(
    run_beside: Callable[..., Callable[[], None]],
) -> None:
    notebook = Notebook()
    end = run_beside({KettleBoiled: [notebook.write]})
    try:
        for number in range(3):
            happen(KettleBoiled(number))
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
        wait_until(lambda: pending() == [], why="everything is consumed", seconds=30)
    finally:
        end()

    assert sorted(set(notebook.numbers)) == [0, 1, 2]
    assert not PendingEvent.objects.filter(attempts__gt=0).exists()


CONSUME = """
from hospes.events.consuming import consume_batch
from hospes.events.hints import Told, tell
from hospes.events.tests.test_consuming import KettleBoiled
from tests.cast import NOON
consume_batch({KettleBoiled: [lambda r: tell([Told("counts")], at=NOON)]}, at=NOON)
"""


@pytest.mark.django_db(transaction=True)
def test_a_consumer_that_is_killed_before_the_commit_has_done_nothing() -> None:
    happen(KettleBoiled(1))
    assert apart.run(CONSUME, crash_at="events.before_commit") == -9
    assert (pending(), Hint.objects.count()) == ([1], 0)

    assert apart.run(CONSUME) == 0
    assert (pending(), Hint.objects.count()) == ([], 1)
