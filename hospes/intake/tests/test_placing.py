"""Which conversation a letter that came in stands in."""

from __future__ import annotations

from datetime import timedelta
from email.message import Message as Letter

import pytest
from django.utils import timezone

from hospes.channels.contract import Address
from hospes.channels.models import Channel
from hospes.channels.routing import current_routes
from hospes.conversations.actions.closing import close
from hospes.conversations.actions.replying import reply
from hospes.conversations.actions.snoozing import snooze
from hospes.conversations.models import Conversation, Message
from hospes.events.models import Event
from hospes.intake.actions.deciding import let_in
from hospes.intake.models import HeldRaw, HeldReason
from tests.arriving import (
    ParserHere,
    arrive,
    arrive_together,
    as_sent,
    come_in,
    conversations_of,
    message_of,
    shown,
    understand,
)
from tests.cast import NOON, Cast
from tests.mail import letter

AIKO, OTHER_AIKO, OMAR = "aiko@example.jp", "aiko.sato@mail.example", "omar@example.sa"


@pytest.fixture(params=["reply_domain", "has_plus_tags"])
def signed_addresses(request: pytest.FixtureRequest, cast: Cast) -> None:
    """A channel that can sign its reply addresses, in either way."""
    values: dict[str, dict[str, object]] = {
        "reply_domain": {"reply_domain": "reply.kaldera.example"},
        "has_plus_tags": {"has_plus_tags": True},
    }
    Channel.objects.filter(pk=cast.channel.pk).update(**values[request.param])


def answered(cast: Cast, conversation: Conversation, **more: object) -> Letter:
    """Return our answer as the customer gets it."""
    return as_sent(reply(conversation, text="A new seal.", by=cast.mina, at=NOON, **more))


def without_references(answer: Letter) -> Letter:
    """Return the letter as a program shows it that keeps no Message-ID."""
    answer.replace_header("Message-ID", "<lost@example>")
    del answer["References"]
    return answer


def test_a_message_id_beyond_ascii_parts_no_conversation(cast: Cast) -> None:
    sent = letter(AIKO).replace(b"Message-ID: <", "Message-ID: <手紙.".encode())
    first = shown(cast, sent)
    assert first.message_id.startswith("<手紙.")

    answer = shown(cast, letter(AIKO, answers=answered(cast, first.conversation)))
    again = reply(answer.conversation, text="And a screw.", by=cast.mina, at=NOON)
    last = shown(cast, letter(AIKO, answers=as_sent(again)))

    assert answer.conversation == last.conversation == first.conversation
    assert "<手紙" not in as_sent(again).as_string()


def test_an_answer_to_a_signed_address_comes_back(cast: Cast, signed_addresses: None) -> None:
    first = shown(cast, letter(AIKO))
    ours = without_references(answered(cast, first.conversation))
    to = str(ours["Reply-To"]).rpartition("<")[2].rstrip(">")

    second = shown(cast, letter(AIKO, answers=ours, verified=False), to=to.upper())
    third = shown(cast, letter(AIKO, answers=ours, verified=False))  # the To field names it

    assert first.conversation_id == second.conversation_id == third.conversation_id


def test_a_stranger_with_a_signed_address_is_held(cast: Cast, signed_addresses: None) -> None:
    first = shown(cast, letter(AIKO))
    ours = answered(cast, first.conversation)

    arrive(cast, letter("no-reply@slack.example", text="Your sign-in link", answers=ours))

    held = HeldRaw.objects.get()
    assert held.reason == HeldReason.STRANGER_IN_CONVERSATION
    assert held.conversation_id == first.conversation_id
    assert Message.objects.filter(conversation=first.conversation).count() == 2


def test_who_was_let_in_takes_part_from_then_on(cast: Cast, signed_addresses: None) -> None:
    first = shown(cast, letter(AIKO))
    ours = answered(cast, first.conversation)
    arrive(cast, letter("friend@example.net", answers=ours))

    let_in(HeldRaw.objects.get(), parser=ParserHere(), at=NOON, join=True)
    again = shown(cast, letter("friend@example.net", text="once more", answers=ours))

    assert again.conversation_id == first.conversation_id
    assert Message.objects.filter(conversation=first.conversation).count() == 4


