"""What happened to what is owed, for all conversations at once."""

from __future__ import annotations

from dataclasses import dataclass

from hospes.events.recording import HappeningAtDesk


@dataclass(frozen=True)
class ServiceLevelsChanged(HappeningAtDesk):
    """An operator added, changed, moved or removed a service level."""

    level_id: int
