"""What holds in a market: of all that is known, the nearest. Pure; `profiles.py` brings the facts.

Layers come nearest first: part of a country, the country, its regions in order, the world. Within a layer the
operator's own value goes before the fact. For each key the first layer that knows it wins; answering times are
told for each channel, and so taken for each channel.

The law is a floor, whenever the two were set: an own value that gives less than the law of a nearer layer, or of
its own, does not hold without a waiver; one that gives as much or more holds for every layer nearer than its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from hospes.markets.keys import KEYS, Key, Kind
from hospes.markets.outdoing import is_at_least

MERGED = "response.first_reply_minutes"  # taken for each channel, not as a whole
OURS = "design"  # the source of what we chose ourselves: no law, whatever the key


class How(StrEnum):
    """By what a value came to be the one that holds."""

    SUBDIVISION = "subdivision"
    COUNTRY = "country"
    REGION = "region"
    WORLD = "global"
    OVERRIDE = "override"
    WAIVER = "waiver"
    CORRECTION = "correction"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value comes from; `wording.origin_in_words` says it to a person.

    code: the market, region or "_global" that knew it. since: the day it was set, of what was set here.
    by_id: the agent who set it. until: the last day of a waiver.
    """

    how: How
    code: str = ""
    since: date | None = None
    by_id: int | None = None
    until: date | None = None

    @property
    def is_own(self) -> bool:
        """Whether somebody of this desk set it."""
        return self.how in {How.OVERRIDE, How.WAIVER, How.CORRECTION}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact was found. section: of a law, such as "art9"; "" for all of it. is_read: by us, for this."""

    id: str
    title: str
    section: str = ""
    type: str = ""
    url: str = ""
    is_read: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """One value that holds in a market, and why one may believe it.

    value: as the type of its key says; sequences are tuples and tables are read-only.
    floor: of a value that was set here, the fact it stands instead of.
    parts: of a merged table, the fact that each entry came from.
    """

    key: str
    value: Any
    origin: Origin
    confidence: str = "high"
    sources: tuple[Source, ...] = ()
    is_verified: bool = False  # this statement was read in a public page or data file
    is_confirmed: bool = False  # an operator of this desk has said that it is right
    note: str = ""
    floor: Fact | None = None
    parts: Mapping[str, Fact] = field(default_factory=dict)

    @property
    def about(self) -> Key:
        return KEYS[self.key]

    @property
    def kind(self) -> Kind:
        return self.about.kind

    @property
    def is_law(self) -> bool:
        """Whether a law says so: of our own choices among keys of law, none does."""
        is_said = self.origin.how not in {How.OVERRIDE, How.WAIVER, How.CUSTOMER}
        return self.kind is Kind.LAW and is_said and {s.id for s in self.sources} != {OURS}

    @property
    def is_proposal(self) -> bool:
        """Whether a law is said to say so and nobody has made sure: show it, warn, and refuse nothing by it."""
        is_sure = self.is_verified or self.is_confirmed or self.origin.how is How.CORRECTION
        return self.is_law and not is_sure


@dataclass(frozen=True, slots=True)
class Own:
    """What an operator has set for one key of one place. citation: of a correction, why one may believe it."""

    how: How  # OVERRIDE, WAIVER or CORRECTION
    code: str
    key: str
    value: Any
    since: date
    by_id: int | None = None
    until: date | None = None
    citation: str = ""

    def as_fact(self, floor: Fact | None) -> Fact:
        origin = Origin(self.how, self.code, self.since, self.by_id, self.until)
        sources = (Source("own", self.citation, is_read=True),) if self.citation else ()
        return Fact(self.key, self.value, origin, sources=sources, floor=floor)


@dataclass(frozen=True, slots=True)
class Confirmed:
    """An operator has said for one market that the law gives this value."""

    code: str
    key: str
    value: Any


@dataclass(frozen=True)
class Layer:
    """What is known at one place: in a part of a country, a country, a region, the world."""

    code: str
    how: How
    facts: Mapping[str, Fact]


def resolve(
    layers: Sequence[Layer],
    owns: Sequence[Own] = (),
    confirmed: Sequence[Confirmed] = (),
) -> Mapping[str, Fact]:
    """Return the fact that holds for each key that anybody knows.

    layers: nearest first. owns: only what holds now; a waiver that has run out is not among it.
    """
    rank = {layer.code: n for n, layer in enumerate(layers)}
    told: dict[str, dict[int, Fact]] = {}
    for n, layer in enumerate(layers):
        for key, fact in layer.facts.items():
            told.setdefault(key, {})[n] = fact
    for own in owns:
        if own.how is How.CORRECTION and own.code in rank:
            told.setdefault(own.key, {})[rank[own.code]] = own.as_fact(
                told.get(own.key, {}).get(rank[own.code])
            )
    for each in confirmed:
        for n, fact in told.get(each.key, {}).items():
            if n >= rank.get(each.code, len(layers)) and fact.value == each.value:
                told[each.key][n] = replace(fact, is_confirmed=True)
    found = {key: _nearest(key, facts) for key, facts in told.items()}
    return MappingProxyType(_set_here(found, told, owns, rank))


def _nearest(key: str, facts: Mapping[int, Fact]) -> Fact:
    nearest, *farther = (facts[n] for n in sorted(facts))
    if key != MERGED:
        return nearest
    parts: dict[str, Fact] = {}
    for fact in (nearest, *farther):
        for name in fact.value:
            parts.setdefault(name, fact)
    value = MappingProxyType({name: fact.value[name] for name, fact in parts.items()})
    return replace(nearest, value=value, parts=MappingProxyType(parts))


def _set_here(
    found: dict[str, Fact],
    told: Mapping[str, Mapping[int, Fact]],
    owns: Sequence[Own],
    rank: Mapping[str, int],
) -> dict[str, Fact]:
    """Put what the operator set over what is told, the farthest first so that the nearest has the last word."""
    setting = [own for own in owns if own.how is not How.CORRECTION and own.code in rank]
    for own in sorted(setting, key=lambda own: -rank[own.code]):
        holding = _nearest(own.key, told[own.key]) if own.key in told else None
        nearest = min(told.get(own.key, {}), default=len(rank))
        if holding is not None and not _may_stand(own, holding, is_nearer=nearest < rank[own.code]):
            continue
        fact = own.as_fact(holding)
        found[own.key] = _over(fact, holding) if own.key == MERGED and holding else fact
    return found


def _may_stand(own: Own, holding: Fact, *, is_nearer: bool) -> bool:
    """Whether an own value holds against what is told; is_nearer: what is told is of a nearer place."""
    if holding.is_law and (is_nearer or own.how is not How.WAIVER):
        return is_at_least(own.key, own.value, holding.value)
    return not is_nearer


def _over(own: Fact, holding: Fact) -> Fact:
    """Put the channels an operator named over those that are told."""
    parts = {**holding.parts, **dict.fromkeys(own.value, own)}
    value = MappingProxyType({name: part.value[name] for name, part in parts.items()})
    return replace(own, value=value, parts=MappingProxyType(parts))


def chosen(facts: Mapping[str, Fact], choices: Mapping[str, Any]) -> Mapping[str, Fact]:
    """Put what a customer chose over what holds in their market; that always goes first."""
    own = {
        key: Fact(key, value, Origin(How.CUSTOMER), floor=facts.get(key))
        for key, value in choices.items()
    }
    return MappingProxyType({**facts, **own})
