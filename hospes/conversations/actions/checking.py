"""Have files looked into for viruses, where a scanner is set: what customers send, never in the way of a message; and
what is to go with a letter, before it goes."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.conf import settings
from django.db import transaction

from hospes.conversations.events import FileChecked
from hospes.conversations.models import Attachment, Message
from hospes.events.recording import record
from hospes.files.actions import checking
from hospes.files.checks import states_of
from hospes.files.models import FileCheck
from hospes.lib import clamd
from hospes.lib.places import Places

PASS_SECONDS = 20.0  # then others have their turn
OUTGOING_SECONDS = 20.0  # for one file of a letter: other letters wait meanwhile
OLDER_AT_ONCE = 200
WATCHED_SECONDS = 8.0  # while somebody waits
# A file known by what it holds may have come many times: of so many newest messages, so many screens are told.
LOOKED_THROUGH, TOLD = 2000, 50
AT_ONCE = Places(2)  # who wait for it: the other threads are for pages
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
    if found.state != State.WAITING:
        for pk, conversation_id in _that_brought(sha256, found.message_id):
            record(FileChecked(conversation_id, message_id=pk), at=at)
    return found


def _that_brought(sha256: str, first_id: int | None) -> list[tuple[int, int]]:
    """Return (message, conversation) for whoever may look at the file now: the first that brought it, and the newest."""
    since = Message.objects.order_by("-pk").values_list("pk", flat=True)[:LOOKED_THROUGH]
    recent = Attachment.objects.filter(sha256=sha256, message__in=list(since))
    ids = {first_id or 0, *recent.order_by("-pk").values_list("message_id", flat=True)[:TOLD]}
    return list(
        Message.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "conversation_id")
    )


@dataclass(frozen=True)
class Kept:
    """Why a letter with files does not go: the virus that was found, or else why nobody knows yet."""

    virus: str = ""
    unknown: str = ""


def what_keeps(message: Message, *, at: datetime) -> Kept | None:
    """Look into the files that are to go with a letter; None when it may go.

    What the scanner cannot look into goes, as it is opened when it comes in.
    """
    if settings.CLAMD is None:
        return None
    hashes = [one.sha256 for one in message.attachments.all()]
    known = states_of(hashes)
    for sha256 in hashes:
        if known.get(sha256) in {State.CLEAN, State.UNREAD}:
            continue
        try:
            found = check_file(sha256, at=at, message_id=message.pk, seconds=OUTGOING_SECONDS)
        except clamd.NotReached as error:
            return Kept(unknown=str(error))
        if found.state == State.FOUND:
            return Kept(virus=found.told)
        if found.state == State.WAITING:
            return Kept(unknown=found.told)
    return None


def is_virus(sha256: str, *, at: datetime) -> bool:
    """Whether the scanner finds a virus in a file that somebody waits to attach; False when nobody can say so soon."""
    if settings.CLAMD is None:
        return False
    state = states_of([sha256]).get(sha256, "")
    if state in {"", State.WAITING}:
        with suppress(clamd.NotReached), AT_ONCE.taken() as is_ours:
            if is_ours:
                checking.want_checks({sha256: None}, at=at)
                state = check_file(sha256, at=at, seconds=WATCHED_SECONDS).state
    return state == State.FOUND


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
