"""Have the files of held mail looked into for viruses, where a scanner is set: they are still in the mail as it came.

What is let in later needs not be asked about again, and whoever decides knows what they would save.
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
from hospes.intake.models import HeldRaw
from hospes.lib import clamd

PASS_SECONDS = 20.0  # then others have their turn
AT_ONCE = 50
MAX_TRIES = 3
State = FileCheck.State

log = structlog.get_logger(__name__)


def check_held(*, at: datetime) -> int:
    """Look into held mails that nobody has looked into, the newest first; return how many have a verdict now."""
    waiting = HeldRaw.objects.filter(checked_at=None).order_by("check_tries", "-pk")
    ids = list(waiting.values_list("pk", flat=True)[:AT_ONCE]) if settings.CLAMD else []
    if not ids:
        return 0
    ends_at, count = time.monotonic() + PASS_SECONDS, 0
    with closing(ParserChild()) as parser:
        for raw_id in ids:
            held = HeldRaw.objects.select_related("raw").filter(pk=raw_id).first()
            if held is None:  # decided meanwhile
                continue
            if time.monotonic() > ends_at:
                break
            try:
                count += _check(held, parser, at)
            except clamd.NotReached as error:
                log.warning("intake: no scanner answers", reason=str(error))
                break
    return count


def check_one(held: HeldRaw, *, at: datetime) -> None:
    """Look into one mail now, for whoever waits to open it. Raises clamd.NotReached."""
    with closing(ParserChild()) as parser:
        _check(held, parser, at)


def _check(held: HeldRaw, parser: Parser, at: datetime) -> bool:
    """Note what is found in one mail; False when the scanner gave no verdict and is asked again. Raises NotReached."""
    (read,) = parser.parse_all([bytes(held.raw.body)])
    files = () if isinstance(read, Unreadable) else read.files
    rows = HeldRaw.objects.filter(pk=held.pk)
    try:
        virus = _virus_in(files, at)
    except clamd.NoVerdict as error:
        log.warning("intake: the scanner gave no verdict", raw=held.pk, reason=str(error))
        is_given_up = held.check_tries + 1 >= MAX_TRIES
        rows.update(check_tries=held.check_tries + 1, checked_at=at if is_given_up else None)
        return False
    rows.update(virus=virus, checked_at=at)
    return True


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
    if settings.CLAMD is None:
        raise clamd.NotReached("None is set.")
    verdict = clamd.look_into(io.BytesIO(file.content), at=settings.CLAMD)
    with transaction.atomic():
        checking.want_checks({file.sha256: None}, at=at)
        return checking.settle(file.sha256, checking.said(verdict), at=at)
