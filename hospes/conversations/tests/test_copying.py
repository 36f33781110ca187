"""What left lies in the Sent folder of its mailbox: once, read, and never in the way of sending."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_network

import pytest
from django.utils import timezone
from pytest_django import Settings

from hospes.channels.actions.fetching import Account, fetch_from
from hospes.channels.email.parsing import parse
from hospes.channels.models import Channel
from hospes.conversations.actions.copying import GIVE_UP_AFTER, lay_copies
from hospes.conversations.actions.replying import reply
from hospes.conversations.actions.sending import send_due
from hospes.conversations.events import DeliveryChanged
from hospes.conversations.jobs import keep_copies
from hospes.conversations.models import Message, OutboxEntry, SentCopy
from hospes.conversations.tests.speaking import asked
from hospes.events.consuming import consume_batch
from tests import apart
from tests.cast import NOON, Cast
from tests.dovecot import DOVECOT, PASSWORD, dovecot
from tests.mail import Sink, free_port
from tests.scripted_imap import Folder, ScriptedImap, says, scripted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sink(settings: Settings) -> Iterator[Sink]:
    sink = Sink().start()
    settings.SMTP_URL, settings.UNDO_SECONDS = sink.url, 0
    settings.PRIVATE_NETWORKS = [ip_network("127.0.0.1/32")]
    yield sink
    sink.stop()


def keeps_copies(cast: Cast, port: int) -> None:
    Channel.objects.filter(pk=cast.channel.pk).update(keeps_copies=True)
    account = Account(
        host="127.0.0.1", port=port, security="none", username="support", password=PASSWORD,
        since=NOON.date(),
    )  # fmt: skip
    fetch_from(account, channel=cast.channel, at=timezone.now())


def sent(cast: Cast) -> Message:
    """A reply of Mina's that left."""
    message = reply(asked(cast), text="土曜日に届きます。", by=cast.mina, at=NOON)
    send_due(at=NOON)
    while consume_batch({DeliveryChanged: [keep_copies]}, at=timezone.now()):
        pass
    return message


@pytest.mark.skipif(not DOVECOT, reason="Dovecot is not installed")
@pytest.mark.parametrize("name", ["Poslano", "Sent"])
def test_a_reply_that_left_lies_in_the_folder_for_what_was_sent(
    cast: Cast, sink: Sink, name: str
) -> None:
    with dovecot(sent=name) as server:
        keeps_copies(cast, server.port)
        message = sent(cast)
        assert lay_copies(at=timezone.now()) == 1
        assert lay_copies(at=timezone.now()) == 0
        (file,) = server.files("support", folder=name)
        copy = parse(file.read_bytes())

    assert "S" in file.name.rpartition(",")[2]  # it was read
    assert copy.message_id == message.message_id == sink.letters[0]["Message-ID"]
    assert "土曜日に届きます。" in copy.text
    assert not SentCopy.objects.exists()


def test_nobody_who_keeps_no_copies_gets_any(cast: Cast, sink: Sink) -> None:
    sent(cast)
    assert not SentCopy.objects.exists()


def test_a_mailbox_that_is_not_there_holds_no_letter_up_and_gets_its_copy_later(
    cast: Cast, sink: Sink
) -> None:
    port = free_port()
    keeps_copies(cast, port)
    sent(cast)
    now = timezone.now()

    assert lay_copies(at=now) == 0
    waiting = SentCopy.objects.get()
    assert len(sink.letters) == 1
    assert OutboxEntry.objects.get().state == OutboxEntry.State.ACCEPTED
    assert waiting.failure.startswith("unreachable")
    assert lay_copies(at=now) == 0  # not yet

    box = ScriptedImap({"INBOX": Folder(), "Sent Items": Folder()}, port=port)
    with scripted(box):
        assert lay_copies(at=waiting.due_at) == 1
    assert len(box.folders["Sent Items"].mails) == 1
    assert box.folders["Sent Items"].seen == {1}


def test_an_answer_that_is_lost_makes_no_second_copy(cast: Cast, sink: Sink) -> None:
    box = ScriptedImap({"INBOX": Folder(), "Sent": Folder()})
    with scripted(box):
        keeps_copies(cast, box.port)
        sent(cast)
        box.faults["appended"] = lambda session, *_: session.hang_up()
        assert lay_copies(at=timezone.now()) == 0
        assert len(box.folders["Sent"].mails) == 1
        box.faults.clear()
        assert lay_copies(at=timezone.now() + timedelta(hours=1)) == 1

    assert len(box.folders["Sent"].mails) == 1
    assert not SentCopy.objects.exists()


def test_what_the_outgoing_server_laid_there_itself_is_not_laid_again(
    cast: Cast, sink: Sink
) -> None:
    box = ScriptedImap({"INBOX": Folder(), "Sent": Folder()})
    with scripted(box):
        keeps_copies(cast, box.port)
        sent(cast)
        box.folders["Sent"].add(sink.letters[0].as_bytes())
        assert lay_copies(at=timezone.now()) == 1

    assert len(box.folders["Sent"].mails) == 1


def test_where_there_is_no_such_folder_it_is_given_up_in_the_end_and_says_why(
    cast: Cast, sink: Sink
) -> None:
    with scripted() as box:
        keeps_copies(cast, box.port)
        sent(cast)
        at = timezone.now()
        for _ in range(GIVE_UP_AFTER + 3):
            lay_copies(at=at)
            at += timedelta(hours=7)

    copy = SentCopy.objects.get()
    assert copy.failure.startswith("folder")
    assert copy.gave_up_at is not None
    assert copy.attempts == GIVE_UP_AFTER


def test_a_folder_that_refuses_one_copy_gets_the_others(cast: Cast, sink: Sink) -> None:
    box = ScriptedImap({"INBOX": Folder(), "Sent": Folder()})
    with scripted(box):
        keeps_copies(cast, box.port)
        sent(cast)
        sent(cast)
        box.faults["SELECT"] = says("NO [INUSE] busy", times=1)
        assert lay_copies(at=timezone.now()) == 0
        assert lay_copies(at=timezone.now() + timedelta(hours=1)) == 2


LAY = """
from django.utils import timezone
from hospes.conversations.actions.copying import lay_copies
lay_copies(at=timezone.now())
"""


def test_whoever_is_killed_after_laying_a_copy_leaves_no_second_one(cast: Cast, sink: Sink) -> None:
    box = ScriptedImap({"INBOX": Folder(), "Sent": Folder()})
    with scripted(box):
        keeps_copies(cast, box.port)
        sent(cast)
        killed = apart.run(LAY, crash_at="copies.after_append", HOSPES_PRIVATE_NETWORKS="127.0.0.1")
        assert killed == -9
        assert len(box.folders["Sent"].mails) == 1
        assert lay_copies(at=timezone.now()) == 1

    assert len(box.folders["Sent"].mails) == 1
