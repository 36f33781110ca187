"""What an attempt to send comes to: honest states, never a second letter."""

from __future__ import annotations

import os
import signal
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from hospes.channels.contract import Address, OutboundFile
from hospes.channels.email.tests.servers import Desk, breaking, running
from hospes.conversations import letters
from hospes.conversations.actions.delivering import release_waiting, resend, settle_as_sent
from hospes.conversations.actions.replying import reply
from hospes.conversations.actions.sending import GIVE_UP_AFTER, send, send_due
from hospes.conversations.models import Conversation, Message, Note, OutboxEntry
from hospes.conversations.tests.speaking import asked, happened
from hospes.events.models import Event
from hospes.files import store
from hospes.lib.refusal import Refused
from hospes.people.models import Identity
from tests import apart
from tests.cast import NOON, Cast
from tests.mail import Sink, free_port
from tests.running import wait_until

State, Reason = OutboxEntry.State, OutboxEntry.Reason
pytestmark = pytest.mark.django_db(transaction=True)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def at_once(settings: Settings) -> None:
    settings.UNDO_SECONDS = 0
    settings.SMTP_URL = ""


@pytest.fixture
def message(cast: Cast) -> Message:
    """A reply of Mina's that is due at noon."""
    return reply(
        asked(cast), text="On Saturday.", by=cast.mina, at=NOON, cc=[Address("", "partner@example.org")]
    )  # fmt: skip


def through(port: int, settings: Settings, *, at: datetime = NOON) -> OutboxEntry:
    """Send what is due through a server and return how the reply stands then."""
    settings.SMTP_URL = f"smtp://127.0.0.1:{port}"
    send_due(at=at)
    return OutboxEntry.objects.get()


def states() -> list[str]:
    told = Event.objects.filter(kind="DeliveryChanged").order_by("pk")
    return [event.data["state"] for event in told]


def test_a_server_that_takes_it_makes_it_sent(message: Message, settings: Settings) -> None:
    desk = Desk()
    with running(desk) as port:
        entry = through(port, settings)
        send_due(at=NOON + MINUTE)

    assert (entry.state, entry.reason) == (State.ACCEPTED, "")
    assert "4711" in entry.provider_id
    (envelope,) = desk.envelopes
    assert envelope.rcpt_tos == ["aiko@example.jp", "partner@example.org"]
    assert states() == ["accepted"]


def test_whom_the_server_refused_is_told(message: Message, settings: Settings) -> None:
    with running(Desk(refused={"partner@example.org": "550 5.1.1 no such partner"})) as port:
        entry = through(port, settings)

    assert (entry.state, entry.reason) == (State.ACCEPTED, Reason.PARTLY)
    assert entry.answer.startswith("partner@example.org: ")
    assert "no such partner" in entry.answer


def test_a_server_that_refuses_makes_it_not_sent(message: Message, settings: Settings) -> None:
    with running(Desk(answer="554 5.7.1 we think this is spam")) as port:
        entry = through(port, settings)

    assert (entry.state, entry.reason) == (State.FAILED, Reason.REFUSED)
    assert "we think this is spam" in entry.answer


def test_a_server_that_says_later_is_asked_again_ever_more_patiently(
    message: Message, settings: Settings
) -> None:
    desk = Desk(answer="451 4.3.0 not now")
    waits = []
    with running(desk) as port:
        at = NOON
        for _ in range(4):
            entry = through(port, settings, at=at)
            assert (entry.state, entry.reason) == (State.QUEUED, Reason.REFUSED_FOR_NOW)
            waits.append(round((entry.due_at - at).total_seconds()))
            at = entry.due_at
        desk.answer = "250 2.0.0 queued"
        assert through(port, settings, at=at).state == State.ACCEPTED

    assert waits == [30, 120, 300, 900]
    assert len({envelope.content for envelope in desk.envelopes}) == 1  # the same letter every time
    assert states() == ["queued", "accepted"]


