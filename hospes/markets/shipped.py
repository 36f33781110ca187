"""The facts that ship with the program, read once: `facts/<CODE>.toml` and `sources.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from babel import Locale

from hospes.markets.resolving import Fact, How, Layer, Origin, Source

WORLD = "_global"


class UnknownSource(ValueError):
    """A fact names a source that nobody described."""


@cache
def codes() -> tuple[str, ...]:
    """Return the code of every place that has facts of its own: countries, then regions, the world last."""
    order = [How.COUNTRY, How.REGION, How.WORLD]
    return tuple(sorted(_headings(), key=lambda code: (order.index(_headings()[code][0]), code)))


@cache
def countries() -> tuple[str, ...]:
    """Return the code of every country that has facts of its own."""
    return tuple(code for code in codes() if _headings()[code][0] is How.COUNTRY)


def country_of(code: str) -> str:
    """Return the country that a place is or is part of; of regions and the world the place itself."""
    return code if code in codes() else code.partition("-")[0]


def name_of(code: str) -> str:
    """Return the English name of a place that has facts."""
    return _headings()[code][1]


@cache
def regions() -> tuple[str, ...]:
    """Return the code of every region of several countries that has facts of its own."""
    return tuple(code for code in codes() if _headings()[code][0] is How.REGION)


@cache
def subdivisions(country: str) -> tuple[str, ...]:
    """Return the parts of a country that have facts of their own, such as US-CA."""
    return tuple(sorted(_table(country).get("sub", {}))) if country in codes() else ()


def is_place(code: str) -> bool:
    """Whether there is a profile for it: a place with facts, a country that ISO 3166 knows, or a part of one."""
    country, hyphen, part = code.partition("-")
    if country not in _territories() and country not in codes():
        return False
    if not hyphen:
        return True
    return (
        part.isalnum()
        and len(part) <= 3
        and country in _territories()
        and (code in subdivisions(country) or part in (parts_of(country) or (part,)))
    )


@cache
def parts_of(country: str) -> tuple[str, ...]:
    """Return the codes of a country's parts (ISO 3166-2, without the country); none where nobody names them."""
    from hospes.markets.public_holidays import UnknownPlace, subdivisions

    try:
        return tuple(code for code, _name in subdivisions(country))
    except UnknownPlace:
        return ()


def nearest_codes(code: str) -> tuple[str, ...]:
    """Return codes one may have meant by one that is no place, best first."""
    named = {each.casefold(): each for each in codes() if len(each) > 3}
    named |= {name_of(each).casefold(): each for each in codes()}
    named |= {name.casefold(): each for each, name in _territories().items()}
    if code.casefold() in named:
        return (named[code.casefold()],)
    alike = [named[name] for name in get_close_matches(code.casefold(), named, n=3)]
    return tuple(alike or get_close_matches(code.upper(), [*countries(), *_territories()], n=3))


@cache
def layers(code: str) -> tuple[Layer, ...]:
    """Return what is known of a place, nearest first. `code`: a place; see `is_place`."""
    country = country_of(code)
    if country not in codes():
        return (Layer(country, How.COUNTRY, MappingProxyType({})), _layer(WORLD))
    above = (_layer(country), *(_layer(each) for each in _table(country)["market"]["inherits"]))
    if code == country:
        return above
    told = _table(country).get("sub", {}).get(code, {})
    return (Layer(code, How.SUBDIVISION, _facts(code, How.SUBDIVISION, told)), *above)


@cache
def sources() -> Mapping[str, Source]:
    """Return every source by its id."""
    return MappingProxyType(
        {
            id_: Source(id_, one["title"], type=one["type"], url=one.get("url", ""))
            for id_, one in _read("sources.toml").items()
        }
    )


@cache
def _layer(code: str) -> Layer:
    how = _headings()[code][0]
    return Layer(code, how, _facts(code, how, _table(code)))


def _facts(code: str, how: How, table: Mapping[str, Any]) -> Mapping[str, Fact]:
    return MappingProxyType(
        {
            f"{section}.{name}": _fact(f"{section}.{name}", told, Origin(how, code))
            for section, facts in table.items()
            if section not in {"market", "sub"}
            for name, told in facts.items()
        }
    )


def _fact(key: str, told: Mapping[str, Any], origin: Origin) -> Fact:
    return Fact(
        key,
        frozen(told["value"]),
        origin,
        confidence=told["confidence"],
        sources=tuple(_source(reference) for reference in told["source"]),
        is_verified=told.get("verified", False),
        note=told.get("note", ""),
    )


def _source(reference: str) -> Source:
    id_, _, section = reference.partition("#")
    known = sources().get(id_)
    if known is None:
        raise UnknownSource(f"A fact names the source {id_}, which sources.toml does not know.")
    return Source(id_, known.title, section, known.type, known.url)


def frozen(value: Any) -> Any:
    """Return the value so that nobody can change it: lists as tuples, tables read-only."""
    if isinstance(value, Mapping):
        return MappingProxyType({name: frozen(part) for name, part in value.items()})
    if isinstance(value, list | tuple):
        return tuple(frozen(part) for part in value)
    return value


def thawed(value: Any) -> Any:
    """Return the value as JSON can hold it."""
    if isinstance(value, Mapping):
        return {name: thawed(part) for name, part in value.items()}
    if isinstance(value, tuple | list):
        return [thawed(part) for part in value]
    return value


@cache
def _headings() -> Mapping[str, tuple[How, str]]:
    folder = resources.files("hospes.markets").joinpath("facts")
    files = [one.name for one in folder.iterdir() if one.name.endswith(".toml")]
    headings = {name.removesuffix(".toml"): _table(name.removesuffix(".toml")) for name in files}
    return MappingProxyType(
        {code: (How(t["market"]["kind"]), t["market"]["name"]) for code, t in headings.items()}
    )


@cache
def _table(code: str) -> Mapping[str, Any]:
    return _read(f"facts/{code}.toml")


def _read(path: str) -> dict[str, Any]:
    file = resources.files("hospes.markets").joinpath(path)
    return tomllib.loads(file.read_text(encoding="utf-8"))


@cache
def _territories() -> Mapping[str, str]:
    """The countries of ISO 3166 with their English names, as CLDR has them."""
    named = Locale("en").territories
    outside = {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"}  # no countries
    return {
        code: str(name)
        for code, name in named.items()
        if len(code) == 2 and code.isalpha() and code not in outside
    }
