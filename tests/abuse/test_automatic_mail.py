"""What the desk sends by itself, and to whom never: each against its whole class."""

from __future__ import annotations

from datetime import timedelta
from email.message import Message as Letter
from email.utils import parseaddr

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from hospes.channels.email.child import ParserChild
from hospes.channels.models import Channel
from hospes.config.reactions import REACTIONS
from hospes.conversations import letters
from hospes.conversations.actions.closing import close
from hospes.conversations.events import AcknowledgementWithheld, Withheld
from hospes.conversations.models import Conversation, Message, OutboxEntry
from hospes.events.consuming import consume_batch
from hospes.events.models import Event
from hospes.intake.actions.blocking import block
from hospes.intake.actions.deciding import let_in
from hospes.intake.models import HeldRaw, HeldReason
from hospes.intake.tests.test_reports import bounce
from hospes.people.models import Identity
from tests.arriving import ParserHere, arrive, as_sent, come_in, message_of, shown, understand
from tests.cast import NOON, Cast
from tests.mail import letter

AIKO = "aiko@example.jp"
State = OutboxEntry.State

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _acknowledges(cast: Cast) -> None:
    """Let the support address tell customers that it has their letters."""
    Channel.objects.update(acknowledges=True, reply_domain="reply.kaldera.example")
    cast.channel.refresh_from_db()


def sent_by_itself() -> list[Message]:
    """Let everything follow that follows; return what the desk sent by itself."""
    while consume_batch(REACTIONS, at=NOON):
        pass
    found = Message.objects.filter(direction=Message.Direction.OUT, is_automatic=True)
    return list(found.select_related("conversation").order_by("pk"))


def noted(conversation: Conversation) -> list[str]:
    """Return why nothing left by itself, as its timeline says."""
    rows = Event.objects.filter(
        conversation_id=conversation.pk, kind=AcknowledgementWithheld.__name__
    )
    return [row.data["reason"] for row in rows.order_by("pk")]


# Who is answered ---------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["no", "No", "NO ", "no; x=y", "no (by hand)"])
def test_b03_a_person_whose_program_says_that_no_machine_wrote_is_answered(
    cast: Cast, value: str
) -> None:
    shown(cast, f"Auto-Submitted: {value}\r\n".encode() + letter(AIKO))
    assert len(sent_by_itself()) == 1


MACHINES = [
    "Auto-Submitted: auto-replied", "Auto-Submitted: AUTO-GENERATED (x)", "Auto-Submitted: yes", "X-Autoreply: yes",
    "X-Auto-Response-Suppress: All", "X-Auto-Response-Suppress: OOF, AutoReply", "Precedence: bulk", "Precedence: LIST",
    "Precedence: junk", "Precedence: auto_reply", "List-Id: <a.example>", "List-Unsubscribe: <https://a.example>",
    "Return-Path: <>", "Subject: Automatic reply: your parcel", "Subject: Abwesenheitsnotiz: Ihr Paket",
]  # fmt: skip


@pytest.mark.parametrize("field", MACHINES)
def test_b13_a_machine_that_says_so_is_never_answered(cast: Cast, field: str) -> None:
    message = shown(cast, f"{field}\r\n".encode() + letter(AIKO))

    assert message.is_automatic
    assert sent_by_itself() == []


@pytest.mark.parametrize(
    "sender",
    ["MAILER-DAEMON@example.jp", "postmaster@example.jp", "no-reply@example.jp", "owner-all@example.jp",
     "all-request@example.jp", "all-bounces@example.jp", "majordomo@example.jp", "LISTSERV@example.jp",
     "root@example.jp", "www-data@example.jp"],
)  # fmt: skip
@pytest.mark.parametrize("further", ["", f"Reply-To: {AIKO}\r\n"])
def test_b13_nobody_writes_to_an_address_that_a_program_reads(
    cast: Cast, sender: str, further: str
) -> None:
    shown(cast, further.encode() + letter(sender))
    assert sent_by_itself() == []


