"""What becomes of everything that came in."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from hospes.channels.email.child import ParserChild
from hospes.channels.models import Channel
from hospes.conversations.models import Attachment, Conversation, Message
from hospes.events.models import Event, PendingEvent
from hospes.files import store
from hospes.intake.actions import deciding
from hospes.intake.actions.claiming import (
    claim,
    give_back_untried,
    release_dead_claims,
)
from hospes.intake.actions.deciding import let_in, try_again
from hospes.intake.actions.filing import store_missing_files
from hospes.intake.actions.understanding import MAX_ATTEMPTS, understand_batch
from hospes.intake.counters import counters
from hospes.intake.desk import DeskView, load_desk
from hospes.intake.models import HeldRaw, HeldReason, PendingRaw, QuarantinedRaw
from hospes.lib.locks import Lock
from hospes.lib.refusal import Refused
from hospes.people.models import Customer, Identity
from tests import apart
from tests.arriving import (
    ParserHere,
    arrive,
    arrive_together,
    come_in,
    conversations_of,
    message_of,
    shown,
    understand,
)  # fmt: skip
from tests.cast import NOON, Cast
from tests.mail import letter
from tests.without_room import without_room

AIKO = "佐藤 愛子 <aiko@example.jp>"


def assert_nothing_is_lost() -> None:
    """Every raw is exactly one of shown, held, quarantined and pending."""
    now = counters()
    assert now.is_balanced, now
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.id FROM intake_raw r"
            " LEFT JOIN conversations_message m ON m.raw_id = r.id"
            " LEFT JOIN intake_heldraw h ON h.raw_id = r.id"
            " LEFT JOIN intake_quarantinedraw q ON q.raw_id = r.id"
            " LEFT JOIN intake_pendingraw p ON p.raw_id = r.id"
            " WHERE num_nonnulls(m.id, h.raw_id, q.raw_id, p.raw_id) <> 1"
        )
        assert cursor.fetchall() == []


# One mail ------------------------------------------------------------------------------------


def test_a_mail_becomes_a_message_in_a_conversation_of_its_customer(cast: Cast) -> None:
    message = shown(cast, letter(AIKO, subject="水漏れ", text="タンクから水が漏れます。"))

    conversation = message.conversation
    assert (message.subject, message.text.strip()) == ("水漏れ", "タンクから水が漏れます。")
    assert (message.from_name, message.from_address) == ("佐藤 愛子", "aiko@example.jp")
    assert (message.is_verified, message.is_automatic, message.at) == (True, False, NOON)
    assert conversation.customer == cast.aiko
    assert conversation.queue == cast.care
    assert conversation.language == "ja"
    assert conversation.waiting_since == conversation.opened_at == NOON
    assert conversation.reference.startswith("H-")
    assert (conversation.message_count, conversation.last_message_id) == (1, message.pk)
    assert_nothing_is_lost()


def test_what_happened_is_recorded_once(cast: Cast) -> None:
    message = shown(cast, letter(AIKO))

    (event,) = Event.objects.all()
    assert event.kind == "MessageReceived"
    assert event.data == {"message_id": message.pk, "is_first": True, "machine": ""}
    assert PendingEvent.objects.filter(event=event).exists()


def test_an_unknown_address_becomes_a_customer(cast: Cast) -> None:
    message = shown(cast, letter("Mette Lund <Mette@Example.DK>", verified=False))

    customer = message.conversation.customer
    assert customer.display_name == "Mette Lund"
    identity = customer.identities.get()
    assert (identity.value, identity.is_verified) == ("mette@example.dk", False)


def test_files_are_kept_with_their_message(cast: Cast) -> None:
    message = shown(cast, letter(AIKO, files=[("../../tank.png", "image/png", b"png")]))

    (file,) = Attachment.objects.filter(message=message)
    assert "/" not in file.name
    assert (file.size_bytes, file.content_type) == (3, "image/png")


def test_what_a_machine_wrote_makes_nobody_wait(cast: Cast) -> None:
    body = letter(AIKO).replace(b"Subject:", b"Auto-Submitted: auto-replied\r\nSubject:", 1)

    message = shown(cast, body)

    assert message.is_automatic
    assert message.conversation.waiting_since is None


# A batch -------------------------------------------------------------------------------------


def statements(cast: Cast, *bodies: bytes) -> int:
    come_in(cast.channel, *bodies)
    desk, parser = load_desk(), ParserHere()
    with CaptureQueriesContext(connection) as asked:
        assert understand_batch(parser=parser, worker_id=1, at=NOON, desk=desk) == len(bodies)
    return len([one for one in asked if "SAVEPOINT" not in (one["sql"] or "")])


def test_a_lone_mail_takes_few_statements(cast: Cast) -> None:
    assert statements(cast, letter(AIKO)) <= 10


def test_a_batch_takes_as_few_statements_whatever_its_length(cast: Cast) -> None:
    known = [shown(cast, letter(f"c{number}@example.com")) for number in range(3)]

    def batch(size: int) -> list[bytes]:
        mails = [
            letter(f"new{size}.{n}@example.com", files=[("a", "text/x", b"x")]) for n in range(size)
        ]
        mails += [letter(one.from_address, text=f"{size}") for one in known]
        mails += [letter("a@x.example, b@x.example"), b"no mail %d" % size]  # both are held
        return mails

    few, many = statements(cast, *batch(2)), statements(cast, *batch(40))

    assert few == many <= 12
    assert_nothing_is_lost()


def test_many_bounces_in_a_batch_take_no_more_statements_than_one(cast: Cast) -> None:
    few, many = (
        statements(cast, *[_report(n) for n in range(1)]),
        statements(cast, *[_report(n) for n in range(9, 30)]),
    )

    assert few == many


def _report(number: int) -> bytes:
    return (
        b"From: mailer-daemon@example.net\r\nTo: support@kaldera.example\r\nSubject: Undelivered %d\r\n"
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n"
        b"--x\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        b"--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
        b"Final-Recipient: rfc822; aiko@example.jp\r\nAction: failed\r\nStatus: 5.1.1\r\n--x--\r\n"
        % number
    )


def test_a_report_that_names_no_sender_is_from_the_server_that_reports(cast: Cast) -> None:
    nameless = _report(1).replace(b"From: mailer-daemon@example.net\r\n", b"")
    whole = nameless.replace(b"dns; mx\r\n", b"dns; MX.example.net\r\n")
    hostile = nameless.replace(b"dns; mx\r\n", b"dns; <a@b>, c\r\n")

    arrive_together(cast, whole, hostile)

    reasons = dict(HeldRaw.objects.values_list("from_address", "reason"))
    assert reasons == {
        "mailer-daemon@mx.example.net": HeldReason.LOST_REPORT,
        "": HeldReason.NO_SENDER,
    }
    assert not Message.objects.exists()
    assert_nothing_is_lost()


def test_at_most_fifty_are_taken_at_once_oldest_first(cast: Cast) -> None:
    ids = come_in(cast.channel, *[letter(f"c{number}@example.com") for number in range(60)])

    assert [one.raw_id for one in claim(worker_id=1)] == ids[:50]
    assert [one.raw_id for one in claim(worker_id=2)] == ids[50:]
    assert claim(worker_id=3) == []


def test_a_few_large_mails_make_a_batch(cast: Cast) -> None:
    large = b"Subject: large\r\n\r\n" + b"x" * (20 * 2**20)
    ids = come_in(cast.channel, large, large + b"2", letter(AIKO))

    assert [one.raw_id for one in claim(worker_id=1)] == ids[:1]


def test_a_customer_who_writes_twice_in_a_batch_is_one_customer(cast: Cast) -> None:
    arrive_together(cast, letter("New <new@example.com>"), letter("NEW@example.com", text="again"))

    assert Customer.objects.filter(identities__value="new@example.com").count() == 1
    assert Identity.objects.filter(value="new@example.com").count() == 1


class Scripted:
    """A parser that gives what a child process gave, mail by mail."""

    def __init__(self, spoil: bytes, **changes: Any) -> None:
        self.spoil, self.changes = spoil, changes

    def parse_all(self, bodies: Sequence[bytes], *, priors: Any = ()) -> list[Any]:
        found = ParserHere().parse_all(bodies)
        for body, one in zip(bodies, found, strict=True):
            if self.spoil in body:
                for name, value in self.changes.items():
                    object.__setattr__(one, name, value)
        return found


@pytest.mark.parametrize(
    "changes",
    [
        {"text": "a\0b"},
        {"subject": "\ud800"},
        {"message_id": None},
        {"language": 7},
        {"html": "\0"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_one_mail_that_cannot_be_written_spoils_no_other(
    cast: Cast, changes: dict[str, Any]
) -> None:
    bodies = [letter(AIKO, text="good"), letter(AIKO, text="BAD ONE"), letter(AIKO, text="fine")]
    ids = come_in(cast.channel, *bodies)

    understand_batch(parser=Scripted(b"BAD ONE", **changes), worker_id=1, at=NOON, desk=load_desk())

    assert sorted(Message.objects.values_list("raw_id", flat=True)) == [ids[0], ids[2]]
    (quarantined,) = QuarantinedRaw.objects.all()
    assert quarantined.raw_id == ids[1]
    assert "could not be stored" in quarantined.error
    assert Event.objects.count() == 2
    assert_nothing_is_lost()


def test_mail_that_kills_the_reader_is_quarantined_and_the_others_are_shown(cast: Cast) -> None:
    deep = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(3000)
    )
    bodies = [
        letter(AIKO, text="before"),
        b"From: a@b.example\r\n" + deep,
        letter(AIKO, text="after"),
    ]
    ids = come_in(cast.channel, *bodies)

    with closing(ParserChild()) as parser:
        understand_batch(parser=parser, worker_id=1, at=NOON, desk=load_desk())

    assert QuarantinedRaw.objects.get().raw_id == ids[1]
    assert [message_of(raw_id).reply_text.strip() for raw_id in (ids[0], ids[2])] == [
        "before",
        "after",
    ]
    assert_nothing_is_lost()


# A worker that dies --------------------------------------------------------------------------


def attempts() -> list[int]:
    return list(PendingRaw.objects.order_by("pk").values_list("attempts", flat=True))


def test_what_a_dead_worker_had_is_given_back_and_what_a_living_one_has_is_not(cast: Cast) -> None:
    come_in(cast.channel, letter(AIKO), letter(AIKO, text="2"))
    claim(worker_id=4711, limit=1)
    claim(worker_id=4712, limit=1)
    url = psycopg.conninfo.make_conninfo(
        settings.DATABASE_URL, dbname=str(connection.settings_dict["NAME"])
    )
    with psycopg.connect(url, autocommit=True) as living:
        living.execute("SELECT pg_advisory_lock(%s, %s)", [Lock.WORKER, 4712])

        assert release_dead_claims() == 1

    assert list(PendingRaw.objects.order_by("pk").values_list("claimed_by", flat=True)) == [
        None,
        4712,
    ]


def test_what_is_given_back_untried_does_not_count(cast: Cast) -> None:
    come_in(cast.channel, letter(AIKO))
    claim(worker_id=9)

    give_back_untried(worker_id=9)

    assert attempts() == [0]
    assert len(claim(worker_id=8)) == 1


def test_a_mail_a_worker_died_of_is_taken_alone(cast: Cast) -> None:
    ids = come_in(cast.channel, *[letter(AIKO, text=str(number)) for number in range(4)])
    PendingRaw.objects.filter(pk=ids[2]).update(attempts=1)

    taken = [[one.raw_id for one in claim(worker_id=1)] for _ in range(4)]

    assert taken == [ids[:2], ids[2:3], ids[3:], []]


def test_a_mail_that_ends_every_worker_is_quarantined(cast: Cast) -> None:
    (raw_id,) = come_in(cast.channel, letter(AIKO))
    PendingRaw.objects.update(attempts=MAX_ATTEMPTS)

    understand()

    assert QuarantinedRaw.objects.get().raw_id == raw_id
    assert_nothing_is_lost()


UNDERSTAND = """
from hospes.intake.actions.understanding import understand_batch
from hospes.intake.desk import load_desk
from tests.arriving import ParserHere
from tests.cast import NOON
from hospes.lib.locks import Lock
understand_batch(parser=ParserHere(), worker_id=4711, at=NOON, desk=load_desk())
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("point", "is_done"),
    [
        ("intake.claimed", False),
        ("receiving.after_conversations", False),
        ("receiving.after_messages", False),
        ("receiving.before_events", False),
        ("intake.before_commit", False),
        ("intake.after_commit", True),
    ],
)
def test_f06_a_worker_killed_at_any_point_leaves_all_or_nothing(
    cast: Cast, point: str, is_done: bool
) -> None:
    ids = come_in(cast.channel, *[letter(AIKO, text=str(number)) for number in range(3)])

    assert apart.run(UNDERSTAND, crash_at=point) == -9

    assert_nothing_is_lost()
    assert Message.objects.count() == (3 if is_done else 0)
    assert Conversation.objects.count() == (3 if is_done else 0)
    assert release_dead_claims() in {0, 3}
    while understand():
        pass
    assert None not in conversations_of(ids)
    assert Event.objects.filter(kind="MessageReceived").count() == 3
    assert_nothing_is_lost()


