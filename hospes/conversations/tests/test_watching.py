"""What may have gone is told of within a minute: who died leaves "unknown", a slow server is named as one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from django.conf import settings as site_settings
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from hospes.channels.email.tests.servers import Desk, running
from hospes.conversations.actions.replying import reply
from hospes.conversations.actions.sending import send
from hospes.conversations.actions.watching import SLOW_AFTER, watch_sending
from hospes.conversations.models import OutboxEntry
from hospes.conversations.tests.speaking import asked, happened
from hospes.lib.locks import Lock
from tests.cast import NOON, Cast
from tests.running import wait_until

State, Stage, Reason = OutboxEntry.State, OutboxEntry.Stage, OutboxEntry.Reason
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def entry(cast: Cast, settings: Settings) -> OutboxEntry:
    settings.UNDO_SECONDS = 0
    message = reply(asked(cast), text="On Saturday.", by=cast.mina, at=NOON)
    return OutboxEntry.objects.get(message=message)


def begun(entry: OutboxEntry) -> None:
    OutboxEntry.objects.filter(pk=entry.pk).update(
        state=State.SENDING, stage=Stage.AFTER_DOT, attempts=1, changed_at=timezone.now()
    )


def test_f07_whoever_died_after_the_dot_is_told_of_without_asking_any_server(
    entry: OutboxEntry, settings: Settings
) -> None:
    settings.SMTP_URL = "smtp://192.0.2.1"  # whoever asked it would wait for long
    begun(entry)

    assert watch_sending(at=timezone.now()) == 1
    assert watch_sending(at=timezone.now()) == 0

    entry.refresh_from_db()
    assert (entry.state, entry.reason) == (State.UNKNOWN, Reason.NO_ANSWER)
    assert happened(entry.message.conversation)[-1] == "DeliveryChanged"


class Slow(Desk):
    """A server that takes the letter and says so only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.may_answer = threading.Event()

    async def handle_DATA(self, server, session, envelope):
        self.envelopes.append(envelope)
        await asyncio.to_thread(self.may_answer.wait, 30)
        return self.answer


@pytest.fixture
def slow(settings: Settings) -> Iterator[Slow]:
    desk = Slow()
    with running(desk) as port:
        settings.SMTP_URL = f"smtp://127.0.0.1:{port}"
        try:
            yield desk
        finally:
            desk.may_answer.set()


def test_f07_a_server_that_took_the_text_and_is_slow_to_say_so_is_told_of(
    entry: OutboxEntry, slow: Slow
) -> None:
    def sending() -> None:
        try:
            send(entry.pk, at=NOON)
        finally:
            connection.close()

    thread = threading.Thread(target=sending)
    thread.start()
    wait_until(lambda: slow.envelopes, why="the server has the letter")
    at_once = watch_sending(at=timezone.now())
    later = watch_sending(at=timezone.now() + SLOW_AFTER)
    entry.refresh_from_db()
    meanwhile = (entry.state, entry.reason)
    slow.may_answer.set()
    thread.join()
    entry.refresh_from_db()

    assert (at_once, later) == (0, 1)
    assert meanwhile == (State.SENDING, Reason.NOT_YET)
    assert (entry.state, entry.reason) == (State.ACCEPTED, "")


def test_what_was_not_handed_over_yet_is_nothing_to_tell_of(entry: OutboxEntry) -> None:
    begun(entry)
    OutboxEntry.objects.update(stage=Stage.BEFORE_DOT)
    name = connection.settings_dict["NAME"]
    with psycopg.connect(site_settings.DATABASE_URL, dbname=name) as other:
        other.execute("SELECT pg_advisory_lock(%s, %s)", [Lock.SENDING, entry.pk])
        assert watch_sending(at=timezone.now() + timedelta(hours=1)) == 0
