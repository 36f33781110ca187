"""Service levels: what would have been due in conversations that are told in a file."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from hospes.config.cli.opening import desk
from hospes.config.cli.printing import add_json, print_json, print_line, wants_json

if TYPE_CHECKING:
    from datetime import datetime

    from hospes.config.cli import Subparsers


def add_to(subparsers: Subparsers, common: argparse.ArgumentParser) -> None:
    parser = subparsers.add_parser(
        "servicelevels", parents=[common], help="what is due by when, as this desk counts it"
    )
    verbs = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    replayed = verbs.add_parser(
        "replay",
        parents=[common],
        help="count the dues of conversations told in a file; needs no desk",
        description="Reads a JSON list of cases (docs/operators/service-levels.md) and prints one of their dues.",
    )
    replayed.add_argument("file", metavar="FILE", help="the JSON file; - for standard input")
    replayed.set_defaults(run=replay_file)
    moved = verbs.add_parser(
        "moved", parents=[common],
        help="what is due at another moment since the rules of time zones changed",
    )  # fmt: skip
    add_json(moved)
    moved.set_defaults(run=show_moved)


def show_moved(args: argparse.Namespace) -> int:
    desk()
    from hospes.servicelevels.models import MovedDue

    rows = MovedDue.objects.select_related("conversation").order_by("-at", "-pk")
    told = [
        {
            "conversation": one.conversation.reference,
            "due": one.what,
            "before": _z(one.before),
            "now": _z(one.now),
            "zone": one.zone,
            "rules": one.rules,
            "at": _z(one.at),
        }
        for one in rows.iterator()
    ]
    if wants_json(args):
        print_json({"items": told})
        return 0
    for one in told:
        print_line(
            f"{one['conversation']}  {one['due']}  {one['before'] or '-'} → {one['now'] or '-'}"
            f"  {one['zone']}  {one['rules']}"
        )
    if not told:
        print_line("No due has moved.")
    return 0


def _z(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None


def replay_file(args: argparse.Namespace) -> int:
    from hospes.servicelevels.replaying import replay

    try:
        text = sys.stdin.read() if args.file == "-" else Path(args.file).read_text("utf-8")
        told = replay(json.loads(text))
    except (OSError, ValueError) as error:
        print(f"hospes: {_why(error, args.file)}", file=sys.stderr)
        return 1
    print_json(told)
    return 0


def _why(error: OSError | ValueError, file: str) -> str:
    from hospes.config.cli.worktime import in_words
    from hospes.markets.opening_table import NeverOpen
    from hospes.markets.working_time import BadCalendar

    if isinstance(error, OSError):
        return f"{file}: {error.strerror}"
    if isinstance(error, json.JSONDecodeError):
        return f"{file}: this is no JSON: {error}"
    if isinstance(error, UnicodeDecodeError):
        return f"{file}: this is no text in UTF-8."
    cause = error.__cause__
    if isinstance(cause, BadCalendar | NeverOpen):  # in the language of this terminal
        return f"{file}: {str(error).removesuffix(str(cause))}{in_words(cause)}"
    return f"{file}: {error}"
