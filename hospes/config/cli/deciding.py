"""`hospes mail release`, `aside`, `retry`, `delete`: what becomes of held and quarantined mail."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from hospes.config.cli.opening import desk
from hospes.config.cli.printing import add_json, print_json, print_line, wants_json

if TYPE_CHECKING:
    from hospes.config.cli import Subparsers
    from hospes.intake.models import HeldRaw


def add_to(verbs: Subparsers, common: argparse.ArgumentParser) -> None:
    release = verbs.add_parser("release", parents=[common], help="show a held mail to the team")
    release.add_argument(
        "--join", action="store_true", help="in the conversation it wanted to join"
    )
    release.set_defaults(run=let_in_held)
    aside = verbs.add_parser(
        "aside",
        parents=[common],
        help="put a held or quarantined mail aside: nobody is asked about it any more",
    )
    aside.add_argument("--undo", action="store_true", help="let it wait for a decision again")
    aside.set_defaults(run=put_held_aside)
    retry = verbs.add_parser("retry", parents=[common], help="read a quarantined mail anew")
    retry.set_defaults(run=retry_quarantined)
    deleting = verbs.add_parser(
        "delete", parents=[common], help="delete a held or quarantined mail for good"
    )
    deleting.add_argument("--yes", action="store_true", help="you are sure: nothing brings it back")
    deleting.set_defaults(run=delete_waiting)
    for parser in (release, aside, retry, deleting):
        parser.add_argument(
            "raws", type=int, nargs="+", metavar="RAW", help="their numbers in the list"
        )
        add_json(parser)


def let_in_held(args: argparse.Namespace) -> int:
    desk()
    from contextlib import closing

    from django.utils import timezone

    from hospes.channels.email.child import ParserChild
    from hospes.intake.actions.blocking import domain_block_of, unblock
    from hospes.intake.actions.deciding import let_in
    from hospes.intake.models import HeldReason

    rows, told = [], []
    with closing(ParserChild()) as parser:
        for held in _held(args.raws):
            message = let_in(held, parser=parser, at=timezone.now(), join=args.join)
            reference = message.conversation.reference
            rows.append({"raw": held.pk, "conversation": reference})
            told.append(f"It is shown in {reference} now.")
            if held.reason == HeldReason.BLOCKED:
                if unblock(held.from_address):
                    told.append(f"{held.from_address} is not blocked any more.")
                if domain := domain_block_of(held.from_address):
                    told.append(f"{domain} is blocked all the same: hospes mail unblock {domain}")
    return _say(args, rows, *told)


def put_held_aside(args: argparse.Namespace) -> int:
    desk()
    from django.utils import timezone

    from hospes.intake.actions.deciding import put_aside, take_back

    rows = []
    for waiting in _waiting(args.raws).values():
        if args.undo:
            take_back(waiting)
        else:
            put_aside(waiting, by=None, at=timezone.now())
        rows.append({"raw": waiting.pk, "is_put_aside": not args.undo})
    return _say(
        args, rows, "It waits for a decision again." if args.undo else "It is put aside, and kept."
    )


def retry_quarantined(args: argparse.Namespace) -> int:
    desk()
    from hospes.intake.actions.deciding import try_again
    from hospes.intake.models import QuarantinedRaw
    from hospes.lib.refusal import Refused

    found = QuarantinedRaw.objects.in_bulk(args.raws)
    for raw in args.raws:
        if raw not in found:
            raise Refused(f"No mail {raw} is quarantined. `hospes mail quarantined` lists them.")
    for one in found.values():
        try_again(one)
    rows = [{"raw": raw, "state": "pending"} for raw in found]
    return _say(args, rows, "The worker reads it anew.")


def delete_waiting(args: argparse.Namespace) -> int:
    desk()
    from django.utils import timezone

    from hospes.intake.actions.deciding import delete
    from hospes.lib.refusal import Refused

    found = _waiting(args.raws)
    if not args.yes:
        raise Refused("A deleted mail cannot be brought back. Say --yes if you are sure.")
    for one in found.values():
        delete(one, by=None, at=timezone.now())
    return _say(args, [{"raw": raw, "is_deleted": True} for raw in found], "It is deleted.")


def _waiting(raws: list[int]) -> dict[int, Any]:
    """Return these held or quarantined mails. Raises Refused when one of them is none."""
    from hospes.intake.models import HeldRaw, QuarantinedRaw
    from hospes.lib.refusal import Refused

    found = {**HeldRaw.objects.in_bulk(raws), **QuarantinedRaw.objects.in_bulk(raws)}
    for raw in raws:
        if raw not in found:
            raise Refused(f"No mail {raw} is held or quarantined.")
    return found


def _held(raws: list[int]) -> list[HeldRaw]:
    """Return these held mails. Raises Refused when one of them is none."""
    from hospes.intake.models import HeldRaw
    from hospes.lib.refusal import Refused

    found = HeldRaw.objects.in_bulk(raws)
    for raw in raws:
        if raw not in found:
            raise Refused(f"No mail {raw} is held. `hospes mail held` lists them.")
    return list(found.values())


def _say(args: argparse.Namespace, rows: list[dict[str, Any]], *told: str) -> int:
    """Print what was done: one object for one mail, `items` for several."""
    if wants_json(args):
        print_json(rows[0] if len(args.raws) == 1 else {"items": rows})
        return 0
    if len(told) == 1 and len(rows) > 1:
        print_line(f"{len(rows)} mails: {told[0]}")
        return 0
    for line in told:
        print_line(line)
    return 0
