"""`hospes customers WORDS` finds people; `hospes customer ADDRESS` tells what is known of one."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from hospes.config.cli import access
from hospes.config.cli.opening import desk
from hospes.config.cli.printing import add_json, print_json, print_line, wants_json

if TYPE_CHECKING:
    from hospes.config.cli import Subparsers
    from hospes.people.models import Customer
    from hospes.team.models import Agent

USUAL_LIMIT = 25
MAX_CONVERSATIONS = 100


def add_to(subparsers: Subparsers, common: argparse.ArgumentParser) -> None:
    customers = subparsers.add_parser(
        "customers", parents=[common], help="find customers by name or address"
    )
    customers.add_argument("words", nargs="+", metavar="WORDS", help="part of a name or address")
    customers.add_argument(
        "--limit", type=int, default=USUAL_LIMIT, help=f"at most ({USUAL_LIMIT})"
    )
    customers.set_defaults(run=find)
    customer = subparsers.add_parser(
        "customer", parents=[common], help="what is known of one customer"
    )
    customer.add_argument("address", metavar="ADDRESS", help="a mail address of theirs")
    customer.set_defaults(run=show)
    for parser in (customers, customer):
        access.add_as(parser)
        add_json(parser)


def find(args: argparse.Namespace) -> int:
    desk()
    from hospes.conversations.queries import visible_queue_ids
    from hospes.lib.refusal import Refused
    from hospes.people.finding import MIN_CHARS, is_findable
    from hospes.search.queries import find_people

    agent = access.who_reads(args)
    limit = max(1, min(args.limit, 50))
    words = " ".join(args.words)
    if not is_findable(words):
        raise Refused(
            f"{words!r} is too short: give at least {MIN_CHARS} letters of a name or address."
        )
    found = find_people(words, queue_ids=visible_queue_ids(agent), limit=limit)
    if wants_json(args):
        rows = [
            {"id": one.customer_id, "display_name": one.name, "address": one.address,
             "latest_conversation": one.reference}
            for one in found
        ]  # fmt: skip
        print_json({"items": rows})
        return 0
    for one in found:
        print_line(f"{one.name} <{one.address}>  {one.reference}")
    if not found:
        print_line("Nobody.")
    return 0


def show(args: argparse.Namespace) -> int:
    desk()
    agent = access.who_reads(args)
    fields = _fields(access.customer(args.address, agent), agent)
    if wants_json(args):
        print_json(fields)
        return 0
    print_line(fields["display_name"])
    for identity in fields["identities"]:
        proven = "" if identity["verified_at"] else " (not verified)"
        print_line(f"  {identity['address']}{proven}")
    known = {
        "Language": fields["language"],
        "Market": fields["market"],
        "Time zone": fields["zone"],
    }
    for name, value in known.items():
        if value:
            print_line(f"  {name}: {value}")
    for line in fields["about"].splitlines():
        print_line(f"  {line}")
    for one in fields["conversations"]:
        print_line(f"{one['reference']:<10}  {one['status']:<8}  {one['subject']}")
    return 0


def _fields(customer: Customer, agent: Agent) -> dict[str, Any]:
    from hospes.api.schemas.people import CustomerTold
    from hospes.conversations.timeline import conversations_of

    conversations = conversations_of(customer.pk, agent=agent, limit=MAX_CONVERSATIONS)
    return {
        **CustomerTold.of(customer).model_dump(mode="json"),
        "conversations": [
            {
                "reference": one.reference,
                "subject": one.subject,
                "status": "open" if one.is_open else "closed",
                "last_activity_at": one.last_activity_at.isoformat(),
            }
            for one in conversations
        ],
    }
