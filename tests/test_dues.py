"""What is owed in a conversation, as everything that happens in it changes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from hospes.channels.models import Channel
from hospes.config.reactions import REACTIONS
from hospes.conversations.actions.assigning import assign
from hospes.conversations.actions.classifying import classify
from hospes.conversations.actions.closing import close, reopen
from hospes.conversations.actions.marking import mark_holding
from hospes.conversations.actions.replying import reply
from hospes.conversations.actions.snoozing import awaken, snooze
from hospes.conversations.actions.unsending import unsend
from hospes.conversations.events import DeliveryChanged
from hospes.conversations.models import Conversation, InboxRow, Message, OutboxEntry, Priority
from hospes.conversations.models.conversation import NEVER
from hospes.events.consuming import consume_batch
from hospes.events.models import Event, Hint, PendingEvent
from hospes.events.recording import record
from hospes.lib.refusal import Refused
from hospes.markets.actions.setting import set_value
from hospes.markets.models import Calendar, Market
from hospes.people.models import Contract, Customer
from hospes.servicelevels.actions.counting import recount
from hospes.servicelevels.actions.looking import look_at_due
from hospes.servicelevels.actions.setting import add_level, change_level
from hospes.servicelevels.jobs import count_uncounted, recount_open
from hospes.servicelevels.models import Breach, Clock, ServiceLevel, Whose
from tests.arriving import arrive_together, shown
from tests.cast import NOON, Cast
from tests.mail import letter

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
# The market's usual day in Spain is nine to eight; it is one in the afternoon there at noon.


def after(hours: float) -> datetime:
    return NOON + hours * HOUR


def level(**changes: Any) -> ServiceLevel:
    told: dict[str, Any] = {
        "name": "Standard",
        "first_reply_minutes": 120,
        "next_reply_minutes": 60,
        "changed_at": NOON,
    }
    return ServiceLevel.objects.create(**{**told, **changes})


def react(at: datetime = NOON) -> None:
    while consume_batch(REACTIONS, at=at):
        pass
    assert not PendingEvent.objects.exclude(error="").values_list("error", flat=True)


@pytest.fixture
def parcel(cast: Cast) -> Conversation:
    level()
    message = shown(cast, letter("parcel@example.es", text="Where is my parcel?"))
    react()
    return message.conversation


def clock_of(one: Conversation) -> Clock:
    return Clock.objects.get(pk=one.pk)


def now(one: Conversation) -> Conversation:
    return Conversation.objects.get(pk=one.pk)


def test_a_letter_that_came_in_owes_a_first_reply_and_the_list_is_sorted_by_it(
    parcel: Conversation,
) -> None:
    row = InboxRow.objects.get(pk=parcel.pk)

    assert clock_of(parcel).first_reply_due == after(2)
    assert (row.next_due_at, row.next_due, row.sort_at) == (after(2), "first_reply", after(2))
    assert row.due_warn_at == after(1.5)
    assert clock_of(parcel).whose == Whose.PROFILE


def test_without_a_service_level_the_usual_time_of_the_market_counts(cast: Cast) -> None:
    message = shown(cast, letter("usual@example.es"))
    react()

    clock = clock_of(message.conversation)
    assert clock.level is None
    assert clock.first_reply_due == after(24)  # a working day of eleven hours


def test_a_reply_stops_the_clock_and_the_next_letter_starts_another(
    parcel: Conversation, cast: Cast
) -> None:
    reply(parcel, text="It left on Monday.", by=cast.mina, at=after(1))
    react(after(1))
    assert now(parcel).next_due_at is None
    assert InboxRow.objects.get(pk=parcel.pk).sort_at == NEVER
    assert clock_of(parcel).first_reply_seconds == 3600

    Message.objects.create(
        conversation=parcel,
        channel=cast.channel,
        direction=0,
        text="?",
        reply_text="?",
        at=after(2),
    )
    recount([parcel.pk], at=after(2))

    assert clock_of(parcel).next_reply_due == after(3)
    assert now(parcel).next_due == "next_reply"


def test_a_holding_reply_stops_nothing_and_leaves_the_customer_waiting(
    parcel: Conversation, cast: Cast
) -> None:
    said = reply(parcel, text="We look into it.", by=cast.mina, at=after(1), is_holding=True)
    react(after(1))

    assert said.is_holding
    assert now(parcel).waiting_since == NOON
    assert now(parcel).next_due_at == after(2)

    mark_holding(said, is_holding=False, by=cast.mina, at=after(1.5))
    react(after(1.5))
    assert now(parcel).waiting_since is None
    assert clock_of(parcel).first_reply_at == after(1)

    mark_holding(said, is_holding=True, by=cast.mina, at=after(1.6))
    react(after(1.6))
    assert now(parcel).waiting_since == NOON
    assert clock_of(parcel).first_reply_at is None


@pytest.mark.parametrize(
    ("language", "text", "holds"),
    [
        ("en", "Hello,\n\nWe are looking into it.\n\nKind regards,\nMina", True),
        ("en", "We are looking into it and will write by Friday.", False),
        ("xx", "We are looking into it.", False),
    ],
)
def test_the_words_say_whether_a_reply_only_holds(
    cast: Cast, language: str, text: str, holds: bool
) -> None:
    one = shown(cast, letter(f"{language}.{holds}@example.es")).conversation
    Conversation.objects.filter(pk=one.pk).update(language=language)

    assert reply(now(one), text=text, by=cast.mina, at=NOON).is_holding is holds


def test_what_the_customer_or_a_machine_wrote_is_no_holding_reply(
    parcel: Conversation, cast: Cast
) -> None:
    with pytest.raises(Refused, match="one of us wrote"):
        mark_holding(parcel.messages.get(), is_holding=True, by=cast.mina, at=NOON)


def test_a_stranger_marks_nothing(parcel: Conversation, cast: Cast) -> None:
    said = reply(parcel, text="Yes.", by=cast.mina, at=NOON)

    with pytest.raises(Refused):
        mark_holding(said, is_holding=True, by=cast.vera, at=NOON)


def test_a_snooze_is_a_pause(parcel: Conversation, cast: Cast) -> None:
    snooze(parcel, until=after(30), by=cast.mina, at=after(1))
    react(after(1))
    assert now(parcel).next_due_at is None
    assert clock_of(parcel).is_paused

    awaken(now(parcel), by=cast.mina, at=after(2))
    react(after(2))
    assert now(parcel).next_due_at == after(3)


def test_a_close_without_an_answer_stops_no_clock(parcel: Conversation, cast: Cast) -> None:
    close(parcel, by=cast.mina, at=after(1))
    react(after(1))
    assert now(parcel).next_due_at is None

    reopen(now(parcel), by=cast.mina, at=after(3))
    react(after(3))
    assert now(parcel).next_due_at == after(4)


def test_a_reply_that_was_taken_back_stopped_nothing(parcel: Conversation, cast: Cast) -> None:
    said = reply(parcel, text="Done.", by=cast.mina, at=after(1), close_after=True)
    react(after(1))
    assert clock_of(parcel).resolved_at == after(1)

    unsend(said, by=cast.mina, at=after(1))
    react(after(1))

    assert now(parcel).next_due_at == after(2)
    assert clock_of(parcel).resolved_at is None


@pytest.mark.parametrize("state", [OutboxEntry.State.FAILED, OutboxEntry.State.BOUNCED])
def test_a_reply_that_never_arrived_answers_nobody_until_it_is_sent_again(
    parcel: Conversation, cast: Cast, state: str
) -> None:
    said = reply(parcel, text="It left on Monday.", by=cast.mina, at=after(1))
    react(after(1))
    assert now(parcel).next_due_at is None

    became(said, state)
    assert now(parcel).next_due_at == after(2)

    became(said, OutboxEntry.State.QUEUED)
    assert now(parcel).next_due_at is None


def became(said: Message, state: str) -> None:
    OutboxEntry.objects.filter(message=said).update(state=state)
    with transaction.atomic():
        record(DeliveryChanged(said.conversation_id, said.pk, state), at=after(1))
    react(after(1))


def test_it_warns_once_before_and_tells_once_after(parcel: Conversation, cast: Cast) -> None:
    assert look_at_due(at=after(1)) == 0

    assert look_at_due(at=after(1.5)) == 1
    assert look_at_due(at=after(1.6)) == 0
    assert now(parcel).due_warned_at == after(1.5)
    assert look_at_due(at=after(2.01)) == 1
    assert look_at_due(at=after(3)) == 0

    react(after(3))
    kinds = Event.objects.filter(conversation_id=parcel.pk, kind__startswith="Due")
    assert list(kinds.order_by("pk").values_list("kind", flat=True)) == ["DueWarned", "DueMissed"]
    breach = Breach.objects.get(conversation=parcel)
    assert (breach.what, breach.due_at, breach.met_at) == ("first_reply", after(2), None)
    told = Hint.objects.filter(topic="notice", data__kind="DueMissed")
    assert list(told.values_list("agent_id", flat=True)) == [cast.jonas.pk]


def test_a_desk_that_slept_through_both_still_tells_both(parcel: Conversation) -> None:
    assert look_at_due(at=after(5)) == 1

    kinds = Event.objects.filter(conversation_id=parcel.pk, kind__startswith="Due")
    assert set(kinds.values_list("kind", flat=True)) == {"DueWarned", "DueMissed"}
    assert look_at_due(at=after(6)) == 0


def test_what_is_read_late_forgets_nothing_that_was_missed_since(parcel: Conversation) -> None:
    look_at_due(at=after(3))
    recount([parcel.pk], at=after(1))
    recount([parcel.pk], at=after(4))

    assert Breach.objects.count() == 1
    assert Event.objects.filter(kind="DueMissed").count() == 1


def test_a_late_answer_is_a_breach_and_one_that_turns_out_to_be_in_time_is_none(
    parcel: Conversation, cast: Cast
) -> None:
    said = reply(parcel, text="Yes.", by=cast.mina, at=after(1), is_holding=True)
    reply(now(parcel), text="It left.", by=cast.mina, at=after(3))
    react(after(3))
    assert Breach.objects.get(conversation=parcel).met_at == after(3)

    mark_holding(said, is_holding=False, by=cast.mina, at=after(4))
    react(after(4))

    assert not Breach.objects.filter(conversation=parcel).exists()


def test_a_resolution_that_is_due_soon_is_ours_to_look_at(cast: Cast) -> None:
    level(name="Repair", next_reply_minutes=None, resolution_minutes=240)
    one = shown(cast, letter("repair@example.es")).conversation
    reply(one, text="We have ordered the part.", by=cast.mina, at=after(1))
    react(after(1))
    assert now(one).next_due == "resolution"
    assert InboxRow.objects.get(pk=one.pk).sort_at == NEVER

    assert look_at_due(at=after(3)) == 1

    assert InboxRow.objects.get(pk=one.pk).sort_at == after(4)


def test_the_first_service_level_that_applies_counts(cast: Cast) -> None:
    gold = Contract.objects.create(name="Gold", tier="gold")
    level(name="Gold", position=1, first_reply_minutes=30, tiers=["gold"])
    level(name="Urgent", position=2, first_reply_minutes=15, priorities=[Priority.URGENT])
    level(name="Repairs", position=3, first_reply_minutes=45, topics=["repair"])
    dear = {"min_value_minor": 100_00, "value_currency": "EUR"}
    level(name="Dear", position=4, first_reply_minutes=50, **dear)
    level(name="Elsewhere", position=5, first_reply_minutes=1, market_codes=["JP"])
    level(name="Rest", position=9, market_codes=["ES"], channel_ids=[cast.channel.pk])
    one = shown(cast, letter("tier@example.es")).conversation

    def minutes() -> float:
        react()
        due = clock_of(one).first_reply_due
        assert due is not None
        return (due - NOON) / timedelta(minutes=1)

    assert minutes() == 120
    classify(one, changes={"value_minor": 99_99, "value_currency": "EUR"}, by=cast.mina, at=NOON)
    assert minutes() == 120
    classify(one, changes={"value_minor": 100_00}, by=cast.mina, at=NOON)
    assert minutes() == 50
    classify(one, changes={"topic": " repair "}, by=cast.mina, at=NOON)
    assert minutes() == 45
    classify(one, changes={"priority": Priority.URGENT}, by=cast.mina, at=NOON)
    assert minutes() == 15
    one.customer.contract = gold
    one.customer.save()
    recount([one.pk], at=NOON)
    assert minutes() == 30


def test_a_service_level_of_a_country_holds_for_its_parts_and_not_the_other_way() -> None:
    one = Conversation(customer=Customer(display_name="x"))
    for wanted, market_code, holds in (
        (["US"], "US-CA", True),
        (["US-CA"], "US-CA", True),
        (["US-CA"], "US", False),
        (["US-CA"], "US-FL", False),
        (["ES"], "US-CA", False),
    ):
        row = ServiceLevel(name="Parts", market_codes=wanted)
        assert row.applies_to(one, market_code=market_code) is holds, (wanted, market_code)


@pytest.mark.parametrize(
    "changes",
    [
        {"priority": 9},
        {"topic": "x" * 81},
        {"value_minor": -1, "value_currency": "EUR"},
        {"value_minor": 5, "value_currency": "???"},
    ],
)
def test_what_cannot_be_is_refused(
    parcel: Conversation, cast: Cast, changes: dict[str, Any]
) -> None:
    with pytest.raises(Refused):
        classify(parcel, changes=changes, by=cast.mina, at=NOON)


def test_counting_again_changes_nothing_and_costs_the_same_for_many(cast: Cast) -> None:
    level()

    def statements(count: int) -> int:
        arrive_together(cast, *[letter(f"many.{count}.{n}@example.es") for n in range(count)])
        ids = list(Conversation.objects.values_list("pk", flat=True))
        recount(ids, at=NOON)
        with CaptureQueriesContext(connection) as asked:
            first = recount(ids, at=NOON)
        assert [row.next_due_at for row in first] == [after(2)] * len(ids)
        return len(asked)

    few = statements(3)
    assert statements(40) == few <= 10


def test_counting_costs_the_same_wherever_customers_are(cast: Cast) -> None:
    """Known by their contracts, or by phones from markets that are served, and from such that are not."""
    level()
    served = Market.objects.create(code="DE", zone="Europe/Berlin", language="de")
    contract = Contract.objects.create(name="Wherever", market=served)

    def statements(count: int) -> int:
        letters = [letter(f"where.{count}.{n}@example.es") for n in range(count)]
        arrive_together(cast, *letters)
        customers = Customer.objects.filter(identities__value__startswith=f"where.{count}.")
        numbers = sorted(customers.values_list("pk", flat=True))
        phone = {"country_by": Customer.CountryBy.PHONE}
        Customer.objects.filter(pk__in=numbers[::3]).update(contract=contract)
        Customer.objects.filter(pk__in=numbers[1::3]).update(country="DE", **phone)
        Customer.objects.filter(pk__in=numbers[2::3]).update(country="KR", **phone)
        found = Conversation.objects.filter(customer__in=numbers)
        ids = list(found.values_list("pk", flat=True))
        recount(ids, at=NOON)
        with CaptureQueriesContext(connection) as asked:
            rows = recount(ids, at=NOON)
        assert {row.zone for row in rows} == {"Europe/Berlin", "Asia/Seoul"}
        return len(asked)

    assert statements(30) == statements(3)


def test_one_written_rule_says_whose_calendar_counts(cast: Cast) -> None:
    """The customer's contract, then the market, then the channel, then the team."""
    level()
    one = shown(cast, letter("whose@example.es")).conversation
    contract = Contract.objects.create(name="Night", tier="night")
    one.customer.contract = contract
    one.customer.save()
    assert cast.care.team is not None
    assert cast.channel.market is not None
    owners = (
        (Whose.TEAM, cast.care.team),
        (Whose.CHANNEL, cast.channel),
        (Whose.MARKET, cast.channel.market),
        (Whose.CONTRACT, contract),
    )

    for hour, (whose, owner) in enumerate(owners, start=14):
        calendar = Calendar.objects.create(
            name=str(whose), zone="UTC", hours=[[[hour * 60, 1440]]] * 7, changed_at=NOON
        )
        type(owner).objects.filter(pk=owner.pk).update(calendar=calendar)
        (clock,) = recount([one.pk], at=NOON)
        assert (clock.whose, clock.calendar_name) == (whose, str(whose))
        assert clock.first_reply_due == after(hour - 12 + 2)


