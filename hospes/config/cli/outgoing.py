"""`hospes mail out` and `rate`: who takes our letters, and how many may leave."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from hospes.config.cli.fetching import channel_of, secret_in
from hospes.config.cli.opening import desk
from hospes.config.cli.printing import add_json, print_json, print_line, wants_json

if TYPE_CHECKING:
    from hospes.channels.models import OutgoingServer
    from hospes.config.cli import Subparsers

KINDS = ("smtp", "mailgun", "postmark", "ses", "sendgrid", "brevo", "resend")
OUT = """\
Without a number: every server and provider that takes letters, and how it does.
With --add, a new one; with a number, that one: what is not given stays as it is. It is tried before it is kept."""


def add_to(verbs: Subparsers, common: argparse.ArgumentParser) -> None:
    raw = argparse.RawDescriptionHelpFormatter
    out = verbs.add_parser(
        "out", parents=[common], help="servers and providers that take letters", description=OUT,
        formatter_class=raw,
    )  # fmt: skip
    _add_out(out)
    rate = verbs.add_parser("rate", parents=[common], help="how the letters of an address leave")
    rate.add_argument("address", metavar="ADDRESS", help="the support address")
    rate.add_argument("--per-minute", type=int, metavar="N", help="letters, at most; 0 ends that")
    rate.add_argument("--per-hour", type=int, metavar="N", help="letters, at most; 0 ends that")
    rate.add_argument("--server", type=int, metavar="N", help="its own; 0 is that of all addresses")
    rate.add_argument(
        "--copies", choices=("on", "off"), help="lay copies into the Sent folder of its mailbox"
    )
    rate.set_defaults(run=set_rate)
    for parser in (out, rate):
        add_json(parser)


def _add_out(out: argparse.ArgumentParser) -> None:
    out.add_argument("number", nargs="?", type=int, metavar="N", help="its number in the list")
    doing = out.add_mutually_exclusive_group()
    doing.add_argument("--add", choices=KINDS, metavar="KIND", help=", ".join(KINDS))
    doing.add_argument("--test", action="store_true", help="connect, and sign in")
    doing.add_argument(
        "--hooks", action="store_true", help="the addresses that it calls, with their secret"
    )
    doing.add_argument(
        "--new-secret", action="store_true", help="the same, with another secret from now on"
    )
    doing.add_argument("--remove", action="store_true", help="send nothing by it any more")
    given = out.add_argument_group("the server, or the account at the provider")
    given.add_argument("--host", metavar="HOST")
    given.add_argument("--port", type=int, metavar="PORT", help="587 for STARTTLS")
    given.add_argument("--security", choices=("tls", "starttls", "none"), help="starttls")
    given.add_argument("--user", metavar="NAME", help="user name; at Amazon the ID of the key")
    given.add_argument(
        "--password-file", metavar="FILE", help="holds the password or key; - is standard input"
    )
    given.add_argument(
        "--account", metavar="NAME", help="the domain at Mailgun, the region at Amazon"
    )
    given.add_argument("--api-url", metavar="URL", help="of another region of the provider")
    given.add_argument(
        "--signing-key-file", metavar="FILE", help="holds what its webhooks are signed with"
    )
    given.add_argument("--stands-in-for", type=int, metavar="N", help="0: for none")
    given.set_defaults(in_use=None)
    in_use = given.add_mutually_exclusive_group()
    in_use.add_argument("--on", dest="in_use", action="store_true", help="use it")
    in_use.add_argument("--off", dest="in_use", action="store_false", help="do not use it")
    out.set_defaults(run=run_out)


def run_out(args: argparse.Namespace) -> int:
    desk()
    if args.add:
        return _keep(args, None)
    if args.number is None:
        _refuse_without_number(args)
        return _list(args)
    server = _server(args.number)
    if args.test:
        from hospes.channels.actions.connecting import check_server

        check_server(server)
        return say(args, server, f"{server} answers and lets us in.")
    if args.remove:
        from hospes.channels.actions.routing_out import remove_way

        says = f"Nothing leaves by {server} any more."
        remove_way(server)
        return say(args, None, says)
    if args.new_secret:
        from hospes.channels.actions.routing_out import change_secret

        change_secret(server)
    if args.hooks or args.new_secret:
        return _tell_hooks(args, server)
    return _keep(args, server)


def _refuse_without_number(args: argparse.Namespace) -> None:
    from hospes.lib.refusal import Refused

    if args.test or args.remove or args.hooks or args.new_secret:
        raise Refused("Say which one: its number in the list (hospes mail out).")


def _list(args: argparse.Namespace) -> int:
    from hospes.channels.models import OutgoingServer, OutgoingState

    servers = list(OutgoingServer.objects.order_by("position", "pk"))
    states = OutgoingState.objects.in_bulk([one.pk for one in servers])
    rows = [_row(one, states.get(one.pk)) for one in servers]
    if wants_json(args):
        print_json({"items": rows})
        return 0
    for row in rows:
        stands = f"  stands in for {row['stands_in_for']}" if row["stands_in_for"] else ""
        fails = (
            f"  fails since {row['failing_since']}: {row['words']}" if row["failing_since"] else ""
        )
        print_line(
            f"{row['number']}  {row['name']}{'' if row['in_use'] else '  not in use'}{stands}{fails}"
        )
    if not rows:
        print_line("None is set. hospes mail out --add smtp --host HOST sets one.")
    return 0


def _row(server: OutgoingServer, state: Any) -> dict[str, Any]:
    return {
        "number": server.pk,
        "kind": server.kind,
        "name": str(server),
        "in_use": server.is_active,
        "stands_in_for": server.stands_in_for_id,
        "failing_since": state.failing_since.isoformat() if state and state.failing_since else None,
        "words": state.words if state else "",
    }


def _server(number: int) -> OutgoingServer:
    from hospes.channels.models import OutgoingServer
    from hospes.lib.refusal import Refused

    found = OutgoingServer.objects.filter(pk=number).first()
    if found is None:
        raise Refused(f"There is no outgoing server {number}. `hospes mail out` lists them.")
    return found


def _keep(args: argparse.Namespace, server: OutgoingServer | None) -> int:
    """What is said, over what stands, when it works."""
    from dataclasses import fields, replace

    from django.db import transaction
    from django.utils import timezone

    from hospes.channels.actions.connecting import check_server
    from hospes.channels.actions.routing_out import Way, keep_way
    from hospes.conversations.actions.delivering import release_waiting

    way = Way(kind=args.add or "smtp")
    if server is not None:
        stands = {one.name: getattr(server, one.name) for one in fields(Way)}
        way = Way(**{**stands, "password": None, "signing_key": None})
    said = {
        "host": args.host, "port": args.port, "security": args.security, "username": args.user,
        "password": secret_in(args.password_file), "account": args.account, "api_url": args.api_url,
        "signing_key": secret_in(args.signing_key_file), "is_active": args.in_use,
    }  # fmt: skip
    way = replace(way, **{name: value for name, value in said.items() if value is not None})
    if args.stands_in_for is not None:
        way = replace(
            way, stands_in_for=_server(args.stands_in_for) if args.stands_in_for else None
        )
    with transaction.atomic():  # one that does not work must not replace one that does
        kept = keep_way(way, server=server)
        if kept.is_active:
            check_server(kept)
    release_waiting(at=timezone.now())
    return say(args, kept, f"Kept as {kept.pk}: {kept}.")


def _tell_hooks(args: argparse.Namespace, server: OutgoingServer) -> int:
    from urllib.parse import urlsplit

    from django.conf import settings
    from django.urls import reverse

    from hospes.lib.refusal import Refused

    if not server.hook_secret:
        raise Refused(f"{server} calls nobody: it is a mail server.")
    parts = urlsplit(settings.URL)
    base = f"{parts.scheme}://hospes:{server.hook_secret}@{parts.netloc}"
    found = {
        "inbound": base + reverse("hook_inbound", args=[server.pk]),
        "status": base + reverse("hook_status", args=[server.pk]),
    }
    if wants_json(args):
        print_json(found)
        return 0
    print_line(f"Mail that comes in:       {found['inbound']}")
    print_line(f"What becomes of letters:  {found['status']}")
    return 0


def say(args: argparse.Namespace, server: OutgoingServer | None, says: str) -> int:
    """Print what was done, with the number of the server it was done to."""
    if wants_json(args):
        print_json({"number": server.pk if server else None, "says": says})
    else:
        print_line(says)
    return 0


def set_rate(args: argparse.Namespace) -> int:
    desk()
    from hospes.channels.actions.routing_out import Sending, set_sending

    channel = channel_of(args.address)
    own = channel.outgoing_server
    if args.server is not None:
        own = _server(args.server) if args.server else None
    kept = set_sending(
        channel,
        Sending(
            outgoing_server=own,
            per_minute=_most(args.per_minute, channel.per_minute),
            per_hour=_most(args.per_hour, channel.per_hour),
            keeps_copies=channel.keeps_copies if args.copies is None else args.copies == "on",
        ),
    )
    told = {
        "address": kept.address, "server": kept.outgoing_server_id, "per_minute": kept.per_minute,
        "per_hour": kept.per_hour, "copies": kept.keeps_copies,
    }  # fmt: skip
    if wants_json(args):
        print_json(told)
        return 0
    print_line(f"{kept.address} leaves by {kept.outgoing_server or 'the server of all addresses'}.")
    print_line(f"In a minute, at most: {kept.per_minute or 'any number'}")
    print_line(f"In an hour, at most: {kept.per_hour or 'any number'}")
    print_line(f"Copies in the Sent folder: {'yes' if kept.keeps_copies else 'no'}")
    return 0


def _most(given: int | None, stands: int | None) -> int | None:
    return stands if given is None else given or None
