"""The clock of a country."""

from __future__ import annotations

import pytest

from hospes.markets.usual import usual_zone


@pytest.mark.parametrize(
    ("code", "zone"),
    [("JP", "Asia/Tokyo"), ("si", "Europe/Ljubljana"), ("CO", "America/Bogota"), ("ZZ", "")],
)
def test_a_country_has_the_zone_that_is_named_first(code: str, zone: str) -> None:
    assert usual_zone(code) == zone
