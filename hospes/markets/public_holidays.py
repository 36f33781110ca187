"""Public holidays of the world, from the package `holidays`, offline; pure.

The package takes a moment and some memory to load: it is loaded by whoever first asks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holidays import HolidayBase

PUBLIC, HALF_DAY = "public", "half_day"
SORTS = (PUBLIC, HALF_DAY, "bank", "government", "optional")  # those on which work may rest


class UnknownPlace(ValueError):
    """No public holidays are known of this country, or of this part of it."""


@dataclass(frozen=True, slots=True)
class Where:
    """Whose public holidays: of a country or a part of it, and which sorts of them."""

    country: str  # ISO 3166-1 alpha-2
    subdivision: str = ""  # as the package names it, mostly ISO 3166-2 without the country: BY
    with_observed: bool = True  # also the day given instead when a holiday falls on a weekend
    categories: tuple[str, ...] = (PUBLIC,)


@dataclass(frozen=True, slots=True)
class Holiday:
    """One public holiday."""

    on: date
    name: str  # in the language asked for where the package has it, else in one of the country
    is_half: bool = False  # closed from noon


@lru_cache(maxsize=512)
def public_holidays(where: Where, first: int, last: int, language: str = "") -> tuple[Holiday, ...]:
    """Return the holidays of these years, both among them, in order. Raises UnknownPlace."""
    whole = _named(where, [c for c in where.categories if c != HALF_DAY], first, last, language)
    half = _named(where, [c for c in where.categories if c == HALF_DAY], first, last, language)
    found = [Holiday(on, name) for on, name in whole.items()]
    found += [Holiday(on, name, is_half=True) for on, name in half.items() if on not in whole]
    return tuple(sorted(found, key=lambda holiday: holiday.on))


@lru_cache(maxsize=1)
def countries() -> tuple[str, ...]:
    """Return the codes of all countries whose public holidays are known."""
    import holidays

    return tuple(sorted(holidays.list_supported_countries(include_aliases=False)))


def subdivisions(country: str) -> tuple[tuple[str, str], ...]:
    """Return the parts of a country that have holidays of their own, each with its name. Raises UnknownPlace."""
    known = _of(Where(country))
    names = known.get_subdivision_aliases()
    return tuple((str(code), (names.get(code) or [str(code)])[0]) for code in known.subdivisions)


@lru_cache(maxsize=512)
def part_name(country: str, part: str) -> str:
    """Return the name of a part of a country (ISO 3166-2, without the country); its code where nobody named it."""
    try:
        return dict(subdivisions(country)).get(part, part)
    except UnknownPlace:
        return part


def categories(country: str) -> tuple[str, ...]:
    """Return which sorts of holidays a country has, the public ones first. Raises UnknownPlace."""
    known = set(map(str, _of(Where(country)).supported_categories))
    return tuple(sort for sort in SORTS if sort in known)


def check(where: Where) -> None:
    """Raises UnknownPlace when nothing is known of it."""
    _of(where)
    if set(where.categories) - set(categories(where.country)):
        raise UnknownPlace(where.country)


def _named(
    where: Where, sorts: Iterable[str], first: int, last: int, language: str
) -> dict[date, str]:
    chosen = tuple(sorts)
    if not chosen:
        return {}
    return dict(_of(where, chosen, range(first, last + 1), language))


def _of(
    where: Where, sorts: tuple[str, ...] = (PUBLIC,), years: Iterable[int] = (), language: str = ""
) -> HolidayBase:
    import holidays

    known = set(sorts) <= {PUBLIC} or set(sorts) <= set(categories(where.country))
    if not known:
        raise UnknownPlace(where.country)
    try:
        found = holidays.country_holidays(
            where.country,
            subdiv=where.subdivision or None,
            years=years,
            observed=where.with_observed,
            categories=sorts,
            language=_nearest(where.country, language),
        )
    except (NotImplementedError, ValueError) as error:
        raise UnknownPlace(where.country) from error
    return found


def language_of_names(country: str, language: str) -> str:
    """Return the language that holidays of a country are named in for a reader of this one, as BCP 47 tag."""
    import holidays

    spoken = _nearest(country, language) or holidays.country_holidays(country).default_language
    return str(spoken or "").replace("_", "-")


@lru_cache(maxsize=512)
def _nearest(country: str, language: str) -> str | None:
    """Return the language of the package that a reader of this one understands; None: the country's own."""
    import holidays

    spoken = [str(one) for one in holidays.list_localized_countries().get(country, ())]
    for wanted in (language.partition("-")[0], "en"):
        for one in spoken:
            if wanted and one.partition("_")[0] == wanted:
                return one
    return None
