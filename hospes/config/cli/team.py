"""`hospes team`: our own people, their roles, and links that let them in."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hospes.config.cli import access
from hospes.config.cli.opening import desk
from hospes.config.cli.printing import add_json, print_json, print_line, wants_json

if TYPE_CHECKING:
    from hospes.config.cli import Subparsers
    from hospes.conversations.models import Queue
    from hospes.team.models import Agent

ROLES = ("agent", "lead", "operator")  # `team.models.Role`, which costs an import of Django


def add_to(subparsers: Subparsers, common: argparse.ArgumentParser) -> None:
    team = subparsers.add_parser("team", parents=[common], help="our own people")
    add_json(team)
    team.set_defaults(run=show)
    verbs = team.add_subparsers(required=False, metavar="VERB", title="verbs")

    def verb(name: str, run: Any, text: str) -> argparse.ArgumentParser:
        parser = verbs.add_parser(name, parents=[common], help=text)
        parser.add_argument("email", metavar="EMAIL")
        add_json(parser)
        parser.set_defaults(run=run)
        return parser

    adding = verb("add", add, "give somebody a seat; prints a link that lets them in once")
    adding.add_argument("--name", help="how customers and colleagues know them")
    adding.add_argument("--role", choices=ROLES, default="agent", help="what they may do (agent)")
    adding.add_argument("--language", default="en", help="of their pages, such as sl (en)")
    adding.add_argument("--zone", default="UTC", help="their clock, such as Europe/Ljubljana (UTC)")
    _add_queues(adding)
    verb("link", link, "a new link that lets them in once")
    verb("role", change_role, "change what they may do").add_argument("role", choices=ROLES)
    _add_queues(verb("seat", change_queues, "say in which queues they work"))
    verb("deactivate", deactivate, "take their seat away; what they wrote stays")
    verb("activate", activate, "give their seat back")


def _add_queues(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--market", action="append", default=[], metavar="COUNTRY",
        help="works in the queues of this market, such as JP or US-CA; may stand several times",
    )  # fmt: skip
    parser.add_argument(
        "--queue", action="append", default=[], metavar="QUEUE", help="works in this queue"
    )


def show(args: argparse.Namespace) -> int:
    desk()
    from hospes.team.models import Agent

    agents = list(Agent.objects.select_related("hub").order_by("-is_active", "name"))
    everybody = [_fields(agent) for agent in agents]
    if wants_json(args):
        print_json({"items": everybody})
        return 0
    for one in everybody:
        queues = "all queues" if one["role"] == "operator" else ", ".join(one["queues"])
        gone = "" if one["is_active"] else "  (no seat any more)"
        print_line(f"{one['name']} <{one['email']}>  {one['role']}  {queues or 'no queue'}{gone}")
    if not everybody:
        print_line("Nobody yet: hospes team add EMAIL --name NAME --role operator")
    return 0


def add(args: argparse.Namespace) -> int:
    desk()
    from django.db import transaction
    from django.utils import timezone

    from hospes.conversations.actions.seating import seat
    from hospes.team.actions.adding import add_agent

    queues = _queues(args)
    _refuse_unknown_zone(args.zone)
    _refuse_unknown_language(args.language)
    with transaction.atomic():
        agent = add_agent(
            name=args.name or args.email.partition("@")[0],
            email=args.email,
            role=args.role,
            language=args.language,
            zone=args.zone,
            by=None,
            at=timezone.now(),
        )
        seat(agent, queues=queues)
    _tell_link(args, agent, f"{agent.name} has a seat now.")
    if not queues and args.role != "operator" and not wants_json(args):
        print_line("They work in no queue yet, so they see nothing: hospes team seat EMAIL --queue QUEUE")  # fmt: skip
    return 0


def link(args: argparse.Namespace) -> int:
    desk()
    _tell_link(args, access.agent_called(args.email), "")
    return 0


def change_role(args: argparse.Namespace) -> int:
    desk()
    agent = access.agent_called(args.email, also_inactive=True)
    return _changed(args, agent, role=args.role, is_active=agent.is_active)


def deactivate(args: argparse.Namespace) -> int:
    desk()
    agent = access.agent_called(args.email, also_inactive=True)
    return _changed(args, agent, role=agent.role, is_active=False)


def activate(args: argparse.Namespace) -> int:
    desk()
    agent = access.agent_called(args.email, also_inactive=True)
    return _changed(args, agent, role=agent.role, is_active=True)


def change_queues(args: argparse.Namespace) -> int:
    desk()
    from hospes.conversations.actions.seating import seat

    agent = access.agent_called(args.email, also_inactive=True)
    seat(agent, queues=_queues(args))
    return _told(args, agent)


def _changed(args: argparse.Namespace, agent: Agent, *, role: str, is_active: bool) -> int:
    from hospes.team.actions.adding import change_seat

    change_seat(agent, role=role, is_active=is_active, by=None)
    return _told(args, agent)


def _told(args: argparse.Namespace, agent: Agent) -> int:
    fields = _fields(agent)
    if wants_json(args):
        print_json(fields)
        return 0
    seat = f"is {agent.get_role_display().lower()}" if agent.is_active else "has no seat any more"
    queues = f", works in {', '.join(fields['queues'])}" if fields["queues"] else ""
    print_line(f"{agent.name} {seat}{queues}.")
    return 0


def _tell_link(args: argparse.Namespace, agent: Agent, done: str) -> None:
    from django.conf import settings
    from django.utils import timezone

    from hospes.team.actions.inviting import invite

    path = invite(agent, at=timezone.now())
    if wants_json(args):
        print_json({**_fields(agent), "sign_in_link": settings.URL + path})
        return
    print_line(f"{done} This link lets {agent.name} in once, within a week:".strip())
    print_line(settings.URL + path)


def _queues(args: argparse.Namespace) -> list[Queue]:
    """Return the queues named. Raises Refused for a market or queue that is not there."""
    from hospes.conversations.models import Queue

    every = list(Queue.objects.select_related("market"))
    chosen: list[Queue] = []
    for code in args.market:
        found = [one for one in every if one.market and one.market.code == code.upper()]
        _refuse_none(found, f"No queue serves the market {code.upper()}.", every)
        chosen += found
    for name in args.queue:
        found = [one for one in every if one.name.lower() == name.lower()]
        _refuse_none(found, f"There is no queue called {name}.", every)
        chosen += found
    return chosen


def _refuse_none(found: Sequence[Queue], why: str, every: Sequence[Queue]) -> None:
    from hospes.lib.refusal import Refused

    if not found:
        raise Refused(f"{why} There are: {', '.join(one.name for one in every)}.")


def _refuse_unknown_zone(zone: str) -> None:
    from zoneinfo import available_timezones

    from hospes.lib.refusal import Refused

    if zone not in available_timezones():
        raise Refused(f"{zone} is no time zone. Give one such as Europe/Ljubljana.")


def _refuse_unknown_language(language: str) -> None:
    from django.conf import settings

    from hospes.lib.refusal import Refused

    known = [code for code, _ in settings.LANGUAGES]
    if language not in known:
        raise Refused(f"The pages do not speak {language}. They speak {', '.join(known)}.")


def _fields(agent: Agent) -> dict[str, Any]:
    from hospes.conversations.models import Queue

    queues = Queue.objects.filter(members__agent=agent).values_list("name", flat=True)
    return {
        "name": agent.name,
        "email": agent.email,
        "role": agent.role,
        "is_active": agent.is_active,
        "language": agent.language,
        "zone": agent.zone,
        "hub": agent.hub.name if agent.hub else None,
        "sees_all_queues": agent.is_operator,
        "queues": list(queues),
        "last_sign_in_at": agent.last_login.isoformat() if agent.last_login else None,
    }
