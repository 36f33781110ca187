"""The profile of a market."""

from __future__ import annotations

import pytest
from django.utils import translation

from hospes.markets.profiles import UnknownMarket, shipped_profile
from hospes.markets.wording import origin_in_words, place_in_words


def test_a_profile_tells_values_and_what_nobody_knows() -> None:
    japan = shipped_profile("jp")
    assert japan.code == "JP"
    assert japan.value("feedback.severity_rule") == "treat_as_serious"
    assert japan["consumer.refund_days"] is None
    assert japan.value("consumer.refund_days", 30) == 30
    with pytest.raises(KeyError):
        japan["consumer.refund_day"]


def test_nobody_can_change_a_profile() -> None:
    table = shipped_profile("JP").value("address.honorifics")
    with pytest.raises(TypeError):
        table["male"] = "さん"
    assert isinstance(shipped_profile("JP").value("topics.avoid"), tuple)


def test_only_what_somebody_made_sure_of_is_binding() -> None:
    japan = shipped_profile("JP")
    assert japan.binding("consumer.withdrawal_days") is japan["consumer.withdrawal_days"]
    assert shipped_profile("SI").binding("consumer.refund_days") is None


def test_what_a_customer_chose_stands_over_the_profile_and_leaves_it_as_it_was() -> None:
    japan = shipped_profile("JP")
    assert japan.chosen_by_customer({"style.emoji": "ok_in_chat"}).value("style.emoji") != "avoid"
    assert japan.value("style.emoji") == "avoid"


@pytest.mark.parametrize(
    ("given", "code"), [("us_ca", "US-CA"), ("eu", "EU"), ("global", "_global"), ("lt", "LT")]
)
def test_a_market_is_found_however_its_code_is_written(given: str, code: str) -> None:
    assert shipped_profile(given).code == code


@pytest.mark.parametrize(
    ("given", "near"),
    [("Japan", ("JP",)), ("Slovenja", ("SI",)), ("nordic", ("nordics",)), ("QQ", ()), ("", ())],
)
def test_a_market_that_is_none_is_refused_with_those_one_may_have_meant(
    given: str, near: tuple[str, ...]
) -> None:
    with pytest.raises(UnknownMarket) as refused:
        shipped_profile(given)
    assert refused.value.near[: len(near)] == near
    assert all(code in str(refused.value) for code in near)


@pytest.mark.parametrize(
    ("code", "key", "words"),
    [
        ("SI", "privacy.breach_hours", "from EU law"),
        ("DE", "consumer.refund_days", "from the law of Germany"),
        ("VN", "style.directness", "regional default: Asia"),
        ("CH", "style.emoji", "our own default"),
        ("CH", "style.principles", "world default"),
        ("JP", "style.directness", "default for Japan"),
        ("CH", "marketing.call_windows", "our own default"),
    ],
)
def test_a_fact_says_where_it_comes_from(code: str, key: str, words: str) -> None:
    fact = shipped_profile(code)[key]
    assert fact is not None
    assert origin_in_words(fact) == words


def test_places_are_named_in_the_readers_language() -> None:
    with translation.override("de"):
        assert place_in_words("SI") == "Slowenien"
        assert place_in_words("asia") == "Asien"


def test_the_world_has_a_profile_under_the_name_of_its_file() -> None:
    assert shipped_profile("_global").code == "_global"
    assert shipped_profile("global").code == "_global"
