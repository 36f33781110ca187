"""`hospes resume`: let a desk that was restored from a backup write to customers again."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from hospes.config.cli.opening import desk
from hospes.config.cli.printing import add_json, print_json, print_line, wants_json

if TYPE_CHECKING:
    from hospes.config.cli import Subparsers


def add_to(subparsers: Subparsers, common: argparse.ArgumentParser) -> None:
    resume = subparsers.add_parser(
        "resume", parents=[common], help="let a restored desk write to customers again",
        description="A restored desk sends nothing until this is said, once the first desk is surely gone.",
    )  # fmt: skip
    resume.add_argument(
        "--send-waiting", action="store_true",
        help="send also what waited when the backup was made: you know that it has not left since",
    )  # fmt: skip
    add_json(resume)
    resume.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    desk()
    from django.utils import timezone

    from hospes.conversations.actions.resuming import resume_sending

    done = resume_sending(send_waiting=args.send_waiting, at=timezone.now())
    if wants_json(args):
        print_json({"going_out": done.going_out, "unknown": done.unknown})
        return 0
    print_line(f"This desk sends again. Waiting replies that go out now: {done.going_out}.")
    if done.unknown:
        print_line(
            f"Replies that waited already when the backup was made: {done.unknown}. They may have left since;"
            " their conversations say so, and there they can be sent again."
        )
    return 0