def test_b13_what_came_with_an_empty_envelope_is_not_answered(cast: Cast) -> None:
    come_in(cast.channel, letter(AIKO), peer="192.0.2.1", envelope_from="")
    come_in(cast.channel, letter("omar@example.sa"), peer="192.0.2.1", envelope_from=AIKO)
    understand()

    (written,) = sent_by_itself()
    assert written.to == [["", "omar@example.sa"]]


def test_b13_mail_that_is_fetched_late_is_not_answered(cast: Cast) -> None:
    old = f"Date: {NOON - timedelta(hours=25):%a, %d %b %Y %H:%M:%S +0000}\r\n"
    new = f"Date: {NOON - timedelta(hours=23):%a, %d %b %Y %H:%M:%S +0000}\r\n"
    shown(cast, old.encode() + letter(AIKO))
    assert sent_by_itself() == []
    shown(cast, new.encode() + letter(AIKO))
    assert len(sent_by_itself()) == 1


def test_nobody_is_told_anything_of_mail_that_is_held_or_junk(cast: Cast) -> None:
    block("@spam.example", by=cast.mina, at=NOON)
    arrive(cast, letter("eve@spam.example"))
    arrive(cast, b"X-Spam-Flag: YES\r\n" + letter("bob@example.com"))
    arrive(cast, letter("mina@kaldera.example", verified=False))
    arrive(cast, letter("a@one.example, b@two.example"))
    forged = b"Authentication-Results: mx.kaldera.example; dmarc=fail (p=reject) header.from=corp.example\r\n"
    arrive(cast, forged + letter("vic@corp.example", verified=False))
    assert HeldRaw.objects.count() == 5
    assert sent_by_itself() == []

    # Whoever lets one in has read it, perhaps days later.
    let_in(HeldRaw.objects.order_by("pk")[0], parser=ParserHere(), at=NOON, join=False)
    assert sent_by_itself() == []


def test_a_customer_whose_letter_a_colleague_forwards_gets_none(cast: Cast) -> None:
    text = "Please help.\n\n---------- Forwarded message ---------\nFrom: Vic <vic@corp.example>\nDate: Mon, 16 Nov 2026\nSubject: Broken\nTo: <mina@kaldera.example>\n\nIt is broken."  # fmt: skip
    message = shown(cast, letter("mina@kaldera.example", subject="Fwd: Broken", text=text))
    assert message.from_address == "vic@corp.example"
    assert sent_by_itself() == []


def test_only_the_letter_that_opens_a_conversation_is_answered(cast: Cast) -> None:
    first = shown(cast, letter(AIKO))
    (ours,) = sent_by_itself()

    second = shown(cast, letter(AIKO, answers=as_sent(ours), text="And the colour is wrong."))

    assert second.conversation == first.conversation
    assert len(sent_by_itself()) == 1
    assert Conversation.objects.get().waiting_since == NOON


# Loops -------------------------------------------------------------------------------------------


def test_b05_our_own_letter_that_comes_back_is_kept_out_and_not_answered(cast: Cast) -> None:
    shown(cast, letter(AIKO))
    (ours,) = sent_by_itself()
    body = as_sent(ours).as_bytes()

    arrive(cast, body)
    bare = b"\r\n".join(
        line for line in body.split(b"\r\n") if not line.startswith(b"Auto-Submitted")
    )
    arrive(cast, bare)

    assert set(HeldRaw.objects.values_list("reason", flat=True)) == {HeldReason.OUR_OWN}
    assert len(sent_by_itself()) == 1


@pytest.mark.parametrize("path", [b"", b"Return-Path: <>\r\n"])
def test_b07_a_bounce_of_it_stands_with_it_and_leads_to_nothing(cast: Cast, path: bytes) -> None:
    first = shown(cast, letter(AIKO))
    (ours,) = sent_by_itself()
    OutboxEntry.objects.update(state=State.ACCEPTED)

    report = shown(cast, path + bounce(as_sent(ours)))

    assert report.conversation == first.conversation
    assert OutboxEntry.objects.get().state == State.BOUNCED
    assert len(sent_by_itself()) == 1
    now = Conversation.objects.get()
    assert (now.waiting_since, now.undelivered_since) == (NOON, None)


