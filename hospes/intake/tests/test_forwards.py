"""A customer's mail that one of us forwards to a support address."""

from __future__ import annotations

from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP

import pytest

from hospes.channels.models import Channel
from hospes.conversations.actions.replying import reply
from hospes.conversations.models import Conversation, Message, Note
from hospes.conversations.timeline import timeline
from hospes.files import store
from hospes.intake.actions.deciding import let_in
from hospes.intake.models import HeldRaw, HeldReason
from hospes.people.models import Identity
from tests.arriving import ParserHere, arrive, as_sent, shown
from tests.cast import NOON, Cast
from tests.mail import letter

MINA = "Mina Ortega <mina@kaldera.example>"
THEIRS = """---------- Forwarded message ---------
From: {name} <{address}>
Date: Mon, 5 Jan 2026 at 09:30
Subject: {subject}
To: <mina@kaldera.example>

{text}"""


def forward(
    *,
    name: str = "Vic Corp",
    address: str = "vic@corp.example",
    subject: str = "Broken pump",
    text: str = "The pump is broken.",
    comment: str = "",
    **letter_has: object,
) -> bytes:
    theirs = THEIRS.format(name=name, address=address, subject=subject, text=text)
    said = f"{comment}\n\n{theirs}" if comment else theirs
    return letter(letter_has.pop("from_", MINA), subject=f"Fwd: {subject}", text=said, **letter_has)


def enclosing(
    enclosed: bytes, *, subject: str = "Fwd: pump", text: str = "From my own mailbox."
) -> bytes:
    outer = BytesParser(policy=SMTP).parsebytes(letter(MINA, subject=subject, text=text))
    assert isinstance(outer, EmailMessage)
    outer.add_attachment(BytesParser(policy=SMTP).parsebytes(enclosed))
    return outer.as_bytes()


@pytest.mark.django_db
class TestAColleaguesForward:
    def test_opens_a_conversation_of_the_person_in_it(self, cast: Cast) -> None:
        message = shown(cast, forward())

        conversation = message.conversation
        assert (message.from_name, message.from_address) == ("Vic Corp", "vic@corp.example")
        assert message.agent == cast.mina
        assert not message.is_verified
        assert not conversation.is_sender_verified
        assert conversation.customer.display_name == "Vic Corp"
        assert conversation.subject == message.subject == "Broken pump"
        assert message.text == message.reply_text == "The pump is broken."
        assert conversation.waiting_since == NOON

    def test_makes_nobody_of_us_a_customer_and_proves_nothing(self, cast: Cast) -> None:
        shown(cast, forward())

        assert not Identity.objects.filter(value="mina@kaldera.example").exists()
        assert not Identity.objects.get(value="vic@corp.example").is_verified

    def test_leaves_the_comment_as_a_note_above_the_message(self, cast: Cast) -> None:
        message = shown(cast, forward(comment="Call him first, he is angry."))

        note = Note.objects.get()
        assert (note.agent, note.text) == (cast.mina, "Call him first, he is angry.")
        assert "angry" not in message.text
        kinds = [entry.kind for entry in timeline(message.conversation_id).entries]
        assert kinds == ["note", "message"]

    def test_is_answered_to_the_customer(self, cast: Cast) -> None:
        conversation = shown(cast, forward()).conversation

        ours = as_sent(reply(conversation, text="We send a new one.", by=cast.jonas, at=NOON))

        assert ours["To"] == "Vic Corp <vic@corp.example>"
        assert ours["Subject"] == "Re: Broken pump"
        assert "Mina" not in ours.as_string()

    def test_and_the_customers_answer_joins_it(self, cast: Cast) -> None:
        conversation = shown(cast, forward()).conversation
        ours = as_sent(reply(conversation, text="A new one?", by=cast.jonas, at=NOON))

        assert shown(cast, letter("vic@corp.example", answers=ours)).conversation == conversation

    def test_joins_what_its_customer_wrote_before(self, cast: Cast) -> None:
        first = letter("Aiko <aiko@example.jp>", subject="Pump")
        before = shown(cast, first)
        again = forward(name="Aiko", address="aiko@example.jp", subject="Pump")
        answered = BytesParser(policy=SMTP).parsebytes(again)
        answered["References"] = before.message_id

        message = shown(cast, answered.as_bytes())

        assert message.conversation == before.conversation
        assert message.conversation.customer == cast.aiko

    def test_may_carry_the_mail_as_a_file(self, cast: Cast) -> None:
        theirs = letter("佐藤 愛子 <aiko@example.jp>", subject="ポンプ", text="動きません。")

        message = shown(cast, enclosing(theirs))

        assert message.conversation.customer == cast.aiko
        assert (message.subject, message.text) == ("ポンプ", "動きません。")
        assert message.language == "ja"
        assert Note.objects.get().text == "From my own mailbox."
        assert [one.content_type for one in message.attachments.all()] == ["message/rfc822"]

    def test_as_a_file_brings_the_customers_own_files_and_design(self, cast: Cast) -> None:
        theirs = EmailMessage(policy=SMTP)
        theirs["From"], theirs["Subject"] = "Vic <vic@corp.example>", "Broken pump"
        theirs.set_content("It leaks: see the picture.")
        theirs.add_alternative('<p>It <b>leaks</b>: <img src="cid:leak"></p>', subtype="html")
        designed = theirs.get_payload()[1]
        designed.add_related(b"leaking", "image", "png", cid="<leak>", filename="leak.png")
        theirs.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="bill.pdf")
        outer = BytesParser(policy=SMTP).parsebytes(
            letter(MINA, subject="Fwd: pump", text="Please see.", html="<p>Please see.</p>")
        )
        outer.add_attachment(theirs)

        message = shown(cast, outer.as_bytes())

        files = {one.name: one for one in message.attachments.all()}
        assert list(files) == ["leak.png", "bill.pdf", "Broken pump.eml"]
        assert (files["leak.png"].content_id, files["leak.png"].is_inline) == ("leak", True)
        assert store.path_of(files["bill.pdf"].sha256).read_bytes() == b"%PDF"
        assert "<b>leaks</b>" in message.html
        assert "Please see" not in message.html

    def test_keeps_every_file_and_the_design(self, cast: Cast) -> None:
        message = shown(
            cast, forward(html="<p>The pump</p>", files=[("pump.png", "image/png", b"1")])
        )

        assert [one.name for one in message.attachments.all()] == ["pump.png"]
        assert "The pump" in message.html


