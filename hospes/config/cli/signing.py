"""`hospes mail sign`: the keys that letters are signed with (DKIM)."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from hospes.config.cli.fetching import secret_in
from hospes.config.cli.opening import desk
from hospes.config.cli.outgoing import say
from hospes.config.cli.printing import add_json, print_json, print_line, wants_json

if TYPE_CHECKING:
    from hospes.channels.models import SigningKey
    from hospes.config.cli import Subparsers

SIGN = """\
Without a domain: every key that letters are signed with (DKIM).
With one: the TXT record that its DNS has to have; a key is made where there is none."""


def add_to(verbs: Subparsers, common: argparse.ArgumentParser) -> None:
    sign = verbs.add_parser(
        "sign", parents=[common], help="keys that sign letters (DKIM)", description=SIGN,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    sign.add_argument("domain", nargs="?", metavar="DOMAIN", help="that letters are from")
    sign.add_argument("--selector", metavar="NAME", help="of the key in the DNS (hospes)")
    sign.add_argument("--key-file", metavar="FILE", help="holds a private key (PEM) of your own")
    doing = sign.add_mutually_exclusive_group()
    doing.add_argument("--look", action="store_true", help="see whether the DNS has it; then sign")
    doing.add_argument("--stop", action="store_true", help="sign no more for this domain")
    sign.set_defaults(run=set_key)
    add_json(sign)


def set_key(args: argparse.Namespace) -> int:
    desk()
    from django.utils import timezone

    from hospes.channels.actions.signing import Found, forget_key, keep_key, look_for_key
    from hospes.channels.models import SigningKey
    from hospes.lib.refusal import Refused

    if not args.domain:
        return _list_keys(args)
    key = SigningKey.objects.filter(domain=args.domain.strip().lower().rstrip(".")).first()
    if args.stop or args.look:
        if key is None:
            raise Refused(f"There is no key for {args.domain}.")
        if args.stop:
            forget_key(key)
            return say(args, None, f"Letters from {key.domain} are signed no more.")
        found = look_for_key(key, at=timezone.now())
        _tell_key(args, key, found=found.value)
        return 0 if found is Found.THERE else 1
    if key is None or args.key_file or args.selector:
        key = keep_key(
            domain=args.domain, selector=args.selector or "", private_key=secret_in(args.key_file) or "",
            at=timezone.now(),
        )  # fmt: skip
    _tell_key(args, key)
    return 0


def _list_keys(args: argparse.Namespace) -> int:
    from hospes.channels.models import SigningKey

    found = list(SigningKey.objects.order_by("domain"))
    if wants_json(args):
        print_json({"items": [_key_row(key) for key in found]})
        return 0
    for key in found:
        print_line(
            f"{key.domain}  {key}  {'signs' if key.is_active else 'not seen in the DNS yet'}"
        )
    if not found:
        print_line("No letters are signed here. hospes mail sign DOMAIN makes a key.")
    return 0


def _key_row(key: SigningKey) -> dict[str, Any]:
    from hospes.channels.email.signing import record_of

    return {
        "domain": key.domain,
        "name": str(key),
        "value": record_of(key.private_key),
        "signs": key.is_active,
        "found_at": key.found_at.isoformat() if key.found_at else None,
    }


SAYS = {
    "there": "The DNS has it: letters from this domain are signed.",
    "other": "The DNS has another key by this name.",
    "missing": "The DNS does not have it yet. A change there may take hours.",
    "silent": "No server of names answered. Try again later.",
}


def _tell_key(args: argparse.Namespace, key: SigningKey, *, found: str = "") -> None:
    row = _key_row(key)
    if wants_json(args):
        print_json(row | ({"dns": found} if found else {}))
        return
    if found:
        print_line(SAYS[found])
        return
    print_line("Let the DNS have this TXT record, then run this with --look:")
    print_line(row["name"])
    print_line(row["value"])
