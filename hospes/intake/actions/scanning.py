"""Have mail that waits for a decision looked into for viruses, where a scanner is set.

Of held mail its files, which are still in the mail as it came: what is let in later needs not be asked about again.
Of quarantined mail, whose files nobody can find, all of it. Whoever decides knows what they would save.
"""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime

import structlog
from django.conf import settings
from django.db import transaction

from hospes.channels.contract import InboundFile, Unreadable
from hospes.channels.email.child import ParserChild
from hospes.files.actions import checking
from hospes.files.checks import states_of
from hospes.files.models import FileCheck
from hospes.intake.actions.understanding import Parser
from hospes.intake.models import HeldRaw, QuarantinedRaw
from hospes.lib import clamd

PASS_SECONDS = 20.0  # then others have their turn
AT_ONCE = 50
MAX_TRIES = 3
State = FileCheck.State
Kind = type[HeldRaw] | type[QuarantinedRaw]

log = structlog.get_logger(__name__)


def check_undecided(*, at: datetime) -> int:
    """Look into waiting mails that nobody has looked into, the newest first; return how many have a verdict now."""
    waiting = [*_unchecked(HeldRaw), *_unchecked(QuarantinedRaw)] if settings.CLAMD else []
    if not waiting:
        return 0
    ends_at, count = time.monotonic() + PASS_SECONDS, 0
    with closing(ParserChild()) as parser:
        for kind, raw_id in waiting:
            one = kind.objects.select_related("raw").filter(pk=raw_id).first()
            if one is None:  # decided meanwhile
                continue
            if time.monotonic() > ends_at:
                break
            try:
                count += _check(one, parser, at)
            except clamd.NotReached as error:
                log.warning("intake: no scanner answers", reason=str(error))
                break
    return count


def _unchecked(kind: Kind) -> list[tuple[Kind, int]]:
    waiting = kind.objects.filter(checked_at=None).order_by("check_tries", "-pk")
    return [(kind, raw_id) for raw_id in waiting.values_list("pk", flat=True)[:AT_ONCE]]


def check_one(waiting: HeldRaw | QuarantinedRaw, *, at: datetime) -> None:
    """Look into one mail now, for whoever waits to open it. Raises clamd.NotReached."""
    with closing(ParserChild()) as parser:
        _check(waiting, parser, at)


def _check(waiting: HeldRaw | QuarantinedRaw, parser: Parser, at: datetime) -> bool:
    """Note what is found in one mail; False when the scanner gave no verdict and is asked again. Raises NotReached."""
    rows = type(waiting).objects.filter(pk=waiting.pk)
    try:
        virus = _virus_of(waiting, parser, at)
    except clamd.NoVerdict as error:
        log.warning("intake: the scanner gave no verdict", raw=waiting.pk, reason=str(error))
        tries = waiting.check_tries + 1
        rows.update(check_tries=tries, checked_at=at if tries >= MAX_TRIES else None)
        return False
    rows.update(virus=virus, checked_at=at)
    return True


def _virus_of(waiting: HeldRaw | QuarantinedRaw, parser: Parser, at: datetime) -> str:
    """Return the name of the first virus in it, "" when there is none. Raises clamd.NotReached or NoVerdict."""
    body = bytes(waiting.raw.body)
    if isinstance(waiting, QuarantinedRaw):  # the scanner reads mail on its own
        said = checking.said(clamd.look_into(io.BytesIO(body), at=_scanner()))
        return said.told if said.state == State.FOUND else ""
    (read,) = parser.parse_all([body])
    return _virus_in(() if isinstance(read, Unreadable) else read.files, at)


def _virus_in(files: Sequence[InboundFile], at: datetime) -> str:
    """Return the name of the first virus, "" when there is none. Raises clamd.NotReached or NoVerdict."""
    settled = states_of([one.sha256 for one in files])
    for one in files:
        if settled.get(one.sha256) not in {State.CLEAN, State.UNREAD}:
            found = _ask(one, at)
            if found.state == State.FOUND:
                return found.told
    return ""


def _ask(file: InboundFile, at: datetime) -> FileCheck:
    verdict = clamd.look_into(io.BytesIO(file.content), at=_scanner())
    with transaction.atomic():
        checking.want_checks({file.sha256: None}, at=at)
        return checking.settle(file.sha256, checking.said(verdict), at=at)


def _scanner() -> clamd.Place:
    if settings.CLAMD is None:
        raise clamd.NotReached("None is set.")
    return settings.CLAMD
