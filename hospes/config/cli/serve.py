"""`hospes serve`, and its parts alone: `hospes web`, `hospes worker`, `hospes doors`."""

from __future__ import annotations

import argparse
import os
from typing import Any

PARTS = ("web", "worker", "doors")


def add_to(subparsers: Any, common: argparse.ArgumentParser) -> None:
    serve = subparsers.add_parser("serve", parents=[common], help="run everything")
    _add_ports(serve, smtp_port=8025, lmtp_port=8024)
    serve.add_argument("--demo", action="store_true", help="load the demo into an empty desk")
    serve.set_defaults(run=run_all)
    for part in PARTS:
        alone = subparsers.add_parser(part, parents=[common], help=f"run the {part} alone")
        _add_ports(alone, smtp_port=8025, lmtp_port=8024)
        alone.set_defaults(run=run_part, part=part)


def _add_ports(parser: argparse.ArgumentParser, *, smtp_port: int, lmtp_port: int) -> None:
    parser.add_argument("--host", default="", help="where to listen (default: everywhere)")
    parser.add_argument("--port", type=int, default=8000, help="of the pages (default: 8000)")
    parser.add_argument(
        "--smtp-port", type=int, default=smtp_port, help=f"of the mail door (default: {smtp_port}; 0: shut)"
    )
    parser.add_argument(
        "--lmtp-port",
        type=int,
        default=lmtp_port,
        help=f"of the mail door for a mail server on this machine (default: {lmtp_port}; 0: shut)",
    )


def run_all(args: argparse.Namespace) -> int:
    from hospes.config.parts import Ports
    from hospes.config.supervisor import Supervisor

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hospes.config.settings")
    os.environ["HOSPES_PORT"] = str(args.port)
    ports = Ports(args.host, args.port, args.smtp_port, args.lmtp_port)
    return Supervisor(ports, with_demo=args.demo).run()


def run_part(args: argparse.Namespace) -> int:
    from hospes.config.cli import desk
    from hospes.config.parts import PARTS as RUN
    from hospes.config.parts import Ports, Sockets

    os.environ["HOSPES_PORT"] = str(args.port)
    desk()
    ports = Ports(args.host, args.port, args.smtp_port, args.lmtp_port)
    wanted = {"web": ("web",), "doors": ("smtp", "lmtp"), "worker": ()}[args.part]
    with Sockets.open(ports, only=wanted) as sockets:
        RUN[args.part](sockets)
    return 0