def test_public_holidays_of_the_market_do_not_count(cast: Cast) -> None:
    level(first_reply_minutes=11 * 60)
    one = shown(cast, letter("holiday@example.es")).conversation
    eve = datetime(2026, 12, 24, 8, tzinfo=UTC)  # nine in Madrid, on a Thursday
    Message.objects.filter(conversation=one).update(at=eve)
    Conversation.objects.filter(pk=one.pk).update(opened_at=eve)

    (clock,) = recount([one.pk], at=eve)

    assert clock.first_reply_due == datetime(2026, 12, 24, 19, tzinfo=UTC)
    ServiceLevel.objects.update(first_reply_minutes=12 * 60)
    (clock,) = recount([one.pk], at=eve)
    assert clock.first_reply_due == datetime(2026, 12, 28, 9, tzinfo=UTC)


def test_a_mild_complaint_from_japan_is_raised_with_its_reason_and_stays_as_an_agent_sets_it(
    cast: Cast,
) -> None:
    first = shown(cast, letter("aiko@example.jp", text="少し残念です。"))
    react()
    one = now(first.conversation)
    assert one.priority == Priority.HIGH
    told = Event.objects.get(conversation_id=one.pk, kind="ConversationClassified")
    assert told.data["reason"] == "mild_words"

    classify(one, changes={"priority": Priority.LOW}, by=cast.mina, at=NOON)
    shown(cast, letter("aiko@example.jp", text="少し残念です。", subject=f"Re: {one.reference}"))
    react()

    assert now(one).priority == Priority.LOW