def test_a_server_that_is_not_there_is_tried_for_two_days(
    message: Message, settings: Settings
) -> None:
    entry = through(free_port(), settings)
    assert (entry.state, entry.reason) == (State.QUEUED, Reason.UNREACHABLE)

    entry = through(free_port(), settings, at=NOON + GIVE_UP_AFTER + MINUTE)
    assert (entry.state, entry.reason) == (State.FAILED, Reason.GAVE_UP)


def test_f18_what_waited_while_the_server_was_away_leaves_at_once_and_in_its_order(
    cast: Cast, settings: Settings
) -> None:
    conversation, port = asked(cast), free_port()
    settings.SMTP_URL = f"smtp://127.0.0.1:{port}"
    for number in range(3):  # one an hour, and the server is away
        reply(conversation, text=str(number), by=cast.mina, at=NOON + number * HOUR)
        for minutes in range(0, 60, 20):
            send_due(at=NOON + number * HOUR + minutes * MINUTE)
    waiting = list(OutboxEntry.objects.order_by("pk"))
    assert {(one.state, one.reason) for one in waiting} == {(State.QUEUED, Reason.UNREACHABLE)}
    assert waiting[0].attempts > waiting[2].attempts == 0  # it goes after the others

    other = reply(asked(cast), text="other", by=cast.mina, at=timezone.now()).outbox_entry
    sink = Sink().start()
    try:
        settings.SMTP_URL = sink.url
        send(other.pk, at=timezone.now())  # the first that gets through
        for _ in range(2):
            send_due(at=timezone.now())
    finally:
        sink.stop()

    said = [str(one.get_payload()).strip().splitlines()[0] for one in sink.letters]
    assert said == ["other", "0", "1", "2"]


def test_a_reply_that_is_sent_again_is_tried_for_two_days_anew(
    message: Message, cast: Cast, settings: Settings
) -> None:
    through(free_port(), settings)
    later = NOON + GIVE_UP_AFTER + MINUTE
    assert through(free_port(), settings, at=later).state == State.FAILED

    resend(message, by=cast.jonas, at=later)

    for at in (later, later + GIVE_UP_AFTER - MINUTE):
        entry = through(free_port(), settings, at=at)
        assert (entry.state, entry.reason) == (State.QUEUED, Reason.UNREACHABLE)
    assert through(free_port(), settings, at=later + GIVE_UP_AFTER + MINUTE).state == State.FAILED


def test_two_days_begin_when_there_is_a_server(message: Message, settings: Settings) -> None:
    assert send(message.outbox_entry.pk, at=NOON)  # which finds none

    entry = through(free_port(), settings, at=NOON + GIVE_UP_AFTER + MINUTE)

    assert (entry.state, entry.reason) == (State.QUEUED, Reason.UNREACHABLE)


@pytest.mark.parametrize("point", ["greeting", "MAIL", "RCPT", "DATA"])
def test_f07_a_server_that_hangs_up_before_the_dot_is_tried_again(
    message: Message, settings: Settings, point: str
) -> None:
    with breaking(point) as talk:
        entry = through(talk.port, settings)
    assert entry.state == State.QUEUED

    sink = Sink().start()
    try:
        entry = through(sink.port, settings, at=entry.due_at)
    finally:
        sink.stop()
    assert entry.state == State.ACCEPTED
    assert [letter["Message-ID"] for letter in sink.letters] == [message.message_id]


def test_f07_a_server_that_hangs_up_after_the_dot_may_have_it_and_no_machine_sends_again(
    message: Message, settings: Settings
) -> None:
    with breaking("dot") as talk:
        entry = through(talk.port, settings)
        assert talk.got_the_dot
    assert (entry.state, entry.reason) == (State.UNKNOWN, Reason.NO_ANSWER)

    sink = Sink().start()
    try:
        for days in range(5):
            entry = through(sink.port, settings, at=NOON + timedelta(days=days))
    finally:
        sink.stop()
    assert entry.state == State.UNKNOWN
    assert sink.letters == []


