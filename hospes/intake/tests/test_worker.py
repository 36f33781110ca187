"""The worker that understands, running beside the test as it does beside the pages."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from psycopg.conninfo import make_conninfo
from pytest_django import Settings

from hospes.conversations.models import Conversation, Message
from hospes.intake import worker
from hospes.intake.actions.blocking import block, unblock
from hospes.intake.actions.claiming import BATCH, claim
from hospes.intake.counters import counters
from hospes.intake.models import HeldRaw, PendingRaw, QuarantinedRaw
from tests.arriving import come_in, conversations_of
from tests.cast import NOON, Cast
from tests.mail import letter
from tests.running import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def here(settings: Settings) -> None:
    """Let connections of the worker's own go to the test's database, too."""
    settings.DATABASE_URL = make_conninfo(
        settings.DATABASE_URL, dbname=str(connection.settings_dict["NAME"])
    )


@contextmanager
def working(count: int = 1) -> Iterator[None]:
    stop = threading.Event()
    workers = [threading.Thread(target=_run, args=(stop,)) for _ in range(count)]
    for one in workers:
        one.start()
    try:
        yield
    finally:
        stop.set()
        for one in workers:
            one.join()


def _run(stop: threading.Event) -> None:
    try:
        worker.run(stop)
    finally:
        connection.close()


def nothing_is_pending() -> bool:
    return not PendingRaw.objects.exists()


def test_what_is_stored_is_understood_at_once(cast: Cast) -> None:
    with working():
        wait_until(worker.is_running, why="the worker holds its lock")
        come_in(cast.channel, letter("aiko@example.jp"))
        wait_until(nothing_is_pending, why="the mail is understood", seconds=20)

    assert Message.objects.count() == 1
    wait_until(lambda: not worker.is_running(), why="its lock is let go")


def test_a_block_counts_for_the_next_mail(cast: Cast) -> None:
    with working():
        wait_until(worker.is_running, why="the worker holds its lock")
        for is_blocked in (False, True, False, True):
            if is_blocked:
                block("eve@evil.example", by=None, at=NOON)
            else:
                unblock("eve@evil.example")
            come_in(cast.channel, letter("eve@evil.example"))
            wait_until(nothing_is_pending, why="the mail is understood", seconds=20)

    assert (Message.objects.count(), HeldRaw.objects.count()) == (2, 2)


def test_f21_a_flood_of_one_sender_holds_up_nobody_else(cast: Cast) -> None:
    flood = [
        raw_id
        for number in range(6 * BATCH)
        for raw_id in come_in(
            cast.channel, b"From: bot@evil.example\r\nSubject: %d\r\n\r\nBuy!" % number,
            envelope_from="bot@evil.example",
        )
    ]  # fmt: skip
    others = [
        raw_id
        for number in range(8)
        for raw_id in come_in(
            cast.channel, letter(f"c{number}@example.com"), envelope_from=f"c{number}@example.com"
        )
    ]

    with working():
        wait_until(nothing_is_pending, why="everything is read")

    shown = list(Message.objects.order_by("pk").values_list("raw_id", flat=True))
    assert sorted(shown) == sorted([*flood, *others])
    assert set(others) <= set(shown[: 3 * BATCH])  # the first is taken before it is known who waits
    assert counters().is_balanced


def test_two_workers_at_once_break_no_thread(cast: Cast) -> None:
    mails = []
    for customer in range(15):
        address = f"c{customer}@example.com"
        first = letter(address, text="first")
        mails.append(first)
        start = first.index(b"Message-ID: ") + len(b"Message-ID: ")
        message_id = first[start : first.index(b"\r\n", start)]
        for turn in range(8):
            answer = letter(address, text=f"again {turn}")
            mails.append(b"In-Reply-To: " + message_id + b"\r\n" + answer)
    ids = []
    with working(2):
        for at in range(0, len(mails), 3):
            ids += come_in(cast.channel, *mails[at : at + 3])
        wait_until(nothing_is_pending, why="everything is understood", seconds=50)

    found = conversations_of(ids)
    threads = [found[at : at + 9] for at in range(0, len(found), 9)]
    assert [len(set(thread)) for thread in threads] == [1] * 15
    assert Conversation.objects.count() == 15
    assert counters().is_balanced


def test_a_worker_goes_on_after_the_database_was_away(cast: Cast) -> None:
    with working():
        wait_until(worker.is_running, why="the worker holds its lock")
        for turn in range(6):  # more often than a mail may be tried
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            if not turn:
                come_in(cast.channel, letter("aiko@example.jp"), letter("omar@example.sa"))
        wait_until(nothing_is_pending, why="the mails are understood", seconds=40)

    assert Message.objects.count() == 2
    assert not QuarantinedRaw.objects.exists()


def test_a_worker_takes_up_what_a_dead_one_had(cast: Cast) -> None:
    come_in(cast.channel, letter("aiko@example.jp"))
    claim(worker_id=4711)

    with working():
        wait_until(nothing_is_pending, why="the mail is understood", seconds=20)

    assert Message.objects.count() == 1


def test_the_claim_alone_waits_for_no_disk(cast: Cast) -> None:
    come_in(cast.channel, letter("aiko@example.com"))
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")  # the tests' own server never waits

        with transaction.atomic():
            (claimed,) = claim(worker_id=1)
            cursor.execute("SHOW synchronous_commit")
            during = cursor.fetchone()
        cursor.execute("SHOW synchronous_commit")

        assert (during, cursor.fetchone()) == (("off",), ("on",))
        assert claimed.attempts == 1
        cursor.execute("RESET synchronous_commit")


def test_a_worker_without_a_database_waits_for_one(cast: Cast, settings: Settings) -> None:
    good, settings.DATABASE_URL = settings.DATABASE_URL, "host=/nowhere"
    come_in(cast.channel, letter("aiko@example.jp"))
    with working():
        wait_until(lambda: not worker.is_running(), why="its lock is let go")
        settings.DATABASE_URL = good
        wait_until(nothing_is_pending, why="the mail is understood", seconds=20)
