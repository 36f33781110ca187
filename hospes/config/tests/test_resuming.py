"""A desk restored from a backup sends nothing until somebody says that it may."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from hospes.brands.models import Site
from hospes.config.cli import main
from hospes.conversations.actions.replying import reply
from hospes.conversations.actions.sending import send_due
from hospes.conversations.models import Conversation, OutboxEntry
from tests.arriving import shown
from tests.cast import NOON, Cast
from tests.mail import Sink, letter

LATER = NOON + timedelta(minutes=1)
RESTORED = NOON + timedelta(hours=1)
MUCH_LATER = NOON + timedelta(days=1)


@pytest.fixture
def sink(settings: Settings) -> Iterator[Sink]:
    """The customers' mail server."""
    sink = Sink().start()
    settings.SMTP_URL = f"{sink.url}?security=none"
    yield sink
    sink.stop()


@pytest.fixture
def parcel(cast: Cast) -> Conversation:
    return shown(cast, letter("aiko@example.jp")).conversation


def answered(parcel: Conversation, cast: Cast, at: datetime) -> OutboxEntry:
    return reply(parcel, text="On its way.", by=cast.ana, at=at).outbox_entry


def hold() -> None:
    Site.objects.update(sending_held_since=RESTORED)


def state_of(entry: OutboxEntry) -> tuple[str, str]:
    entry.refresh_from_db()
    return entry.state, entry.reason


def test_nothing_leaves_while_it_is_held(cast: Cast, parcel: Conversation, sink: Sink) -> None:
    entry = answered(parcel, cast, NOON)
    hold()

    for moment in (LATER, MUCH_LATER):
        send_due(at=moment)

    assert sink.letters == []
    assert state_of(entry) == ("queued", "held")
    assert "restored from a backup" in entry.explanation
    assert entry.attempts == 0


def test_what_waited_in_the_backup_is_left_to_people(
    cast: Cast, parcel: Conversation, sink: Sink
) -> None:
    old, new = answered(parcel, cast, NOON), answered(parcel, cast, MUCH_LATER)
    hold()
    send_due(at=MUCH_LATER + timedelta(minutes=1))

    assert main(["resume"]) == 0
    send_due(at=timezone.now() + timedelta(seconds=1))

    assert state_of(old) == ("unknown", "in_backup")
    assert state_of(new) == ("accepted", ""), new.answer
    assert len(sink.letters) == 1


def test_what_waited_goes_out_when_somebody_knows_that_it_never_left(
    cast: Cast, parcel: Conversation, sink: Sink
) -> None:
    entry = answered(parcel, cast, NOON)
    hold()

    assert main(["resume", "--send-waiting"]) == 0
    send_due(at=timezone.now() + timedelta(seconds=1))

    assert state_of(entry) == ("accepted", ""), entry.answer
    assert len(sink.letters) == 1


def test_a_desk_that_sends_needs_no_resuming(
    cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["resume"]) == 1
    assert capsys.readouterr().err == "hospes: This desk sends already.\n"
