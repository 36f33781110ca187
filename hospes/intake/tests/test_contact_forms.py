"""What a contact form of ours sends is from whoever filled it in, who proved nothing by that."""

from __future__ import annotations

import pytest

from hospes.channels.actions.connecting import Mailbox, connect_mailbox
from hospes.channels.models import Channel
from hospes.conversations.models import Message
from hospes.intake.actions.blocking import block
from hospes.intake.models import HeldRaw, HeldReason
from hospes.lib.refusal import Refused
from tests.arriving import arrive, arrive_together, shown
from tests.cast import NOON, Cast
from tests.mail import letter

FORM = "wordpress@kaldera.example"


@pytest.fixture
def with_form(cast: Cast) -> Cast:
    Channel.objects.filter(pk=cast.channel.pk).update(contact_forms=FORM)
    return cast


def filled_in(reply_to: str, *, form: str = FORM, verified: bool = True) -> bytes:
    return f"Reply-To: {reply_to}\r\n".encode() + letter(
        f"Kaldera <{form}>", text="My tank leaks.", verified=verified
    )


def test_two_who_fill_in_the_form_are_two_customers(with_form: Cast) -> None:
    ids = arrive_together(
        with_form, filled_in("Rosa <rosa@example.es>"), filled_in("Omar <omar@example.eg>")
    )

    rosa, omar = Message.objects.filter(raw_id__in=ids).order_by("pk")
    assert (rosa.from_name, rosa.from_address) == ("Rosa", "rosa@example.es")
    assert rosa.conversation.customer != omar.conversation.customer
    assert not rosa.is_verified
    assert not rosa.is_automatic
    assert rosa.verdict is not None
    assert rosa.verdict["form"] == FORM


def test_nobody_becomes_proven_by_a_form_that_is(with_form: Cast) -> None:
    shown(with_form, letter("rosa@example.es"))  # proven once

    message = shown(with_form, filled_in("rosa@example.es"))

    assert not message.is_verified
    assert not message.conversation.is_sender_verified


def test_without_the_operators_word_the_sender_is_the_form(cast: Cast) -> None:
    message = shown(cast, filled_in("rosa@example.es"))

    assert message.from_address == FORM


@pytest.mark.parametrize(
    "reply_to", ["mina@kaldera.example", "rosa@example.es, omar@example.eg", "rosa"]
)
def test_a_form_that_names_nobody_speaks_for_itself(with_form: Cast, reply_to: str) -> None:
    assert shown(with_form, filled_in(reply_to)).from_address == FORM


def test_a_form_may_send_from_the_support_address_itself(with_form: Cast) -> None:
    Channel.objects.update(contact_forms=with_form.channel.address)

    message = shown(with_form, filled_in("rosa@example.es", form=with_form.channel.address))

    assert message.from_address == "rosa@example.es"


def test_a_forged_form_is_held_like_any_other_forgery(with_form: Cast) -> None:
    forged = filled_in("rosa@example.es", verified=False)
    forged = (
        b"Authentication-Results: mx.kaldera.example; dmarc=fail (p=reject) header.from=kaldera.example\r\n"
        + forged
    )

    assert HeldRaw.objects.get(pk=arrive(with_form, forged)).reason == HeldReason.FAILED_PROOF


def test_whoever_is_blocked_is_blocked_in_the_form_too(with_form: Cast) -> None:
    block("rosa@example.es", by=with_form.jonas, at=NOON)

    held = HeldRaw.objects.get(pk=arrive(with_form, filled_in("rosa@example.es")))

    assert held.reason == HeldReason.BLOCKED


def test_addresses_of_forms_are_checked_and_kept_as_they_are_compared(cast: Cast) -> None:
    given = Mailbox(
        cast.channel.address, brand=cast.brand, contact_forms="Form@Kaldera.example, b@c.example"
    )
    assert (
        connect_mailbox(given, channel=cast.channel).contact_forms
        == "form@kaldera.example b@c.example"
    )

    with pytest.raises(Refused, match="form is not a mail address"):
        connect_mailbox(Mailbox(cast.channel.address, contact_forms="form"), channel=cast.channel)
