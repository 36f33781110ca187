"""The clock of a country."""

from __future__ import annotations

import pytest

from hospes.markets.usual import usual_zone, zone_aliases, zones_with_places


@pytest.mark.parametrize(
    ("code", "zone"),
    [("JP", "Asia/Tokyo"), ("si", "Europe/Ljubljana"), ("CO", "America/Bogota"), ("ZZ", "")],
)
def test_a_country_has_the_zone_that_is_named_first(code: str, zone: str) -> None:
    assert usual_zone(code) == zone


def test_places_are_named_once_and_old_names_lead_to_them() -> None:
    named = zones_with_places()
    assert len(named) == len(set(named)) > 400
    assert {"Europe/Ljubljana", "Asia/Kolkata", "America/Bogota"} <= set(named)
    assert not {"ACT", "US/Alaska", "Brazil/Acre", "Mexico/BajaNorte", "Asia/Calcutta"} & set(named)
    assert zone_aliases()["Asia/Calcutta"] == "Asia/Kolkata"
    assert not set(zone_aliases()) & set(named)