def test_b01_a_letter_of_another_desks_machine_is_not_answered_and_that_is_told(cast: Cast) -> None:
    other = b"X-Hospes-Loop: 00000000-0000-0000-0000-000000000000\r\n"
    machine = shown(
        cast, other + b"Auto-Submitted: auto-replied\r\n" + letter("care@other.example")
    )
    person = shown(cast, other + letter("bo@other.example"))

    (written,) = sent_by_itself()
    assert written.conversation == person.conversation
    assert noted(machine.conversation) == [Withheld.LOOP]
    assert noted(person.conversation) == []


class TestB13:
    """A vacation program without headers answers every mail of ours."""

    def test_that_threads_gets_one(self, cast: Cast) -> None:
        shown(cast, letter(AIKO))
        (ours,) = sent_by_itself()
        for _ in range(20):
            shown(
                cast, letter(AIKO, answers=as_sent(ours), subject="I am away", text="Back in May.")
            )
        assert len(sent_by_itself()) == 1

    def test_that_begins_anew_every_time_gets_five_in_a_day(self, cast: Cast) -> None:
        messages = [
            shown(cast, letter(AIKO, subject="I am away", text=f"Back in {n} days."))
            for n in range(20)
        ]
        assert len(sent_by_itself()) == 5
        assert [noted(one.conversation) for one in messages] == [[]] * 5 + [[Withheld.ADDRESS]] * 15

    def test_that_does_so_in_one_batch_gets_five(self, cast: Cast) -> None:
        come_in(cast.channel, *[letter(AIKO, text=f"{n}") for n in range(30)])
        understand()
        assert len(sent_by_itself()) == 5


@pytest.mark.parametrize("subject", ["Out of office", "Automatic reply: Where is my parcel?"])
@pytest.mark.parametrize("head", [b"", b"Auto-Submitted: auto-replied\r\n"])
def test_b13_an_out_of_office_reopens_nothing_and_nobody_waits(
    cast: Cast, head: bytes, subject: str
) -> None:
    shown(cast, letter(AIKO))
    (ours,) = sent_by_itself()
    conversation = Conversation.objects.get()
    close(conversation, by=cast.mina, at=NOON)

    told = shown(cast, head + letter(AIKO, answers=as_sent(ours), subject=subject))

    assert told.conversation == conversation
    now = Conversation.objects.get()
    assert (now.is_open, now.waiting_since) == (False, None)


def test_b13_a_flood_from_many_senders_stops_at_the_desks_own_limit(
    cast: Cast, settings: Settings
) -> None:
    settings.AUTOMATIC_PER_HOUR = 10
    come_in(cast.channel, *[letter(f"c{n}@example.com") for n in range(40)])
    understand()
    assert len(sent_by_itself()) == 10
    withheld = Event.objects.filter(kind=AcknowledgementWithheld.__name__)
    assert {row.data["reason"] for row in withheld} == {Withheld.DESK}


# Whom it reaches ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "field", ["Cc", "To", "Bcc", "Reply-To", "Resent-Cc", "Sender", "Errors-To"]
)
def test_b09_nobody_but_the_sender_gets_one(cast: Cast, field: str) -> None:
    people = ",\r\n ".join(f"c{number}@corp.example" for number in range(500))
    shown(cast, f"{field}: {people}\r\n".encode() + letter(AIKO))

    (written,) = sent_by_itself()
    sent = letters.letter(written.outbox_entry)
    assert [one.address for one in (*sent.to, *sent.cc)] == [AIKO]
    assert not Identity.objects.filter(value__endswith="@corp.example").exists()


WORDS = ["Buy pills", "https://evil.example", "Eve"]