def test_who_was_put_in_copy_takes_part(cast: Cast, signed_addresses: None) -> None:
    first = shown(cast, letter(AIKO))
    ours = answered(cast, first.conversation, cc=[Address("Partner", "partner@example.org")])

    assert (
        shown(cast, letter("partner@example.org", answers=ours)).conversation == first.conversation
    )


def test_a_signed_address_of_another_conversation_does_not_reach_here(
    cast: Cast, signed_addresses: None
) -> None:
    aikos = shown(cast, letter(AIKO)).conversation
    omars = shown(cast, letter(OMAR)).conversation
    ours = answered(cast, omars)

    arrive(cast, letter(AIKO, answers=ours))

    assert HeldRaw.objects.get().conversation_id == omars.pk
    assert Message.objects.filter(conversation=aikos).count() == 1


def test_without_signed_addresses_our_message_id_brings_an_answer_back(cast: Cast) -> None:
    first = shown(cast, letter(AIKO))
    ours = answered(cast, first.conversation)
    assert ours["Reply-To"] is None

    assert shown(cast, letter(AIKO, answers=ours)).conversation == first.conversation


def test_a_forged_sender_with_our_message_id_opens_a_conversation_of_its_own(cast: Cast) -> None:
    first = shown(cast, letter(AIKO))
    ours = answered(cast, first.conversation)

    forged = shown(cast, letter(AIKO, answers=ours, verified=False))
    strange = shown(cast, letter("eve@evil.example", answers=ours))

    assert len({first.conversation_id, forged.conversation_id, strange.conversation_id}) == 3
    assert not forged.conversation.is_sender_verified


def test_a_desk_without_a_trusted_server_threads_by_our_message_id(cast: Cast) -> None:
    Channel.objects.update(trusted_hop="")
    first = shown(cast, letter(AIKO))
    ours = answered(cast, first.conversation)

    assert shown(cast, letter(AIKO, answers=ours)).conversation == first.conversation
    assert shown(cast, letter(OMAR, answers=ours)).conversation != first.conversation


def test_a_further_proven_address_of_the_customer_comes_back_too(cast: Cast) -> None:
    first = shown(cast, letter(AIKO))
    ours = answered(cast, first.conversation)

    assert shown(cast, letter(OTHER_AIKO, answers=ours)).conversation == first.conversation
    assert (
        shown(cast, letter(OTHER_AIKO, answers=ours, verified=False)).conversation
        != first.conversation
    )


def test_a_subject_and_a_foreign_reference_decide_nothing(cast: Cast) -> None:
    first = shown(cast, letter(AIKO, subject="Leaking tank"))
    reference = first.conversation.reference

    for body in (
        letter(AIKO, subject=f"Re: Leaking tank [{reference}]"),
        b"In-Reply-To: <elsewhere@example.com>\r\nReferences: <a@b> <c@d>\r\n" + letter(AIKO),
        letter("eve@evil.example", subject=f"Re: [Ticket#{first.conversation_id}] {reference}"),
    ):
        assert shown(cast, body).conversation_id != first.conversation_id


def test_nothing_reaches_into_another_mailbox(cast: Cast) -> None:
    other = Channel.objects.create(
        brand=cast.brand, name="Returns", address="returns@kaldera.example", trusted_hop="mx.kaldera.example"
    )  # fmt: skip
    first = shown(cast, letter(AIKO))
    ours = answered(cast, first.conversation)

    ids = come_in(other, letter(AIKO, answers=ours))
    understand()

    assert conversations_of(ids)[0] not in {None, first.conversation_id}


