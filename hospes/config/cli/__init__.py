"""The command line: `hospes` and what follows reads like speech.

One file for each noun. Each has `add_to(subparsers, common)`, which adds its parser with `parents=[common]`
and `set_defaults(run=...)`; `run(args)` returns the exit code. Django is imported when a command needs it: `desk()`.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

NOUNS = ("serve", "doctor", "backup", "mail", "conversations", "team", "api", "demo")


class NotHere(Exception):
    """There is no running desk to speak to; the text says what to do."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 refused, 2 wrongly asked."""
    from hospes.config.env import WrongSetting
    from hospes.lib.embedded_postgres import CannotStart

    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["django"]:
        return _django(words[1:])
    args = _parser().parse_args(words)
    if args.data_dir:
        os.environ["HOSPES_DATA_DIR"] = str(Path(args.data_dir).expanduser().absolute())
    try:
        return int(args.run(args))
    except (WrongSetting, CannotStart, NotHere) as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 0
    except Exception as error:
        if not _is_for_people(error):
            raise
        print(error, file=sys.stderr)
        return 1


def desk() -> None:
    """Make Django ready and speak to the database of this data folder. Raises NotHere."""
    from hospes.config import env
    from hospes.lib import embedded_postgres

    data_dir = env.data_dir()
    if not env.text("DATABASE_URL") and not embedded_postgres.is_listening(data_dir):
        raise NotHere(
            f"Hospes is not running with the data folder {data_dir}. Start it with `hospes serve`, or name"
            " another folder with --data-dir."
        )
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hospes.config.settings")
    os.environ.setdefault("HOSPES_LOG_LEVEL", "WARNING")
    import django

    django.setup()
    from django.db import OperationalError, connection

    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise NotHere(f"The database does not answer: {str(error).strip()}") from error


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--data-dir", metavar="FOLDER", help="the folder that holds everything")
    parser = argparse.ArgumentParser(
        prog="hospes", description="Customer care for customers in many countries."
    )
    subparsers = parser.add_subparsers(required=True, metavar="command")
    for noun in NOUNS:
        import_module(f"hospes.config.cli.{noun}").add_to(subparsers, common)
    return parser


def _is_for_people(error: Exception) -> bool:
    from hospes.lib.refusal import Refused

    return isinstance(error, Refused)


def _django(words: Sequence[str]) -> int:
    """Pass on to Django's own commands, for developers."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hospes.config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["hospes django", *words])
    return 0
