"""`hospes mail block`, `unblock`, `blocks`: whose mail is junk."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from hospes.config.cli.opening import desk
from hospes.config.cli.printing import add_json, print_json, print_line, wants_json

if TYPE_CHECKING:
    from hospes.config.cli import Subparsers


def add_to(verbs: Subparsers, common: argparse.ArgumentParser) -> None:
    blocking = verbs.add_parser(
        "block",
        parents=[common],
        help="keep mail of a sender as junk: an address, or @ and a domain",
    )
    blocking.set_defaults(run=block_sender)
    unblocking = verbs.add_parser("unblock", parents=[common], help="let a sender in again")
    unblocking.set_defaults(run=unblock_sender)
    for judging in (blocking, unblocking):
        judging.add_argument("senders", nargs="+", metavar="SENDER")
    blocks = verbs.add_parser("blocks", parents=[common], help="who is blocked")
    blocks.set_defaults(run=show_blocks)
    for parser in (blocking, unblocking, blocks):
        add_json(parser)


def block_sender(args: argparse.Namespace) -> int:
    desk()
    from django.utils import timezone

    from hospes.intake.actions.blocking import block

    rows = []
    for sender in args.senders:
        made = block(sender, by=None, at=timezone.now())
        rows.append({"sender": made.value, "is_blocked": True})
        if not wants_json(args):
            print_line(
                f"Mail of {made.value} is junk from now on. hospes mail held --junk shows it."
            )
    return _say(args, rows)


def unblock_sender(args: argparse.Namespace) -> int:
    desk()
    from hospes.intake.actions.blocking import blocked_value, unblock
    from hospes.lib.refusal import Refused

    rows = []
    for sender in args.senders:
        value = blocked_value(sender)
        if not unblock(value):
            raise Refused(f"{value} is not blocked. `hospes mail blocks` lists who is.")
        rows.append({"sender": value, "is_blocked": False})
        if not wants_json(args):
            print_line(f"{value} is not blocked any more.")
    return _say(args, rows)


def _say(args: argparse.Namespace, rows: list[dict[str, Any]]) -> int:
    """Print one object for one sender, `items` for several, where JSON is wanted."""
    if wants_json(args):
        print_json(rows[0] if len(rows) == 1 else {"items": rows})
    return 0


def show_blocks(args: argparse.Namespace) -> int:
    desk()
    from hospes.intake.models import Block

    rows = [
        {"sender": one.value, "since": one.at.isoformat()}
        for one in Block.objects.order_by("value")
    ]
    if wants_json(args):
        print_json({"items": rows})
        return 0
    for one in rows:
        print_line(one["sender"])
    if not rows:
        print_line("Nobody is blocked.")
    return 0
