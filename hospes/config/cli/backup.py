"""`hospes backup FILE` and `hospes restore FILE`: a whole desk in one file, and back."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from hospes.config.cli.opening import desk
from hospes.config.cli.printing import add_json, print_json, print_line, wants_json

if TYPE_CHECKING:
    from hospes.config.cli import Subparsers


def add_to(subparsers: Subparsers, common: argparse.ArgumentParser) -> None:
    backup = subparsers.add_parser(
        "backup", parents=[common], help="keep the whole desk in one file",
        description="Write the whole desk into one file, while it runs or stands: database, files, key."
        " The file holds everything customers wrote; keep it as safe as the desk.",
    )  # fmt: skip
    backup.set_defaults(run=make)
    restore = subparsers.add_parser(
        "restore", parents=[common], help="make a desk of a backup",
        description="Make a desk of a backup, in a data folder where none runs. It sends nothing to customers"
        " until `hospes resume`.",
    )  # fmt: skip
    restore.add_argument(
        "--replace", action="store_true", help="take away the desk that stands there, for good"
    )
    restore.set_defaults(run=take)
    for parser in (backup, restore):
        parser.add_argument("file", metavar="FILE", type=Path)
        add_json(parser)


def make(args: argparse.Namespace) -> int:
    from contextlib import ExitStack
    from dataclasses import asdict

    from hospes.config import env, serving
    from hospes.config.backup.making import make_backup
    from hospes.config.backup.standing import alone, database
    from hospes.lib import embedded_postgres

    data_dir = env.data_dir()
    with ExitStack() as stack:
        is_standing = embedded_postgres.home(data_dir).exists() and not serving.is_served(data_dir)
        if is_standing and not embedded_postgres.is_listening(data_dir):
            stack.enter_context(alone(data_dir, what="a backup"))
            stack.enter_context(database(data_dir))
        desk()
        from django.conf import settings

        made = make_backup(
            args.file.absolute(),
            url=settings.DATABASE_URL,
            data_dir=data_dir,
            secret_key=settings.SECRET_KEY,
        )
    if wants_json(args):
        print_json({**asdict(made), "path": str(made.path)})
        return 0
    print_line(
        f"{args.file}: {made.rows} rows and {made.files} files, {made.size_bytes / 2**20:.1f} MiB."
    )
    if made.missing or made.damaged:
        print_line(
            f"Files that were missing on the desk: {made.missing}, and damaged: {made.damaged};"
            " `hospes doctor --thorough` names them."
        )
    return 0


def take(args: argparse.Namespace) -> int:
    from dataclasses import asdict

    from hospes.config import env
    from hospes.config.backup.restoring import restore_backup

    done = restore_backup(args.file.absolute(), data_dir=env.data_dir(), replace=args.replace)
    if wants_json(args):
        print_json(asdict(done))
        return 0
    print_line(f"The desk of {done.made_at} is here: {done.rows} rows and {done.files} files.")
    if done.missing:
        print_line(f"Files that were missing on it already: {done.missing}.")
    print_line("Start it with `hospes serve`. It sends nothing to customers until `hospes resume`.")
    return 0
