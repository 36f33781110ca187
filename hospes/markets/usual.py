"""The time zone of a country, for whoever opens a market there and says no more than that."""

from __future__ import annotations

from functools import cache
from importlib import resources


def usual_zone(code: str) -> str:
    """Return the time zone of a country, of several the one the time zone database names first; "" when none."""
    return _zones().get(code.upper(), "")


@cache
def _zones() -> dict[str, str]:
    """Read the table that comes with the time zone database: country, place, zone."""
    table = resources.files("tzdata").joinpath("zoneinfo/zone.tab").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for line in table.splitlines():
        if line and not line.startswith("#"):
            code, _place, zone, *_rest = line.split("\t")
            found.setdefault(code, zone)
    return found
