"""`hospes market`: what holds in a market, and where each fact comes from."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from hospes.config.cli.printing import add_json, plain, print_json, print_line, wants_json

if TYPE_CHECKING:
    from hospes.config.cli import Subparsers
    from hospes.markets.profiles import Profile
    from hospes.markets.resolving import Fact


def add_to(subparsers: Subparsers, common: argparse.ArgumentParser) -> None:
    market = subparsers.add_parser(
        "market", parents=[common], help="what holds in a market, and where each fact comes from",
        description="Show every fact of a market: its value, where it comes from, how sure it is. What the desk"
        " itself has set counts when it is running; without one, the facts are those that ship with Hospes.",
    )  # fmt: skip
    market.add_argument(
        "code", nargs="?", metavar="CODE", help="JP, US-CA, EU, global; all there are when left out"
    )
    market.add_argument(
        "key",
        nargs="?",
        metavar="KEY",
        help="one fact, or a section: consumer.refund_days, address",
    )
    market.add_argument(
        "--as-shipped", action="store_true", help="leave out what this desk has set"
    )
    add_json(market)
    market.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    is_of_desk = not args.as_shipped and _set_up()
    if args.as_shipped:
        _set_up()
    if args.code is None:
        return _list(args)
    from hospes.markets import profiles

    find = profiles.profile_of if is_of_desk else profiles.shipped_profile
    profile = find(args.code)
    facts = _asked(profile, args.key)
    if wants_json(args):
        print_json(_as_json(profile, facts, is_of_desk=is_of_desk))
        return 0
    _print(profile, facts, is_of_desk=is_of_desk)
    return 0


def _set_up() -> bool:
    """Prepare Django; whether there is a desk that runs and can be asked."""
    import django

    from hospes.config import env
    from hospes.lib import embedded_postgres

    django.setup()
    return bool(env.text("DATABASE_URL")) or embedded_postgres.is_listening(env.data_dir())


def _asked(profile: Profile, asked: str | None) -> list[Fact]:
    """Return the facts of a key or section. Raises Refused for what is neither."""
    from hospes.lib.refusal import Refused
    from hospes.markets.keys import KEYS

    if asked is None:
        return list(profile)
    if not any(asked in {key.name, key.section} for key in KEYS.values()):
        near = get_close_matches(asked, KEYS, n=3) or sorted({k.section for k in KEYS.values()})
        raise Refused(f"There is no fact {asked}. There is {', '.join(near)}.", code="no_such_key")
    return [fact for fact in profile if asked in {fact.key, fact.about.section}]


def _list(args: argparse.Namespace) -> int:
    from hospes.markets import shipped
    from hospes.markets.wording import place_in_words

    named = {
        code: place_in_words(code)
        for country in shipped.codes()
        for code in (country, *shipped.subdivisions(country))
    }
    if wants_json(args):
        print_json([{"code": code, "name": name} for code, name in named.items()])
        return 0
    for code, name in named.items():
        print_line(f"{code:16} {name}")
    return 0


def _as_json(profile: Profile, facts: list[Fact], *, is_of_desk: bool) -> dict[str, Any]:
    from hospes.markets.wording import place_in_words

    return {
        "code": profile.code,
        "name": place_in_words(profile.code),
        "own_values": is_of_desk,
        "facts": {fact.key: _fact_as_json(fact) for fact in facts},
    }


def _fact_as_json(fact: Fact) -> dict[str, Any]:
    from hospes.markets.shipped import thawed
    from hospes.markets.wording import origin_in_words

    origin = fact.origin
    told: dict[str, Any] = {
        "value": thawed(fact.value),
        "unit": fact.about.unit or None,
        "kind": fact.kind,
        "origin": {
            "how": origin.how,
            "place": origin.code or None,
            "since": origin.since,
            "until": origin.until,
            "in_words": origin_in_words(fact),
        },
        "confidence": fact.confidence,
        "is_verified": fact.is_verified,
        "is_confirmed": fact.is_confirmed,
        "is_proposal": fact.is_proposal,
        "sources": [
            {
                "id": one.id,
                "title": one.title,
                "section": one.section or None,
                "url": one.url or None,
            }
            for one in fact.sources
        ],
        "note": fact.note or None,
    }
    if fact.floor is not None:
        told["instead_of"] = {
            "value": thawed(fact.floor.value),
            "in_words": origin_in_words(fact.floor),
        }
    if fact.parts:
        told["parts"] = {name: part.origin.code for name, part in fact.parts.items()}
    return told


def _print(profile: Profile, facts: list[Fact], *, is_of_desk: bool) -> None:
    from hospes.markets.wording import origin_in_words, place_in_words

    print_line(f"{profile.code}  {place_in_words(profile.code)}")
    if not is_of_desk:
        print_line("As shipped: what a desk has set is not in it.")
    section = ""
    for fact in facts:
        if fact.about.section != section:
            section = fact.about.section
            print_line("")
            print_line(section)
        unit = fact.about.unit if isinstance(fact.value, int | float) else ""
        said = " ".join(filter(None, [_readable(fact.value), unit]))
        print_line(f"  {fact.key.partition('.')[2]:22} {said}")
        sure = "to be confirmed" if fact.is_proposal else _how_sure(fact)
        titles = "; ".join(" ".join(filter(None, [s.title, s.section])) for s in fact.sources)
        print_line(f"  {'':22}   {origin_in_words(fact)}; {fact.kind}, {sure}; {titles}")


def _how_sure(fact: Fact) -> str:
    if fact.is_confirmed:
        return "confirmed"
    return "verified" if fact.is_verified else f"confidence {fact.confidence}"


def _readable(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_readable(part)}" for name, part in value.items())
    if isinstance(value, tuple):
        return "; ".join(_readable(part) for part in value) or "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return plain(str(value)) or "-"
