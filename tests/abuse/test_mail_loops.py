"""Loops, bounces and bombs: what machines write, each against its whole class."""

from __future__ import annotations

import re
from email.message import Message as Letter
from email.parser import BytesParser
from email.policy import SMTP

import pytest
from django.test import Client
from django.urls import reverse

from hospes.channels.models import Channel
from hospes.conversations import letters
from hospes.conversations.actions.replying import reply
from hospes.conversations.models import Conversation, OutboxEntry
from hospes.intake.counters import counters
from hospes.intake.models import HeldRaw, HeldReason
from hospes.intake.tests.test_reports import bounce
from hospes.people.models import Identity
from tests.arriving import arrive, as_sent, shown
from tests.cast import NOON, Cast
from tests.mail import letter

AIKO = "aiko@example.jp"
State = OutboxEntry.State


def answered(cast: Cast) -> tuple[Conversation, Letter]:
    """Return a conversation that we answered, and the answer as the customer has it."""
    conversation = shown(cast, letter(AIKO)).conversation
    ours = as_sent(reply(conversation, text="A new seal.", by=cast.mina, at=NOON))
    OutboxEntry.objects.update(state=State.ACCEPTED)
    return conversation, ours


HUMAN = ["no", "No", "NO", "no ", "no; x=y", "no (by hand)", "(who knows) no"]
MACHINE = ["auto-replied", "Auto-Replied", "auto-generated; x", "auto-notified", "yes", "auto-replied (vacation)"]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("value", [*HUMAN, *MACHINE])
def test_b03_a_mail_that_says_no_machine_wrote_it_is_a_persons(cast: Cast, value: str) -> None:
    message = shown(cast, f"Auto-Submitted: {value}\r\n".encode() + letter(AIKO))

    assert message.is_automatic is (value in MACHINE)
    assert (message.conversation.waiting_since is None) is (value in MACHINE)


@pytest.mark.django_db
class TestB05:
    """Our own letter comes back to our own mailbox."""

    @pytest.mark.parametrize("verified", [True, False])
    @pytest.mark.parametrize("way", ["as it is", "by a list", "with others' loop marks"])
    def test_opens_nothing_and_is_seen(self, cast: Cast, verified: bool, way: str) -> None:
        _, ours = answered(cast)
        before = counters()
        body = ours.as_bytes()
        if way == "by a list":
            body = b"List-Id: <all.lists.example>\r\nSender: all@lists.example\r\n" + body
        if way == "with others' loop marks":
            body = b"X-Hospes-Loop: 00000000-0000-0000-0000-000000000000\r\n" + body
        if verified:
            body = b"Authentication-Results: mx.kaldera.example; dmarc=pass header.from=kaldera.example\r\n" + body  # fmt: skip

        arrive(cast, body)

        assert HeldRaw.objects.get().reason == HeldReason.OUR_OWN
        assert (counters().shown, counters().held) == (before.shown, 1)
        assert OutboxEntry.objects.count() == 1
        client = Client()
        client.force_login(cast.jonas)
        assert "We sent it ourselves" in client.get(reverse("settings_mail")).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("path", [b"Return-Path: <>\r\n", b"", b"Return-Path:<>\r\nAuto-Submitted: auto-replied\r\n"])  # fmt: skip
def test_b07_a_bounce_is_told_with_the_letter_it_is_about(cast: Cast, path: bytes) -> None:
    conversation, ours = answered(cast)

    report = shown(cast, path + bounce(ours))

    assert report.conversation == conversation
    assert OutboxEntry.objects.get().state == State.BOUNCED
    assert OutboxEntry.objects.count() == 1
    assert Conversation.objects.count() == 1
    arrive(cast, path + bounce(ours) + b"\r\n")  # once more, and nothing more follows
    assert OutboxEntry.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["Cc", "To", "Bcc", "Reply-To", "Resent-Cc"])
@pytest.mark.parametrize("count", [500, 5000])
def test_b09_a_flood_of_people_in_copy_makes_nobody_write_to_them(
    cast: Cast, field: str, count: int
) -> None:
    people = ",\r\n ".join(f"c{number}@corp.example" for number in range(count))
    message = shown(cast, f"{field}: {people}\r\n".encode() + letter(AIKO))

    assert len(message.conversation.participant_ids) == 1
    assert not Identity.objects.filter(value__endswith="@corp.example").exists()
    written = reply(message.conversation, text="Yes.", by=cast.mina, at=NOON)
    sent = letters.letter(written.outbox_entry)
    assert [one.address for one in (*sent.to, *sent.cc)] == [AIKO]
    assert len(letters.ways_of(message.conversation).proposed.cc) <= 40
    client = Client()
    client.force_login(cast.mina)
    page = client.get(reverse("conversation", args=[message.conversation.reference]))
    named = re.findall(r"c\d+@corp.example", page.content.decode().partition("mail-details")[0])
    assert len(set(named)) <= 40


