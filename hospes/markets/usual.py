"""The time zones people live in, and the one of a country for whoever opens a market there and says no more."""

from __future__ import annotations

from functools import cache
from importlib import resources


def usual_zone(code: str) -> str:
    """Return the time zone of a country, of several the one the time zone database names first; "" when none."""
    return _zones().get(code.upper(), "")


def zones_of(code: str) -> tuple[str, ...]:
    """Return the time zones of a country, the one of most people first; none of no country."""
    return tuple(zone for country, zone in _table() if country == code.upper())


@cache
def zones_with_places() -> tuple[str, ...]:
    """Return every zone that somebody lives in, by its name of today: no alias, no country's old name for it."""
    return tuple(dict.fromkeys(zone for _code, zone in _table()))


@cache
def zone_aliases() -> dict[str, str]:
    """Return other names of those zones: browsers and old settings say Asia/Calcutta for Asia/Kolkata."""
    named = set(zones_with_places())
    lines = (line.split() for line in _text("tzdata.zi").splitlines() if line.startswith("L "))
    links = {alias: zone for _mark, zone, alias, *_more in lines}
    return {alias: zone for alias, zone in links.items() if zone in named and alias not in named}


@cache
def _zones() -> dict[str, str]:
    found: dict[str, str] = {}
    for code, zone in _table():
        found.setdefault(code, zone)
    return found


def _table() -> list[tuple[str, str]]:
    """Read the table that comes with the time zone database: country, place, zone."""
    lines = [line for line in _text("zone.tab").splitlines() if line and not line.startswith("#")]
    return [(line.split("\t")[0], line.split("\t")[2]) for line in lines]


def _text(name: str) -> str:
    return resources.files("tzdata").joinpath(f"zoneinfo/{name}").read_text(encoding="utf-8")
