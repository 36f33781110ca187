"""Assigning, closing, snoozing, moving, noting: what each does, and when it is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from hospes.conversations.actions.assigning import assign
from hospes.conversations.actions.closing import close, reopen
from hospes.conversations.actions.moving import move
from hospes.conversations.actions.noting import note
from hospes.conversations.actions.replying import reply
from hospes.conversations.actions.seating import queue_for, seat
from hospes.conversations.actions.seeing import beat, forget_absent, leave, mark_seen
from hospes.conversations.actions.snoozing import awaken, awaken_due, snooze
from hospes.conversations.models import (
    Conversation,
    InboxRow,
    Note,
    Presence,
    Queue,
    QueueMember,
    Seen,
)
from hospes.conversations.tests.speaking import asked, happened, now, received
from hospes.conversations.wording import MAX_TEXT_CHARS
from hospes.events.models import Event
from hospes.lib.refusal import Refused
from hospes.team.models import Agent
from tests.cast import NOON, Cast

LATER = NOON + timedelta(hours=2)


@pytest.fixture
def conversation(cast: Cast) -> Conversation:
    return asked(cast)


# Who may ------------------------------------------------------------------------------------

VERBS: dict[str, Callable[[Conversation, Agent, Cast], object]] = {
    "assign": lambda one, by, cast: assign(one, to=cast.mina, by=by, at=NOON),
    "close": lambda one, by, cast: close(one, by=by, at=NOON),
    "reopen": lambda one, by, cast: reopen(one, by=by, at=NOON),
    "snooze": lambda one, by, cast: snooze(one, until=LATER, by=by, at=NOON),
    "awaken": lambda one, by, cast: awaken(one, by=by, at=NOON),
    "move": lambda one, by, cast: move(one, to=cast.elsewhere, by=by, at=NOON),
    "note": lambda one, by, cast: note(one, text="x", by=by, at=NOON),
    "reply": lambda one, by, cast: reply(one, text="x", by=by, at=NOON),
    "mark seen": lambda one, by, cast: mark_seen(one, by=by, at=NOON, message_id=1),
    "beat": lambda one, by, cast: beat(one, by=by, at=NOON, state="viewing"),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("who", ["of another queue", "without a seat any more"])
def test_only_who_works_in_the_queue_may_act(
    cast: Cast, conversation: Conversation, verb: str, who: str
) -> None:
    agent = cast.vera if who == "of another queue" else cast.mina
    agent.is_active = agent == cast.vera

    with pytest.raises(Refused) as refused:
        VERBS[verb](conversation, agent, cast)

    assert refused.value.code == "not_yours"
    assert happened(conversation) == []


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "reopen"])
def test_an_operator_may_act_everywhere(cast: Cast, conversation: Conversation, verb: str) -> None:
    VERBS[verb](conversation, cast.ana, cast)


# Assigning ----------------------------------------------------------------------------------


def test_whoever_is_assigned_answers_for_it(cast: Cast, conversation: Conversation) -> None:
    assign(conversation, to=cast.jonas, by=cast.mina, at=NOON)
    assign(conversation, to=cast.jonas, by=cast.mina, at=NOON)

    assert now(conversation).assignee == cast.jonas
    assert happened(conversation) == ["ConversationAssigned"]
    event = Event.objects.get(kind="ConversationAssigned")
    assert event.data == {"agent_id": cast.jonas.pk, "previous_agent_id": None}
    assert event.by_id == cast.mina.pk


def test_nobody_may_be_assigned(cast: Cast, conversation: Conversation) -> None:
    assign(conversation, to=cast.jonas, by=cast.mina, at=NOON)
    assign(conversation, to=None, by=cast.mina, at=NOON)

    assert now(conversation).assignee is None
    assert InboxRow.objects.get().assignee_id == 0


def test_who_does_not_work_in_the_queue_cannot_be_assigned(
    cast: Cast, conversation: Conversation
) -> None:
    with pytest.raises(Refused, match="Vera Lind does not work in this queue"):
        assign(conversation, to=cast.vera, by=cast.mina, at=NOON)
    Agent.objects.filter(pk=cast.jonas.pk).update(is_active=False)
    with pytest.raises(Refused, match="Jonas Weber"):
        assign(conversation, to=Agent.objects.get(pk=cast.jonas.pk), by=cast.mina, at=NOON)


# Closing ------------------------------------------------------------------------------------


def test_a_closed_conversation_waits_for_nobody(cast: Cast, conversation: Conversation) -> None:
    snooze(conversation, until=LATER, by=cast.mina, at=NOON)

    closed = close(conversation, by=cast.mina, at=LATER)

    assert (closed.closed_at, closed.waiting_since, closed.snoozed_until) == (LATER, None, None)
    assert not InboxRow.objects.exists()
    assert closed not in Conversation.objects.waiting_on_us()
    assert happened(conversation) == ["ConversationSnoozed", "ConversationClosed"]


def test_closing_twice_is_refused(cast: Cast, conversation: Conversation) -> None:
    close(conversation, by=cast.mina, at=NOON)
    with pytest.raises(Refused, match="closed already"):
        close(conversation, by=cast.jonas, at=NOON)


def test_the_database_holds_that_nobody_waits_on_what_is_closed(conversation: Conversation) -> None:
    with (
        pytest.raises(IntegrityError, match="closed_conversations_wait_for_nobody"),
        transaction.atomic(),
    ):
        Conversation.objects.filter(pk=conversation.pk).update(closed_at=NOON)


def test_who_was_never_answered_waits_as_before_when_it_is_reopened(
    cast: Cast, conversation: Conversation
) -> None:
    close(conversation, by=cast.mina, at=LATER)

    reopened = reopen(conversation, by=cast.mina, at=LATER)

    assert (reopened.closed_at, reopened.waiting_since) == (None, NOON)
    with pytest.raises(Refused, match="open already"):
        reopen(conversation, by=cast.mina, at=LATER)


def test_who_was_answered_does_not_wait_when_it_is_reopened(
    cast: Cast, conversation: Conversation
) -> None:
    reply(conversation, text="Here.", by=cast.mina, at=NOON, close_after=True)

    assert reopen(conversation, by=cast.mina, at=LATER).waiting_since is None


# Snoozing -----------------------------------------------------------------------------------


def test_a_snoozed_conversation_comes_back_when_its_time_has_come(
    cast: Cast, conversation: Conversation
) -> None:
    snooze(conversation, until=LATER, by=cast.mina, at=NOON)
    assert awaken_due(at=LATER - timedelta(seconds=1)) == 0
    assert InboxRow.objects.get().status == InboxRow.Status.SNOOZED

    assert awaken_due(at=LATER) == 1

    awake = now(conversation)
    assert (awake.snoozed_until, awake.awoke_at, awake.waiting_since) == (None, LATER, NOON)
    assert happened(conversation) == ["ConversationSnoozed", "ConversationAwoke"]
    assert awaken_due(at=LATER) == 0


def test_what_awoke_is_ours_to_look_at_until_somebody_acts(
    cast: Cast, conversation: Conversation
) -> None:
    reply(conversation, text="We wait for the part.", by=cast.mina, at=NOON)
    snooze(conversation, until=LATER, by=cast.mina, at=NOON)
    awaken_due(at=LATER)
    assert InboxRow.objects.get().sort_at == LATER

    reply(conversation, text="It is here.", by=cast.mina, at=LATER)

    assert now(conversation).awoke_at is None


def test_snoozing_into_the_past_or_what_is_closed_is_refused(
    cast: Cast, conversation: Conversation
) -> None:
    with pytest.raises(Refused, match="lies ahead"):
        snooze(conversation, until=NOON, by=cast.mina, at=NOON)
    close(conversation, by=cast.mina, at=NOON)
    with pytest.raises(Refused, match="Reopen it first"):
        snooze(conversation, until=LATER, by=cast.mina, at=NOON)


def test_snoozing_again_moves_the_moment(cast: Cast, conversation: Conversation) -> None:
    for until in (LATER, LATER, LATER + timedelta(days=1)):
        snooze(conversation, until=until, by=cast.mina, at=NOON)

    assert InboxRow.objects.get().sort_at == LATER + timedelta(days=1)
    assert happened(conversation) == ["ConversationSnoozed"] * 2


def test_waking_what_is_awake_changes_nothing(cast: Cast, conversation: Conversation) -> None:
    awaken(conversation, by=cast.mina, at=NOON)
    assert happened(conversation) == []

    snooze(conversation, until=LATER, by=cast.mina, at=NOON)
    assert awaken(conversation, by=cast.mina, at=NOON).snoozed_until is None


def test_a_message_wakes_what_is_snoozed_and_a_machines_does_not(
    cast: Cast, conversation: Conversation
) -> None:
    snooze(conversation, until=LATER, by=cast.mina, at=NOON)
    received(cast, within=conversation, is_automatic=True)
    assert now(conversation).is_snoozed

    received(cast, within=conversation)
    assert not now(conversation).is_snoozed


# Moving -------------------------------------------------------------------------------------


def test_who_does_not_work_in_the_new_queue_is_taken_off(
    cast: Cast, conversation: Conversation
) -> None:
    assign(conversation, to=cast.mina, by=cast.mina, at=NOON)

    moved = move(conversation, to=cast.elsewhere, by=cast.mina, at=NOON)

    assert (moved.queue, moved.assignee) == (cast.elsewhere, None)
    assert InboxRow.objects.get().queue_id == cast.elsewhere.pk
    with pytest.raises(Refused):
        note(conversation, text="still mine?", by=cast.mina, at=NOON)


def test_moving_to_where_it_stands_changes_nothing(cast: Cast, conversation: Conversation) -> None:
    move(conversation, to=cast.care, by=cast.mina, at=NOON)

    assert happened(conversation) == []


# Notes, reading, presence -------------------------------------------------------------------


def test_a_note_is_added_even_to_what_is_closed(cast: Cast, conversation: Conversation) -> None:
    close(conversation, by=cast.mina, at=NOON)

    note(conversation, text="  \r\nThe part is back-ordered.\r\n\r\n", by=cast.mina, at=LATER)

    assert Note.objects.get().text == "  \nThe part is back-ordered."
    assert now(conversation).last_activity_at == LATER
    assert happened(conversation) == ["ConversationClosed", "NoteWritten"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (" \n\t ", "empty"),
        ("\0", "empty"),
        ("\ud800", "empty"),
        ("x" * (MAX_TEXT_CHARS + 1), "too_long"),
    ],
)
def test_a_text_that_says_nothing_or_too_much_is_refused(
    cast: Cast, conversation: Conversation, text: str, code: str
) -> None:
    for say in (note, reply):
        with pytest.raises(Refused) as refused:
            say(conversation, text=text, by=cast.mina, at=NOON)
        assert refused.value.code == code


def test_reading_never_goes_back(cast: Cast, conversation: Conversation) -> None:
    for message_id in (5, 9, 7):
        mark_seen(conversation, by=cast.mina, at=NOON, message_id=message_id)

    assert Seen.objects.get().last_message_id == 9


def test_colleagues_hear_of_who_came_or_began_to_write_and_of_nothing_else(
    cast: Cast, conversation: Conversation
) -> None:
    def beats(state: str, seconds: int) -> bool:
        return beat(conversation, by=cast.mina, state=state, at=NOON + timedelta(seconds=seconds))

    assert [beats("viewing", 0), beats("viewing", 20), beats("writing", 40), beats("writing", 60)] == [
        True, False, True, False,
    ]  # fmt: skip
    assert beats("writing", 600)
    assert Presence.objects.count() == 1
    assert leave(conversation, by=cast.mina, at=NOON)
    assert not leave(conversation, by=cast.mina, at=NOON)


def test_who_left_without_a_word_is_forgotten(cast: Cast, conversation: Conversation) -> None:
    beat(conversation, by=cast.mina, state="viewing", at=NOON)

    assert forget_absent(at=NOON + Presence.FADES_AFTER) == 0
    assert forget_absent(at=NOON + Presence.FADES_AFTER + timedelta(seconds=1)) == 1


# Seats --------------------------------------------------------------------------------------


def test_an_agent_works_in_exactly_the_queues_given(cast: Cast) -> None:
    seat(cast.mina, queues=[cast.elsewhere, cast.care])
    seat(cast.mina, queues=[cast.elsewhere])

    assert list(QueueMember.objects.filter(agent=cast.mina).values_list("queue", flat=True)) == [
        cast.elsewhere.pk
    ]
    seat(cast.mina, queues=[])
    assert not QueueMember.objects.filter(agent=cast.mina).exists()


def test_a_brand_has_one_queue_for_each_market(cast: Cast) -> None:
    assert queue_for(cast.brand, None) == queue_for(cast.brand, None)
    assert Queue.objects.filter(market=None).count() == 1
