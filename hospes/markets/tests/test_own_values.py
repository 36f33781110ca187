"""What operators say of facts: it holds, it stays as history, and the law is a floor."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from hospes.events.consuming import consume_batch
from hospes.events.models import Event, PendingEvent
from hospes.lib.refusal import Refused
from hospes.markets.actions.confirming import confirm
from hospes.markets.actions.correcting import Citation, correct
from hospes.markets.actions.setting import BelowTheLaw, Waiver, set_value
from hospes.markets.actions.taking_back import take_back
from hospes.markets.events import MarketFactChanged
from hospes.markets.models import OwnValue
from hospes.markets.profiles import UnknownMarket, profile_of, profiles_of
from hospes.markets.resolving import How
from hospes.markets.values import WrongValue
from hospes.markets.wording import origin_in_words

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)
TODAY = NOON.date()
REFUND = "consumer.refund_days"
READ = Citation("ZVPot-1, art. 140", date(2026, 1, 1))


def say(key: str, value: Any, *, place: str = "SI", waiver: Waiver | None = None) -> OwnValue:
    return set_value(place, key, value, by_id=7, at=NOON, waiver=waiver)


def holding(key: str, place: str = "SI", on: date = TODAY) -> Any:
    return profile_of(place, on=on)[key]


def test_an_own_value_holds_and_says_who_set_it_and_when() -> None:
    say("address.default_form", "informal")
    fact = holding("address.default_form")
    assert (fact.value, fact.origin.by_id) == ("informal", 7)
    assert origin_in_words(fact) == "set by you on May 3, 2026"
    with translation.override("de"):
        assert holding("address.default_form").value == "informal"


def test_the_latest_own_value_holds_and_the_others_are_history() -> None:
    say("style.emoji", "avoid")
    later = NOON + timedelta(hours=1)
    set_value("SI", "style.emoji", "ok_in_chat", by_id=8, at=later)
    assert holding("style.emoji").value == "ok_in_chat"
    first, second = OwnValue.objects.order_by("pk")
    assert (first.ended_at, first.ended_by_id, second.ended_at) == (later, 8, None)


def test_what_is_taken_back_lets_what_is_told_hold_again() -> None:
    own = say("style.emoji", "ok_in_chat")
    take_back(own, by_id=7, at=NOON)
    assert holding("style.emoji").origin.how is not How.OVERRIDE
    with pytest.raises(Refused, match="taken back already"):
        take_back(own, by_id=7, at=NOON)


def test_more_than_the_law_may_be_given_freely() -> None:
    say(REFUND, 2)
    assert holding(REFUND).value == 2
    assert not holding(REFUND).is_proposal


def test_less_than_the_law_is_refused_in_the_readers_words() -> None:
    with pytest.raises(BelowTheLaw) as refused:
        say(REFUND, 30)
    assert "The law gives customers more: 14 days." in str(refused.value)
    assert not OwnValue.objects.exists()


def test_a_waiver_goes_below_the_law_until_its_day() -> None:
    say(REFUND, 30, waiver=Waiver("Agreed with the authority", date(2026, 6, 30)))
    assert holding(REFUND, on=date(2026, 6, 30)).value == 30
    assert holding(REFUND, on=date(2026, 7, 1)).value == 14
    fact = holding(REFUND)
    assert fact.origin.until == date(2026, 6, 30)
    assert origin_in_words(fact) == "below the law, as waived by you on May 3, 2026"


@pytest.mark.parametrize(
    ("reason", "until", "why"),
    [("  ", date(2026, 6, 30), "Say why"), ("Agreed", date(2026, 5, 2), "still to come")],
)
def test_a_waiver_without_a_reason_or_a_day_to_come_is_refused(
    reason: str, until: date, why: str
) -> None:
    with pytest.raises(Refused, match=why):
        say(REFUND, 30, waiver=Waiver(reason, until))


def test_a_waiver_that_is_not_needed_is_an_own_value() -> None:
    own = say(REFUND, 7, waiver=Waiver("To be safe", date(2026, 6, 30)))
    assert (own.how, own.until) == ("override", None)


def test_what_only_says_what_the_law_is_cannot_be_outdone() -> None:
    with pytest.raises(Refused, match="correct it"):
        say("customs.tax_standard_pct", 25)
    correct("SI", "customs.tax_standard_pct", 25, READ, by_id=7, at=NOON)
    assert holding("customs.tax_standard_pct").value == 25


def test_a_correction_is_the_law_from_then_on() -> None:
    say(REFUND, 13)
    correct("SI", REFUND, 10, READ, by_id=7, at=NOON)
    fact = holding(REFUND)
    assert (fact.value, origin_in_words(fact)) == (10, "corrected by you on May 3, 2026")
    assert not fact.is_proposal
    assert [source.title for source in fact.sources] == ["ZVPot-1, art. 140"]
    with pytest.raises(BelowTheLaw):
        say(REFUND, 13)


@pytest.mark.parametrize(
    ("citation", "value", "why"),
    [
        (Citation(" ", TODAY), 10, "where you read it"),
        (Citation("Law 1", date(2026, 5, 4)), 10, "not still to come"),
        (Citation("Law 1", TODAY), 14, "confirm it instead"),
    ],
)
def test_a_correction_says_where_it_was_read(citation: Citation, value: int, why: str) -> None:
    with pytest.raises(Refused, match=why):
        correct("SI", REFUND, value, citation, by_id=7, at=NOON)


def test_a_law_is_confirmed_once_for_a_market() -> None:
    assert profile_of("SI", on=TODAY).binding(REFUND) is None
    confirm("SI", [REFUND, "consumer.refund_unit", "style.emoji"], by_id=7, at=NOON)
    binding = profile_of("SI", on=TODAY).binding(REFUND)
    assert binding is not None
    assert binding.is_confirmed
    assert profile_of("HR", on=TODAY).binding(REFUND) is None
    assert OwnValue.objects.count() == 2  # the emoji is no law
    with pytest.raises(Refused, match="Choose what you confirm"):
        confirm("SI", [REFUND], by_id=7, at=NOON)


def test_a_confirmation_of_another_value_confirms_nothing() -> None:
    confirm("SI", [REFUND], by_id=7, at=NOON)
    OwnValue.objects.update(value=13)  # as if a release told another value since
    assert holding(REFUND).is_proposal


@pytest.mark.parametrize(
    ("place", "key", "value", "refusal"),
    [
        ("QQ", "style.emoji", "avoid", UnknownMarket),
        ("SI", "style.emoji", "often", WrongValue),
        ("SI", REFUND, "two weeks", WrongValue),
        ("SI", REFUND, -1, WrongValue),
        ("SI", REFUND, True, WrongValue),
        ("SI", "consumer.human_agent_right", 1, WrongValue),
        ("SI", "response.business_hours", {"mon_fri": ["17:00", "09:00"]}, WrongValue),
        ("SI", "response.business_hours", {"mon_fri": ["9", "17:00"]}, WrongValue),
        ("SI", "response.first_reply_minutes", {"pigeon": 5}, WrongValue),
        ("SI", "marketing.call_windows", [{"days": ["lundi"], "from": "09:00", "to": "10:00"}], WrongValue),
        ("SI", "marketing.call_windows", [], WrongValue),
        ("SI", "customs.duty_de_minimis", {"amount": 150, "currency": "euro"}, WrongValue),
        ("SI", "address.honorifics", {"male": "g.", "female": "ga."}, WrongValue),
        ("SI", "topics.avoid", [], WrongValue),
        ("SI", "style.greeting", "x" * 1001, WrongValue),
    ],
)  # fmt: skip
def test_what_is_no_value_or_no_market_is_refused(
    place: str, key: str, value: Any, refusal: type[Refused]
) -> None:
    with pytest.raises(refusal):
        set_value(place, key, value, by_id=7, at=NOON)
    assert not OwnValue.objects.exists()


def test_a_row_that_a_later_release_cannot_read_counts_as_not_said() -> None:
    say("style.emoji", "avoid")
    OwnValue.objects.update(value="sparkles")
    assert holding("style.emoji").origin.how is not How.OVERRIDE
    OwnValue.objects.update(key="style.gone")
    assert profile_of("SI", on=TODAY).value("style.emoji")


def test_several_profiles_cost_one_query(django_assert_num_queries: Any) -> None:
    say("style.emoji", "avoid", place="US")
    with django_assert_num_queries(1):
        found = profiles_of(["US-CA", "US", "JP"], on=TODAY)
    assert found["US-CA"].value("style.emoji") == "avoid"
    assert found["US"] is profiles_of(["US"], on=TODAY)["US"]


def test_what_is_set_for_a_region_holds_in_countries_that_say_nothing_themselves() -> None:
    say("style.emoji", "avoid", place="EU")
    assert holding("style.emoji", "SI").origin.code == "EU"


@pytest.mark.parametrize("how", ["waiver", "correction"])
def test_the_database_wants_reasons_too(how: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        OwnValue.objects.create(place="SI", key=REFUND, how=how, value=3, at=NOON)


def test_every_change_is_an_event_that_is_settled() -> None:
    own = say("style.emoji", "avoid")
    take_back(own, by_id=8, at=NOON)
    events = list(Event.objects.filter(kind="MarketFactChanged").order_by("pk"))
    assert [(event.by_id, event.conversation_id) for event in events] == [(7, None), (8, None)]
    assert events[0].data == {"place": "SI", "key": "style.emoji", "own_value_id": own.pk}
    consume_batch({MarketFactChanged: []}, at=NOON)
    assert not PendingEvent.objects.filter(event__in=events).exists()
