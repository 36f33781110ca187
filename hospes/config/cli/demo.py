"""`hospes demo load`: a believable shop to click through."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from hospes.config.cli.opening import desk

if TYPE_CHECKING:
    from hospes.config.cli import Subparsers


def add_to(subparsers: Subparsers, common: argparse.ArgumentParser) -> None:
    demo = subparsers.add_parser("demo", parents=[common], help="a shop to click through")
    verbs = demo.add_subparsers(required=True, metavar="VERB")
    load = verbs.add_parser("load", parents=[common], help="fill an empty desk with it")
    load.add_argument("--json", action="store_true", help="print JSON")
    load.set_defaults(run=fill)


def fill(args: argparse.Namespace) -> int:
    desk()
    from django.conf import settings
    from django.utils import timezone

    from hospes.demo.loading import load
    from hospes.team.actions.inviting import invite_first

    count = load(at=timezone.now())
    link = settings.URL + invite_first(at=timezone.now())
    if args.json:
        print(json.dumps({"conversations": count, "sign_in_link": link}))
    else:
        print(f"Loaded {count} conversations. This link lets you in once:\n{link}")
    return 0
