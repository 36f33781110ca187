"""The profile of a market: every fact that holds there, resolved into one object that never changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.translation import gettext_lazy as _

from hospes.lib.refusal import Refused
from hospes.markets import shipped
from hospes.markets.keys import KEYS
from hospes.markets.resolving import Fact, chosen, resolve


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

    def chosen_by_customer(self, choices: Mapping[str, Any]) -> Profile:
        """Return the profile with what one customer chose over it, by key."""
        return Profile(self.code, chosen(self.facts, choices)) if choices else self

    @property
    def country(self) -> str:
        """The country it is of or part of; the code itself for regions and the world."""
        return shipped.country_of(self.code)


def canonical(code: str) -> str:
    """Return the code as facts have it ("us-ca": "US-CA"). Raises UnknownMarket."""
    given = code.strip().replace("_", "-")
    for each in shipped.codes():
        if given.casefold() in {each.casefold(), each.strip("_").casefold()}:
            return each
    if shipped.is_place(given.upper()):
        return given.upper()
    raise UnknownMarket(code)


def shipped_profile(code: str) -> Profile:
    """Return what holds in a market before anybody sets anything. Asks no database. Raises UnknownMarket."""
    return _shipped_profile(canonical(code))


@cache
def _shipped_profile(code: str) -> Profile:
    return Profile(code, resolve(shipped.layers(code)))


def profile_of(code: str) -> Profile:
    """Return what holds in a market at this desk. Raises UnknownMarket."""
    return shipped_profile(code)