def test_f10_a_database_without_room_is_no_mails_fault(cast: Cast) -> None:
    (raw_id,) = come_in(cast.channel, letter(AIKO))
    with without_room("conversations_message"):
        for _ in range(MAX_ATTEMPTS + 1):
            with pytest.raises(OperationalError):
                understand()
            give_back_untried(worker_id=1)

    assert_nothing_is_lost()
    understand()

    assert message_of(raw_id).from_address == "aiko@example.jp"


def test_f12_words_come_in_without_room_for_files_and_the_files_when_there_is(
    cast: Cast, settings: Settings, tmp_path: Path
) -> None:
    files = [("a.txt", "text/plain", b"the first"), ("b.txt", "text/plain", b"the second")]
    full = tmp_path / "full"
    full.mkdir()
    (full / "files").write_text("in the way of the folder: nothing can be stored")
    has_room, settings.DATA_DIR = settings.DATA_DIR, full

    message = shown(cast, letter(AIKO, files=files))
    tried = store_missing_files(parser=ParserHere(), at=NOON)
    settings.DATA_DIR = has_room
    stored = store_missing_files(parser=ParserHere(), at=NOON)

    assert message.reply_text == "Where is my parcel?"
    assert (tried, stored) == (0, 2)
    found = [(one.name, one.missing_since) for one in message.attachments.all()]
    assert found == [("a.txt", None), ("b.txt", None)]
    for one, (_, _, content) in zip(message.attachments.all(), files, strict=True):
        with store.open_stored(one.sha256) as file:
            assert file.read() == content
    assert_nothing_is_lost()


