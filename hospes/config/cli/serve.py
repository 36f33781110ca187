"""`hospes serve` runs everything; `hospes web`, `hospes worker` and `hospes doors` one part alone."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hospes.config.cli import Subparsers

# Options that are settings: what is given here counts more than the environment.
SETTINGS = {
    "port": ("HOSPES_PORT", "port of the pages (8000)"),
    "listen": ("HOSPES_LISTEN", "address of this machine to listen on (all of them)"),
    "smtp_port": ("HOSPES_SMTP_PORT", "port of the SMTP door (8025; 0: off)"),
    "lmtp_port": ("HOSPES_LMTP_PORT", "port of the LMTP door on loopback (8024; 0: off)"),
}


def add_to(subparsers: Subparsers) -> None:
    serve = subparsers.add_parser(
        "serve", help="run Hospes: database, pages, worker and mail doors"
    )
    _add_settings(serve, "port", "listen", "smtp_port", "lmtp_port")
    serve.add_argument("--demo", action="store_true", help="fill an empty desk with the demo")
    serve.set_defaults(run=run_all, needs_desk=False)
    web = subparsers.add_parser("web", help="run the pages alone")
    _add_settings(web, "port", "listen")
    web.set_defaults(run=run_web, needs_desk=False)
    worker = subparsers.add_parser("worker", help="run the worker alone")
    worker.set_defaults(run=run_worker)
    doors = subparsers.add_parser("doors", help="run the mail doors alone")
    _add_settings(doors, "listen", "smtp_port", "lmtp_port")
    doors.set_defaults(run=run_doors, needs_desk=False)


def _add_settings(parser: argparse.ArgumentParser, *names: str) -> None:
    for name in names:
        words = f"--{name.replace('_', '-')}"
        parser.add_argument(words, metavar=name.rpartition("_")[2].upper(), help=SETTINGS[name][1])


def _take_settings(args: argparse.Namespace) -> None:
    for name, (setting, _) in SETTINGS.items():
        given = getattr(args, name, None)
        if given is not None:
            os.environ[setting] = given


def run_all(args: argparse.Namespace) -> int:
    _take_settings(args)
    from hospes.config.serve import serve

    return serve(wants_demo=args.demo)


def run_web(args: argparse.Namespace) -> int:
    _take_settings(args)
    from hospes.config.cli.opening import open_desk

    open_desk()
    from django.conf import settings

    from hospes.config.parts import web
    from hospes.config.supervisor import listen

    return web(listen(settings.LISTEN, settings.PORT))


def run_worker(_args: argparse.Namespace) -> int:
    from hospes.config.parts import worker

    return worker()


def run_doors(args: argparse.Namespace) -> int:
    _take_settings(args)
    from hospes.config.cli.opening import open_desk

    open_desk()
    from hospes.config.parts import doors

    return doors()
