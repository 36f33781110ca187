"""Of all that is known the nearest holds, and the law is a floor."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hospes.markets import shipped
from hospes.markets.outdoing import is_at_least
from hospes.markets.resolving import Confirmed, Fact, How, Own, chosen, resolve

MAY = date(2026, 5, 3)


def holding(code: str, key: str, *owns: Own, confirmed: tuple[Confirmed, ...] = ()) -> Fact:
    return resolve(shipped.layers(code), owns, confirmed)[key]


def own(how: How, code: str, key: str, value: Any) -> Own:
    return Own(how, code, key, shipped.frozen(value), MAY, by_id=7, citation="BGBl. 2026")


@pytest.mark.parametrize(
    ("code", "key", "value", "place"),
    [
        ("JP", "address.default_form", "formal", "JP"),
        ("SI", "privacy.breach_hours", 72, "EU"),
        ("JP", "style.emoji", "avoid", "JP"),
        ("VN", "feedback.severity_rule", "treat_as_serious", "asia"),
        ("CH", "style.emoji", "follow_customer", "_global"),
        ("US-FL", "marketing.max_attempts", "3 commercial calls per 24 h on the same subject", "US-FL"),
        ("US-FL", "consumer.withdrawal_days", 3, "US"),
        ("LT", "address.default_form", "formal", "_global"),
    ],
)  # fmt: skip
def test_the_nearest_place_that_knows_has_the_word(
    code: str, key: str, value: object, place: str
) -> None:
    fact = holding(code, key)
    assert (fact.value, fact.origin.code) == (value, place)


def test_answering_times_are_taken_for_each_channel_with_their_origin() -> None:
    fact = holding("CN", "response.first_reply_minutes")
    assert (fact.value["chat"], fact.parts["chat"].origin.code) == (1, "CN")
    assert (fact.value["email"], fact.parts["email"].origin.code) == (1440, "_global")

    set_here = own(How.OVERRIDE, "CN", "response.first_reply_minutes", {"email": 240})
    fact = holding("CN", "response.first_reply_minutes", set_here)
    assert (fact.value["email"], fact.parts["email"].origin.how) == (240, How.OVERRIDE)
    assert (fact.value["chat"], fact.parts["chat"].origin.code) == (1, "CN")
    assert fact.value["social"] == 60


def test_what_the_operator_sets_goes_before_what_is_told() -> None:
    fact = holding(
        "JP", "address.default_form", own(How.OVERRIDE, "JP", "address.default_form", "neutral")
    )
    assert (fact.value, fact.origin.how, fact.origin.since, fact.origin.by_id) == (
        "neutral", How.OVERRIDE, MAY, 7,
    )  # fmt: skip
    assert fact.floor is not None
    assert fact.floor.value == "formal"


def test_what_is_set_for_a_country_does_not_reach_what_a_part_of_it_says_itself() -> None:
    set_here = own(How.OVERRIDE, "CA", "address.default_form", "informal")
    assert holding("CA", "address.default_form", set_here).value == "informal"
    assert holding("CA-QC", "address.default_form", set_here).value == "formal"
    assert holding("CA-ON", "address.default_form", set_here).value == "informal"


@pytest.mark.parametrize(
    ("how", "days", "expected"),
    [
        (How.OVERRIDE, 30, 30),  # more than the law
        (How.OVERRIDE, 14, 14),
        (How.OVERRIDE, 7, 14),  # less: the law holds
        (How.WAIVER, 7, 7),
        (How.CORRECTION, 10, 10),  # the law is another than was told
    ],
)
def test_the_law_is_a_floor(how: How, days: int, expected: int) -> None:
    key = "consumer.withdrawal_days"
    assert holding("SI", key, own(how, "SI", key, days)).value == expected


def test_a_correction_is_the_floor_from_then_on() -> None:
    key = "consumer.withdrawal_days"
    corrected = own(How.CORRECTION, "SI", key, 21)
    fact = holding("SI", key, corrected, own(How.OVERRIDE, "SI", key, 14))
    assert (fact.value, fact.origin.how) == (21, How.CORRECTION)
    assert [source.title for source in fact.sources] == ["BGBl. 2026"]


def test_the_stricter_hours_of_a_country_hold_in_all_its_parts_and_the_wider_ones_do_not() -> None:
    key = "marketing.call_windows"
    days = ["mon", "tue", "wed", "thu", "fri"]
    narrow = own(How.OVERRIDE, "US", key, [{"days": days, "from": "10:00", "to": "18:00"}])
    assert holding("US-FL", key, narrow).value[0]["to"] == "18:00"
    wide = own(How.OVERRIDE, "US", key, [{"days": days, "from": "10:00", "to": "21:00"}])
    assert holding("US", key, wide).value[0]["to"] == "21:00"
    assert holding("US-FL", key, wide).value[0]["to"] == "20:00"  # the law of Florida


def test_a_waiver_for_a_region_does_not_reach_under_the_law_of_its_countries() -> None:
    key = "consumer.withdrawal_days"
    waived = own(How.WAIVER, "EU", key, 7)
    assert holding("EU", key, waived).value == 7
    assert holding("DE", key, waived).value == 14


def test_a_law_that_nobody_made_sure_of_is_a_proposal_until_somebody_does() -> None:
    key = "consumer.refund_days"
    assert holding("SI", key).is_proposal
    said = Confirmed("SI", key, 14)
    assert not holding("SI", key, confirmed=(said,)).is_proposal
    assert holding("HR", key, confirmed=(said,)).is_proposal  # of another market
    assert holding("SI", key, confirmed=(replace(said, value=30),)).is_proposal  # of another value
    assert not holding("SI", key, own(How.OVERRIDE, "SI", key, 7)).is_proposal


def test_what_was_read_and_what_is_no_law_needs_nobody_to_confirm_it() -> None:
    assert not holding("JP", "consumer.withdrawal_days").is_proposal
    assert not holding("JP", "style.directness").is_proposal
    ours = holding("CH", "marketing.call_windows")
    assert (ours.is_law, ours.is_proposal) == (False, False)


def test_what_we_chose_ourselves_is_no_floor() -> None:
    key = "marketing.message_consent"
    assert not holding("LT", key).is_law
    assert holding("LT", key, own(How.OVERRIDE, "LT", key, "opt_out")).value == "opt_out"


def test_what_the_customer_chose_goes_first() -> None:
    facts = resolve(
        shipped.layers("JP"), [own(How.OVERRIDE, "JP", "address.default_form", "neutral")]
    )
    fact = chosen(facts, {"address.default_form": "informal"})["address.default_form"]
    assert (fact.value, fact.origin.how) == ("informal", How.CUSTOMER)


def test_a_key_nobody_knows_is_absent() -> None:
    assert "consumer.refund_days" not in resolve(shipped.layers("JP"))


COUNTED = (
    "consumer.withdrawal_days", "consumer.refund_days", "consumer.guarantee_months",
    "privacy.dsar_days", "privacy.breach_hours",
)  # fmt: skip
PLACES = ("SI", "DE", "US", "US-CA", "EU", "_global", "CA", "CA-QC", "nordics", "SE")
SET_HERE = st.lists(
    st.builds(
        own,
        st.sampled_from([How.OVERRIDE, How.CORRECTION]),
        st.sampled_from(PLACES),
        st.sampled_from(COUNTED),
        st.integers(0, 400),
    ),
    max_size=6,
    unique_by=lambda one: (one.how, one.code, one.key),
)


@given(owns=SET_HERE, code=st.sampled_from(PLACES))
def test_without_a_waiver_nothing_holds_that_gives_less_than_the_law(
    owns: list[Own], code: str
) -> None:
    corrections = [one for one in owns if one.how is How.CORRECTION]
    told = resolve(shipped.layers(code), corrections)
    for key, fact in resolve(shipped.layers(code), owns).items():
        law = told.get(key)
        if law is not None and law.is_law:
            assert is_at_least(key, fact.value, law.value)