SEND = """
from hospes.conversations.actions.sending import send_due
from tests.cast import NOON
send_due(at=NOON)
"""


@pytest.mark.parametrize(
    ("point", "state", "letters_taken"),
    [
        ("sending.before_dot", State.ACCEPTED, 1),
        (
            "sending.after_dot",
            State.UNKNOWN,
            0,
        ),  # the dot was noted and never sent: nobody can know
        ("sending.after_answer", State.UNKNOWN, 1),
    ],
)
def test_f07_a_sender_that_is_killed_never_sends_twice(
    message: Message, settings: Settings, point: str, state: str, letters_taken: int
) -> None:
    sink = Sink().start()
    try:
        assert apart.run(SEND, crash_at=point, HOSPES_SMTP_URL=sink.url) == -9
        for minutes in range(3):
            entry = through(sink.port, settings, at=NOON + minutes * MINUTE)
    finally:
        sink.stop()

    assert entry.state == state
    assert len(sink.letters) == letters_taken


@pytest.mark.parametrize("point", ["greeting", "MAIL", "RCPT", "DATA", "dot"])
def test_f07_a_sender_killed_at_any_word_of_the_talk_sends_at_most_once(
    message: Message, settings: Settings, point: str
) -> None:
    """Killed before the dot, it is sent by the next one; killed when the server has it all, by nobody."""
    begun: list[int] = []

    def kill() -> None:
        os.kill(wait_until(lambda: begun, why="it is known which process")[0], signal.SIGKILL)

    with breaking(point, then=kill) as talk:
        sender = apart.start(SEND, HOSPES_SMTP_URL=f"smtp://127.0.0.1:{talk.port}")
        begun.append(sender.pid)
        sender.communicate(timeout=60)
    assert sender.returncode == -signal.SIGKILL

    sink = Sink().start()
    try:
        for minutes in range(3):
            entry = through(sink.port, settings, at=NOON + minutes * MINUTE)
    finally:
        sink.stop()

    assert talk.got_the_dot == (point == "dot")
    assert entry.state == (State.UNKNOWN if talk.got_the_dot else State.ACCEPTED)
    assert len(sink.letters) == (0 if talk.got_the_dot else 1)


def test_f20_a_letter_that_breaks_the_sender_is_not_left_sending(
    message: Message, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_entry: OutboxEntry) -> None:
        raise ValueError("no such header")

    monkeypatch.setattr(letters, "letter", broken)
    entry = through(free_port(), settings)

    assert (entry.state, entry.reason) == (State.FAILED, Reason.BROKEN)
    assert "no such header" in entry.answer


def test_a_letter_whose_file_is_gone_is_not_sent(cast: Cast, settings: Settings) -> None:
    reply(
        asked(cast), text="x", by=cast.mina, at=NOON, files=[OutboundFile("a", "x/y", b"only here")]
    )  # fmt: skip
    sha256 = store.put(b"only here")
    store.path_of(sha256).unlink()

    assert through(free_port(), settings).reason == Reason.BROKEN


# What an agent can do -----------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.FAILED, State.UNKNOWN, State.BOUNCED])
def test_what_did_not_arrive_can_be_sent_again(
    message: Message, cast: Cast, settings: Settings, state: str
) -> None:
    OutboxEntry.objects.update(state=state, stage="after_dot", reason="refused", attempts=9)

    entry = resend(message, by=cast.jonas, at=NOON)

    assert (entry.state, entry.reason, entry.stage) == (State.QUEUED, "", "before_dot")
    assert not entry.may_be_unsent(NOON)
    sink = Sink().start()
    try:
        assert through(sink.port, settings).state == State.ACCEPTED
    finally:
        sink.stop()
    assert [letter["Message-ID"] for letter in sink.letters] == [message.message_id]


