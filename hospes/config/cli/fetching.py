"""`hospes mail fetch`: the mailboxes that mail is fetched from, and how that goes."""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING, Any

from hospes.config.cli.opening import desk
from hospes.config.cli.printing import add_json, print_json, print_line, wants_json

if TYPE_CHECKING:
    from hospes.channels.models import Channel, IncomingServer
    from hospes.config.cli import Subparsers
    from hospes.intake.fetching.health import FetchHealth

DESCRIPTION = """\
Without an address: every mailbox that mail is fetched from, and how that goes.
With one, and --host or --google or --microsoft: fetch the mail of this support address from now on. It is tried
before it is kept. What is not given stays as it is."""


def add_to(verbs: Subparsers, common: argparse.ArgumentParser) -> None:
    fetch = verbs.add_parser(
        "fetch", parents=[common], help="fetch mail from mailboxes (IMAP)", description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    fetch.add_argument("address", nargs="?", metavar="ADDRESS", help="the support address")
    doing = fetch.add_mutually_exclusive_group()
    doing.add_argument(
        "--test", action="store_true", help="connect, sign in, and say what is there"
    )
    doing.add_argument("--sign-in", action="store_true", help="sign in at Microsoft with a code")
    doing.add_argument("--stop", action="store_true", help="fetch its mail no more")
    _add_account(fetch)
    add_json(fetch)
    fetch.set_defaults(run=run)


def _add_account(fetch: argparse.ArgumentParser) -> None:
    account = fetch.add_argument_group("the mailbox")
    provider = account.add_mutually_exclusive_group()
    provider.add_argument("--host", metavar="HOST", help="IMAP server")
    provider.add_argument("--google", action="store_true", help="sign in with Google")
    provider.add_argument("--microsoft", action="store_true", help="sign in with Microsoft")
    account.add_argument("--port", type=int, metavar="PORT", help="993 for TLS")
    account.add_argument("--security", choices=("tls", "starttls", "none"), help="tls")
    account.add_argument("--user", metavar="NAME", help="user name (the address)")
    account.add_argument(
        "--password-file", metavar="FILE", help="holds the password; - is standard input"
    )
    account.add_argument("--client-id", metavar="ID", help="of your registration at the provider")
    account.add_argument("--client-secret-file", metavar="FILE", help="holds its secret")
    account.add_argument("--tenant", metavar="ID", help="of your company at Microsoft")
    account.add_argument("--sign-in-server", metavar="URL", help="of a national cloud")
    account.add_argument(
        "--folder", action="append", metavar="NAME", help="may be given often (INBOX)"
    )
    account.add_argument(
        "--since", metavar="DATE", help="fetch nothing older, such as 2026-11-01 (today)"
    )
    account.add_argument(
        "--then", choices=("seen", "leave", "move", "delete"), help="what becomes of a mail there (seen)"
    )  # fmt: skip
    account.add_argument("--move-to", metavar="FOLDER", help="with --then move")


def run(args: argparse.Namespace) -> int:
    desk()
    if not args.address:
        return _list(args)
    channel = channel_of(args.address)
    if args.stop:
        return _stop(args, channel)
    if args.sign_in:
        return _sign_in(channel)
    if args.test:
        return _test(args, channel)
    return _keep(args, channel)


def _list(args: argparse.Namespace) -> int:
    from django.utils import timezone

    from hospes.channels.models import IncomingServer
    from hospes.intake.fetching.health import health_of

    servers = list(IncomingServer.objects.select_related("channel").order_by("pk"))
    found = health_of(servers, at=timezone.now())
    if wants_json(args):
        print_json({"items": [_row(one) for one in found]})
        return 0
    for one in found:
        print_line(f"{one.server.channel.address}  {one.server}  {_in_a_word(one)}")
        for notice in one.notices:
            print_line(f"  {notice.says}")
    if not found:
        print_line("No mail is fetched. hospes mail fetch ADDRESS --host HOST sets it up.")
    return 0


def _in_a_word(one: FetchHealth) -> str:
    if not one.server.is_active:
        return "not in use"
    return "fails" if one.is_bad else "well" if one.is_well else "look at it"


def _row(one: FetchHealth) -> dict[str, Any]:
    state = one.state
    return {
        "address": one.server.channel.address,
        "host": one.server.host,
        "port": one.server.port,
        "user": one.server.username,
        "sign_in": one.server.sign_in,
        "folders": one.server.folders,
        "in_use": one.server.is_active,
        "state": _in_a_word(one),
        "notices": [notice.says for notice in one.notices],
        "backlog": state.backlog,
        "last_mail_at": state.last_mail_at and state.last_mail_at.isoformat(),
        "looked_at": state.looked_at and state.looked_at.isoformat(),
        "failing_since": state.failing_since and state.failing_since.isoformat(),
        "certificate_expires_at": state.certificate_expires_at
        and state.certificate_expires_at.isoformat(),
    }


def channel_of(address: str) -> Channel:
    from hospes.channels.models import Channel
    from hospes.lib.addresses import canonical
    from hospes.lib.refusal import Refused

    found = Channel.objects.filter(address=canonical(address)).first()
    if found is None or not found.address:
        raise Refused(f"{address} is no support address of this desk.")
    return found


def _server(channel: Channel) -> IncomingServer:
    from hospes.channels.models import IncomingServer
    from hospes.lib.refusal import Refused

    found = IncomingServer.objects.filter(channel=channel).first()
    if found is None:
        raise Refused(f"The mail of {channel.address} is not fetched: give --host to set that up.")
    return found


def _stop(args: argparse.Namespace, channel: Channel) -> int:
    from hospes.channels.actions.fetching import stop_fetching

    _server(channel)
    stop_fetching(channel)
    return _say(args, channel, f"The mail of {channel.address} is not fetched any more.")


def _test(args: argparse.Namespace, channel: Channel) -> int:
    from hospes.channels.actions.fetching import try_server

    found = try_server(_server(channel))
    if wants_json(args):
        print_json({"folders": found.folders, "has_idle": found.has_idle})
        return 0
    print_line("The server answers and lets us in.")
    print_line(f"Folders: {', '.join(found.folders)}")
    if not found.has_idle:
        print_line("It does not tell of new mail by itself (no IDLE), so we look now and then.")
    return 0


def _keep(args: argparse.Namespace, channel: Channel) -> int:
    from django.db import transaction
    from django.utils import timezone

    from hospes.channels.actions.fetching import fetch_from, try_server

    with transaction.atomic():  # one that does not work must not replace one that does
        kept = fetch_from(_account(args, channel), channel=channel, at=timezone.now())
        if kept.has_password:
            try_server(kept)
    says = f"The mail of {channel.address} is fetched from {kept.host}."
    if kept.takes_code:
        says = f"Kept. Sign in now: hospes mail fetch {channel.address} --sign-in"
    elif not kept.has_password:
        says = f"Kept. Sign in now in the browser: Settings, Channels, {channel.address}"
    return _say(args, channel, says)


def _account(args: argparse.Namespace, channel: Channel) -> Any:
    """What is said, over what stands. Raises Refused when too little is said."""
    from dataclasses import replace

    from django.utils import timezone

    from hospes.channels.actions.fetching import Account
    from hospes.channels.models import IncomingServer
    from hospes.lib.refusal import Refused

    server = IncomingServer.objects.filter(channel=channel).first()
    sign_in = "google" if args.google else "microsoft" if args.microsoft else ""
    if server is None and not (args.host or sign_in):
        raise Refused("Give --host HOST, --google or --microsoft.")
    stands = Account(since=timezone.localdate())
    if server is not None:
        names = ("since", "host", "port", "security", "username", "sign_in", "client_id", "tenant",
                 "sign_in_url", "folders", "afterwards", "move_to", "is_active")  # fmt: skip
        stands = replace(stands, **{name: getattr(server, name) for name in names})
    if args.host:
        stands = replace(stands, sign_in="password", host=args.host)
    if sign_in:
        stands = replace(stands, sign_in=sign_in, host="", port=993, security="tls")
    given = {
        "port": args.port, "security": args.security, "username": args.user, "client_id": args.client_id,
        "tenant": args.tenant, "sign_in_url": args.sign_in_server, "folders": args.folder,
        "since": _date(args.since), "afterwards": args.then, "move_to": args.move_to,
        "client_secret": secret_in(args.client_secret_file),
    }  # fmt: skip
    stands = replace(stands, **{name: value for name, value in given.items() if value is not None})
    if stands.sign_in == "password":
        has_one = server is not None and bool(server.password)
        stands = replace(stands, password=_password(args.password_file, has_one=has_one))
    return stands


def _date(given: str | None) -> Any:
    from datetime import date

    from hospes.lib.refusal import Refused

    if given is None:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError as error:
        raise Refused(f"{given} is no date: give one such as 2026-11-01.") from error


def secret_in(path: str | None) -> str | None:
    from pathlib import Path

    if path is None:
        return None
    text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    return text.strip("\r\n")


def _password(path: str | None, *, has_one: bool) -> str | None:
    """The password: never an argument, which others on this machine could read."""
    import getpass

    if path is not None or has_one:
        return secret_in(path)
    return getpass.getpass("Password: ") if sys.stdin.isatty() else ""


def _sign_in(channel: Channel) -> int:
    from django.utils import timezone

    from hospes.channels.actions.fetching import sign_in_with
    from hospes.channels.email import oauth
    from hospes.channels.signing_in import client_of
    from hospes.lib.refusal import Refused

    server = _server(channel)
    if server.has_password:
        raise Refused("This mailbox has a password: give --google or --microsoft first.")
    if not server.takes_code:
        raise Refused(
            "Google reads no mailbox by code: sign in in the browser, on the page of this address."
        )
    client = client_of(server)
    try:
        code = client.ask_for_code()
        print_line(f"Open {code.url} anywhere, and type in this code: {code.user_code}")
        tokens = _collect(client, code)
    except (oauth.Denied, oauth.NotNow) as error:
        raise Refused(f"The provider says no: {error}") from error
    sign_in_with(tokens, server=server, at=timezone.now())
    print_line("Signed in. Its mail is fetched from now on.")
    return 0


def _collect(client: Any, code: Any) -> Any:
    from hospes.channels.email import oauth

    sys.stdout.flush()
    pause, ends_at = code.interval, time.monotonic() + code.expires_in
    while time.monotonic() < ends_at:
        time.sleep(pause)  # they say how often they may be asked
        try:
            return client.collect(code)
        except oauth.Waiting as waiting:
            pause += 5 if waiting.slower else 0
        except oauth.NotNow:
            continue
    raise oauth.Denied("expired_token", "The code was not typed in in time.")


def _say(args: argparse.Namespace, channel: Channel, says: str) -> int:
    if wants_json(args):
        print_json({"address": channel.address, "says": says})
    else:
        print_line(says)
    return 0
