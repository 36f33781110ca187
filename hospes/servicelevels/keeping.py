"""Keep the clocks true to what happens: a reaction to everything that starts, stops, pauses or changes one."""

from __future__ import annotations

from collections.abc import Sequence

from hospes.conversations.models import OutboxEntry
from hospes.events.recording import Recorded
from hospes.servicelevels.actions.counting import recount
from hospes.servicelevels.gathering import NEVER_ARRIVED
from hospes.servicelevels.models import Clock

TELLING = {*NEVER_ARRIVED, OutboxEntry.State.QUEUED}


def count_clocks(recorded: Sequence[Recorded]) -> None:
    """Count what is owed in the conversations that something happened in."""
    recount([one.event.conversation_id for one in recorded], at=max(one.at for one in recorded))


def count_what_did_not_arrive(recorded: Sequence[Recorded]) -> None:
    """Count anew where a letter came back, was refused, or is sent again: what never arrived answers nobody."""
    telling = [one for one in recorded if one.event.state in TELLING]
    if telling:
        count_clocks(telling)


def count_waiting(recorded: Sequence[Recorded]) -> None:
    """Count clocks anew where somebody took a conversation whose waiting time is a target: a reaction."""
    ids = {one.event.conversation_id for one in recorded}
    waiting = Clock.objects.filter(pk__in=ids, waiting_at=None).exclude(waiting_due=None)
    if found := list(waiting.values_list("pk", flat=True)):
        recount(found, at=max(one.at for one in recorded))
