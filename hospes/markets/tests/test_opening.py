"""Countries that are served."""

from __future__ import annotations

import pytest
from django.utils import translation

from hospes.lib.refusal import Refused
from hospes.markets.actions.opening import open_market
from hospes.markets.models import Market, territory_name

pytestmark = pytest.mark.django_db


def test_a_market_is_opened_once_and_brought_up_to_date() -> None:
    open_market(code="jp", zone="Asia/Tokyo", language="ja")
    market = open_market(code="JP", zone="Asia/Tokyo", language="en")

    assert Market.objects.get() == market
    assert (market.code, market.language, market.clock.key) == ("JP", "en", "Asia/Tokyo")


@pytest.mark.parametrize("zone", ["", "Nowhere/City", "../etc/passwd"])
def test_a_market_without_a_time_zone_is_refused(zone: str) -> None:
    with pytest.raises(Refused, match="time zone"):
        open_market(code="JP", zone=zone, language="ja")


@pytest.mark.parametrize(
    ("code", "called"),
    [("us-ca", "California"), ("ES-CT", "Cataluña"), ("CA-QC", "Quebec"), ("JP-13", "13")],
)
def test_a_part_of_a_country_is_a_market_of_its_own(code: str, called: str) -> None:
    whole = open_market(code=code[:2], zone="UTC", language="en")
    part = open_market(code=code, zone="UTC", language="en")

    assert part != whole
    assert (part.code, part.country) == (code.upper(), whole.code)
    assert part.name == f"{whole.name}, {called}"


@pytest.mark.parametrize("code", ["EU", "_global", "asia", "XX", "US-ZZ", "EU-DE", "US-", "USA"])
def test_what_is_no_country_and_no_part_of_one_is_no_market(code: str) -> None:
    with pytest.raises(Refused) as refused:
        open_market(code=code, zone="UTC", language="en")
    assert refused.value.code == "no_such_market"
    assert not Market.objects.exists()


@pytest.mark.parametrize(
    ("language", "name"),
    [("en", "Slovenia"), ("sl", "Slovenija"), ("ja", "スロベニア"), ("ar", "سلوفينيا")],
)
def test_a_country_is_named_in_the_readers_language(language: str, name: str) -> None:
    with translation.override(language):
        assert territory_name("SI") == name
        assert territory_name("??") == "??"
