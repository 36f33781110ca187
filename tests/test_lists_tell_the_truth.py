"""Whatever anybody does, in whatever order, the lists show what is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from hospes.channels.contract import RecipientReport
from hospes.channels.models import Channel
from hospes.conversations.actions.acknowledging import acknowledge
from hospes.conversations.actions.assigning import assign
from hospes.conversations.actions.closing import close, reopen
from hospes.conversations.actions.delivering import (
    Returned,
    resend,
    settle_as_sent,
    settle_reports,
)
from hospes.conversations.actions.describing import describe
from hospes.conversations.actions.moving import move
from hospes.conversations.actions.noting import note
from hospes.conversations.actions.replying import reply
from hospes.conversations.actions.snoozing import awaken, awaken_due, snooze
from hospes.conversations.actions.unsending import unsend
from hospes.conversations.models import Conversation, Message, OutboxEntry
from hospes.events.models import Event
from hospes.intake.actions.deciding import let_in
from hospes.intake.actions.storing import Delivery, store_all
from hospes.intake.actions.understanding import understand_batch
from hospes.intake.desk import load_desk
from hospes.intake.models import HeldRaw
from hospes.lib.refusal import Refused
from tests import cast as cast_
from tests.arriving import ParserHere, as_sent
from tests.mail import letter
from tests.truth import check_lists, check_views

CUSTOMERS = ("aiko@example.jp", "omar@example.sa", "eve@evil.example")
which = some.integers(0, 50)
agents = some.sampled_from(["mina", "jonas", "ana", "vera"])


class Desk(RuleBasedStateMachine):
    """A working day on which everybody presses every button at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.day = transaction.atomic()
        self.day.__enter__()
        self.cast = cast_.gather()
        Channel.objects.update(has_plus_tags=True, acknowledges=True)
        self.now = cast_.NOON
        self.bring(letter(CUSTOMERS[0], text="first"))

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.day.__exit__(None, None, None)

    # Who and what -----------------------------------------------------------------------------

    def agent(self, name: str) -> cast_.Agent:
        return getattr(self.cast, name)

    def conversation(self, number: int) -> Conversation:
        found = list(Conversation.objects.order_by("pk"))
        return found[number % len(found)]

    def reply_of_ours(self, number: int) -> Message | None:
        found = list(Message.objects.filter(direction=Message.Direction.OUT).order_by("pk"))
        return found[number % len(found)] if found else None

    def bring(self, body: bytes) -> None:
        channel = self.cast.channel
        store_all([Delivery(channel.pk, body, "", channel.address)], at=self.now)
        understand_batch(parser=ParserHere(), worker_id=1, at=self.now, desk=load_desk())

    def attempt(self, do: Callable[[], object]) -> None:
        """Do it or be refused; what was refused leaves no event."""
        before = Event.objects.count()
        try:
            with transaction.atomic():
                do()
        except Refused:
            assert Event.objects.count() == before

    # What happens -----------------------------------------------------------------------------

    @rule(minutes=some.sampled_from([0, 1, 20, 3000]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(who=some.sampled_from(CUSTOMERS), is_verified=some.booleans(), is_machine=some.booleans())
    def somebody_writes(self, who: str, is_verified: bool, is_machine: bool) -> None:
        head = b"Auto-Submitted: auto-generated\r\n" if is_machine else b""
        self.bring(head + letter(who, text=f"new\n\n  {self.now}", verified=is_verified))

    @rule(number=which, who=some.sampled_from(CUSTOMERS), is_machine=some.booleans())
    def somebody_answers(self, number: int, who: str, is_machine: bool) -> None:
        ours = self.reply_of_ours(number)
        if ours is not None:
            head = b"Auto-Submitted: auto-replied\r\n" if is_machine else b""
            self.bring(head + letter(who, text="answer", answers=as_sent(ours)))

    @rule(does_join=some.booleans())
    def somebody_is_let_in(self, does_join: bool) -> None:
        held = HeldRaw.objects.first()
        if held is not None:
            self.attempt(lambda: let_in(held, parser=ParserHere(), at=self.now, join=does_join))

    @rule()
    def the_desk_acknowledges(self) -> None:
        came = Message.objects.filter(direction=Message.Direction.IN)
        acknowledge(list(came.values_list("pk", flat=True)), at=self.now)

    @rule(number=which, by=agents, closes=some.booleans())
    def an_agent_replies(self, number: int, by: str, closes: bool) -> None:
        one = self.conversation(number)
        self.attempt(
            lambda: reply(one, text="ours", by=self.agent(by), at=self.now, close_after=closes)
        )

    @rule(number=which, by=agents)
    def an_agent_takes_back(self, number: int, by: str) -> None:
        ours = self.reply_of_ours(number)
        if ours is not None:
            self.attempt(lambda: unsend(ours, by=self.agent(by), at=self.now))

    @rule(number=which, by=agents)
    def an_agent_notes(self, number: int, by: str) -> None:
        one = self.conversation(number)
        self.attempt(lambda: note(one, text="among us", by=self.agent(by), at=self.now))

    @rule(number=which, by=agents, to=some.one_of(some.none(), agents))
    def an_agent_assigns(self, number: int, by: str, to: str | None) -> None:
        one, whom = self.conversation(number), self.agent(to) if to else None
        self.attempt(lambda: assign(one, to=whom, by=self.agent(by), at=self.now))

    @rule(number=which, by=agents, does_close=some.booleans())
    def an_agent_closes_or_reopens(self, number: int, by: str, does_close: bool) -> None:
        do = close if does_close else reopen
        one = self.conversation(number)
        self.attempt(lambda: do(one, by=self.agent(by), at=self.now))

    @rule(number=which, by=agents, minutes=some.sampled_from([-1, 5, 3000]))
    def an_agent_snoozes(self, number: int, by: str, minutes: int) -> None:
        one, until = self.conversation(number), self.now + timedelta(minutes=minutes)
        self.attempt(lambda: snooze(one, until=until, by=self.agent(by), at=self.now))

    @rule(number=which, by=agents)
    def an_agent_awakens(self, number: int, by: str) -> None:
        one = self.conversation(number)
        self.attempt(lambda: awaken(one, by=self.agent(by), at=self.now))

    @rule()
    def the_clock_awakens(self) -> None:
        awaken_due(at=self.now)

    @rule(number=which, by=agents, to=some.sampled_from(["care", "elsewhere"]))
    def an_agent_moves(self, number: int, by: str, to: str) -> None:
        one, queue = self.conversation(number), getattr(self.cast, to)
        self.attempt(lambda: move(one, to=queue, by=self.agent(by), at=self.now))

    @rule(name=some.sampled_from(["愛子", "Aiko Satō"]), market=some.sampled_from(["ES", "JP", ""]))
    def a_customer_is_described(self, name: str, market: str) -> None:
        changes = {"display_name": name, "market": market}
        describe(self.cast.aiko, changes=changes, by=self.cast.mina, at=self.now)

    @rule(number=which, by=agents, do=some.sampled_from(["bounce", "resend", "settle"]))
    def a_delivery_is_settled(self, number: int, by: str, do: str) -> None:
        ours = self.reply_of_ours(number)
        if ours is None:
            return
        if do == "bounce":
            entry = OutboxEntry.objects.get(message=ours)
            back = RecipientReport("nobody@example.com", "failed", "5.1.1", "550 nobody")
            settle_reports([Returned(entry.pk, (back,), is_proven=False)], at=self.now)
        else:
            action = resend if do == "resend" else settle_as_sent
            self.attempt(lambda: action(ours, by=self.agent(by), at=self.now))

    @rule()
    def somebody_looks(self) -> None:
        """Views hold what they should: dear to work out, so not after every step."""
        check_views(self.cast.mina, [self.cast.care.pk])
        check_views(self.cast.ana, None)

    # What must hold ---------------------------------------------------------------------------

    @invariant()
    def lists_tell_the_truth(self) -> None:
        check_lists()

    @invariant()
    def whoever_answers_for_it_works_there(self) -> None:
        for one in Conversation.objects.exclude(assignee=None).select_related("assignee"):
            who = one.assignee
            members = set(one.queue.members.values_list("agent_id", flat=True))
            assert who is not None
            assert who.is_operator or who.pk in members


@pytest.mark.django_db
def test_lists_tell_the_truth_after_whatever_happened() -> None:
    run_state_machine_as_test(
        Desk,
        settings=settings(
            max_examples=8, stateful_step_count=25, deadline=None, database=None,
            phases=[Phase.generate],  # to make it shorter would take minutes
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