@pytest.mark.acts("feedback.severity_rule")
def test_another_rule_of_the_market_raises_nothing(cast: Cast) -> None:
    set_value("JP", "feedback.severity_rule", "as_stated", by_id=cast.ana.pk, at=NOON)
    one = shown(cast, letter("aiko@example.jp", text="少し残念です。")).conversation
    react()

    assert now(one).priority == Priority.NORMAL


def test_the_acknowledgement_says_when_an_answer_comes_on_the_clock_of_the_customer(
    cast: Cast,
) -> None:
    level()
    Channel.objects.update(acknowledges=True)
    one = shown(
        cast, letter("aiko@example.jp", text="荷物はどこにありますか。一週間待っています。")
    ).conversation
    react()

    said = one.messages.get(direction=1)
    assert said.language == "ja"
    assert "東京" in said.text
    # Nine in the evening in Tokyo; the market there opens at nine, and two hours are the target.
    assert "9:00" in said.text
    assert "11:00" in said.text


def test_whoever_was_told_a_time_is_told_again_before_it_slips_but_not_twice_a_day(
    cast: Cast,
) -> None:
    level(first_reply_minutes=60 * 33)  # three of the market's days; the warning comes in the third
    Channel.objects.update(acknowledges=True)
    one = shown(cast, letter("slips@example.es", text="¿Dónde está mi paquete?")).conversation
    react()
    assert one.messages.filter(direction=1).count() == 1

    due = clock_of(one)
    assert due.warn_at is not None
    assert due.warn_at - NOON > timedelta(days=1)
    look_at_due(at=due.warn_at)
    react(due.warn_at)

    first, second = one.messages.filter(direction=1).order_by("pk")
    assert first.is_automatic
    assert second.is_automatic
    assert second.text != first.text
    assert "Madrid" in second.text
    assert now(one).waiting_since == NOON


