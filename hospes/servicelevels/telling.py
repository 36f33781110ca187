"""Who is told that something is due soon, or was missed: a reaction."""

from __future__ import annotations

from collections.abc import Sequence

from hospes.conversations.events import DueMissed
from hospes.conversations.models import Conversation, QueueMember
from hospes.events.hints import Told, tell
from hospes.events.recording import Recorded
from hospes.team.models import Role


def tell_of_due(recorded: Sequence[Recorded]) -> None:
    """Tell whoever has the conversation, and of what was missed those who lead in its queue, too."""
    ids = {one.event.conversation_id for one in recorded}
    found = Conversation.objects.filter(pk__in=ids).values_list("pk", "queue_id", "assignee_id")
    stands = {pk: (queue_id, assignee_id) for pk, queue_id, assignee_id in found}
    leads = _leads_of({queue_id for queue_id, _ in stands.values()})
    hints = []
    for one in recorded:
        queue_id, assignee_id = stands.get(one.event.conversation_id, (0, None))
        asked = {assignee_id} if assignee_id else set()
        if isinstance(one.event, DueMissed):
            asked |= leads.get(queue_id, set())
        data = {"kind": type(one.event).__name__, "conversation_id": one.event.conversation_id}
        hints += [Told("notice", agent_id=agent_id, data=data) for agent_id in sorted(asked)]
    tell(hints, at=recorded[-1].at)


def _leads_of(queue_ids: set[int]) -> dict[int, set[int]]:
    leads: dict[int, set[int]] = {}
    members = QueueMember.objects.filter(
        queue_id__in=queue_ids, agent__role=Role.LEAD, agent__is_active=True
    )
    for queue_id, agent_id in members.values_list("queue_id", "agent_id"):
        leads.setdefault(queue_id, set()).add(agent_id)
    return leads
