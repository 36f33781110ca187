"""`hospes django ...`: Django's own management commands, for those who know them."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hospes.config.cli import Subparsers


def add_to(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("django", help="run a management command of Django")
    parser.add_argument("words", nargs="*", metavar="WORD", help="such as `shell` or `migrate`")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from django.core.management import execute_from_command_line

    execute_from_command_line(["hospes django", *args.words])
    return 0