def test_a_desk_learns_of_a_new_channel_with_the_first_mail_for_it(cast: Cast) -> None:
    view = DeskView()
    assert set(view.now().channels) == {cast.channel.pk}
    added = Channel.objects.create(brand=cast.brand, name="New", address="new@kaldera.example")

    assert added.pk not in view.now().channels
    assert added.pk in view.now({added.pk}).channels


# Held, quarantined, decided ------------------------------------------------------------------


def test_a_held_mail_tells_enough_to_decide_and_makes_nothing(cast: Cast) -> None:
    arrive(cast, letter("a@x.example, b@x.example", subject="Both", text="One\n\ntwo"))

    held = HeldRaw.objects.get()
    assert held.reason == HeldReason.SEVERAL_SENDERS
    assert (held.from_address, held.subject, held.preview) == ("a@x.example", "Both", "One two")
    assert not Message.objects.exists()
    assert not Event.objects.exists()
    assert not Customer.objects.filter(identities__value="a@x.example").exists()
    assert_nothing_is_lost()


SPAM = b"X-Spam-Flag: YES\r\n" + letter("a@x.example", verified=False)


def test_a_held_mail_that_is_let_in_opens_a_conversation(cast: Cast) -> None:
    arrive(cast, SPAM)

    message = let_in(HeldRaw.objects.get(), parser=ParserHere(), at=NOON, join=False)

    assert message.from_address == "a@x.example"
    assert not message.is_verified
    assert not HeldRaw.objects.exists()
    assert_nothing_is_lost()


