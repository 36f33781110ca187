"""`hospes mail`: what came in, what became of it, and handing more of it in."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from hospes.config.cli import access, acknowledging, deciding, fetching, junk, outgoing, signing
from hospes.config.cli.delivering import deliver
from hospes.config.cli.opening import desk
from hospes.config.cli.printing import add_json, cut, moment, print_json, print_line, wants_json

if TYPE_CHECKING:
    from hospes.config.cli import Subparsers
    from hospes.intake.counters import Counters
    from hospes.intake.models import HeldRaw, QuarantinedRaw

USUAL_LIMIT = 50


def add_to(subparsers: Subparsers, common: argparse.ArgumentParser) -> None:
    mail = subparsers.add_parser(
        "mail", parents=[common], help="mail that came in, and how letters leave"
    )
    add_json(mail)
    mail.set_defaults(run=show)
    verbs = mail.add_subparsers(required=False, metavar="VERB", title="verbs")
    delivering = verbs.add_parser(
        "deliver", parents=[common], help="hand in mails from files, as if a door had taken them",
        description="Hand in mails from files. Returns when each is understood and search finds it.",
    )  # fmt: skip
    delivering.add_argument(
        "files", nargs="+", metavar="FILE", help="one mail each, whatever its name; - reads one from standard input"
    )  # fmt: skip
    delivering.add_argument(
        "--to", metavar="ADDRESS", help="the address it came to (the first support address)"
    )
    delivering.set_defaults(run=deliver)
    held = verbs.add_parser("held", parents=[common], help="mails that wait for a decision")
    held.add_argument("--junk", action="store_true", help="junk instead: blocked senders, spam")
    held.set_defaults(run=show_held)
    quarantined = verbs.add_parser(
        "quarantined", parents=[common], help="mails that could not be read"
    )
    quarantined.set_defaults(run=show_quarantined)
    for listing in (held, quarantined):
        listing.add_argument(
            "--aside", action="store_true", help="those that were put aside instead"
        )
        listing.add_argument(
            "--limit", type=int, default=USUAL_LIMIT, help=f"at most ({USUAL_LIMIT})"
        )
        listing.add_argument(
            "--as", dest="acting", metavar="EMAIL", default=argparse.SUPPRESS,
            help="by whose clock (the first operator's)",
        )  # fmt: skip
    deciding.add_to(verbs, common)
    junk.add_to(verbs, common)
    fetching.add_to(verbs, common)
    outgoing.add_to(verbs, common)
    signing.add_to(verbs, common)
    acknowledging.add_to(verbs, common)
    for parser in (delivering, held, quarantined):
        add_json(parser)


def show(args: argparse.Namespace) -> int:
    desk()
    from hospes.channels.models import Channel
    from hospes.intake.counters import counters_by_channel, in_all

    counted = counters_by_channel()
    now = in_all(counted)
    names = dict(Channel.objects.order_by("pk").values_list("pk", "address"))
    if wants_json(args):
        each = [
            {"address": address, **_figures(counted[pk])}
            for pk, address in names.items()
            if pk in counted
        ]
        print_json({**_figures(now), "channels": each})
        return 0
    print_line(str(now))
    if len(counted) > 1:
        for pk, address in names.items():
            if pk in counted:
                print_line(f"  {address or 'any address'}: {counted[pk]}")
    if not now.is_balanced:
        print_line("This does not add up. `hospes doctor` says more.")
    if now.pending:
        print_line(f"The oldest pending one waits since {now.oldest_pending_seconds:.0f} s.")
    return 0


def _figures(now: Counters) -> dict[str, Any]:
    from dataclasses import asdict

    last_at = now.last_at.isoformat() if now.last_at else None
    return {**asdict(now), "last_at": last_at, "is_balanced": now.is_balanced}


def show_held(args: argparse.Namespace) -> int:
    desk()
    from hospes.intake.models import JUNK, HeldRaw

    waiting = HeldRaw.objects.filter(put_aside_at__isnull=not args.aside).order_by("at", "pk")
    if not args.aside:
        waiting = waiting.filter(reason__in=JUNK) if args.junk else waiting.exclude(reason__in=JUNK)
    waiting = waiting.select_related("raw").defer("raw__body")
    found = list(waiting[: max(1, args.limit)])
    rows = [_held(one) for one in found]
    if wants_json(args):
        print_json({"items": rows})
        return 0
    clock = access.who_reads(args).clock
    for one in found:
        sender = f"{one.from_name} <{one.from_address}>".strip()
        what = f"{sender} to {one.raw.envelope_to}  {cut(one.subject, 60)}"
        print_line(f"{one.pk}  {moment(one.at, clock)}  {what}  {one.get_reason_display()}")
    hint = "hospes mail release RAW shows one to the team, hospes mail aside RAW puts it aside."
    print_line(hint if rows else "None is held.")
    _tell_of_more(waiting.count() - len(rows))
    return 0


def show_quarantined(args: argparse.Namespace) -> int:
    desk()
    from hospes.intake.models import QuarantinedRaw

    waiting = QuarantinedRaw.objects.filter(put_aside_at__isnull=not args.aside).order_by("pk")
    waiting = waiting.select_related("raw").defer("raw__body")
    found = list(waiting[: max(1, args.limit)])
    rows = [_quarantined(one) for one in found]
    if wants_json(args):
        print_json({"items": rows})
        return 0
    clock = access.who_reads(args).clock
    for one in found:
        print_line(f"{one.pk}  {moment(one.raw.received_at, clock)}  {one.error}")
    hint = "hospes mail retry RAW reads one anew, hospes mail aside RAW puts it aside, hospes mail delete RAW deletes it."
    print_line(hint if rows else "None is quarantined.")
    _tell_of_more(waiting.count() - len(rows))
    return 0


def _tell_of_more(count: int) -> None:
    if count > 0:
        print_line(f"Not shown: {count}. --limit shows more of them.")


def _held(one: HeldRaw) -> dict[str, Any]:
    return {
        "raw": one.pk,
        "reason": one.get_reason_display(),
        "from_name": one.from_name,
        "from_address": one.from_address,
        "to": one.raw.envelope_to,
        "subject": one.subject,
        "preview": one.preview,
        "received_at": one.at.isoformat(),
        "put_aside_at": one.put_aside_at.isoformat() if one.put_aside_at else None,
    }


def _quarantined(one: QuarantinedRaw) -> dict[str, Any]:
    return {
        "raw": one.pk,
        "reason": one.error,
        "to": one.raw.envelope_to,
        "received_at": one.raw.received_at.isoformat(),
        "put_aside_at": one.put_aside_at.isoformat() if one.put_aside_at else None,
    }
