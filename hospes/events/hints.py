"""Tell open screens that something changed: a topic and where to look, never what a customer wrote."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from hospes.events.models import Hint
from hospes.lib.bulk import write_rows

HINTS_CHANNEL = "hospes_hints"  # PostgreSQL NOTIFY: rows were added
PRESENCE_CHANNEL = "hospes_presence"  # the hint itself, kept nowhere
DESK_CHANNEL = "hospes_desk"  # what understanding needs to know of the desk is another now
RIGHTS = "rights"  # for the streams alone: look again who this agent is


@dataclass(frozen=True)
class Told:
    """One hint: who sees the queue gets it, or one agent, or, with neither, everybody.

    topic: conversation.<id>, conversation.<id>.meta, presence.<id>, list, counts, notice, resync.
    """

    topic: str
    queue_id: int | None = None
    agent_id: int | None = None
    data: dict[str, Any] = field(default_factory=dict)


def tell(hints: Sequence[Told], *, at: datetime) -> None:
    """Write hints for every screen. Only reactions do: the one consumer gives hints their order."""
    if not hints:
        return
    write_rows(
        [
            Hint(at=at, topic=h.topic, queue_id=h.queue_id, agent_id=h.agent_id, data=h.data)
            for h in hints
        ]
    )
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {HINTS_CHANNEL}")


def announce(hint: Told) -> None:
    """Tell who looks right now, and nobody later: for presence, which is stale in a minute."""
    payload = {
        "topic": hint.topic,
        "queue_id": hint.queue_id,
        "agent_id": hint.agent_id,
        "data": hint.data,
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [PRESENCE_CHANNEL, json.dumps(payload)])


def tell_rights_changed(agent_id: int) -> None:
    """Let open streams of this agent look again what they may have: to be said by whoever changes it."""
    announce(Told(RIGHTS, agent_id=agent_id))


def tell_desk_changed() -> None:
    """Let what was changed count for the next mail: to be said by whoever changes channels, people or blocks."""
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {DESK_CHANNEL}")