def test_within_a_day_of_the_acknowledgement_nobody_is_told_again(cast: Cast) -> None:
    level(first_reply_minutes=120)
    Channel.objects.update(acknowledges=True)
    one = shown(cast, letter("soon@example.es", text="¿Dónde está mi paquete?")).conversation
    react()

    look_at_due(at=after(1.5))
    react(after(1.5))

    assert one.messages.filter(direction=1).count() == 1


def test_whoever_has_an_answer_is_told_nothing_of_it(cast: Cast) -> None:
    level(first_reply_minutes=60 * 33, next_reply_minutes=None)
    Channel.objects.update(acknowledges=True)
    one = shown(cast, letter("told@example.es", text="¿Dónde está mi paquete?")).conversation
    react()
    reply(now(one), text="Llega el jueves.", by=cast.mina, at=after(1))
    react(after(1))

    assert look_at_due(at=after(60)) == 0
    assert one.messages.filter(direction=1).count() == 2


def test_what_was_open_before_there_were_clocks_is_counted(parcel: Conversation) -> None:
    Clock.objects.all().delete()

    count_uncounted(0)

    assert clock_of(parcel).first_reply_due == after(2)


def test_every_open_conversation_is_counted_anew_when_the_targets_change(
    parcel: Conversation,
) -> None:
    ServiceLevel.objects.update(first_reply_minutes=180)

    recount_open()

    assert now(parcel).next_due_at == after(3)
    assert InboxRow.objects.get(pk=parcel.pk).sort_at == after(3)


