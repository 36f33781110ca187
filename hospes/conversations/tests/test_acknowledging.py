"""A customer is told at once that their letter came; nothing else changes by it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hospes.brands.models import Brand, Site
from hospes.channels.models import Channel
from hospes.conversations import letters
from hospes.conversations.actions.acknowledging import acknowledge
from hospes.conversations.actions.delivering import resend
from hospes.conversations.actions.replying import reply
from hospes.conversations.actions.resuming import resume_sending
from hospes.conversations.actions.sending import send
from hospes.conversations.actions.unsending import unsend
from hospes.conversations.events import DeliveryChanged
from hospes.conversations.models import Conversation, InboxRow, Message, OutboxEntry
from hospes.conversations.tests.speaking import happened, now, received
from hospes.conversations.undelivered import mark_undelivered
from hospes.events.recording import Recorded
from hospes.lib.refusal import Refused
from hospes.people.models import Customer, Identity
from tests.arriving import as_sent
from tests.cast import NOON, Cast
from tests.truth import check_lists

pytestmark = pytest.mark.django_db
SOON = NOON + timedelta(minutes=1)
State, Reason = OutboxEntry.State, OutboxEntry.Reason


@pytest.fixture(autouse=True)
def _acknowledges(cast: Cast) -> None:
    """Let the support address tell customers that it has their letters."""
    Channel.objects.update(acknowledges=True, reply_domain="reply.kaldera.example")
    cast.channel.refresh_from_db()


def asked_in_japanese(cast: Cast) -> Message:
    asked = received(cast, text="水漏れがあります。")
    Conversation.objects.update(language="ja")
    return asked


def acknowledged(asked: Message) -> Message:
    (message,) = acknowledge([asked.pk], at=NOON)
    return message


# The letter ----------------------------------------------------------------------------------


def test_it_says_the_number_and_not_a_word_of_the_customers(cast: Cast) -> None:
    asked = received(cast, text="Buy pills at evil.example", head=b"Subject: Pills\r\n")
    Conversation.objects.update(language="ja")
    Message.objects.update(is_verified=False, from_name="Pills & more")
    reference = asked.conversation.reference

    sent = as_sent(acknowledged(asked))

    assert sent["Subject"] == f"お問い合わせを受け付けました（{reference}）"
    assert sent["To"] == "aiko@example.jp"
    assert sent["From"] == "Kaldera <support@kaldera.example>"
    text = sent.get_payload(decode=True).decode()  # type: ignore[union-attr]
    assert reference in text
    assert text.endswith("どうぞよろしくお願いいたします。\r\nKaldera\r\n")
    assert not any(word in sent.as_string() + text for word in ("ills", "evil", "愛子"))


def test_its_head_tells_every_machine_what_it_is(cast: Cast) -> None:
    asked = asked_in_japanese(cast)
    sent = as_sent(message := acknowledged(asked))

    assert sent["Auto-Submitted"] == "auto-replied"
    assert sent["X-Auto-Response-Suppress"] == "All"
    assert sent["X-Hospes-Loop"] == str(cast.brand.site.install_id)
    assert sent["Precedence"] is None
    assert sent["In-Reply-To"] == asked.message_id
    assert sent["References"] == asked.message_id
    assert sent["Content-Language"] == "ja"
    assert str(sent["Reply-To"]).startswith("Kaldera <r+")
    assert letters.letter(message.outbox_entry).envelope_from == ""


def test_whoever_is_proven_finds_it_beside_their_own_letter(cast: Cast) -> None:
    asked = received(cast)
    assert asked.is_verified
    assert as_sent(acknowledged(asked))["Subject"] == "Re: A question"


def test_the_signature_of_the_brand_stands_below_it_and_nothing_is_quoted(cast: Cast) -> None:
    Brand.objects.update(signature="Kaldera Care")
    text = letters.letter(acknowledged(received(cast, text="水漏れ")).outbox_entry).text
    assert text.endswith("\n\n-- \nKaldera Care\n")
    assert ">" not in text


@pytest.mark.parametrize(
    ("hours", "said"), [(None, None), (4, "4 時間"), (24, "24 時間"), (36, "36 時間"), (72, "3 日")]
)
def test_it_says_how_long_answers_take_only_where_somebody_set_it(
    cast: Cast, hours: int | None, said: str | None
) -> None:
    Channel.objects.update(usual_hours=hours)
    text = acknowledged(asked_in_japanese(cast)).text
    assert ("目安" in text) is (said is not None)
    assert said is None or said in text


@pytest.mark.parametrize(
    ("language", "customers", "spoken", "begins"),
    [
        ("ar", "ja", "ar", "تحية طيبة وبعد،"),
        ("he", "ja", "he", "שלום רב,"),
        ("zh-Hant", "ja", "zh-Hant", "親愛的顧客您好："),
        ("pt-BR", "ja", "pt", "Olá,"),
        ("", "ja", "ja", "お客様"),
        ("ka", "", "es", "Hola:"),  # the channel's market reads Spanish
    ],
)
def test_it_is_in_the_language_of_the_customer_else_of_the_market(
    cast: Cast, language: str, customers: str, spoken: str, begins: str
) -> None:
    asked = received(cast)
    Conversation.objects.update(language=language)
    cast.aiko.language = customers
    cast.aiko.save()

    message = acknowledged(asked)

    assert message.language == spoken
    assert message.text.startswith(begins)


# What it does not change -----------------------------------------------------------------------


def test_the_customer_waits_as_before_and_lists_show_their_letter(cast: Cast) -> None:
    asked = received(cast)
    row = InboxRow.objects.values().get()

    message = acknowledged(asked)

    after = now(asked.conversation)
    assert after.waiting_since == NOON
    assert after.assignee_id is None
    assert (after.last_message_id, after.message_count) == (asked.pk, 2)
    assert InboxRow.objects.values().get() == row
    assert (message.is_automatic, message.agent_id) == (True, None)
    assert happened(after) == ["AcknowledgementWritten"]
    check_lists()


def test_an_answer_written_meanwhile_is_not_overtaken_by_it(cast: Cast) -> None:
    asked = received(cast)
    acknowledged(asked)

    answer = reply(
        asked.conversation,
        text="On Saturday.",
        by=cast.mina,
        at=SOON,
        last_seen_message_id=asked.pk,
    )

    sent = as_sent(answer)
    assert sent["In-Reply-To"] == asked.message_id  # the customer's own letter, not ours
    assert now(asked.conversation).waiting_since is None


def test_taking_an_answer_back_lets_the_customer_wait_as_before(cast: Cast) -> None:
    asked = received(cast)
    acknowledged(asked)
    answer = reply(asked.conversation, text="On Saturday.", by=cast.mina, at=NOON)

    unsend(answer, by=cast.mina, at=NOON)

    after = now(asked.conversation)
    assert (after.waiting_since, after.last_message_id) == (NOON, asked.pk)
    check_lists()


@pytest.mark.parametrize("state", [State.FAILED, State.BOUNCED, State.UNKNOWN])
def test_nobody_has_to_look_after_one_that_does_not_arrive(cast: Cast, state: str) -> None:
    message = acknowledged(received(cast))
    OutboxEntry.objects.update(state=state, changed_at=SOON)

    event = DeliveryChanged(message.conversation_id, message.pk, state)
    mark_undelivered([Recorded(1, SOON, None, event)])

    assert now(message.conversation).undelivered_since is None
    with pytest.raises(Refused):
        resend(message, by=cast.mina, at=SOON)


def test_one_that_bounces_says_nothing_of_an_answer_that_did_too(cast: Cast) -> None:
    asked = received(cast)
    acknowledged(asked)
    answer = reply(asked.conversation, text="On Saturday.", by=cast.mina, at=NOON)
    OutboxEntry.objects.update(state=State.BOUNCED, changed_at=SOON)

    event = DeliveryChanged(answer.conversation_id, answer.pk, State.BOUNCED)
    mark_undelivered([Recorded(1, SOON, None, event)])

    assert now(asked.conversation).undelivered_since == SOON


# When there is none ------------------------------------------------------------------------------


def test_nothing_is_written_where_the_channel_does_not_say_so(cast: Cast) -> None:
    asked = received(cast)
    Channel.objects.update(acknowledges=False)
    assert acknowledge([asked.pk], at=NOON) == []


def test_nothing_is_written_once_somebody_answered(cast: Cast) -> None:
    asked = received(cast)
    reply(asked.conversation, text="On Saturday.", by=cast.mina, at=NOON)
    assert acknowledge([asked.pk], at=NOON) == []


def test_nothing_is_written_twice(cast: Cast) -> None:
    asked = received(cast)
    acknowledged(asked)
    assert acknowledge([asked.pk], at=NOON) == []


def test_nothing_is_written_to_an_address_that_mail_comes_back_from(cast: Cast) -> None:
    asked = received(cast)
    Identity.objects.update(suppressed_at=NOON)
    assert acknowledge([asked.pk], at=NOON) == []


def test_a_restored_desk_writes_nothing_and_what_waited_stays_here(cast: Cast) -> None:
    message = acknowledged(received(cast))
    Site.objects.update(sending_held_since=SOON)
    later = received(cast, cast.omar)
    assert acknowledge([later.pk], at=SOON) == []

    done = resume_sending(send_waiting=False, at=SOON)

    entry = OutboxEntry.objects.get(message=message)
    assert (entry.state, entry.reason) == (State.FAILED, Reason.TOO_LATE)
    assert (done.unknown, done.going_out) == (0, 0)


def test_one_that_had_to_wait_for_more_than_a_day_stays_here(cast: Cast) -> None:
    message = acknowledged(received(cast))

    send(message.outbox_entry.pk, at=NOON + timedelta(hours=25))

    entry = OutboxEntry.objects.get()
    assert (entry.state, entry.reason) == (State.FAILED, Reason.TOO_LATE)


def test_one_that_had_to_wait_until_somebody_answered_stays_here(cast: Cast) -> None:
    message = acknowledged(received(cast))
    reply(message.conversation, text="On Saturday.", by=cast.mina, at=SOON)

    send(message.outbox_entry.pk, at=SOON)

    assert OutboxEntry.objects.get(message=message).reason == Reason.TOO_LATE


@pytest.mark.parametrize("is_proven", [True, False])
def test_whoever_is_proven_and_known_by_name_is_greeted_by_it(
    cast: Cast, *, is_proven: bool
) -> None:
    Customer.objects.filter(pk=cast.aiko.pk).update(family_name="佐藤", given_name="愛子")
    asked = asked_in_japanese(cast)
    Conversation.objects.update(customer=cast.aiko, is_sender_verified=is_proven)

    said = acknowledged(asked).text

    assert said.startswith("佐藤様\n") is is_proven
    assert ("佐藤" in said) is is_proven
