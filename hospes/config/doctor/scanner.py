"""Look at the virus scanner, where one is set."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings

from hospes.config.doctor.findings import Finding, fail, ok, warn
from hospes.files.models import FileCheck
from hospes.lib import clamd

LONG_WAITING = timedelta(minutes=10)
ABOUT = "virus scanner"


def look_at_scanner(at: datetime) -> Iterator[Finding]:
    """Whether it answers, and whether files wait for it; nothing where nobody wants one."""
    if settings.CLAMD is None:
        return
    try:
        yield ok(ABOUT, f"it answers ({clamd.version(at=settings.CLAMD)})")
    except clamd.NotReached as error:
        yield fail(
            ABOUT,
            f"{place(settings.CLAMD)} does not answer: {error}. Files that come in wait for it.",
            "Is clamd running, and HOSPES_CLAMD right? May this account use its socket?",
        )
        return
    waiting = FileCheck.objects.filter(
        state=FileCheck.State.WAITING, tries=0, at__lt=at - LONG_WAITING
    ).count()
    if waiting:
        yield warn(
            ABOUT, f"Files that wait for it for long: {waiting}.",
            "Is a worker running? See what it printed.",
        )  # fmt: skip


def place(at: clamd.Place) -> str:
    """Return where it is asked, as it was set."""
    return at if isinstance(at, str) else f"{at[0]}:{at[1]}"
