from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hospes.conversations import counting
from hospes.conversations.actions.assigning import assign
from hospes.conversations.actions.closing import close
from hospes.conversations.counting import view_counts
from tests.arriving import shown
from tests.cast import NOON, Cast
from tests.mail import letter

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    counting._kept.clear()
    yield
    counting._kept.clear()


@pytest.mark.parametrize("sees_all", [True, False])
def test_a_count_is_kept_until_the_next_hint_and_what_is_mine_never(
    sees_all: bool, cast: Cast
) -> None:
    queues = None if sees_all else [cast.care.pk]
    one = shown(cast, letter("aiko@example.jp")).conversation
    before = view_counts(queues, cast.mina.pk, as_of=7)
    assert (before["open"], before["unassigned"], before["mine"]) == (1, 1, 0)

    assign(one, to=cast.mina, by=cast.ana, at=NOON)

    same_hint = view_counts(queues, cast.mina.pk, as_of=7)
    assert (same_hint["unassigned"], same_hint["mine"]) == (1, 1)
    assert view_counts(queues, cast.jonas.pk, as_of=7)["mine"] == 0
    next_hint = view_counts(queues, cast.mina.pk, as_of=8)
    assert (next_hint["open"], next_hint["unassigned"], next_hint["mine"]) == (1, 0, 1)


def test_a_process_that_passes_on_no_hints_counts_every_time(cast: Cast) -> None:
    one = shown(cast, letter("aiko@example.jp")).conversation
    assert view_counts(None, cast.ana.pk)["open"] == 1

    close(one, by=cast.ana, at=NOON)

    assert view_counts(None, cast.ana.pk)["open"] == 0


def test_a_count_is_kept_for_two_seconds_at_most(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(counting, "monotonic", lambda: now)
    one = shown(cast, letter("aiko@example.jp")).conversation
    view_counts(None, cast.ana.pk, as_of=7)
    close(one, by=cast.ana, at=NOON)

    now += counting.KEPT_SECONDS
    assert view_counts(None, cast.ana.pk, as_of=7)["open"] == 1
    now += 0.01
    assert view_counts(None, cast.ana.pk, as_of=7)["open"] == 0


def test_readers_of_other_queues_are_told_their_own_counts(cast: Cast) -> None:
    shown(cast, letter("aiko@example.jp"))

    assert view_counts([cast.care.pk], cast.mina.pk, as_of=7)["open"] == 1
    assert view_counts([cast.elsewhere.pk], cast.mina.pk, as_of=7)["open"] == 0
    assert view_counts([], cast.mina.pk, as_of=7)["open"] == 0


@pytest.mark.parametrize("as_of", [None, 7])
def test_counting_is_one_statement(as_of: int | None, cast: Cast) -> None:
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            view_counts([cast.care.pk, cast.elsewhere.pk], cast.mina.pk, as_of=as_of)
        assert len(asked) == 1
