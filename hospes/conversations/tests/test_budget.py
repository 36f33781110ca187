"""Only so many letters leave by themselves, within any day and hour, however many processes write them."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from hospes.brands.models import Site
from hospes.channels.models import Channel
from hospes.conversations.actions.acknowledging import acknowledge
from hospes.conversations.budget import Wish, sent_lately, stopped_until, take_places
from hospes.conversations.events import AcknowledgementWithheld, Withheld
from hospes.conversations.models import AutomaticPlace, OutboxEntry
from hospes.conversations.tests.speaking import received
from hospes.events.models import Event
from tests.cast import NOON, Cast

AIKO = "aiko@example.jp"
ALL = ""


def ask(*wishes: tuple[int, str], at: datetime = NOON) -> list[str]:
    with transaction.atomic():
        site = Site.objects.get(pk=1)
        return take_places([Wish(*one) for one in wishes], site=site, at=at)


@pytest.mark.django_db
class TestPlaces:
    @pytest.fixture(autouse=True)
    def _site(self, cast: Cast) -> None:
        """Somebody's desk."""

    def test_an_address_has_one_for_a_conversation_in_a_day(self) -> None:
        assert ask((1, AIKO)) == [ALL]
        assert ask((1, AIKO), at=NOON + timedelta(hours=23, minutes=59)) == [Withheld.CONVERSATION]
        assert ask((1, "omar@example.sa")) == [ALL]
        assert ask((1, AIKO), at=NOON + timedelta(hours=24)) == [ALL]

    def test_an_address_has_five_in_any_day(self) -> None:
        told = [ask((n, AIKO), at=NOON + timedelta(hours=4 * n))[0] for n in range(7)]
        # The sixth comes 20 hours after the first, the seventh when the first is a day ago.
        assert told == [ALL] * 5 + [Withheld.ADDRESS, ALL]

    def test_five_in_one_batch_are_counted_too(self) -> None:
        assert ask(*[(n, AIKO) for n in range(7)]) == [ALL] * 5 + [Withheld.ADDRESS] * 2

    def test_tags_make_no_other_mailbox(self) -> None:
        told = ask(*[(n, f"aiko+{n}@example.jp") for n in range(6)])
        assert told.count(ALL) == 5

    def test_what_is_refused_takes_no_place(self) -> None:
        ask(*[(n, AIKO) for n in range(5)])
        before = AutomaticPlace.objects.count()
        assert ask((9, AIKO)) == [Withheld.ADDRESS]
        assert AutomaticPlace.objects.count() == before

    def test_nobody_can_tell_an_address_from_a_place(self) -> None:
        ask((1, AIKO))
        for key in AutomaticPlace.objects.values_list("key", flat=True):
            assert len(bytes(key)) == 16
            assert b"aiko" not in bytes(key)

    def test_what_is_free_again_is_not_kept(self) -> None:
        ask((1, AIKO))
        ask((2, "omar@example.sa"), at=NOON + timedelta(days=2))
        assert AutomaticPlace.objects.count() == 3

    def test_a_place_cannot_be_taken_twice_whoever_forgot_to_look(self) -> None:
        place = AutomaticPlace(key=b"x" * 16, place=0, until=NOON)
        place.save()
        with pytest.raises(IntegrityError), transaction.atomic():
            AutomaticPlace.objects.create(key=b"x" * 16, place=0, until=NOON)

    def test_many_take_as_few_statements_as_one(self) -> None:
        def statements(*wishes: tuple[int, str]) -> int:
            with CaptureQueriesContext(connection) as seen:
                ask(*wishes)
            return len([one for one in seen if "SAVEPOINT" not in (one["sql"] or "")])

        one = statements((1, AIKO))
        assert statements(*[(n, f"c{n}@example.com") for n in range(2, 60)]) == one <= 5


@pytest.mark.django_db
class TestDesk:
    @pytest.fixture(autouse=True)
    def _few(self, cast: Cast, settings: Settings) -> None:
        settings.AUTOMATIC_PER_HOUR = 3

    def test_too_many_within_an_hour_stop_all_of_them_for_an_hour(self) -> None:
        told = ask(*[(n, f"c{n}@example.com") for n in range(5)])
        assert told == [ALL] * 3 + [Withheld.DESK] * 2
        site = Site.objects.get(pk=1)
        assert stopped_until(site, at=NOON) == NOON + timedelta(hours=1)

        # The places of others are long free, and still nothing leaves.
        AutomaticPlace.objects.all().delete()
        assert ask((9, AIKO), at=NOON + timedelta(minutes=59)) == [Withheld.DESK]
        assert ask((9, AIKO), at=NOON + timedelta(minutes=60)) == [ALL]
        assert stopped_until(site, at=NOON + timedelta(minutes=60)) is None

    def test_as_many_as_there_may_be_stop_nothing(self) -> None:
        ask(*[(n, f"c{n}@example.com") for n in range(3)])
        site = Site.objects.get(pk=1)
        assert stopped_until(site, at=NOON) is None
        assert sent_lately(site, at=NOON) == 3
        assert sent_lately(site, at=NOON + timedelta(hours=1)) == 0


def together(number: int, ask_once: Callable[[int], Sequence[Any]]) -> list[Any]:
    """Let so many connections ask at once; return what each was told."""
    barrier, told, lock = threading.Barrier(number), list[Any](), threading.Lock()

    def one(place: int) -> None:
        try:
            barrier.wait(20)
            answer = ask_once(place)
            with lock:
                told.extend(answer)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(place,)) for place in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return told


@pytest.mark.django_db(transaction=True)
class TestTogether:
    def test_no_number_of_processes_sends_an_address_more_than_five(
        self, transactional_db: None, cast: Cast
    ) -> None:
        told = together(12, lambda n: ask((n, AIKO)))
        assert Counter(told) == {ALL: 5, Withheld.ADDRESS: 7}

    def test_no_number_of_processes_sends_two_for_one_conversation(
        self, transactional_db: None, cast: Cast
    ) -> None:
        told = together(12, lambda _: ask((1, AIKO)))
        assert Counter(told) == {ALL: 1, Withheld.CONVERSATION: 11}

    def test_no_number_of_processes_sends_more_than_the_desk_may(
        self, transactional_db: None, cast: Cast, settings: Settings
    ) -> None:
        settings.AUTOMATIC_PER_HOUR = 4
        told = together(12, lambda n: ask((n, f"c{n}@example.com")))
        assert Counter(told) == {ALL: 4, Withheld.DESK: 8}

    def test_workers_that_acknowledge_at_once_write_five_letters_to_an_address(
        self, transactional_db: None, cast: Cast
    ) -> None:
        Channel.objects.update(acknowledges=True)
        asked = [received(cast, text=f"{n}").pk for n in range(12)]
        written = together(12, lambda n: acknowledge([asked[n]], at=NOON))
        assert len(written) == 5
        assert OutboxEntry.objects.count() == 5
        withheld = Event.objects.filter(kind=AcknowledgementWithheld.__name__)
        assert Counter(row.data["reason"] for row in withheld) == {Withheld.ADDRESS: 7}

    def test_workers_that_acknowledge_the_same_letter_at_once_write_one(
        self, transactional_db: None, cast: Cast
    ) -> None:
        Channel.objects.update(acknowledges=True)
        asked = received(cast).pk
        assert len(together(8, lambda _: acknowledge([asked], at=NOON))) == 1