def test_only_the_first_decision_about_a_held_mail_counts(cast: Cast) -> None:
    arrive(cast, SPAM)
    held = HeldRaw.objects.get()
    let_in(held, parser=ParserHere(), at=NOON, join=False)

    with pytest.raises(Refused, match="decided about this mail already"):
        let_in(held, parser=ParserHere(), at=NOON, join=False)
    assert Message.objects.count() == 1


def test_a_mail_without_a_sender_cannot_be_let_in(cast: Cast) -> None:
    arrive(cast, b"Subject: nobody\r\n\r\nHello")

    with pytest.raises(Refused, match="names no sender"):
        let_in(HeldRaw.objects.get(), parser=ParserHere(), at=NOON, join=False)
    assert_nothing_is_lost()


def test_a_held_mail_whose_conversation_is_gone_opens_a_new_one(cast: Cast) -> None:
    arrive(cast, SPAM)
    HeldRaw.objects.update(conversation_id=999_999)

    message = let_in(HeldRaw.objects.get(), parser=ParserHere(), at=NOON, join=True)

    assert message.conversation_id != 999_999


def test_what_was_quarantined_is_read_again(cast: Cast) -> None:
    (raw_id,) = come_in(cast.channel, letter(AIKO))
    PendingRaw.objects.update(attempts=MAX_ATTEMPTS)
    understand()

    quarantined = QuarantinedRaw.objects.get()
    try_again(quarantined)
    try_again(quarantined)
    assert_nothing_is_lost()
    understand()

    assert message_of(raw_id).from_address == "aiko@example.jp"
    assert_nothing_is_lost()


def test_trying_again_what_was_understood_meanwhile_does_not_show_it_twice(cast: Cast) -> None:
    (raw_id,) = come_in(cast.channel, letter(AIKO))
    PendingRaw.objects.update(attempts=MAX_ATTEMPTS)
    understand()
    quarantined = QuarantinedRaw.objects.get()
    try_again(quarantined)
    understand()

    deciding.try_again(quarantined)
    assert understand() == 0
    assert Message.objects.filter(raw_id=raw_id).count() == 1


def test_conversations_are_numbered_without_telling_how_many_there_are(cast: Cast) -> None:
    arrive_together(cast, *[letter(f"c{number}@example.com") for number in range(30)])

    references = [one.reference for one in Conversation.objects.order_by("pk")]
    assert len(set(references)) == 30
    assert references != sorted(references)
