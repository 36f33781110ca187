"""`hospes search WORDS`: find what was said, whom it is about, and what we say to it."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from hospes.config.cli import access
from hospes.config.cli.opening import desk
from hospes.config.cli.printing import add_json, print_json, print_line, wants_json

if TYPE_CHECKING:
    from hospes.config.cli import Subparsers

USUAL_LIMIT = 25
SCOPES = ("conversations", "customers", "texts")


def add_to(subparsers: Subparsers, common: argparse.ArgumentParser) -> None:
    search = subparsers.add_parser(
        "search", parents=[common], help="find conversations, customers and texts",
        description="Find what was said, in any script; the best answer first. Operators: from:aiko market:jp language:ar"
        ' is:open before:2026-03 after:2025-12-31 "words just so".',
    )  # fmt: skip
    search.add_argument("words", nargs="+", metavar="WORDS", help="a scope may stand first: " + ", ".join(SCOPES))  # fmt: skip
    search.add_argument("--limit", type=int, default=USUAL_LIMIT, help=f"at most ({USUAL_LIMIT})")
    access.add_as(search)
    add_json(search)
    search.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    desk()
    from hospes.search.everything import search

    agent = access.who_reads(args)
    scopes, words = list(SCOPES), list(args.words)
    if len(words) > 1 and words[0] in SCOPES:
        scopes = [words.pop(0)]
    found = search(" ".join(words), agent=agent, scopes=scopes, limit=max(1, min(args.limit, 200)))
    if not found and not wants_json(args):
        print_line("Nothing.")
    for one in found:
        if wants_json(args):
            print_json(asdict(one))
        else:
            print_line(f"{one.reference}  {one.kind}  {one.snippet}")
    return 0