def test_what_did_not_arrive_can_be_sent_to_another_address(
    message: Message, cast: Cast, settings: Settings
) -> None:
    OutboxEntry.objects.update(state=State.BOUNCED, reason="no_such_address")
    participants = message.conversation.participant_ids

    resend(message, by=cast.jonas, at=NOON, to=[Address("Aiko", "aiko@new.example")])

    sink = Sink().start()
    try:
        assert through(sink.port, settings).state == State.ACCEPTED
    finally:
        sink.stop()
    assert [letter["To"] for letter in sink.letters] == ["Aiko <aiko@new.example>"]
    after = Message.objects.get(pk=message.pk)
    new = Identity.objects.get(value="aiko@new.example")
    assert after.identity == new  # whose answers and bounces these are now
    conversation = Conversation.objects.get()
    assert conversation.participant_ids == sorted([*participants, new.pk])
    assert conversation.customer == cast.aiko
    note = Note.objects.get()
    assert (note.agent, "aiko@new.example" in note.text) == (cast.jonas, True)


@pytest.mark.parametrize("to", [[], [Address("", "nobody at all")]])
def test_a_letter_is_not_sent_to_nobody(message: Message, cast: Cast, to: list[Address]) -> None:
    OutboxEntry.objects.update(state=State.FAILED)

    with pytest.raises(Refused):
        resend(message, by=cast.jonas, at=NOON, to=to)

    assert OutboxEntry.objects.get().state == State.FAILED


@pytest.mark.parametrize("state", [State.QUEUED, State.SENDING, State.ACCEPTED, State.DELIVERED])
def test_what_is_on_its_way_or_there_is_not_sent_again(
    message: Message, cast: Cast, state: str
) -> None:
    OutboxEntry.objects.update(state=state)

    with pytest.raises(Refused, match="needs no second try"):
        resend(message, by=cast.mina, at=NOON)


def test_an_agent_who_knows_says_that_it_arrived(message: Message, cast: Cast) -> None:
    with pytest.raises(Refused, match="known already"):
        settle_as_sent(message, by=cast.mina, at=NOON)
    OutboxEntry.objects.update(state=State.UNKNOWN, reason=Reason.NO_ANSWER)

    assert settle_as_sent(message, by=cast.mina, at=NOON).state == State.ACCEPTED
    assert happened(message.conversation)[-1] == "DeliveryChanged"


def test_who_does_not_work_there_decides_nothing(message: Message, cast: Cast) -> None:
    OutboxEntry.objects.update(state=State.UNKNOWN)
    for decide in (resend, settle_as_sent):
        with pytest.raises(Refused, match="you do not work in"):
            decide(message, by=cast.vera, at=NOON)


def test_what_waited_for_a_server_goes_when_there_is_one(
    message: Message, settings: Settings
) -> None:
    for minutes in range(3):
        send(OutboxEntry.objects.get().pk, at=NOON + minutes * MINUTE)
    entry = OutboxEntry.objects.get()
    assert (entry.state, entry.reason, entry.attempts) == (State.QUEUED, Reason.NO_SERVER, 0)
    assert states() == ["queued"]

    assert release_waiting(at=NOON) == 1
    sink = Sink().start()
    try:
        assert through(sink.port, settings).state == State.ACCEPTED
    finally:
        sink.stop()


def test_a_reply_is_not_sent_while_it_can_be_taken_back(cast: Cast, settings: Settings) -> None:
    settings.UNDO_SECONDS = 10
    reply(asked(cast), text="x", by=cast.mina, at=NOON)
    entry = OutboxEntry.objects.get()

    assert not send(entry.pk, at=NOON + timedelta(seconds=9))
    assert send_due(at=NOON + timedelta(seconds=9)) == 0
    assert send(entry.pk, at=NOON + timedelta(seconds=10))
