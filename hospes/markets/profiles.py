"""The profile of a market: every fact that holds there, resolved into one object that never changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hospes.lib.refusal import Refused
from hospes.markets import shipped
from hospes.markets.keys import KEYS
from hospes.markets.queries import Standing, standing_rows
from hospes.markets.resolving import Confirmed, Fact, Own, chosen, resolve
from hospes.markets.seasons import SEASONS, Season, seasons_of


class UnknownMarket(Refused):
    """There is no such market; the text names those one may have meant."""

    def __init__(self, code: str) -> None:
        self.near = shipped.nearest_codes(code)
        if self.near:
            text = _("There is no market %(code)s. Did you mean %(near)s?")
        else:
            text = _("There is no market %(code)s. Use the code of a country, such as JP or US-CA.")
        super().__init__(text % {"code": code, "near": ", ".join(self.near)}, code="no_such_market")


@dataclass(frozen=True, slots=True)
class Profile:
    """What holds in one market. A key that is not in it is unknown, which is not a no."""

    code: str  # "JP", "US-CA", "EU", "_global"
    facts: Mapping[str, Fact]

    def __getitem__(self, key: str) -> Fact | None:
        """Return the fact of a key; None when nobody knows. Raises KeyError for what is no key."""
        KEYS[key]
        return self.facts.get(key)

    def __iter__(self) -> Iterator[Fact]:
        """Go through the facts in the order of the keys."""
        return (self.facts[key] for key in KEYS if key in self.facts)

    def value(self, key: str, default: Any = None) -> Any:
        """Return the value of a key, as its type says, or the default when nobody knows."""
        fact = self[key]
        return default if fact is None else fact.value

    def binding(self, key: str) -> Fact | None:
        """Return the fact if it may refuse something or start a clock by itself.

        None when nobody knows, and for a law that was not verified and no operator confirmed.
        """
        fact = self[key]
        return None if fact is None or fact.is_proposal else fact

    @property
    def proposals(self) -> list[Fact]:
        """The laws that an operator has yet to confirm, in the order of the keys."""
        return [fact for fact in self if fact.is_proposal]

    def chosen_by_customer(self, choices: Mapping[str, Any]) -> Profile:
        """Return the profile with what one customer chose over it, by key."""
        return Profile(self.code, chosen(self.facts, choices)) if choices else self

    def seasons(self, first: date, last: date) -> tuple[Season, ...]:
        """Return the seasons of the market that touch these days, in order; a weekly one once for each week."""
        return seasons_of(self.value(SEASONS, ()), self.code, first, last)

    @property
    def country(self) -> str:
        """The country it is of or part of; the code itself for regions and the world."""
        return shipped.country_of(self.code)


def canonical(code: str) -> str:
    """Return the code as facts have it ("us-ca": "US-CA"). Raises UnknownMarket."""
    given = code.strip().strip("_").replace("_", "-")
    for each in shipped.codes():
        if given.casefold() in {each.casefold(), each.strip("_").casefold()}:
            return each
    if shipped.is_place(given.upper()):
        return given.upper()
    raise UnknownMarket(code)


def places_above(code: str) -> list[str]:
    """Return where a market has its facts from where it says nothing itself, the nearest first."""
    return [layer.code for layer in shipped.layers(code) if layer.code != code]


def shipped_profile(code: str) -> Profile:
    """Return what holds in a market before anybody sets anything. Asks no database. Raises UnknownMarket."""
    return _shipped_profile(canonical(code))


@cache
def _shipped_profile(code: str) -> Profile:
    return Profile(code, resolve(shipped.layers(code)))


def profile_of(code: str, *, on: date | None = None) -> Profile:
    """Return what holds in a market at this desk, on a day (today, of UTC). Raises UnknownMarket.

    Costs one query: whoever needs one profile several times keeps it.
    """
    return profiles_of([code], on=on)[canonical(code)]


def profiles_of(codes: Iterable[str], *, on: date | None = None) -> dict[str, Profile]:
    """Return the same for several markets by their codes, with one query for all."""
    wanted = list(dict.fromkeys(canonical(code) for code in codes))
    chains = {code: tuple(layer.code for layer in shipped.layers(code)) for code in wanted}
    rows = standing_rows(
        {place for chain in chains.values() for place in chain}, on=on or timezone.now().date()
    )
    return {
        code: _with_rows(code, tuple(row for row in rows if row.place in chain))
        for code, chain in chains.items()
    }


def _with_rows(code: str, rows: tuple[Standing, ...]) -> Profile:
    """Resolve once for the same rows: they never change, only others take their place."""
    if not rows:
        return _shipped_profile(code)
    known: tuple[str | int, ...] = (code, *(row.number for row in rows))
    found = _resolved.get(known)
    if found is None:
        found = Profile(
            code,
            resolve(
                shipped.layers(code),
                [row.said for row in rows if isinstance(row.said, Own)],
                [row.said for row in rows if isinstance(row.said, Confirmed)],
            ),
        )
        if len(_resolved) >= MOST_KEPT:
            _resolved.clear()
        _resolved[known] = found
    return found


MOST_KEPT = 500
_resolved: dict[tuple[str | int, ...], Profile] = {}
