"""Who wrote it, and where it belongs: what peers were fooled by, each against its whole class."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import Message as Letter
from email.utils import getaddresses, parseaddr

import pytest
from django.test import Client
from django.urls import reverse

from hospes.brands.models import Site
from hospes.channels.contract import Address
from hospes.channels.models import Channel
from hospes.config.reactions import REACTIONS
from hospes.conversations import letters
from hospes.conversations.actions.replying import reply
from hospes.conversations.models import Conversation, Message, Note, OutboxEntry, QueueMember
from hospes.events.consuming import consume_batch
from hospes.intake.models import HeldRaw, HeldReason, Raw
from hospes.intake.tests.test_doors import Doors, Talk, open_doors
from hospes.people.models import Customer, Identity
from hospes.search.queries import find
from tests.arriving import arrive, as_sent, come_in, message_of, shown, understand
from tests.cast import NOON, Cast
from tests.mail import letter

VIC, EVE = "vic@corp.example", "eve@evil.example"
HOP = "Authentication-Results: mx.kaldera.example; "


def page(cast: Cast, conversation: Conversation, *, who: str = "mina") -> str:
    client = Client()
    client.force_login(getattr(cast, who))
    answer = client.get(reverse("conversation", args=[conversation.reference]))
    assert answer.status_code == 200
    return answer.content.decode()


def reply_address(ours: Letter) -> str:
    """Return the signed address that our letter asks to be answered at."""
    return parseaddr(str(ours["Reply-To"]))[1]


def nothing_was_done_for(cast: Cast) -> bool:
    """Nobody of us wrote, sent, noted or became anything."""
    return not (
        Message.objects.filter(agent__isnull=False).exists()
        or Note.objects.exists()
        or OutboxEntry.objects.exists()
        or Identity.objects.filter(value__endswith="@kaldera.example").exists()
    )


UNPROVEN = [
    "",
    f"{HOP}dmarc=none header.from=kaldera.example\r\n",
    f"{HOP}dmarc=fail (p=none dis=none) header.from=kaldera.example\r\n",
    f"{HOP}spf=fail; dkim=fail; dmarc=fail header.from=kaldera.example\r\n",
    f"{HOP}dmarc=temperror header.from=kaldera.example\r\n",
    f"{HOP}dmarc=pass header.from=evil.example\r\n",
    "Authentication-Results: mx.evil.example; dmarc=pass header.from=kaldera.example\r\n",
    f"{HOP}dmarc=none\r\n{HOP}dmarc=pass header.from=kaldera.example\r\n",
    f'{HOP}dmarc=fail smtp.helo="; dmarc=pass header.from=kaldera.example"\r\n',
    f"{HOP}dmarc=fail (dmarc=pass) header.from=kaldera.example\r\n",
]
ANN = ["mina@kaldera.example", "Mina Ortega <MINA@Kaldera.Example>", "support@kaldera.example"]


@pytest.mark.django_db
class TestA01AndA25:
    """A mail that claims to be one of us: nothing is authored as them, nothing leaves."""

    @pytest.mark.parametrize("proof", UNPROVEN)
    @pytest.mark.parametrize("ann", ANN)
    def test_is_held_whatever_it_answers(self, cast: Cast, proof: str, ann: str) -> None:
        first = shown(cast, letter("aiko@example.jp"))
        ids = f"In-Reply-To: <notify-{first.conversation_id}-7-x@kaldera.example>\r\nReferences: {first.message_id}\r\n"
        arrive(cast, (proof + ids).encode() + letter(ann, verified=False, text="Close it."))

        held = HeldRaw.objects.get()
        assert held.reason in {HeldReason.CLAIMS_COLLEAGUE, HeldReason.FAILED_PROOF}
        assert Message.objects.count() == 1
        assert nothing_was_done_for(cast)

    @pytest.mark.parametrize("ann", ANN[:2])
    def test_is_held_with_a_signed_message_id_of_ours(self, cast: Cast, ann: str) -> None:
        ours = as_sent(reply(shown(cast, letter("aiko@example.jp")).conversation, text="Yes.", by=cast.jonas, at=NOON))  # fmt: skip

        arrive(cast, letter(ann, verified=False, answers=ours))

        assert HeldRaw.objects.get().reason == HeldReason.CLAIMS_COLLEAGUE
        assert not Message.objects.filter(agent=cast.mina).exists()


@pytest.mark.django_db
class TestA03:
    """A reply address of somebody who may not see the conversation any more is worth nothing."""

    @pytest.fixture
    def ours(self, cast: Cast) -> Letter:
        Channel.objects.update(reply_domain="reply.kaldera.example")
        first = shown(cast, letter("aiko@example.jp"))
        copied = [Address("Mina", "mina@kaldera.example")]
        return as_sent(reply(first.conversation, text="Yes.", by=cast.jonas, at=NOON, cc=copied))

    def answer(self, cast: Cast, ours: Letter) -> int:
        return arrive(cast, letter("mina@kaldera.example", answers=ours), to=reply_address(ours))

    def test_who_still_sees_it_joins(self, cast: Cast, ours: Letter) -> None:
        raw_id = self.answer(cast, ours)

        assert message_of(raw_id).conversation == Conversation.objects.get()

    def test_who_lost_the_mailbox_is_held(self, cast: Cast, ours: Letter) -> None:
        QueueMember.objects.filter(agent=cast.mina).delete()

        raw_id = self.answer(cast, ours)

        assert HeldRaw.objects.get().pk == raw_id
        assert OutboxEntry.objects.count() == 1  # ours; nothing more goes to the customer

    def test_and_is_told_once_by_one_letter_in_their_language(
        self, cast: Cast, ours: Letter
    ) -> None:
        QueueMember.objects.filter(agent=cast.mina).delete()
        cast.mina.language = "es"
        cast.mina.save()

        self.answer(cast, ours)
        consume_batch(REACTIONS, at=NOON)
        self.answer(cast, ours)
        consume_batch(REACTIONS, at=NOON)

        conversation = Conversation.objects.get()
        (notice,) = Message.objects.filter(is_automatic=True)
        told = as_sent(notice)
        assert HeldRaw.objects.count() == 2
        assert told["To"] == "Mina Ortega <mina@kaldera.example>"
        assert told["Cc"] is None
        assert told["Auto-Submitted"] == "auto-replied"
        assert told["Subject"] == f"Correo no transmitido: {conversation.reference}"
        assert "no se ha enviado nada al cliente" in notice.text
        assert "aiko" not in told.as_string().lower()  # nothing of what they may not see
        shown_to_us = page(cast, conversation, who="jonas")
        assert (
            "<summary>Automatic letter to <bdi>Mina Ortega</bdi>: Waiting</summary>" in shown_to_us
        )
        assert "Automatic acknowledgement" not in shown_to_us
        assert OutboxEntry.objects.count() == 2  # ours and the notice; none to the customer
        assert conversation.message_count == Message.objects.count() == 3

    @pytest.mark.parametrize(
        "silent", [("Auto-Submitted", "auto-replied"), ("Date", "Mon, 5 Jan 2015 09:00:00 +0000")]
    )
    def test_their_machines_and_old_mails_are_told_nothing(
        self, cast: Cast, ours: Letter, silent: tuple[str, str]
    ) -> None:
        QueueMember.objects.filter(agent=cast.mina).delete()
        name, value = silent
        mail = f"{name}: {value}\r\n".encode() + letter("mina@kaldera.example", answers=ours)

        arrive(cast, mail, to=reply_address(ours))
        consume_batch(REACTIONS, at=NOON)

        assert HeldRaw.objects.exists()
        assert not Message.objects.filter(is_automatic=True).exists()

    def test_a_restored_desk_tells_nothing(self, cast: Cast, ours: Letter) -> None:
        QueueMember.objects.filter(agent=cast.mina).delete()
        Site.objects.update(sending_held_since=NOON)

        self.answer(cast, ours)
        consume_batch(REACTIONS, at=NOON)

        assert not Message.objects.filter(is_automatic=True).exists()

    def test_the_customers_next_letter_names_no_notice(self, cast: Cast, ours: Letter) -> None:
        QueueMember.objects.filter(agent=cast.mina).delete()
        self.answer(cast, ours)
        consume_batch(REACTIONS, at=NOON)
        notice = Message.objects.get(is_automatic=True)

        again = as_sent(
            reply(Conversation.objects.get(), text="And a screw.", by=cast.jonas, at=NOON)
        )

        assert notice.message_id not in again.as_string()
        assert "aiko@example.jp" in again["To"]

    def test_who_has_left_is_held_and_told_nothing(self, cast: Cast, ours: Letter) -> None:
        cast.mina.is_active = False
        cast.mina.save()

        raw_id = self.answer(cast, ours)
        consume_batch(REACTIONS, at=NOON)

        assert HeldRaw.objects.get().pk == raw_id
        assert not Message.objects.filter(is_automatic=True).exists()

    def test_and_so_is_what_they_forward_into_it(self, cast: Cast, ours: Letter) -> None:
        QueueMember.objects.filter(agent=cast.mina).delete()
        said = "---------- Forwarded message ---------\nFrom: Aiko <aiko@example.jp>\nSubject: Pump\nTo: <m@k.example>\n\nIt leaks."

        arrive(cast, letter("mina@kaldera.example", subject="Fwd: Pump", text=said), to=reply_address(ours))  # fmt: skip

        assert Message.objects.count() == 2  # the customer's and ours
        assert HeldRaw.objects.exists()


@pytest.mark.django_db
class TestA05:
    """A number in a subject joins nothing; it is a hint for those who may see what it names."""

    @pytest.mark.parametrize(
        "form", ["Re: [Ticket#{}] hi", "{}", "AW: (#{}) hi", "re:{} hi", "x {}!"]
    )
    @pytest.mark.parametrize("verified", [True, False])
    def test_a_subject_number_opens_a_conversation(
        self, cast: Cast, form: str, verified: bool
    ) -> None:
        first = shown(cast, letter("aiko@example.jp", subject="Secret pump")).conversation

        second = shown(cast, letter(EVE, subject=form.format(first.reference), verified=verified))

        assert second.conversation != first
        assert f"Perhaps about {first.reference}" in page(cast, second.conversation)
        assert "Secret pump" not in page(cast, second.conversation)

    @pytest.mark.parametrize("number", ["1001", "H-00000", "H-", "H-'; --", "H-7K3F9'"])
    def test_a_number_of_nothing_hints_at_nothing(self, cast: Cast, number: str) -> None:
        second = shown(cast, letter(EVE, subject=f"Re: [Ticket#{number}] hi"))

        assert "Perhaps about" not in page(cast, second.conversation)

    def test_who_may_not_see_it_gets_no_hint(self, cast: Cast) -> None:
        first = shown(cast, letter("aiko@example.jp")).conversation
        Conversation.objects.filter(pk=first.pk).update(queue=cast.elsewhere)

        second = shown(cast, letter(EVE, subject=f"Re: {first.reference}")).conversation

        assert "Perhaps about" not in page(cast, second, who="mina")
        assert "Perhaps about" in page(cast, second, who="ana")


@pytest.mark.django_db
@pytest.mark.parametrize("sender", ["no-reply@slack.example", "Slack <login@slack.example>", VIC])
@pytest.mark.parametrize("verified", [True, False])
def test_a07_a_login_link_sent_to_a_strangers_reply_address_reaches_no_stranger(
    cast: Cast, sender: str, verified: bool
) -> None:
    Channel.objects.update(reply_domain="reply.kaldera.example")
    evil = shown(cast, letter(EVE)).conversation
    ours = as_sent(reply(evil, text="Hello.", by=cast.mina, at=NOON))

    arrive(
        cast,
        letter(sender, subject="Your login", text="https://slack.example/magic", verified=verified),
        to=reply_address(ours),
    )

    held = HeldRaw.objects.get()
    assert held.reason == HeldReason.STRANGER_IN_CONVERSATION
    assert held.conversation_id == evil.pk
    assert "magic" not in page(cast, evil)
    assert not Message.objects.filter(text__contains="magic").exists()
    consume_batch(REACTIONS, at=NOON)
    assert find("magic", queue_ids=None).hits == []
    assert "magic" not in as_sent(reply(evil, text="And?", by=cast.mina, at=NOON)).as_string()


ORDERS = [
    "X-Desk-Customer-Email: aiko@example.jp", "X-Desk-Assign: ana@kaldera.example", "X-Hospes-Queue: 1",
    "RT-Squelch-Replies-To: aiko@example.jp", "RT-Send-Cc: eve@evil.example", "X-RT-Original-Encoding: x",
    "X-Zammad-Ticket-Owner: mina@kaldera.example", "x-zammad-customer-email: aiko@example.jp",
    "X-OTRS-Queue: Kaldera Japan", "X-OTRS-CustomerUser: aiko", "X-FreeScout-Mail-Type: agent.message",
    "X-Original-Sender: aiko@example.jp", "X-Original-From: aiko@example.jp", "Sender: aiko@example.jp",
    "Resent-From: aiko@example.jp", "Return-Path: <aiko@example.jp>",
    "X-Forwarded-For: aiko@example.jp", "X-Google-Original-From: aiko@example.jp", "X-Envelope-From: aiko@example.jp",
    "Errors-To: aiko@example.jp", "Bcc: aiko@example.jp", "X-Hospes-Loop: somebody-else", "Apparently-From: aiko@example.jp",
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("order", ORDERS)
def test_a09_no_field_but_from_says_who_wrote_and_none_gives_orders(cast: Cast, order: str) -> None:
    message = shown(cast, f"{order}\r\n".encode() + letter(EVE))

    conversation = message.conversation
    assert message.from_address == EVE
    assert message.identity is not None
    assert message.identity.value == EVE
    assert conversation.customer != cast.aiko
    assert (conversation.assignee, conversation.queue, conversation.is_open) == (
        None,
        cast.care,
        True,
    )
    ours = as_sent(reply(conversation, text="Yes.", by=cast.mina, at=NOON))
    assert [address for _, address in getaddresses([str(ours["To"])])] == [EVE]
    assert {ours["Cc"], ours["Bcc"]} == {None}


SEVERAL = [
    f"From: {VIC}, {EVE}",
    f"From: {EVE}, {VIC}",
    f"From: Vic <{VIC}>,\r\n Eve <{EVE}>",
    f"From: {VIC}\r\nFrom: {EVE}",
    f"From: {EVE}\r\nX: y\r\nfrom: {VIC}",
    f"From: Friends: {VIC}, {EVE};",
    f"From: (a) {VIC} (b), (c) {EVE} (d)",
    f"From: {VIC}; {EVE}",
]


@pytest.mark.django_db
@pytest.mark.parametrize("fields", SEVERAL)
def test_a11_who_names_several_senders_is_nobody(cast: Cast, fields: str) -> None:
    proof = f"{HOP}dmarc=pass header.from=corp.example\r\n"
    arrive(cast, f"{proof}{fields}\r\nSubject: x\r\n\r\nHi\r\n".encode())

    assert HeldRaw.objects.get().reason in {HeldReason.SEVERAL_SENDERS, HeldReason.NO_SENDER}
    assert not Message.objects.exists()
    assert not Identity.objects.filter(value__in=[VIC, EVE]).exists()


SPOOFED = [
    '"aiko@example.jp" <eve@evil.example>',
    '"Aiko <aiko@example.jp>" <eve@evil.example>',
    '"aiko＠example.jp" <eve@evil.example>',
    '"aiko\u200b@example.jp" <eve@evil.example>',
    '"AIKO@EXAMPLE.JP via Eve" <eve@evil.example>',
    "=?utf-8?q?aiko=40example=2Ejp?= <eve@evil.example>",
    "aiko@example.jp <eve@evil.example>",
]


@pytest.mark.django_db
@pytest.mark.parametrize("from_", SPOOFED)
def test_a13_a_name_that_looks_like_an_address_is_shown_as_what_it_is(
    cast: Cast, from_: str
) -> None:
    body = f"From: {from_}\r\nSubject: x\r\n\r\nHi\r\n".encode()
    message = shown(cast, body)

    assert message.from_address == EVE
    assert message.conversation.customer != cast.aiko
    assert message.conversation.customer.display_name == EVE
    told = page(cast, message.conversation)
    assert f"<b><bdi>{EVE}</bdi></b>" in told
    assert "Calls itself" in told
    assert Customer.objects.filter(identities__value="aiko@example.jp").get() == cast.aiko


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["Vic", "Vic @ Corp", "vic@corp.example", "VIC@Corp.example."])
def test_a13_an_honest_name_is_left_alone(cast: Cast, name: str) -> None:
    message = shown(cast, letter(f'"{name}" <{VIC}>'))

    assert message.conversation.customer.display_name == name
    assert "Calls itself" not in page(cast, message.conversation)


ENDS = [b"\n.\n", b"\r\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n\0.\r\n", b"\r.\r\n", b"\r\n.\r", b"\n\n.\n\n"]  # fmt: skip
SMUGGLED = b"MAIL FROM:<ana@kaldera.example>\r\nRCPT TO:<support@kaldera.example>\r\nDATA\r\nSubject: smuggled\r\n\r\n"


@pytest.fixture(scope="class")
def hello() -> dict[str, bytes]:
    return {"smtp": b"EHLO mx", "lmtp": b"LHLO mx"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("door", ["smtp", "lmtp"])
def test_a15_only_the_real_end_of_a_mail_ends_it(
    cast: Cast, door: str, hello: dict[str, bytes]
) -> None:
    with open_doors() as doors:
        for number, end in enumerate(ENDS):
            _smuggle(doors, door, hello[door], end)
            assert Raw.objects.count() == number + 1, end

    assert set(Raw.objects.values_list("envelope_from", flat=True)) == {"aiko@example.jp"}


def _smuggle(doors: Doors, door: str, hello: bytes, end: bytes) -> None:
    client = Talk(getattr(doors, door))
    try:
        client.envelope(hello=hello)
        client.ask(b"DATA")
        answer = client.ask(b"Subject: a\r\n\r\nx" + end + SMUGGLED + b"\r\n.")
        assert answer.startswith(b"250"), answer
        assert client.ask(b"NOOP").startswith(b"250")
    finally:
        client.close()


CEO = "---- Forwarded ----\nFrom: The Boss <ceo@corp.example>\nSubject: Pay\nTo: <x@y.example>\n\nPay him."
CLAIMS = [
    ("Fwd: Pay", CEO),
    ("Pay", CEO),
    ("WG: Pay", CEO.replace("---- Forwarded ----", "-------- Weitergeleitete Nachricht --------")),
    ("x", "On behalf of ceo@corp.example:\nFrom: ceo@corp.example\nPay him."),
    ("x", "> From: ceo@corp.example\n> Pay him."),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("subject", "text"), CLAIMS)
@pytest.mark.parametrize("verified", [True, False])
def test_a17_what_a_body_says_of_its_writer_is_only_text(
    cast: Cast, subject: str, text: str, verified: bool
) -> None:
    message = shown(cast, letter(f"Eve <{EVE}>", subject=subject, text=text, verified=verified))

    assert (message.from_address, message.subject) == (EVE, subject)
    assert message.conversation.customer.display_name == "Eve"
    assert not Identity.objects.filter(value="ceo@corp.example").exists()
    assert "ceo@corp.example" in message.text


@pytest.mark.django_db
class TestA19:
    """Somebody takes a Message-ID before the partner uses it: both appear, the second marked."""

    SQUATTED = "Message-ID: <invoice-7@partner.example>\r\n"

    def bring(self, cast: Cast, *bodies: bytes) -> list[Message]:
        ids = [arrive(cast, self.SQUATTED.encode() + body) for body in bodies]
        consume_batch(REACTIONS, at=NOON)
        return [message_of(raw_id) for raw_id in ids]

    def test_both_appear_and_the_second_is_marked(self, cast: Cast) -> None:
        first, second = self.bring(
            cast,
            b"From: eve@evil.example\r\n\r\nmine",
            b"From: p@partner.example\r\n\r\nthe real one",
        )

        assert first.conversation != second.conversation
        assert "Same Message-ID as another mail" not in page(cast, first.conversation)
        assert "Same Message-ID as another mail" in page(cast, second.conversation)

    def test_nobody_is_marked_for_what_another_mailbox_got(self, cast: Cast) -> None:
        other = Channel.objects.create(
            brand=cast.brand, name="R", address="returns@kaldera.example"
        )
        come_in(other, self.SQUATTED.encode() + b"From: eve@evil.example\r\n\r\nmine")
        understand()

        (here,) = self.bring(cast, b"From: p@partner.example\r\n\r\nthe real one")

        assert "Same Message-ID" not in page(cast, here.conversation)

    def test_the_same_mail_to_two_addresses_of_ours_is_told_in_both(self, cast: Cast) -> None:
        other = Channel.objects.create(
            brand=cast.brand, name="R", address="returns@kaldera.example"
        )
        body = self.SQUATTED.encode() + b"From: p@partner.example\r\n\r\nthe real one"
        come_in(other, body)
        understand()

        (here,) = self.bring(cast, body)
        there = Message.objects.exclude(pk=here.pk).get()

        assert here.extras == {"twin": there.conversation_id}
        assert there.extras == {"twin": here.conversation_id}
        words = "The same mail came to another address of ours: "
        assert f"{words}{there.conversation.reference}" in page(cast, here.conversation)
        assert f"{words}{here.conversation.reference}" in page(cast, there.conversation)
        assert "Same Message-ID" not in page(cast, here.conversation)

    def test_the_message_id_of_a_letter_of_ours_is_nobodys_to_take(self, cast: Cast) -> None:
        ours = reply(shown(cast, letter("aiko@example.jp")).conversation, text="Yes.", by=cast.mina, at=NOON)  # fmt: skip

        raw_id = arrive(cast, f"Message-ID: {ours.message_id}\r\nFrom: {EVE}\r\n\r\nmine".encode())
        consume_batch(REACTIONS, at=NOON)

        second = message_of(raw_id)
        assert second.conversation != ours.conversation
        assert second.verdict == {"same_id": True}


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["In-Reply-To", "References"])
@pytest.mark.parametrize("verified", [True, False])
def test_a21_nothing_reaches_from_one_mailbox_into_another(
    cast: Cast, field: str, verified: bool
) -> None:
    first = shown(cast, letter("aiko@example.jp"))
    ours = as_sent(reply(first.conversation, text="Yes.", by=cast.mina, at=NOON))
    other = Channel.objects.create(
        brand=cast.brand,
        name="R",
        address="returns@kaldera.example",
        trusted_hop="mx.kaldera.example",
    )
    for known in (first.message_id, ours["Message-ID"]):
        mail = f"{field}: {known}\r\n".encode() + letter("aiko@example.jp", verified=verified)
        (raw_id,) = come_in(other, mail)
        understand()
        assert message_of(raw_id).conversation != first.conversation


INJECTED = [
    'x" <a@a.example>, "y" <eve@evil.example>, "',
    "x\r\nBcc: eve@evil.example",
    "x\nTo: eve@evil.example",
    "=?utf-8?q?x=0d=0aBcc=3a_eve=40evil=2eexample?=",
    "x, eve@evil.example",
    "x; eve@evil.example",
    "x <eve@evil.example>",
    "(eve@evil.example)",
    "x\u2028Bcc: eve@evil.example",
    "\u202eelpmaxe.live@eve",
]


@pytest.mark.django_db
@pytest.mark.parametrize("name", INJECTED)
def test_a23_a_hostile_name_adds_no_recipient(cast: Cast, name: str) -> None:
    message = shown(cast, letter(VIC))
    Message.objects.update(from_name=name)
    Customer.objects.filter(pk=message.conversation.customer_id).update(display_name=name)

    written = reply(message.conversation, text="Yes.", by=cast.mina, at=NOON)

    ours = as_sent(written)
    told: Sequence[tuple[str, str]] = getaddresses([str(ours["To"])])
    assert [address for _, address in told] == [VIC]
    assert ours["Bcc"] is None
    assert ours["Cc"] is None
    assert len(ours.get_all("To") or []) == 1
    assert [one.address for one in letters.letter(written.outbox_entry).to] == [VIC]
