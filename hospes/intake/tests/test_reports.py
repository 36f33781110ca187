"""What mail servers report of our letters, and what becomes of the addresses they come back from."""

from __future__ import annotations

from email.message import Message as Letter

import pytest
from pytest_django import Settings

from hospes.channels.models import Channel
from hospes.conversations import letters
from hospes.conversations.actions.delivering import resend
from hospes.conversations.actions.replying import reply
from hospes.conversations.actions.sending import send
from hospes.conversations.models import Conversation, OutboxEntry
from hospes.events.models import Event
from hospes.intake.actions.deciding import take_back
from hospes.intake.boxes import ASIDE, WAITING, box_of
from hospes.intake.models import HeldRaw, HeldReason
from hospes.people.models import Identity
from tests.arriving import arrive, as_sent, shown
from tests.cast import NOON, Cast
from tests.mail import letter

AIKO = "aiko@example.jp"


@pytest.fixture
def signed_addresses(cast: Cast) -> None:
    Channel.objects.filter(pk=cast.channel.pk).update(reply_domain="reply.kaldera.example")


def answered(cast: Cast, conversation: Conversation) -> Letter:
    """Return our answer as the customer gets it."""
    return as_sent(reply(conversation, text="A new seal.", by=cast.mina, at=NOON))


def bounce(ours: Letter, *, action: str = "failed", status: str = "5.1.1") -> bytes:
    """Return what a mail server writes that could not deliver our letter."""
    return (
        "From: Mail Delivery System <mailer-daemon@mx.example.jp>\r\nSubject: Undelivered\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="x"\r\n\r\n'
        "--x\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; mx.example.jp\r\n\r\nFinal-Recipient: rfc822; {AIKO}\r\nAction: {action}\r\n"
        f"Status: {status}\r\nDiagnostic-Code: smtp; 550 no such user\r\n"
        f"--x\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {ours['Message-ID']}\r\n--x--\r\n"
    ).encode()


def entry() -> OutboxEntry:
    return OutboxEntry.objects.get()


def test_a_bounce_says_not_delivered_and_why(cast: Cast) -> None:
    first = shown(cast, letter(AIKO))
    ours = answered(cast, first.conversation)

    report = shown(cast, bounce(ours))

    assert entry().state == OutboxEntry.State.BOUNCED
    assert "550 no such user" in entry().answer
    assert report.conversation == first.conversation
    assert report.is_automatic
    conversation = Conversation.objects.get(pk=first.conversation_id)
    assert conversation.waiting_since is None
    assert report.identity_id not in conversation.participant_ids
    assert Event.objects.filter(kind="DeliveryChanged", data__state="bounced").count() == 1

    arrive(cast, bounce(ours) + b"again")
    assert Event.objects.filter(kind="DeliveryChanged").count() == 1


def test_a_bounce_finds_its_letter_by_the_address_it_came_to(
    cast: Cast, signed_addresses: None
) -> None:
    first = shown(cast, letter(AIKO))
    ours = answered(cast, first.conversation)
    ours.replace_header("Message-ID", "<unknown@example>")
    to = letters.letter(entry()).envelope_from

    assert shown(cast, bounce(ours), to=to).conversation == first.conversation
    assert entry().state == OutboxEntry.State.BOUNCED