HELD = [
    # A name alone cannot be answered.
    forward(address="").replace(b" <>", b""),
    # One of us, or we ourselves, cannot become the customer.
    forward(address="jonas@kaldera.example"),
    forward(address="support@kaldera.example"),
    forward(address="not an address"),
    letter(MINA, text="When do we close today?"),
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("body", HELD)
def test_what_a_colleague_writes_and_no_customer_wrote_is_held(cast: Cast, body: bytes) -> None:
    arrive(cast, body)

    assert HeldRaw.objects.get().reason == HeldReason.COLLEAGUE
    assert not Conversation.objects.exists()
    assert not Identity.objects.filter(value__endswith="@kaldera.example").exists()


@pytest.mark.django_db
def test_a_forward_that_only_claims_to_come_from_a_colleague_is_held(cast: Cast) -> None:
    arrive(cast, forward(verified=False))

    assert HeldRaw.objects.get().reason == HeldReason.CLAIMS_COLLEAGUE
    assert not Note.objects.exists()


@pytest.mark.django_db
def test_a_lead_lets_in_a_held_forward_of_a_colleague_proven_meanwhile(cast: Cast) -> None:
    Channel.objects.update(trusted_hop="")
    raw_id = arrive(cast, forward(comment="Look at this."))
    Channel.objects.update(trusted_hop="mx.kaldera.example")

    held = HeldRaw.objects.get(pk=raw_id)
    message = let_in(held, parser=ParserHere(), at=NOON, join=False)

    assert (message.from_address, message.agent) == ("vic@corp.example", cast.mina)


@pytest.mark.django_db
@pytest.mark.parametrize("verified", [True, False])
def test_a_strangers_forward_stays_the_strangers(cast: Cast, verified: bool) -> None:
    message = shown(cast, forward(from_="Eve <eve@evil.example>", verified=verified))

    assert message.from_address == "eve@evil.example"
    assert message.agent is None
    assert message.subject == "Fwd: Broken pump"
    assert "vic@corp.example" in message.text
    assert not Identity.objects.filter(value="vic@corp.example").exists()


@pytest.mark.django_db
def test_a_colleague_who_has_left_forwards_as_a_stranger(cast: Cast) -> None:
    cast.mina.is_active = False
    cast.mina.save()

    assert shown(cast, forward()).from_address == "mina@kaldera.example"


@pytest.mark.django_db
def test_a_colleague_put_in_copy_answers_into_the_conversation(cast: Cast) -> None:
    from hospes.channels.contract import Address

    first = shown(cast, letter("aiko@example.jp"))
    copied = [Address("Mina", "mina@kaldera.example")]
    ours = as_sent(reply(first.conversation, text="Yes.", by=cast.jonas, at=NOON, cc=copied))

    answer = shown(cast, letter(MINA, answers=ours, text="I agree."))

    assert answer.conversation == first.conversation
    assert not Message.objects.filter(agent=cast.mina).exists()


@pytest.mark.django_db
def test_a_colleague_who_answers_what_was_never_copied_to_them_is_held(cast: Cast) -> None:
    first = shown(cast, letter("aiko@example.jp"))
    ours = as_sent(reply(first.conversation, text="Yes.", by=cast.jonas, at=NOON))

    arrive(cast, letter(MINA, answers=ours))

    assert HeldRaw.objects.get().reason == HeldReason.COLLEAGUE
    assert not Identity.objects.filter(value="mina@kaldera.example").exists()
