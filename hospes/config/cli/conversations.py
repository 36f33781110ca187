"""`hospes conversations`: what stands in the inbox, or what one customer wrote about."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hospes.config.cli import access
from hospes.config.cli.opening import desk
from hospes.config.cli.printing import add_json, cut, print_json, print_line, wants_json

if TYPE_CHECKING:
    from hospes.config.cli import Subparsers
    from hospes.conversations.queries import ListPage, ListRow
    from hospes.team.models import Agent

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
        "--customer", metavar="ADDRESS", help="all of this customer, newest first, closed ones too"
    )
    listing.add_argument("--limit", type=int, default=USUAL_LIMIT, help=f"at most ({USUAL_LIMIT})")
    listing.add_argument("--after", metavar="CURSOR", help="go on where the last page ended")
    access.add_as(listing)
    add_json(listing)
    listing.set_defaults(run=show)


def show(args: argparse.Namespace) -> int:
    desk()
    from hospes.lib.refusal import Refused

    agent = access.who_reads(args)
    args.limit = max(1, min(args.limit, MAX_LIMIT))
    try:
        page = _of_customer(args, agent) if args.customer else _in_view(args, agent)
    except ValueError as error:
        raise Refused(f"--after {args.after}: this is no place in a list.") from error
    if wants_json(args):
        emails = _emails(page.rows)
        rows = [_fields(row, emails) for row in page.rows]
        print_json({"conversations": rows, "next": page.next_cursor})
        return 0
    for row in page.rows:
        print_line(_line(row))
    if not page.rows:
        print_line("No conversations.")
    if page.next_cursor:
        print_line(f"There are more: --after {page.next_cursor}")
    return 0


def _in_view(args: argparse.Namespace, agent: Agent) -> ListPage:
    from hospes.conversations.queries import list_page, visible_queue_ids

    view, whose = args.view, agent
    if args.agent:
        view, whose = "mine", access.agent_called(args.agent)
    return list_page(
        visible_queue_ids(agent), view=view, agent_id=whose.pk, after=args.after, limit=args.limit
    )


def _of_customer(args: argparse.Namespace, agent: Agent) -> ListPage:
    from hospes.conversations.queries import ListPage, visible_queue_ids
    from hospes.conversations.timeline import other_conversations
    from hospes.lib.references import canonical

    customer = access.customer(args.customer, agent)
    every = other_conversations(customer.pk, agent=agent, limit=100_000)
    references = [one.reference for one in every]
    first = references.index(canonical(args.after)) + 1 if args.after else 0
    wanted = references[first : first + args.limit]
    rows = {row.reference: row for row in _rows(wanted, visible_queue_ids(agent), agent)}
    is_last = first + args.limit >= len(references)
    found = [rows[reference] for reference in wanted if reference in rows]
    return ListPage(found, None if is_last else wanted[-1])


def _rows(
    references: Sequence[str], queue_ids: Sequence[int] | None, agent: Agent
) -> list[ListRow]:
    from hospes.conversations.models import Conversation
    from hospes.conversations.queries import rows_of

    ids = list(Conversation.objects.filter(reference__in=references).values_list("pk", flat=True))
    return [
        row
        for view in ("open", "snoozed", "closed")
        for row in (rows_of(ids, queue_ids, view=view, agent_id=agent.pk) if ids else ())
    ]


def _emails(rows: Sequence[ListRow]) -> dict[int, str]:
    from hospes.team.models import Agent

    ids = {row.assignee_id for row in rows if row.assignee_id}
    return dict(Agent.objects.filter(pk__in=ids).values_list("pk", "email"))


def _fields(row: ListRow, emails: dict[int, str]) -> dict[str, Any]:
    assignee = None
    if row.assignee_id:
        assignee = {"name": row.assignee_name, "email": emails.get(row.assignee_id, "")}
    return {
        "reference": row.reference,
        "subject": row.subject,
        "status": _status(row),
        "customer": {"id": row.customer_id, "name": row.customer_name},
        "assignee": assignee,
        "market": row.market_code or None,
        "language": row.language or None,
        "preview": row.preview,
        "is_last_incoming": row.is_last_incoming,
        "is_sender_verified": row.is_sender_verified,
        "waiting_since": _iso(row.waiting_since),
        "snoozed_until": _iso(row.snoozed_until),
        "last_activity_at": _iso(row.last_activity_at),
    }


def _iso(at: Any) -> str | None:
    return at.isoformat() if at else None


def _status(row: ListRow) -> str:
    if row.is_closed:
        return "closed"
    return "snoozed" if row.snoozed_until else "open"


def _line(row: ListRow) -> str:
    from django.utils import timezone

    from hospes.workspace.showing import age

    now = timezone.now()
    state = f"waits {age(row.waiting_since, now)}" if row.waiting_since else _status(row)
    whose = row.assignee_name or "nobody's"
    columns = (f"{row.reference:<10}", f"{state:<14}", f"{cut(whose, 16):<16}", cut(row.customer_name, 24), cut(row.subject, 60))  # fmt: skip
    return "  ".join(columns).rstrip()
