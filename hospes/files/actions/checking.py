"""Have the virus scanner look into files, where one is set (HOSPES_CLAMD)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Least

from hospes.files import store
from hospes.files.models import FileCheck
from hospes.lib import clamd

MAX_TRIES = 3  # after which a file is one that the scanner cannot look into
MOST_TRIES = 1000  # one that is not here yet stands behind the others, however long
State = FileCheck.State


@dataclass(frozen=True)
class Said:
    """What became of asking; `waiting` when the scanner gave no verdict, and told why; "": the file is not here yet."""

    state: FileCheck.State
    told: str = ""


def want_checks(messages: Mapping[str, int | None], *, at: datetime) -> None:
    """Note files that the scanner shall look into, each with the message that brought it; None: there is none yet.

    What is noted already stays as it is.
    """
    rows = [
        FileCheck(sha256=sha256, message_id=message_id, at=at)
        for sha256, message_id in sorted(messages.items())
    ]
    FileCheck.objects.bulk_create(rows, ignore_conflicts=True)


def ask_scanner(sha256: str, *, seconds: float = clamd.SECONDS) -> Said:
    """Ask about one file; belongs into no transaction: the scanner takes its time. Raises clamd.NotReached."""
    if settings.CLAMD is None:
        raise clamd.NotReached("None is set.")
    try:
        with store.open_stored(sha256) as file:
            verdict = clamd.look_into(file, at=settings.CLAMD, seconds=seconds)
    except clamd.NoVerdict as error:
        return Said(State.WAITING, str(error))
    except FileNotFoundError:
        return Said(State.WAITING)
    return said(verdict)


def said(verdict: clamd.Verdict) -> Said:
    """Return a verdict as it is noted."""
    if verdict.found:
        return Said(State.FOUND, verdict.found)
    return Said(State.UNREAD, verdict.unread) if verdict.unread else Said(State.CLEAN)


def settle(sha256: str, what: Said, *, at: datetime) -> FileCheck:
    """Note what the scanner said of a file. What was found stays found, whatever is said of it later."""
    rows = FileCheck.objects.filter(sha256=sha256)
    unsettled = rows.exclude(state=State.FOUND)
    if what.state == State.WAITING:
        tries = Least(F("tries") + 1, MOST_TRIES)
        unsettled.update(tries=tries, told=what.told[:200], at=at)
        given_up = unsettled.filter(state=State.WAITING, tries__gte=MAX_TRIES)
        given_up.exclude(told="").update(state=State.UNREAD)
    else:
        unsettled.update(state=what.state, told=what.told[:200], at=at)
    return rows.get()
