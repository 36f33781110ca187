"""`hospes conversation H-7K3F9`: read one conversation, and act in it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from hospes.config.cli import access
from hospes.config.cli.opening import desk
from hospes.config.cli.printing import add_json, moment, print_json, print_line, wants_json

if TYPE_CHECKING:
    from datetime import datetime

    from hospes.channels.contract import OutboundFile
    from hospes.config.cli import Subparsers
    from hospes.conversations.models import Conversation, Message, Queue
    from hospes.team.models import Agent

    Deed = Callable[[argparse.Namespace, Conversation, Agent, datetime], str]

USUAL_MESSAGES = 60
STDIN = "-"


def add_to(subparsers: Subparsers, common: argparse.ArgumentParser) -> None:
    conversation = subparsers.add_parser(
        "conversation", parents=[common], help="read one conversation, reply, assign, close ...",
        description="Read a conversation; with a verb, act in it.",
    )  # fmt: skip
    conversation.add_argument("reference", metavar="REFERENCE", help="such as H-7K3F9")
    conversation.add_argument(
        "--messages", type=int, default=USUAL_MESSAGES, metavar="NUMBER",
        help=f"how many of the newest to read ({USUAL_MESSAGES})",
    )  # fmt: skip
    access.add_as(conversation)
    add_json(conversation)
    conversation.set_defaults(run=show)
    verbs = conversation.add_subparsers(required=False, metavar="VERB", title="verbs")

    def verb(name: str, deed: Deed, text: str) -> argparse.ArgumentParser:
        parser = verbs.add_parser(name, parents=[common], help=text)
        access.add_as(parser)
        add_json(parser)
        parser.set_defaults(run=act, deed=deed)
        return parser

    replying = verb("reply", _reply, "write to the customer")
    _add_text(replying)
    replying.add_argument(
        "--file", action="append", default=[], dest="files", metavar="FILE", help="attach it"
    )
    replying.add_argument(
        "--to",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="whom it goes to (the customer, when left out)",
    )
    replying.add_argument(
        "--cc",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="send a copy to (nobody, when left out)",
    )
    replying.add_argument("--close", action="store_true", help="close the conversation with it")
    _add_text(verb("note", _note, "write something that the customer never sees"))
    verb("assign", _assign, "give it to somebody").add_argument(
        "person", metavar="PERSON", help="mail address or name of an agent; me; nobody"
    )
    matter = verb("matter", _matter, "say what it is about and how much it presses")
    matter.add_argument("--priority", choices=("low", "normal", "high", "urgent"))
    matter.add_argument("--topic", metavar="TOPIC", help="'' for none")
    matter.add_argument("--product", metavar="PRODUCT", help="'' for none")
    matter.add_argument(
        "--value", metavar="AMOUNT", help="what it is worth, with its currency: '129.00 EUR'; '' for none"
    )  # fmt: skip
    verb("close", _close, "close it: nothing is owed any more")
    verb("reopen", _reopen, "open it again")
    verb("snooze", _snooze, "put it away until later").add_argument(
        "until",
        metavar="UNTIL",
        nargs="?",
        default="tomorrow",
        help="tomorrow (default), monday, 2h, 3d, 2026-12-01, 2026-12-01T09:30",
    )
    verb("move", _move, "let it stand in another queue").add_argument(
        "queue", metavar="QUEUE", help="name of the queue"
    )


def _add_text(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", metavar="TEXT", help="- reads it from standard input")


def show(args: argparse.Namespace) -> int:
    desk()
    from hospes.config.cli.telling import fields_of, print_conversation

    agent = access.who_reads(args)
    found = access.conversation(args.reference, agent)
    limit = max(1, args.messages)
    if wants_json(args):
        print_json(fields_of(found, limit=limit))
    else:
        print_conversation(found, zone=agent.clock, limit=limit)
    return 0


def act(args: argparse.Namespace) -> int:
    desk()
    from django.utils import timezone

    from hospes.config.cli.telling import head_of

    agent = access.who_acts(args)
    found = access.conversation(args.reference, agent)
    done = args.deed(args, found, agent, timezone.now())
    if wants_json(args):
        # As it stands now, or without more where this took it out of the agent's sight.
        found = access.conversation(args.reference, agent) if _sees(args, agent) else found
        print_json({"done": done, **head_of(found)})
    else:
        print_line(f"{found.reference}: {done}")
    return 0


def _sees(args: argparse.Namespace, agent: Agent) -> bool:
    from hospes.conversations.timeline import by_reference
    from hospes.lib.references import canonical

    return by_reference(canonical(args.reference), agent=agent) is not None


def _reply(args: argparse.Namespace, found: Conversation, agent: Agent, at: datetime) -> str:
    from hospes.channels.contract import Address
    from hospes.conversations.actions.replying import reply

    message = reply(
        found,
        text=_text(args.text),
        by=agent,
        at=at,
        files=_files(args.files),
        to=[Address("", address) for address in args.to] or None,
        cc=[Address("", address) for address in args.cc],
        close_after=args.close,
    )
    name, address = message.to[0]
    fate = _what_holds_it(message) or "It goes out."
    return f"The reply to {name or address} is written. {fate}" + (" Closed." if args.close else "")


def _what_holds_it(message: Message) -> str:
    """Return why no letter can leave now, as the workspace says it; "" when it can."""
    from hospes.channels.sending import NoServer, adapter_of
    from hospes.conversations.models import OutboxEntry

    reason = OutboxEntry.Reason
    if message.channel.brand.site.sending_held_since is not None:
        return str(reason.HELD.label)
    try:
        adapter_of(message.channel)
    except NoServer:
        return str(reason.NO_SERVER.label)
    return ""


def _note(args: argparse.Namespace, found: Conversation, agent: Agent, at: datetime) -> str:
    from hospes.conversations.actions.noting import note

    note(found, text=_text(args.text), by=agent, at=at)
    return "The note is written."


def _assign(args: argparse.Namespace, found: Conversation, agent: Agent, at: datetime) -> str:
    from hospes.conversations.actions.assigning import assign

    to = _person(args.person, agent)
    assign(found, to=to, by=agent, at=at)
    return f"It is {to.name}'s now." if to else "It is nobody's now."


def _close(_args: argparse.Namespace, found: Conversation, agent: Agent, at: datetime) -> str:
    from hospes.conversations.actions.closing import close

    close(found, by=agent, at=at)
    return "Closed."


def _reopen(_args: argparse.Namespace, found: Conversation, agent: Agent, at: datetime) -> str:
    from hospes.conversations.actions.closing import reopen

    reopen(found, by=agent, at=at)
    return "Open again."


def _snooze(args: argparse.Namespace, found: Conversation, agent: Agent, at: datetime) -> str:
    from hospes.config.cli.moments import is_by_the_clock, read_moment
    from hospes.conversations.actions.snoozing import snooze
    from hospes.lib.refusal import Refused

    try:
        until = read_moment(args.until, now=at, zone=agent.clock)
    except (ValueError, OverflowError) as error:
        raise Refused(str(error)) from error
    zone = agent.zone if is_by_the_clock(args.until) else ""
    snooze(found, until=until, zone=zone, by=agent, at=at)
    return f"Put away until {moment(until, agent.clock)}."


def _move(args: argparse.Namespace, found: Conversation, agent: Agent, at: datetime) -> str:
    from hospes.conversations.actions.moving import move

    queue = _queue(args.queue)
    move(found, to=queue, by=agent, at=at)
    return f"It stands in {queue.name} now."


def _matter(args: argparse.Namespace, found: Conversation, agent: Agent, at: datetime) -> str:
    from hospes.conversations.actions.classifying import classify
    from hospes.conversations.models import Priority
    from hospes.lib.refusal import Refused

    changes: dict[str, Any] = {
        name: getattr(args, name)
        for name in ("topic", "product")
        if getattr(args, name) is not None
    }
    if args.priority is not None:
        changes["priority"] = Priority[args.priority.upper()].value
    if args.value is not None:
        changes |= _value(args.value)
    if not changes:
        raise Refused("Say what changes: --priority, --topic, --product or --value.")
    classify(found, changes=changes, by=agent, at=at)
    return "What it is about is kept; its dues are counted anew."


def _value(said: str) -> dict[str, Any]:
    """Return an amount with its currency in minor units. Raises Refused."""
    from decimal import Decimal, InvalidOperation

    from babel.numbers import get_currency_precision

    from hospes.lib.refusal import Refused

    if not said.strip():
        return {"value_minor": None, "value_currency": ""}
    amount, _space, currency = said.strip().rpartition(" ")
    try:
        minor = Decimal(amount) * 10 ** get_currency_precision(currency.upper())
    except InvalidOperation:
        minor = Decimal("NaN")
    if not minor.is_finite() or minor != int(minor) or abs(minor) >= 2**63:
        raise Refused(f"{said!r} is no amount such as '129.00 EUR'.")
    return {"value_minor": int(minor), "value_currency": currency.upper()}


def _text(given: str) -> str:
    return sys.stdin.read() if given == STDIN else given


def _files(paths: Sequence[str]) -> list[OutboundFile]:
    import mimetypes
    from pathlib import Path

    from hospes.channels.contract import OutboundFile
    from hospes.lib.refusal import Refused

    files = []
    for path in map(Path, paths):
        kind, _encoding = mimetypes.guess_type(path.name)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise Refused(f"{path}: {error.strerror}.") from error
        files.append(OutboundFile(path.name, kind or "application/octet-stream", content))
    return files


def _person(said: str, me: Agent) -> Agent | None:
    from hospes.lib.refusal import Refused
    from hospes.team.models import Agent

    if said.lower() == "nobody":
        return None
    if said.lower() == "me":
        return me
    if "@" in said:
        return access.agent_called(said)
    found = list(Agent.objects.filter(name__iexact=said, is_active=True))
    found = found or list(Agent.objects.filter(name__istartswith=f"{said} ", is_active=True))
    if len(found) != 1:
        why = "Several agents are" if found else "Nobody is"
        raise Refused(f"{why} called {said}. Give a mail address; `hospes team` lists everybody.")
    return found[0]


def _queue(said: str) -> Queue:
    from hospes.conversations.models import Queue
    from hospes.lib.refusal import Refused

    found = Queue.objects.filter(name__iexact=said).first()
    if found is None:
        names: Any = Queue.objects.values_list("name", flat=True)
        raise Refused(f"There is no queue called {said}. There are: {', '.join(names)}.")
    return found