def test_mailboxes_that_share_a_domain_of_reply_addresses_get_their_own_answers(cast: Cast) -> None:
    domain = "reply.kaldera.example"
    Channel.objects.update(reply_domain=domain)
    other = Channel.objects.create(
        brand=cast.brand, name="Returns", address="returns@kaldera.example", reply_domain=domain
    )  # fmt: skip
    ids = come_in(cast.channel, letter(AIKO)) + come_in(other, letter(OMAR))
    understand()
    for raw_id in ids:
        first = message_of(raw_id)
        ours = without_references(answered(cast, first.conversation))
        to = str(ours["Reply-To"]).rpartition("<")[2].rstrip(">")
        channel = current_routes().find(to)
        assert channel == first.channel

        (again,) = come_in(channel, letter(first.from_address, verified=False), to=to)
        understand()
        assert conversations_of([again]) == [first.conversation_id]


def test_an_answer_reopens_wakes_and_waits(cast: Cast) -> None:
    first = shown(cast, letter(AIKO))
    ours = answered(cast, first.conversation)
    close(first.conversation, by=cast.mina, at=NOON)

    arrive(cast, letter(AIKO, answers=ours))

    conversation = Conversation.objects.get(pk=first.conversation_id)
    assert (conversation.is_open, conversation.waiting_since) == (True, NOON)
    assert Event.objects.filter(kind="ConversationReopened", by_id=None).count() == 1
    snooze(conversation, until=NOON + timedelta(days=1), by=cast.mina, at=NOON)

    arrive(cast, letter(AIKO, answers=ours, text="still"))

    conversation.refresh_from_db()
    assert conversation.snoozed_until is None
    assert Event.objects.filter(kind="ConversationAwoke").count() == 1


def test_an_answer_by_a_machine_leaves_a_closed_conversation_closed(cast: Cast) -> None:
    first = shown(cast, letter(AIKO))
    ours = answered(cast, first.conversation, close_after=True)

    away = b"Auto-Submitted: auto-replied\r\n" + letter(AIKO, answers=ours)
    second = shown(cast, away)

    assert second.conversation_id == first.conversation_id
    assert not second.conversation.is_open


def test_an_answer_to_what_was_closed_long_ago_opens_a_new_conversation(cast: Cast) -> None:
    first = shown(cast, letter(AIKO))
    ours = answered(cast, first.conversation)
    Conversation.objects.update(closed_at=NOON - timedelta(days=31), waiting_since=None)

    assert shown(cast, letter(AIKO, answers=ours)).conversation_id != first.conversation_id


def test_neighbours_in_one_batch_stand_together(cast: Cast) -> None:
    first = letter(AIKO, text="first")
    answers = []
    for turn in range(3):
        before = answers[-1] if answers else first
        start = before.index(b"Message-ID: ") + 12
        named = before[start : before.index(b"\r\n", start)]
        answers.append(b"In-Reply-To: " + named + b"\r\n" + letter(AIKO, text=f"again {turn}"))

    ids = arrive_together(cast, first, *answers, letter(OMAR))

    found = conversations_of(ids)
    assert len(set(found[:4])) == 1
    assert found[4] not in found[:4]
    conversation = Conversation.objects.get(pk=found[0])
    assert conversation.message_count == 4
    texts = Message.objects.filter(conversation=conversation).order_by("pk")
    assert [one.text.strip() for one in texts] == ["first", "again 0", "again 1", "again 2"]
    assert Event.objects.filter(data__is_first=True).count() == 2


def test_a_neighbour_that_is_held_opens_nothing_for_its_answer(cast: Cast) -> None:
    held = b"Message-ID: <held@x.example>\r\nFrom: a@x.example, b@x.example\r\n\r\nhm"
    ids = arrive_together(cast, held, b"In-Reply-To: <held@x.example>\r\n" + letter(AIKO))

    assert conversations_of(ids)[0] is None
    assert conversations_of(ids)[1] is not None


def test_the_time_of_the_mail_counts_not_that_of_the_worker(cast: Cast) -> None:
    assert shown(cast, letter(AIKO)).at == NOON < timezone.now()
