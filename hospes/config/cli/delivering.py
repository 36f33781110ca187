"""`hospes mail deliver`: hand mails in from files, and say what became of each."""

from __future__ import annotations

import argparse
import os
import stat
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from hospes.config.cli.opening import desk
from hospes.config.cli.printing import cut, print_json, print_line, wants_json

if TYPE_CHECKING:
    from hospes.channels.email.child import ParserChild
    from hospes.channels.models import Channel
    from hospes.intake.actions.storing import Delivery
    from hospes.intake.desk import DeskView
    from hospes.intake.outcomes import Outcome

STDIN = "-"
MBOX_LINE = b"From "


def deliver(args: argparse.Namespace) -> int:
    desk()
    from contextlib import closing

    from hospes.channels.email.child import ParserChild
    from hospes.intake.desk import DeskView
    from hospes.intake.handing_in import hand_in, patiently

    _refuse_what_is_no_mail(args.files)
    channel, to = _door(args.to)
    view = DeskView()
    with closing(ParserChild()) as parser:
        for group in hand_in(_mails(args.files, channel, to)):
            ids = [one.raw_id for one in group]
            found = patiently(partial(_look_up, ids, parser, view))
            for one in group:
                _tell(one.label, found[one.raw_id], as_json=wants_json(args))
            sys.stdout.flush()
    return 0


def _look_up(ids: Sequence[int], parser: ParserChild, view: DeskView) -> dict[int, Outcome]:
    from hospes.intake.outcomes import outcomes

    return outcomes(ids, parser=parser, desk=view.now())


def _refuse_what_is_no_mail(files: Sequence[str]) -> None:
    """Raise Refused before anything is handed in."""
    from django.conf import settings

    from hospes.lib.refusal import Refused

    if files.count(STDIN) > 1:
        raise Refused("Standard input can be read once only.")
    for name in files:
        if name == STDIN:
            continue
        try:
            found = os.stat(name)  # noqa: PTH116 # thousands of them
        except OSError as error:
            raise Refused(f"{name}: {error.strerror}.") from error
        if stat.S_ISDIR(found.st_mode):
            raise Refused(f"{name} is a folder: name the files in it.")
        _refuse_too_large(name, found.st_size, settings.MAIL_SIZE_LIMIT_BYTES)


def _refuse_too_large(name: str, size_bytes: int, limit_bytes: int) -> None:
    from hospes.lib.refusal import Refused

    if size_bytes > limit_bytes:
        raise Refused(
            f"{name} is larger than a mail may be: {size_bytes / 2**20:.0f} of"
            f" {limit_bytes / 2**20:.0f} MiB (HOSPES_MAIL_SIZE_LIMIT_MB)."
        )


def _door(address: str | None) -> tuple[Channel, str]:
    """Return the channel that takes the mail, and for which address. Raises Refused when none does."""
    from hospes.channels.routing import current_routes
    from hospes.lib.refusal import Refused

    routes = current_routes()
    channel = routes.find(address) if address else routes.first
    if channel is None:
        wanted = f"Nobody here goes by {address}." if address else "No channel takes mail here."
        raise Refused(f"{wanted} Channels are set up in the settings of the workspace.")
    return channel, address or channel.address


def _mails(files: Sequence[str], channel: Channel, to: str) -> Iterator[tuple[str, Delivery]]:
    from hospes.intake.actions.storing import Delivery

    for name in files:
        yield name, Delivery(channel.pk, _body(name), "", to)


def _body(name: str) -> bytes:
    """Return the mail of a file, without the line that a mailbox file puts before it."""
    from django.conf import settings

    if name == STDIN:
        content = sys.stdin.buffer.read(settings.MAIL_SIZE_LIMIT_BYTES + 1)
        _refuse_too_large("Standard input", len(content), settings.MAIL_SIZE_LIMIT_BYTES)
    else:
        with open(name, "rb") as file:  # noqa: PTH123 # thousands of them
            content = file.read()
    if content.startswith(MBOX_LINE):
        content = content.partition(b"\n")[2]
    return content


def _tell(label: str, outcome: Outcome, *, as_json: bool) -> None:
    if as_json:
        print_json({"file": label, **_fields(outcome)})
        return
    sender = f"{outcome.from_name} <{outcome.from_address}>".strip()
    what = f"{cut(outcome.subject, 60)} — {sender}" if outcome.from_address else outcome.subject
    where = f"shown in {outcome.conversation}" if outcome.conversation else outcome.state
    print_line(" | ".join(part for part in (label, where, outcome.reason, what) if part))


def _fields(outcome: Outcome) -> dict[str, Any]:
    forwarded = outcome.forwarded_from
    return {
        "state": outcome.state,
        "reason": outcome.reason or None,
        "conversation": outcome.conversation or None,
        "subject": outcome.subject,
        "from_name": outcome.from_name,
        "from_address": outcome.from_address,
        "to": list(outcome.to),
        "cc": list(outcome.cc),
        "date": outcome.date.isoformat() if outcome.date else None,
        "language": outcome.language or None,
        "text": outcome.text,
        "reply_text": outcome.reply_text,
        "attachments": [
            {"name": one.name, "content_type": one.content_type, "size_bytes": one.size_bytes}
            for one in outcome.attachments
        ],
        "automatic": outcome.automatic,
        "forwarded_from_name": forwarded.name if forwarded else "",
        "forwarded_from_address": forwarded.address if forwarded else "",
        "forwarded_subject": outcome.forwarded_subject,
    }
