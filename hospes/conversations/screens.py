"""Tell open screens what to fetch again: a reaction to everything that happens to a conversation."""

from __future__ import annotations

from collections.abc import Sequence

from hospes.conversations import events as happened
from hospes.conversations.models import Conversation
from hospes.events.hints import Told, tell
from hospes.events.recording import Recorded

# What adds or changes an entry of the timeline, rather than the head alone.
ENTRIES = (
    happened.MessageReceived, happened.ReplyWritten, happened.ReplyUnsent, happened.NoteWritten,
    happened.DeliveryChanged, happened.AcknowledgementWritten, happened.AcknowledgementWithheld,
    happened.FileChecked, happened.ReplyMarked,
)  # fmt: skip


def refresh_screens(recorded: Sequence[Recorded]) -> None:
    """Write the hints of a run of events: the conversation, its list, the counts. Two statements."""
    ids = {one.event.conversation_id for one in recorded}
    queues = dict(Conversation.objects.filter(pk__in=ids).values_list("pk", "queue_id"))
    hints: list[Told] = []
    for one in recorded:
        queue_id = queues.get(one.event.conversation_id)
        if queue_id is not None:
            hints += _hints(one, queue_id)
    hints += [Told("counts", queue_id=queue_id) for queue_id in sorted(set(queues.values()))]
    tell(hints, at=recorded[-1].at)


def _hints(one: Recorded, queue_id: int) -> list[Told]:
    number = one.event.conversation_id
    topic = f"conversation.{number}"
    data = {"kind": type(one.event).__name__, **_ids(one)}
    hints = [Told("list", queue_id=queue_id, data={"conversation_id": number, **data})]
    hints.append(
        Told(
            topic if isinstance(one.event, ENTRIES) else f"{topic}.meta",
            queue_id=queue_id,
            data=data,
        )
    )
    if isinstance(one.event, happened.ConversationMoved):  # those it left must hear of it, too
        left = one.event.previous_queue_id
        hints += [
            Told("list", queue_id=left, data={"conversation_id": number}),
            Told("counts", queue_id=left),
        ]
    if isinstance(one.event, happened.ConversationAssigned) and one.event.agent_id not in {
        None,
        one.by_id,
    }:
        hints.append(
            Told("notice", agent_id=one.event.agent_id, data={"conversation_id": number, **data})
        )
    return hints


def _ids(one: Recorded) -> dict[str, int | str | None]:
    named = {"message_id", "note_id", "state"}
    return {"by_id": one.by_id, **{k: v for k, v in vars(one.event).items() if k in named}}
