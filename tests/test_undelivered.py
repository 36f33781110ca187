"""A reply that did not arrive brings its conversation back; another reply, sending again or closing settles it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hospes.config.reactions import REACTIONS
from hospes.conversations.actions.closing import close
from hospes.conversations.actions.delivering import resend, settle_as_sent
from hospes.conversations.actions.replying import reply
from hospes.conversations.actions.unsending import unsend
from hospes.conversations.events import DeliveryChanged
from hospes.conversations.models import Conversation, Message, OutboxEntry
from hospes.conversations.queries import list_page
from hospes.conversations.tests.speaking import asked, now
from hospes.events.consuming import consume_batch
from hospes.events.recording import record
from tests.cast import NOON, Cast

State = OutboxEntry.State
SOON, LATER = NOON + timedelta(minutes=5), NOON + timedelta(minutes=10)


@pytest.fixture
def answered(cast: Cast) -> Message:
    message = reply(asked(cast), text="On Saturday.", by=cast.mina, at=NOON)
    consume_batch(REACTIONS, at=NOON)
    return message


def becomes(message: Message, state: str) -> Conversation:
    """Let this have become of a reply five minutes after it was written."""
    OutboxEntry.objects.filter(message=message).update(state=state, changed_at=SOON)
    record(DeliveryChanged(message.conversation_id, message.pk, state), at=SOON)
    consume_batch(REACTIONS, at=SOON)
    return now(message.conversation)


def row(cast: Cast, view: str) -> object:
    found = list_page(None, view=view, agent_id=cast.mina.pk).rows
    return found[0] if found else None


@pytest.mark.parametrize("state", [State.FAILED, State.BOUNCED, State.UNKNOWN])
def test_what_did_not_arrive_waits_on_us_with_a_mark(
    cast: Cast, answered: Message, state: str
) -> None:
    conversation = becomes(answered, state)

    assert conversation.undelivered_since == SOON
    assert row(cast, "waiting").is_undelivered  # type: ignore[attr-defined]
    assert row(cast, "mine").sort_at == SOON  # type: ignore[attr-defined]


def test_what_arrives_leaves_everything_as_it_is(cast: Cast, answered: Message) -> None:
    assert becomes(answered, State.ACCEPTED).undelivered_since is None
    assert row(cast, "waiting") is None


def test_a_conversation_closed_before_is_opened_again_and_says_why(
    cast: Cast, answered: Message
) -> None:
    close(answered.conversation, by=cast.mina, at=NOON)
    assert becomes(answered, State.BOUNCED).is_open


def test_who_closes_it_knowing_that_has_settled_it(cast: Cast, answered: Message) -> None:
    becomes(answered, State.BOUNCED)
    close(answered.conversation, by=cast.mina, at=LATER)
    consume_batch(REACTIONS, at=LATER)

    assert not becomes(answered, State.BOUNCED).is_open


def test_another_reply_settles_it_and_taking_that_back_does_not(
    cast: Cast, answered: Message
) -> None:
    conversation = becomes(answered, State.BOUNCED)
    second = reply(conversation, text="Once more.", by=cast.mina, at=LATER)
    assert now(conversation).undelivered_since is None

    unsend(second, by=cast.mina, at=LATER)
    assert now(conversation).undelivered_since == SOON


def test_sending_again_and_saying_that_it_arrived_settle_it(cast: Cast, answered: Message) -> None:
    becomes(answered, State.FAILED)
    resend(answered, by=cast.mina, at=LATER)
    consume_batch(REACTIONS, at=LATER)
    assert now(answered.conversation).undelivered_since is None

    becomes(answered, State.UNKNOWN)
    settle_as_sent(answered, by=cast.mina, at=LATER)
    consume_batch(REACTIONS, at=LATER)
    assert now(answered.conversation).undelivered_since is None