def forged(ours: Letter, message_id: str) -> bytes:
    copy = as_sent_copy(ours)
    del copy["Message-ID"]
    if message_id:
        copy["Message-ID"] = message_id
    return bounce(copy)


def as_sent_copy(ours: Letter) -> Letter:

    return BytesParser(policy=SMTP).parsebytes(ours.as_bytes())


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changed",
    [
        lambda known: "",
        lambda known: "<made.up@kaldera.example>",
        lambda known: known.replace("<", "<0", 1),
        lambda known: known.replace(".", ".a", 1),
        lambda known: known[:-20] + "aaaa@kaldera.example>",
        lambda known: known.upper().replace("@", "x@"),
    ],
)
def test_b11_a_forged_bounce_takes_nobodys_address_away(cast: Cast, changed: object) -> None:
    _, ours = answered(cast)

    for turn in range(3):
        report = forged(ours, changed(str(ours["Message-ID"])))  # type: ignore[operator]
        arrive(cast, report + b"\r\n" * turn)

    assert OutboxEntry.objects.get().state == State.ACCEPTED
    assert Identity.objects.get(value=AIKO).hard_bounces == 0


@pytest.mark.django_db
@pytest.mark.parametrize("to", ["b+1.1.aaaaaaaaaaaaaaaaaa", "b+1.1.", "b+999.1.aaaaaaaaaaaaaaaaaa", "b"])  # fmt: skip
def test_b11_a_bounce_address_that_is_not_signed_says_nothing(cast: Cast, to: str) -> None:
    Channel.objects.update(reply_domain="reply.kaldera.example")
    _, ours = answered(cast)

    arrive(cast, forged(ours, ""), to=f"{to}@reply.kaldera.example")

    assert OutboxEntry.objects.get().state == State.ACCEPTED
    assert Identity.objects.get(value=AIKO).hard_bounces == 0


def receipt(message_id: str) -> bytes:
    """Return what a mail program writes when a letter was opened (RFC 8098)."""
    return (
        f"From: {AIKO}\r\nSubject: Read: A question\r\n"
        'Content-Type: multipart/report; report-type=disposition-notification; boundary="x"\r\n\r\n'
        "--x\r\nContent-Type: text/plain\r\n\r\nIt was displayed.\r\n"
        "--x\r\nContent-Type: message/disposition-notification\r\n\r\nReporting-UA: mail\r\n"
        f"Final-Recipient: rfc822;{AIKO}\r\nOriginal-Message-ID: {message_id}\r\n"
        "Disposition: manual-action/MDN-sent-manually; displayed\r\n--x--\r\n"
    ).encode()


@pytest.mark.django_db
class TestB15:
    def test_a_receipt_for_a_letter_of_ours_is_no_matter_of_its_own(self, cast: Cast) -> None:
        conversation, ours = answered(cast)
        Conversation.objects.update(closed_at=NOON, waiting_since=None)

        told = shown(cast, receipt(str(ours["Message-ID"])))

        assert told.conversation == conversation
        assert told.is_automatic
        now = Conversation.objects.get()
        assert not now.is_open
        assert now.waiting_since is None
        assert OutboxEntry.objects.get().state == State.DELIVERED
        assert Identity.objects.get(value=AIKO).hard_bounces == 0
        client = Client()
        client.force_login(cast.mina)
        page = client.get(reverse("conversation", args=[conversation.reference])).content.decode()
        assert f"The mail program of <bdi>{AIKO}</bdi> says that the reply was displayed." in page
        assert "A mail server reported" not in page

    def test_a_receipt_for_what_was_never_displayed_says_no_such_thing(self, cast: Cast) -> None:
        _, ours = answered(cast)
        said = receipt(str(ours["Message-ID"])).replace(b"; displayed", b"; deleted")

        told = shown(cast, said)

        assert told.extras == {"report": "read"}
        assert OutboxEntry.objects.get().state == State.ACCEPTED

    @pytest.mark.parametrize("message_id", ["<somebody@else.example>", "", "<<>>"])
    def test_a_receipt_for_anything_else_is_put_aside(self, cast: Cast, message_id: str) -> None:
        raw_id = arrive(cast, receipt(message_id))

        assert HeldRaw.objects.exclude(put_aside_at=None).get().pk == raw_id
        assert not Conversation.objects.exists()
        assert not OutboxEntry.objects.exists()