QMAIL = """Hi. This is the qmail-send program at mx.example.jp.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<aiko@example.jp>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <{path}>
Message-ID: {message_id}

Mail for 203.0.113.5.
"""
LATE = """A message that you sent has not yet been delivered to one or more of its recipients.

  aiko@example.jp
    host mx.example.jp [203.0.113.4]: 451 4.7.1 Greylisted

The server will retry.
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (QMAIL, (OutboxEntry.State.BOUNCED, OutboxEntry.Reason.NO_SUCH_ADDRESS)),
        (LATE, (OutboxEntry.State.ACCEPTED, OutboxEntry.Reason.DELAYED)),
        ("Es ging nicht.", (OutboxEntry.State.BOUNCED, OutboxEntry.Reason.BOUNCED)),
    ],
)
def test_a_bounce_in_words_alone_finds_its_letter_by_the_address_it_came_to(
    cast: Cast, signed_addresses: None, text: str, expected: tuple[str, str]
) -> None:
    first = shown(cast, letter(AIKO))
    ours = answered(cast, first.conversation)
    OutboxEntry.objects.update(state=OutboxEntry.State.ACCEPTED)
    path = letters.letter(entry()).envelope_from
    told = text.format(path=path, message_id=ours["Message-ID"])
    body = f"From: MAILER-DAEMON@mx.example.jp\r\nSubject: failure notice\r\n\r\n{told}".encode()

    report = shown(cast, body, to=path)

    assert (entry().state, entry().reason) == expected
    assert report.conversation == first.conversation
    assert report.extras == {"report": True}
    assert (identity().hard_bounces == 1) is (text == QMAIL)


def test_a_bounce_that_says_it_answers_automatically_is_one_all_the_same(
    cast: Cast, signed_addresses: None
) -> None:
    first = shown(cast, letter(AIKO))
    answered(cast, first.conversation)
    OutboxEntry.objects.update(state=OutboxEntry.State.ACCEPTED)
    body = (
        "From: postmaster@mx.example.jp\r\nSubject: Undeliverable\r\nAuto-Submitted: auto-replied\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\nユーザーが見つかりません {AIKO}\r\n"
    ).encode()

    report = shown(cast, body, to=letters.letter(entry()).envelope_from)

    assert report.conversation == first.conversation
    assert entry().state == OutboxEntry.State.BOUNCED


@pytest.mark.parametrize("is_in_words", [True, False])
def test_a_bounce_of_a_letter_that_nobody_knows_is_put_aside_and_can_be_taken_back(
    cast: Cast, is_in_words: bool
) -> None:
    ours = Letter()
    ours["Message-ID"] = "<unknown@example>"
    told = QMAIL.format(path="x@kaldera.example", message_id="<unknown@example>")
    words = f"From: MAILER-DAEMON@mx.example.jp\r\nSubject: failure notice\r\n\r\n{told}"

    raw_id = arrive(cast, words.encode() if is_in_words else bounce(ours))

    assert not Conversation.objects.exists()
    held = HeldRaw.objects.get(pk=raw_id)
    assert (held.reason, box_of(held)) == (HeldReason.LOST_REPORT, ASIDE)
    assert box_of(take_back(held)) == WAITING


def test_words_of_a_machine_that_came_to_another_address_report_nothing(
    cast: Cast, signed_addresses: None
) -> None:
    first = shown(cast, letter(AIKO))
    answered(cast, first.conversation)
    body = b"From: postmaster@mx.example.jp\r\nSubject: Sorry\r\n\r\nHow are you?"

    assert shown(cast, body).conversation != first.conversation
    assert entry().state == OutboxEntry.State.QUEUED


def test_a_machine_that_answers_for_the_customer_at_the_bounce_address_is_no_bounce(
    cast: Cast, signed_addresses: None
) -> None:
    first = shown(cast, letter(AIKO))
    answered(cast, first.conversation)
    body = f"Return-Path: <>\r\nFrom: {AIKO}\r\nSubject: Away\r\n\r\nI am on holiday.".encode()

    told = shown(cast, body, to=letters.letter(entry()).envelope_from)

    assert told.conversation == first.conversation
    assert told.is_automatic
    assert entry().state == OutboxEntry.State.QUEUED


REPORTED = [
    (("failed", "5.1.1"), (OutboxEntry.State.BOUNCED, OutboxEntry.Reason.NO_SUCH_ADDRESS)),
    (("failed", "5.2.2"), (OutboxEntry.State.BOUNCED, OutboxEntry.Reason.MAILBOX_FULL)),
    (("failed", "5.3.4"), (OutboxEntry.State.BOUNCED, OutboxEntry.Reason.TOO_LARGE)),
    (("failed", "5.7.1"), (OutboxEntry.State.BOUNCED, OutboxEntry.Reason.UNWANTED)),
    (("failed", "4.4.7"), (OutboxEntry.State.BOUNCED, OutboxEntry.Reason.BOUNCED)),
    (("delayed", "4.4.1"), (OutboxEntry.State.ACCEPTED, OutboxEntry.Reason.DELAYED)),
    (("delivered", "2.0.0"), (OutboxEntry.State.DELIVERED, "")),
    (("relayed", "2.0.0"), (OutboxEntry.State.ACCEPTED, "")),
    (("nonsense", "?"), (OutboxEntry.State.ACCEPTED, "")),
]


@pytest.mark.parametrize(("said", "expected"), REPORTED)
def test_a_report_is_told_in_plain_words(
    cast: Cast, said: tuple[str, str], expected: tuple[str, str]
) -> None:
    ours = answered(cast, shown(cast, letter(AIKO)).conversation)
    OutboxEntry.objects.update(state=OutboxEntry.State.ACCEPTED)

    arrive(cast, bounce(ours, action=said[0], status=said[1]))

    assert (entry().state, entry().reason) == expected


@pytest.mark.parametrize(
    ("action", "state"),
    [("failed", "bounced"), ("delayed", "accepted"), ("relayed", "accepted"), ("delivered", "delivered")],
)  # fmt: skip
def test_a_report_answers_whether_a_reply_was_sent(cast: Cast, action: str, state: str) -> None:
    ours = answered(cast, shown(cast, letter(AIKO)).conversation)
    OutboxEntry.objects.update(state=OutboxEntry.State.UNKNOWN, reason=OutboxEntry.Reason.NO_ANSWER)

    arrive(cast, bounce(ours, action=action, status="5.1.1"))

    assert entry().state == state


def test_what_arrives_after_a_delay_waits_no_more(cast: Cast) -> None:
    ours = answered(cast, shown(cast, letter(AIKO)).conversation)
    OutboxEntry.objects.update(state=OutboxEntry.State.ACCEPTED)

    arrive(cast, bounce(ours, action="delayed", status="4.4.1"))
    arrive(cast, bounce(ours, action="delivered", status="2.0.0"))

    assert (entry().state, entry().reason) == (OutboxEntry.State.DELIVERED, "")


# Addresses that mail comes back from ---------------------------------------------------------


def identity() -> Identity:
    return Identity.objects.get(value=AIKO)


def returned_twice(cast: Cast, *, status: str = "5.1.1") -> None:
    """Answer a customer twice and let both letters come back to their own addresses."""
    conversation = shown(cast, letter(AIKO)).conversation
    for turn in range(2):
        ours = answered(cast, conversation)
        newest = OutboxEntry.objects.order_by("-pk").first()
        assert newest is not None
        to = letters.letter(newest).envelope_from
        arrive(cast, bounce(ours, status=status) + b"%d" % turn, to=to)


def test_an_address_that_mail_came_back_from_twice_gets_no_more(
    cast: Cast, signed_addresses: None, settings: Settings
) -> None:
    returned_twice(cast)

    assert identity().suppressed_at is not None
    answered(cast, Conversation.objects.get())
    settings.SMTP_URL = "smtp://127.0.0.1:9"  # nobody listens there, and nobody is asked
    latest = OutboxEntry.objects.order_by("-pk")[0]
    send(latest.pk, at=latest.due_at)
    latest.refresh_from_db()
    assert (latest.state, latest.reason) == ("failed", OutboxEntry.Reason.SUPPRESSED)

    resend(latest.message, by=cast.mina, at=NOON)
    assert identity().suppressed_at is None


@pytest.mark.parametrize("status", ["5.7.1", "5.2.2", "4.4.7"])
def test_a_letter_that_was_not_liked_says_nothing_of_the_address(
    cast: Cast, signed_addresses: None, status: str
) -> None:
    returned_twice(cast, status=status)

    assert identity().suppressed_at is None


def test_a_report_to_the_mailbox_itself_suppresses_nobody(cast: Cast) -> None:
    conversation = shown(cast, letter(AIKO)).conversation
    for turn in range(3):
        arrive(cast, bounce(answered(cast, conversation)) + b"%d" % turn)

    assert identity().suppressed_at is None


def test_a_proven_mail_of_the_customer_lets_mail_go_there_again(
    cast: Cast, signed_addresses: None
) -> None:
    returned_twice(cast)

    arrive(cast, letter(AIKO, text="I moved"))

    assert (identity().suppressed_at, identity().hard_bounces) == (None, 0)


def test_a_forged_bounce_changes_nothing(cast: Cast) -> None:
    first = shown(cast, letter(AIKO))
    ours = answered(cast, first.conversation)
    ours.replace_header("Message-ID", str(ours["Message-ID"]).replace("<", "<0", 1))

    raw_id = arrive(cast, bounce(ours))

    assert entry().state == OutboxEntry.State.QUEUED
    assert HeldRaw.objects.get().pk == raw_id
