"""One attempt at a time, and honest words about attempts that were cut off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from hospes.conversations.actions.replying import reply
from hospes.conversations.actions.sending import send, send_due
from hospes.conversations.models import Conversation, OutboxEntry
from hospes.lib.locks import Lock
from tests.cast import NOON, Cast
from tests.mail import Sink

State, Stage = OutboxEntry.State, OutboxEntry.Stage
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sink(settings: object) -> Iterator[Sink]:
    sink = Sink().start()
    settings.SMTP_URL = sink.url
    settings.UNDO_SECONDS = 0
    yield sink
    sink.stop()


@pytest.fixture
def entry(transactional_db: None, sink: Sink, cast: Cast) -> OutboxEntry:
    """A reply of Mina's to Aiko that is due."""
    conversation = Conversation.objects.create(
        reference="H-7K3F9", queue=cast.care, brand=cast.brand, channel=cast.channel,
        customer=cast.aiko, opened_at=NOON, last_activity_at=NOON,
    )  # fmt: skip
    message = reply(conversation, text="土曜日に届きます。", by=cast.mina, at=NOON)
    return OutboxEntry.objects.get(message=message)


def begun(entry: OutboxEntry, stage: str) -> None:
    """Let the entry look as an attempt leaves it that was cut off."""
    OutboxEntry.objects.filter(pk=entry.pk).update(state=State.SENDING, stage=stage, attempts=1)


@contextmanager
def held_elsewhere(entry: OutboxEntry) -> Iterator[None]:
    """Let another process be at it."""
    name = connection.settings_dict["NAME"]
    with psycopg.connect(settings.DATABASE_URL, dbname=name) as other:
        other.execute("SELECT pg_advisory_lock(%s, %s)", [Lock.SENDING, entry.pk])
        yield


def test_a_due_reply_is_sent_once(entry: OutboxEntry, sink: Sink) -> None:
    assert send(entry.pk, at=NOON)
    assert not send(entry.pk, at=NOON)

    entry.refresh_from_db()
    assert entry.state == State.ACCEPTED
    assert len(sink.letters) == 1


@pytest.mark.parametrize("stage", [Stage.BEFORE_DOT, Stage.AFTER_DOT])
def test_what_somebody_alive_is_sending_is_left_alone(
    entry: OutboxEntry, sink: Sink, stage: str
) -> None:
    begun(entry, stage)
    with held_elsewhere(entry):
        assert send_due(at=NOON) == 0

    entry.refresh_from_db()
    assert (entry.state, entry.stage) == (State.SENDING, stage)
    assert sink.letters == []


def test_what_was_cut_off_before_the_dot_is_sent_again(entry: OutboxEntry, sink: Sink) -> None:
    begun(entry, Stage.BEFORE_DOT)

    send_due(at=NOON)

    entry.refresh_from_db()
    assert entry.state == State.ACCEPTED
    assert [one["Message-ID"] for one in sink.letters] == [entry.message.message_id]


def test_what_was_cut_off_after_the_dot_is_never_sent_again(entry: OutboxEntry, sink: Sink) -> None:
    begun(entry, Stage.AFTER_DOT)

    send_due(at=NOON)
    send_due(at=NOON)

    entry.refresh_from_db()
    assert entry.state == State.UNKNOWN
    assert sink.letters == []


def test_without_a_server_a_reply_waits_and_says_so(entry: OutboxEntry, settings: object) -> None:
    settings.SMTP_URL = ""

    send(entry.pk, at=NOON)

    entry.refresh_from_db()
    assert (entry.state, entry.attempts) == (State.QUEUED, 0)
    assert entry.explanation == "Waiting: no outgoing server is set."