@pytest.mark.parametrize(
    "hostile",
    [
        letter("Eve Buy pills https://evil.example <vic@corp.example>", subject="Buy pills https://evil.example",
               text="Buy pills https://evil.example", verified=False),
        letter('"Eve\r\n Bcc: x@evil.example" <vic@corp.example>'.replace("\r\n", ""), subject="=?utf-8?q?Buy_pills=0d=0aBcc=3a_x=40evil.example?=",
               text="Buy pills", verified=False),
        letter("vic@corp.example", subject="{{ Eve }} %(reference)s Buy pills", text="Buy pills", verified=False),
    ],
)  # fmt: skip
def test_not_a_word_of_whoever_wrote_reaches_an_address_that_is_not_proven(
    cast: Cast, hostile: bytes
) -> None:
    shown(cast, hostile)

    (written,) = sent_by_itself()
    sent = as_sent(written)
    assert sent["To"] == "vic@corp.example"
    assert sent["Bcc"] is None
    whole = sent.as_string() + str(sent["Subject"]) + text_of(sent)
    assert not any(word in whole for word in [*WORDS, "evil.example"])


def text_of(sent: Letter) -> str:
    content = sent.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode()


def test_whoever_fills_in_a_form_with_the_address_of_another_sends_them_none_of_it(
    cast: Cast,
) -> None:
    Channel.objects.update(contact_forms="wordpress@kaldera.example")
    form = b"Reply-To: Eve Buy pills <vic@corp.example>\r\n"
    shown(
        cast, form + letter("wordpress@kaldera.example", subject="Buy pills", text="evil.example")
    )

    (written,) = sent_by_itself()
    sent = as_sent(written)
    assert sent["To"] == "vic@corp.example"
    whole = sent.as_string() + str(sent["Subject"]) + text_of(sent)
    assert not any(word in whole for word in [*WORDS, "evil.example"])


@pytest.mark.parametrize("verified", [True, False])
def test_a07_whoever_has_the_address_that_answers_reach_gets_nothing_of_others_by_it(
    cast: Cast, verified: bool
) -> None:
    """Eve registers somewhere with the address that our letter gave her, to read what they send there."""
    shown(cast, letter("eve@evil.example", verified=False))
    (ours,) = sent_by_itself()
    address = parseaddr(str(as_sent(ours)["Reply-To"]))[1]
    link = letter(
        "feedback@slack.example",
        to=address,
        text="https://slack.example/enter/SECRET",
        verified=verified,
    )

    arrive(cast, link, to=address)

    held = HeldRaw.objects.get()
    assert held.reason == HeldReason.STRANGER_IN_CONVERSATION
    assert len(sent_by_itself()) == 1
    assert Message.objects.count() == 2
    assert not Message.objects.filter(text__contains="SECRET").exists()


# What it costs -----------------------------------------------------------------------------------


def statements(cast: Cast, *bodies: bytes) -> int:
    """Return how many statements follow from these mails: all reactions to them together."""
    come_in(cast.channel, *bodies)
    understand()
    with CaptureQueriesContext(connection) as asked:
        consume_batch(REACTIONS, at=NOON)
    return len([one for one in asked if "SAVEPOINT" not in (one["sql"] or "")])


def test_it_costs_nothing_where_no_channel_asks_for_it_and_little_where_one_does(
    cast: Cast,
) -> None:
    def batch(size: int) -> list[bytes]:
        return [letter(f"c{size}.{number}@example.com") for number in range(size)]

    on = statements(cast, *batch(2))
    sent_by_itself()
    more = statements(cast, *batch(50))
    sent_by_itself()
    Channel.objects.update(acknowledges=False)
    off = statements(cast, *batch(3))

    assert on == more
    assert on - off <= 12  # three of them tell when the customer will hear from us
    Channel.objects.update(acknowledges=True)
    assert statements(cast, b"Precedence: bulk\r\n" + letter(AIKO)) == off


def test_the_real_parser_tells_an_out_of_office_too(cast: Cast) -> None:
    with ParserChild() as parser:
        (read,) = parser.parse_all([letter(AIKO, subject="自動応答：小包")])
    assert read.automatic_reason == "auto-reply"  # type: ignore[union-attr]


def test_a_later_answer_of_the_customer_joins_what_it_answers(cast: Cast) -> None:
    """Also where nothing but our Message-ID tells."""
    Channel.objects.update(reply_domain="")
    cast.channel.refresh_from_db()
    first = shown(cast, letter(AIKO))
    (ours,) = sent_by_itself()

    raw_id = arrive(cast, letter(AIKO, answers=as_sent(ours), text="Thank you."))

    assert message_of(raw_id).conversation == first.conversation
