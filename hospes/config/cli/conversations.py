"""`hospes conversations`: what stands in the inbox, or what one customer wrote about."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from hospes.config.cli import access
from hospes.config.cli.opening import desk
from hospes.config.cli.printing import add_json, cut, print_json, print_line, wants_json

if TYPE_CHECKING:
    from hospes.config.cli import Subparsers
    from hospes.conversations.listing import Found
    from hospes.conversations.models import Conversation

USUAL_LIMIT, MAX_LIMIT = 50, 1000
# `queries.VIEWS`, which costs an import of Django.
VIEWS = ("mine", "unassigned", "open", "waiting", "snoozed", "closed")


def add_to(subparsers: Subparsers, common: argparse.ArgumentParser) -> None:
    listing = subparsers.add_parser(
        "conversations", parents=[common], help="list conversations: open ones, or a view",
        description="List conversations; those that have waited longest stand first.",
    )  # fmt: skip
    which = listing.add_mutually_exclusive_group()
    which.add_argument("--view", choices=VIEWS, default="open", help="which ones (open)")
    which.add_argument("--agent", metavar="EMAIL", help="the open ones this agent answers for")
    which.add_argument(
        "--customer", metavar="ADDRESS", help="all of this customer, closed ones too"
    )
    listing.add_argument("--limit", type=int, default=USUAL_LIMIT, help=f"at most ({USUAL_LIMIT})")
    listing.add_argument("--after", metavar="CURSOR", help="go on where the last page ended")
    access.add_as(listing)
    add_json(listing)
    listing.set_defaults(run=show)


def show(args: argparse.Namespace) -> int:
    desk()
    from hospes.api.schemas.conversations import ConversationTold

    found = _found(args)
    if wants_json(args):
        items = [ConversationTold.of(one).model_dump(mode="json") for one in found.conversations]
        print_json({"items": items, "next_cursor": found.next_cursor})
        return 0
    for one in found.conversations:
        print_line(_line(one))
    if not found.conversations:
        print_line("No conversations.")
    if found.next_cursor:
        print_line(f"There are more: --after {found.next_cursor}")
    return 0


def _found(args: argparse.Namespace) -> Found:
    """Return the page that was asked for. Raises Refused."""
    from hospes.conversations.listing import Wanted, conversations_page
    from hospes.conversations.queries import visible_queue_ids
    from hospes.lib.refusal import Refused

    if args.limit < 1:
        raise Refused("--limit: give a number of one or more.")
    agent = access.who_reads(args)
    whose, wanted = agent, Wanted(view=args.view)
    if args.agent:
        whose, wanted = access.agent_called(args.agent, also_inactive=True), Wanted(view="mine")
    if args.customer:
        wanted = Wanted(customer_id=access.customer(args.customer, agent).pk)
    try:
        return conversations_page(
            visible_queue_ids(agent),
            wanted,
            agent_id=whose.pk,
            after=args.after,
            limit=min(args.limit, MAX_LIMIT),
        )
    except ValueError as error:
        raise Refused(f"--after {args.after}: this is no place in a list.") from error


def _line(one: Conversation) -> str:
    from django.utils import timezone

    from hospes.config.cli.telling import status_of
    from hospes.workspace.showing import age

    waits = ""
    if one.is_open and not one.is_snoozed:
        waits = "delivery problem" if one.undelivered_since else "answered"
        if one.waiting_since:
            waits = f"waits {age(one.waiting_since, timezone.now())}"
    due = ""
    if one.next_due_at is not None:
        now = timezone.now()
        is_late = now > one.next_due_at
        due = f"{age(*sorted((now, one.next_due_at)))} {'late' if is_late else 'left'}"
    whose = one.assignee.name if one.assignee else "nobody's"
    who = cut(one.customer.display_name, 24)
    columns = (
        f"{one.reference:<10}",
        f"{waits or status_of(one):<14}",
        f"{due:<12}",
        f"{cut(whose, 16):<16}",
    )
    return "  ".join((*columns, who, cut(one.subject, 60))).rstrip()
