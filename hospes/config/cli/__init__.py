"""The command line: `hospes` and what follows reads like speech.

One file for each noun. A file has `add_to(subparsers)`, which adds its commands and says which function
runs each:

    def add_to(subparsers: Subparsers) -> None:
        parser = subparsers.add_parser("team", help="People with a seat")
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.set_defaults(run=show)

    def show(args: argparse.Namespace) -> int:
        from hospes.team.models import Agent
        ...
        return 0

`run` is called with Django set up and the database answering; a command that needs neither adds
`needs_desk=False` to its defaults. It returns the exit code. It raises what actions raise: `Refused` and
wrong settings become one line on standard error. Files are only read for their words until a command is
chosen, so nothing but the standard library may be imported at their top.
"""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 # has no public name

WRONG_USE, FAILED = 2, 1


def main(given: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 2 when it was not understood, 1 when it failed."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hospes.config.settings")
    words = _take_data_dir(sys.argv[1:] if given is None else list(given))
    parser = make_parser()
    if words[:1] == ["django"]:
        words.insert(1, "--")  # everything after it is Django's, options too
    args = parser.parse_args(words)
    if "run" not in args:
        parser.print_help()
        return WRONG_USE
    return _run(args)


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of everything one may say."""
    parser = argparse.ArgumentParser(
        prog="hospes", description="Customer care across markets.", allow_abbrev=False
    )
    parser.add_argument(
        "--data-dir", metavar="DIR", help="the folder that holds the desk (HOSPES_DATA_DIR)"
    )
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND")
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda one: one.name):
        noun = importlib.import_module(f"{__name__}.{module.name}")
        if hasattr(noun, "add_to"):
            noun.add_to(subparsers)
    return parser


def _take_data_dir(words: list[str]) -> list[str]:
    """Take `--data-dir` out, wherever it stands before a `--`, and make it the setting it means."""
    anywhere = argparse.ArgumentParser(prog="hospes", add_help=False, allow_abbrev=False)
    anywhere.add_argument("--data-dir")
    end = words.index("--") if "--" in words else len(words)
    found, rest = anywhere.parse_known_args(words[:end])
    if found.data_dir is not None:
        os.environ["HOSPES_DATA_DIR"] = found.data_dir
    return rest + words[end:]


def _run(args: argparse.Namespace) -> int:
    from hospes.config.cli.opening import open_desk, say_why

    try:
        if getattr(args, "needs_desk", True):
            open_desk()
        return int(args.run(args))
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        why = say_why(error)
        if why is None:
            raise
        print(f"hospes: {why}", file=sys.stderr)
        return FAILED