def test_the_waiting_time_ends_when_somebody_is_there_and_the_first_reply_does_not(
    cast: Cast,
) -> None:
    level(name="Phone", waiting_seconds=30, first_reply_minutes=60)
    held = shown(cast, letter("held@example.es")).conversation
    taken = shown(cast, letter("taken@example.es")).conversation
    left = shown(cast, letter("left@example.es")).conversation
    react()
    assert (now(held).next_due, now(held).next_due_at) == ("waiting", NOON + timedelta(seconds=30))

    reply(held, text="x", is_holding=True, by=cast.mina, at=NOON + timedelta(seconds=10))
    assign(taken, to=cast.mina, by=cast.mina, at=NOON + timedelta(seconds=20))
    assign(left, to=cast.mina, by=cast.mina, at=NOON + timedelta(minutes=2))
    react(NOON + timedelta(minutes=2))

    for one, seconds in ((held, 10), (taken, 20), (left, 120)):
        clock = clock_of(one)
        assert clock.waiting_at == NOON + timedelta(seconds=seconds)
        assert clock.first_reply_at is None
        assert (now(one).next_due, now(one).next_due_at) == ("first_reply", after(1))
    breach = Breach.objects.get()
    assert (breach.conversation_id, breach.what, breach.met_at) == (left.pk, "waiting", NOON + timedelta(minutes=2))  # fmt: skip


def test_a_conversation_that_is_nobodys_again_waits_and_a_waiting_time_has_bounds(
    cast: Cast,
) -> None:
    row = add_level(given={"name": "Phone", "waiting_seconds": 30}, by=cast.ana, at=NOON)
    assert row.targets.waiting == timedelta(seconds=30)
    for seconds in (0, -1, 86_401):
        with pytest.raises(Refused):
            change_level(row, given={"waiting_seconds": seconds}, by=cast.ana, at=NOON)
    one = shown(cast, letter("nobody@example.es")).conversation
    react()
    assign(one, to=None, by=cast.ana, at=NOON)
    react()
    assert clock_of(one).waiting_at is None
