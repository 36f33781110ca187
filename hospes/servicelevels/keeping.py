"""Keep the clocks true to what happens: a reaction to everything that starts, stops, pauses or changes one."""

from __future__ import annotations

from collections.abc import Sequence

from hospes.events.recording import Recorded
from hospes.servicelevels.actions.counting import recount


def count_clocks(recorded: Sequence[Recorded]) -> None:
    """Count what is owed in the conversations that something happened in."""
    recount([one.event.conversation_id for one in recorded], at=max(one.at for one in recorded))
