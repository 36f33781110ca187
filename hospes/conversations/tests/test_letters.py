"""A reply as a letter: what of it we say ourselves is in the customer's language and zone."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from hospes.channels.contract import Address, Inbound
from hospes.channels.email.parsing import parse
from hospes.channels.models import Channel
from hospes.conversations import letters
from hospes.conversations.actions.receiving import Incoming, receive_all
from hospes.conversations.actions.replying import reply
from hospes.conversations.models import Conversation, OutboxEntry
from hospes.markets.models import Market
from hospes.people.models import Customer
from tests.cast import NOON, Cast
from tests.mail import letter

EVENING = datetime(2026, 11, 19, 20, 30, tzinfo=UTC)  # already the next day in Tokyo


def written_by(customer: Customer, cast: Cast, language: str) -> Conversation:
    """Return the conversation that a letter of this customer opened, in this language."""
    identity = customer.identities.order_by("pk")[0]
    inbound: Inbound = parse(letter(f"{customer.display_name} <{identity.value}>", text="水漏れ"))
    incoming = Incoming(
        raw_id=1, channel=cast.channel, queue_id=cast.care.pk, received_at=EVENING,
        inbound=inbound, verified=True, identity_id=identity.pk, customer_id=customer.pk,
    )  # fmt: skip
    (message,) = receive_all([incoming], at=EVENING)
    Conversation.objects.filter(pk=message.conversation_id).update(language=language)
    return Conversation.objects.get(pk=message.conversation_id)


def answered(conversation: Conversation, cast: Cast) -> tuple[str, Address]:
    """Return the text of the letter that answers, and who it is from."""
    message = reply(conversation, text="本文", by=cast.mina, at=NOON)
    sent = letters.letter(OutboxEntry.objects.get(message=message))
    return sent.text, sent.from_


def test_without_a_known_clock_the_quote_says_which_one_it_means(cast: Cast) -> None:
    Channel.objects.update(market=None)
    Market.objects.filter(pk=cast.care.market_id).update(code="XX", zone="")  # nobody knows it

    text, _from = answered(written_by(cast.omar, cast, "en"), cast)

    assert "8:30\u202fPM UTC" in text


def test_a_letter_without_a_subject_is_answered_under_its_number(cast: Cast) -> None:
    conversation = written_by(cast.omar, cast, "en")
    Conversation.objects.filter(pk=conversation.pk).update(subject=" ")
    conversation.refresh_from_db()

    message = reply(conversation, text="Yes.", by=cast.mina, at=NOON)

    assert message.subject == f"Re: {conversation.reference}"


@pytest.mark.parametrize(
    ("language", "opening", "sender"),
    [
        ("ja", "2026年11月20日 5:30、佐藤 愛子様のメール：", "Kaldera Mina Ortega"),
        ("pt-BR", "Em 20 de novembro de 2026", "Mina Ortega · Kaldera"),
        ("ko", "2026년 11월 20일", "Kaldera Mina Ortega"),
        ("ar", "كتب/كتبت 佐藤 愛子:", "Mina Ortega من Kaldera"),
        ("ka", "On 20 November 2026", "Mina Ortega at Kaldera"),
    ],
)
def test_a_letter_quotes_in_the_customers_language_and_zone(
    cast: Cast, language: str, opening: str, sender: str
) -> None:
    text, from_ = answered(written_by(cast.aiko, cast, language), cast)

    assert opening in text.replace("\u202f", " ").replace("November 20, 2026", "20 November 2026")
    assert "> 水漏れ" in text
    assert from_.name == sender


def test_a_reply_sent_again_after_a_lost_answer_is_one_letter(cast: Cast) -> None:
    conversation = written_by(cast.aiko, cast, "ja")
    send_id = uuid4()

    first = reply(conversation, text="本文", by=cast.mina, at=NOON, send_id=send_id)
    again = reply(conversation, text="本文", by=cast.mina, at=NOON, send_id=send_id)
    other = reply(conversation, text="本文", by=cast.mina, at=NOON, send_id=uuid4())

    assert again == first
    assert other != first
    assert OutboxEntry.objects.count() == 2
