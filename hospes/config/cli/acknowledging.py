"""`hospes mail acknowledge`: whether customers are told at once that their letter came, and in which words."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from hospes.config.cli.fetching import channel_of
from hospes.config.cli.opening import desk
from hospes.config.cli.printing import add_json, print_json, print_line, wants_json

if TYPE_CHECKING:
    from hospes.channels.models import Channel
    from hospes.config.cli import Subparsers

DESCRIPTION = """\
Whether whoever writes to this address is told at once that the letter came, and its number.
Machines, held mail and junk get no letter. What is not given stays as it is."""


def add_to(verbs: Subparsers, common: argparse.ArgumentParser) -> None:
    acknowledge = verbs.add_parser(
        "acknowledge", parents=[common], help="tell customers at once that their letter came",
        description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    acknowledge.add_argument("address", metavar="ADDRESS", help="the support address")
    acknowledge.set_defaults(is_on=None)
    doing = acknowledge.add_mutually_exclusive_group()
    doing.add_argument("--on", dest="is_on", action="store_true", help="do so")
    doing.add_argument("--off", dest="is_on", action="store_false", help="do not")
    acknowledge.add_argument(
        "--usual-hours", type=int, metavar="N", help="how long an answer usually takes; 0: say nothing of it"
    )  # fmt: skip
    acknowledge.add_argument("--show", metavar="LANGUAGE", help="the letter, such as: --show ja")
    add_json(acknowledge)
    acknowledge.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    desk()
    from hospes.channels.actions.acknowledging import set_acknowledging

    channel = channel_of(args.address)
    if args.is_on is not None or args.usual_hours is not None:
        hours = channel.usual_hours if args.usual_hours is None else args.usual_hours or None
        is_on = channel.acknowledges if args.is_on is None else args.is_on
        set_acknowledging(channel, is_on=is_on, usual_hours=hours)
    if args.show:
        return _show(args, channel)
    if wants_json(args):
        print_json(
            {
                "address": channel.address,
                "acknowledges": channel.acknowledges,
                "usual_hours": channel.usual_hours,
            }
        )
        return 0
    print_line(
        f"{channel.address}: {'first letters are acknowledged' if channel.acknowledges else 'nothing leaves by itself'}."
    )
    hours = channel.usual_hours
    print_line(f"An answer usually takes: {f'{hours} hours' if hours else 'not said'}")
    return 0


def _show(args: argparse.Namespace, channel: Channel) -> int:
    from hospes.conversations.acknowledgements import acknowledgement
    from hospes.language.phrasebook import base_of
    from hospes.language.speaking import CUSTOMER_LANGUAGES

    said = acknowledgement(reference="H-7K3F9", channel=channel, languages=(args.show,))
    if base_of(said.language) != base_of(args.show):
        sys.stderr.write(
            f"There are no words in {args.show}: whoever writes it gets the letter in {said.language}."
            f" Languages: {', '.join(CUSTOMER_LANGUAGES)}.\n"
        )
    if wants_json(args):
        print_json({"language": said.language, "subject": said.subject, "text": said.text})
        return 0
    print_line(said.subject)
    print_line("")
    for line in said.text.split("\n"):
        print_line(line)
    return 0
