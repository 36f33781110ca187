"""Whether a file may be opened, as far as the virus scanner knows; where there is none, every file may."""

from __future__ import annotations

from collections.abc import Collection

from django.conf import settings

from hospes.files.models import FileCheck

State = FileCheck.State


def states_of(hashes: Collection[str]) -> dict[str, str]:
    """Return what is known of these files; one that nobody has asked the scanner about is missing."""
    if not hashes:
        return {}
    rows = FileCheck.objects.filter(sha256__in=set(hashes))
    return dict(rows.values_list("sha256", "state"))


def may_open(state: str, *, is_incoming: bool) -> bool:
    """Whether a file with this state may be opened without asking anybody.

    One that holds a virus never may. One that the scanner could not look into may: nobody will know more of it.
    """
    if state == State.FOUND:
        return False
    return not is_incoming or settings.CLAMD is None or state in {State.CLEAN, State.UNREAD}
