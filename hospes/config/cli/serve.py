"""`hospes serve` runs everything; `hospes web`, `worker`, `doors` and `fetcher` one part alone."""

from __future__ import annotations

import argparse
import gc
import os
from typing import TYPE_CHECKING

from hospes.config.cli.opening import desk

if TYPE_CHECKING:
    from hospes.config.cli import Subparsers

# Options that are settings; what is given here counts more than the environment.
OPTIONS = {
    "port": ("HOSPES_PORT", "port of the pages (8000)"),
    "host": ("HOSPES_HOST", "address of this machine to listen on (all of them)"),
    "smtp-port": ("HOSPES_SMTP_PORT", "port of the mail door (8025; 0: shut)"),
    "lmtp-port": (
        "HOSPES_LMTP_PORT",
        "port of the mail door for a mail server on this machine (8024; 0: shut)",
    ),
}


def add_to(subparsers: Subparsers, common: argparse.ArgumentParser) -> None:
    serve = subparsers.add_parser("serve", parents=[common], help="run everything")
    _add_options(serve, *OPTIONS)
    serve.add_argument("--demo", action="store_true", help="load the demo into an empty desk")
    serve.set_defaults(run=run_all)
    web = subparsers.add_parser("web", parents=[common], help="run the pages alone")
    _add_options(web, "port", "host")
    web.set_defaults(run=run_web)
    worker = subparsers.add_parser("worker", parents=[common], help="run the worker alone")
    worker.set_defaults(run=run_worker)
    doors = subparsers.add_parser("doors", parents=[common], help="run the mail doors alone")
    _add_options(doors, "host", "smtp-port", "lmtp-port")
    doors.set_defaults(run=run_doors)
    fetcher = subparsers.add_parser(
        "fetcher", parents=[common], help="run what fetches mail (IMAP) alone"
    )
    fetcher.set_defaults(run=run_fetcher)


def _add_options(parser: argparse.ArgumentParser, *names: str) -> None:
    for name in names:
        setting, text = OPTIONS[name]
        metavar = name.rpartition("-")[2].upper()
        parser.add_argument(f"--{name}", dest=setting, metavar=metavar, help=text)


def _take_options(args: argparse.Namespace) -> None:
    for setting, _ in OPTIONS.values():
        given = getattr(args, setting, None)
        if given is not None:
            os.environ[setting] = given


def run_all(args: argparse.Namespace) -> int:
    _take_options(args)
    gc.disable()  # until everything is loaded: nothing of it is garbage
    from hospes.config.serve import serve

    return serve(wants_demo=args.demo)


def run_web(args: argparse.Namespace) -> int:
    _take_options(args)
    desk()
    from hospes.config import preparing
    from hospes.config.parts import web
    from hospes.config.ports import open_ports

    preparing.build_files()  # this machine may never have run `hospes serve`
    return web(open_ports(["web"]))


def run_worker(_args: argparse.Namespace) -> int:
    desk()
    from hospes.config.parts import worker

    return worker()


def run_doors(args: argparse.Namespace) -> int:
    _take_options(args)
    desk()
    from hospes.config.parts import doors
    from hospes.config.ports import open_ports

    return doors(open_ports(["smtp", "lmtp"]))


def run_fetcher(_args: argparse.Namespace) -> int:
    desk()
    from hospes.config.parts import fetcher

    return fetcher(ends_when_idle=False)
