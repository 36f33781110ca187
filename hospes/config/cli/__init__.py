"""The command line: `hospes` and what follows reads like speech.

One file for each noun in `NOUNS`. Each adds its commands and says which function runs each:

    def add_to(subparsers: Subparsers, common: argparse.ArgumentParser) -> None:
        parser = subparsers.add_parser("team", parents=[common], help="people with a seat")
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.set_defaults(run=show)

    def show(args: argparse.Namespace) -> int:
        desk()
        from hospes.team.models import Agent
        ...
        return 0

`run` returns the exit code. What speaks to the desk calls `desk()` first, and imports Django after it:
files are read whenever anything is asked, so at their top stands nothing that takes time. `Refused`, wrong
settings and a desk that is not there need no `try`: they become one line on standard error and exit code 1.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from hospes.config.cli.opening import desk, say_why

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 # has no public name

__all__ = ["desk", "main", "make_parser"]

NOUNS = (
    "conversations", "conversation", "customers", "search", "mail", "team", "texts", "api",
    "market", "worktime", "servicelevels", "doctor", "backup", "resume", "serve", "demo",
)  # fmt: skip
REFUSED, INTERRUPTED = 1, 130  # 2, wrongly asked, is argparse's


EPILOG = """\
for example:
  hospes serve --demo                                a shop to click through
  hospes conversations --view waiting                who waits for us, longest first
  hospes conversation H-7K3F9                        read one
  hospes conversation H-7K3F9 reply "It is on its way." --close
  hospes conversation H-7K3F9 assign ana@example.com
  hospes search "未着" from:aiko                       what was said, in any script
  hospes mail deliver letter.eml                     hand in a mail from a file
  hospes mail fetch support@example.com --host imap.example.com
  hospes team add ana@example.com --name Ana --role operator
  hospes texts import texts.csv --preview            what a table of texts would change
  hospes market JP                                   what holds in Japan, and where it comes from
  hospes api token "Web shop" --scopes conversations:read
  hospes doctor                                      what is wrong, and what mends it
  hospes backup /backups/monday.hospes

Every command takes --help, and --json where a program may want to read it. It speaks to the desk of
--data-dir, or of HOSPES_DATA_DIR."""


def main(given: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 refused, 2 wrongly asked."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hospes.config.settings")
    words = list(sys.argv[1:] if given is None else given)
    try:
        if words[:1] == ["django"]:
            return _django(words[1:])
        args = make_parser().parse_args(words)
        if args.data_dir:
            os.environ["HOSPES_DATA_DIR"] = args.data_dir
        return int(args.run(args))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever read has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        why = say_why(error)
        if why is None:
            raise
        print(f"hospes: {why}", file=sys.stderr)
        return REFUSED


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of everything one may say. `--data-dir` may stand before or after the noun."""
    parser = argparse.ArgumentParser(
        prog="hospes",
        description="Customer care for customers in many countries.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_data_dir(parser, default=None)
    common = argparse.ArgumentParser(add_help=False)
    _add_data_dir(common, default=argparse.SUPPRESS)
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for noun in NOUNS:
        import_module(f"{__name__}.{noun}").add_to(subparsers, common)
    return parser


def _add_data_dir(parser: argparse.ArgumentParser, *, default: object) -> None:
    parser.add_argument(
        "--data-dir", metavar="FOLDER", default=default,
        help="the folder that holds everything (HOSPES_DATA_DIR)",
    )  # fmt: skip


def _django(words: Sequence[str]) -> int:
    """Pass on to Django's own commands, for developers."""
    from django.core.management import execute_from_command_line

    execute_from_command_line(["hospes django", *words])
    return 0
