"""Which variant of a text a reader gets, and what would have come before and after it; pure.

The language decides first: the reader's own, the same without its region, then the languages the desk falls back to, then
the one it was written in. Among the variants of one language the one made for the reader's market goes before the one for
every market, then the form of address, then the channel.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from hospes.language.detect import canonical


class Chosen(Protocol):
    """What is known of a variant when one is chosen. "" is every one."""

    language: str
    market: str
    formality: str
    channel: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a text is for. languages: BCP 47, the likeliest first; market: ISO 3166; "" where nothing is known."""

    languages: Sequence[str]
    market: str = ""
    formality: str = ""
    channel: str = ""


V = TypeVar("V", bound=Chosen)


def in_order(variants: Iterable[V], reader: Reader) -> list[V]:
    """The variants this reader can be given, the best first: the chain that is fallen back along.

    Those that are for another market, form of address or channel are left out.
    """
    places = {language: place for place, language in enumerate(_chain(reader.languages))}
    fitting = [one for one in variants if one.language in places and _fits(one, reader)]
    # A part of a country goes before the country, and both before what is for everybody.
    return sorted(
        fitting,
        key=lambda one: (
            places[one.language], -len(one.market), not one.formality, not one.channel
        ),
    )  # fmt: skip


def _chain(languages: Iterable[str]) -> list[str]:
    """Each language, then the same without its region: pt-BR, pt, en."""
    found: dict[str, None] = {}
    for tag in filter(None, languages):
        language = canonical(tag)
        while language:
            found.setdefault(language)
            language = language.rpartition("-")[0]
    return list(found)


def _fits(one: Chosen, reader: Reader) -> bool:
    is_there = (
        not one.market or one.market == reader.market or reader.market.startswith(f"{one.market}-")
    )
    is_so = not one.formality or one.formality == reader.formality
    return is_there and is_so and (not one.channel or one.channel == reader.channel)
