"""`hospes api`: tokens for programs."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from hospes.config.cli import access
from hospes.config.cli.opening import desk
from hospes.config.cli.printing import add_json, moment, print_json, print_line, wants_json

if TYPE_CHECKING:
    from datetime import datetime

    from hospes.api.models import Token
    from hospes.config.cli import Subparsers


def add_to(subparsers: Subparsers, common: argparse.ArgumentParser) -> None:
    api = subparsers.add_parser("api", parents=[common], help="tokens for programs")
    verbs = api.add_subparsers(required=True, metavar="VERB", title="verbs")
    token = verbs.add_parser(
        "token", parents=[common], help="make a token for a program, printed this once"
    )
    token.add_argument("name", metavar="NAME", help="what the program is called")
    token.add_argument(
        "--scopes", nargs="+", action="extend", metavar="SCOPE",
        help="what it may be used for, such as conversations:read (everything)",
    )  # fmt: skip
    token.add_argument("--expires", metavar="UNTIL", help="90d, 2027-01-01 (never)")
    access.add_as(token)
    add_json(token)
    token.set_defaults(run=make)
    listing = verbs.add_parser("tokens", parents=[common], help="list them")
    add_json(listing)
    listing.set_defaults(run=show)
    revoking = verbs.add_parser("revoke", parents=[common], help="make a token worthless")
    revoking.add_argument("token", metavar="TOKEN", help="its name, number or first letters")
    add_json(revoking)
    revoking.set_defaults(run=revoke)


def make(args: argparse.Namespace) -> int:
    desk()
    from django.utils import timezone

    from hospes.api.actions.issuing import issue
    from hospes.api.scopes import SCOPES

    agent = access.who_acts(args)
    at = timezone.now()
    wanted = [scope for given in args.scopes or () for scope in given.split(",") if scope]
    issued = issue(
        name=args.name,
        agent=agent,
        scopes=wanted or sorted(SCOPES),
        by=None,
        at=at,
        expires_at=_expires_at(args.expires, at, agent),
    )
    if wants_json(args):
        print_json({**_fields(issued.token), "token": issued.secret})
        return 0
    scopes = ", ".join(issued.token.scopes)
    print_line(f"{issued.token.name} may use {scopes} as {agent.name}. This is shown once:")
    print_line(issued.secret)
    return 0


def _expires_at(said: str | None, now: datetime, agent: Any) -> datetime | None:
    from hospes.config.cli.moments import read_moment
    from hospes.lib.refusal import Refused

    if said is None:
        return None
    try:
        return read_moment(said, now=now, zone=agent.clock)
    except (ValueError, OverflowError) as error:
        raise Refused(str(error)) from error


def show(args: argparse.Namespace) -> int:
    desk()
    from hospes.api.models import Token

    found = list(Token.objects.select_related("agent").order_by("pk"))
    tokens = [_fields(one) for one in found]
    if wants_json(args):
        print_json({"items": tokens})
        return 0
    clock = access.who_reads(args).clock
    for token, one in zip(found, tokens, strict=True):
        used = f"last used on {one['last_used_on']}" if one["last_used_on"] else "never used"
        ends = f", until {moment(token.expires_at, clock)}" if token.expires_at else ""
        state = "revoked" if one["revoked_at"] else f"{used}{ends}"
        scopes = " ".join(one["scopes"])
        print_line(
            f"{one['id']}  {one['prefix']}…  {one['name']}  {one['agent']}  {scopes}  {state}"
        )
    if not tokens:
        print_line("No tokens. Make one: hospes api token NAME")
    return 0


def revoke(args: argparse.Namespace) -> int:
    desk()
    from django.utils import timezone

    from hospes.api.actions import issuing

    token = issuing.revoke(_token(args.token), by=None, at=timezone.now())
    if wants_json(args):
        print_json(_fields(token))
    else:
        print_line(f"{token.name} ({token.prefix}…) is worthless now.")
    return 0


def _token(said: str) -> Token:
    """Return the one token meant. Raises Refused when none is, or several."""
    from django.db.models import Q

    from hospes.api.models import Token
    from hospes.lib.refusal import Refused

    named = Q(name__iexact=said)
    if said.isdecimal() and len(said) < 10:
        named |= Q(pk=int(said))
    if len(said) >= 8:
        named |= Q(prefix=said[:12])
    found = list(Token.objects.filter(named, revoked_at=None).select_related("agent"))
    if len(found) != 1:
        why = "Several tokens are" if found else "No token that works is"
        raise Refused(f"{why} called {said}. `hospes api tokens` lists them with their numbers.")
    return found[0]


def _fields(token: Token) -> dict[str, Any]:
    return {
        "id": token.pk,
        "name": token.name,
        "prefix": token.prefix,
        "agent": token.agent.email,
        "scopes": token.scopes,
        "created_at": token.created_at.isoformat(),
        "last_used_on": token.last_used_on.isoformat() if token.last_used_on else None,
        "expires_at": token.expires_at.isoformat() if token.expires_at else None,
        "revoked_at": token.revoked_at.isoformat() if token.revoked_at else None,
    }
