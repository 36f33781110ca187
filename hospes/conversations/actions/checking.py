"""Have the files that customers send looked into for viruses, where a scanner is set; never in the way of a message."""

from __future__ import annotations

import time
from datetime import datetime

import structlog
from django.db import transaction

from hospes.conversations.events import FileChecked
from hospes.conversations.models import Attachment, Message
from hospes.events.recording import record
from hospes.files.actions import checking
from hospes.files.models import FileCheck
from hospes.lib import clamd

PASS_SECONDS = 20.0  # then others have their turn
OLDER_AT_ONCE = 200
State = FileCheck.State

log = structlog.get_logger(__name__)


def check_waiting(*, at: datetime) -> int:
    """Look into what waits, for some seconds; return how many files have a verdict now.

    A scanner that is not there is asked again the next time; a file that it chokes on lets the others pass.
    """
    ends_at = time.monotonic() + PASS_SECONDS
    settled = 0
    waiting = FileCheck.objects.filter(state=State.WAITING).order_by("tries", "pk")
    for sha256 in list(waiting.values_list("sha256", flat=True)[:500]):
        if time.monotonic() > ends_at:
            break
        try:
            settled += check_file(sha256, at=at).state != State.WAITING
        except clamd.NotReached as error:
            log.warning("files: no scanner answers", reason=str(error))
            break
    return settled


def check_file(
    sha256: str,
    *,
    at: datetime,
    message_id: int | None = None,
    seconds: float = clamd.SECONDS,
) -> FileCheck:
    """Look into one file now. Raises clamd.NotReached."""
    if message_id is not None:
        checking.want_checks({sha256: message_id}, at=at)
    said = checking.ask_scanner(sha256, seconds=seconds)
    return _note(sha256, said, at=at)


@transaction.atomic
def _note(sha256: str, said: checking.Said, *, at: datetime) -> FileCheck:
    found = checking.settle(sha256, said, at=at)
    brought = Message.objects.filter(pk=found.message_id or 0).first()
    if brought is not None and found.state != State.WAITING:
        record(FileChecked(brought.conversation_id, message_id=brought.pk), at=at)
    return found


def want_older(before: int | None, *, at: datetime) -> int:
    """Note some files that came before there was a scanner; return where to go on, 0 at the end of all.

    before: what the last call returned; None: begin with the newest.
    """
    rows = Attachment.objects.filter(message__direction=Message.Direction.IN)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    some = list(rows.order_by("-pk").values_list("pk", "sha256", "message_id")[:OLDER_AT_ONCE])
    checking.want_checks({sha256: message_id for _pk, sha256, message_id in some}, at=at)
    return some[-1][0] if len(some) == OLDER_AT_ONCE else 0
