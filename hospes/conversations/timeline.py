"""Reads for one conversation: what was said and done in it, and what is known of its customer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

from hospes.channels.models import Channel
from hospes.conversations import events, statements
from hospes.conversations.models import Conversation, Draft, OutboxEntry, Presence, Queue
from hospes.conversations.queries import Colleague
from hospes.lib.prepared import Row, read, read_if_any
from hospes.markets.models import Market
from hospes.people.models import Contract, Customer, Identity
from hospes.team.models import Agent

TOLD = [
    kind.__name__
    for kind in (
        events.ConversationAssigned, events.ConversationMoved, events.ConversationClosed,
        events.ConversationReopened, events.ConversationSnoozed, events.ConversationAwoke,
        events.AcknowledgementWithheld, events.DueMissed, events.ReplyMarked,
        events.ConversationClassified,
    )
]  # fmt: skip
OTHERS_SHOWN = 10  # conversations of the same customer


class FileEntry(NamedTuple):
    """A file that came or goes with a message."""

    id: int
    name: str
    content_type: str
    size_bytes: int
    is_missing: bool = False  # the disk did not take it; it is stored when there is room
    check: str = ""  # FileCheck.State; "": the scanner was not asked
    told: str = ""  # by the scanner: the virus, or why it could not look


class Delivery(NamedTuple):
    """What became of a message of ours."""

    state: str  # OutboxEntry.State
    reason: str  # OutboxEntry.Reason, "" when there is nothing to say
    answer: str  # what the server said, in its own words
    tried_since: datetime | None = None  # the first attempt of those under way
    undo_until: datetime | None = None  # its writer can take it back until then

    @property
    def state_words(self) -> str:
        return str(OutboxEntry.State(self.state).label)

    @property
    def explanation(self) -> str:
        """Why it stands where it stands, in the reader's language; "" when there is nothing to say."""
        return str(OutboxEntry.Reason(self.reason).label) if self.reason else ""


class MessageEntry(NamedTuple):
    """Said between us and the customer, as it is shown."""

    at: datetime
    id: int
    is_incoming: bool
    from_name: str
    from_address: str
    agent_name: str  # who wrote it, when it goes out; who forwarded it to us, if one of us did
    to: list[list[str]]  # [[name, address], ...]
    cc: list[list[str]]
    subject: str
    reply_text: str
    whole_text: str  # "" when it says no more than reply_text
    has_design: bool
    language: str  # BCP 47, "" when unknown
    is_verified: bool
    verdict: dict[str, Any]  # what was found out about the sender, and by whom; empty: nothing
    extras: dict[str, Any]  # what it has beside words and files (`extras.py`)
    is_automatic: bool  # a machine wrote it: theirs, or this desk
    is_holding: bool  # of ours: it answers nothing
    sent_at: datetime | None  # as the sender claims
    has_raw: bool
    files: Sequence[FileEntry]
    delivery: Delivery | None
    kind: str = "message"

    @property
    def is_by_itself(self) -> bool:
        """Whether the desk sent it by itself: that answers nobody."""
        return self.is_automatic and not self.is_incoming


VERDICT = MessageEntry._fields.index("verdict")
EXTRAS = MessageEntry._fields.index("extras")


class NoteEntry(NamedTuple):
    """Said among us."""

    at: datetime
    id: int
    agent_name: str
    text: str
    kind: str = "note"


class EventEntry(NamedTuple):
    """Something that happened, as a line between the messages."""

    at: datetime
    id: int
    name: str  # class name of the event
    by_name: str  # "" when a customer or the clock did it
    data: dict[str, Any]
    agent_name: str = ""  # whom it was assigned to
    kind: str = "event"


Entry = MessageEntry | NoteEntry | EventEntry


@dataclass(frozen=True)
class Timeline:
    """A stretch of a conversation, oldest first."""

    entries: list[Entry]
    earlier_than: int | None  # the message to ask for what came before; None: this is the beginning

    def message(self, number: int) -> MessageEntry | None:
        """Return one of its messages; None when it does not reach so far."""
        messages = (entry for entry in self.entries if isinstance(entry, MessageEntry))
        return next((entry for entry in messages if entry.id == number), None)

    def after(self, number: int) -> Timeline | None:
        """Return what came after one of its messages; None when it does not reach so far."""
        known = self.message(number)
        if known is None:
            return None
        return Timeline(
            [
                entry
                for entry in self.entries
                if (entry.id > number if isinstance(entry, MessageEntry) else entry.at >= known.at)
            ],
            None,
        )


def timeline(
    conversation_id: int, *, before: int | None = None, after: int | None = None, limit: int = 60
) -> Timeline:
    """Return the newest messages with what happened around them, in two statements.

    before: only messages older than this one. after: only newer ones, and everything since.
    """
    asked = {"conversation": conversation_id, "before": before, "after": after}
    found = statements.MESSAGES.rows(**asked, limit=limit + 1)
    messages = [_message(row) for row in found[:limit]][::-1]
    has_earlier = len(found) > limit
    since = messages[0].at if has_earlier and messages else None
    around = statements.AROUND.rows(**asked, since=since, kinds=TOLD)
    entries: list[Entry] = [*messages, *map(_note_or_event, around)]
    entries.sort(key=attrgetter("at"))
    return Timeline(entries, messages[0].id if has_earlier and messages else None)


def _message(row: Row) -> MessageEntry:
    *own, files, state, reason, answer, tried_since, undo_until = row
    own[6], own[7] = json.loads(own[6]), json.loads(own[7])  # to, cc
    own[VERDICT] = json.loads(own[VERDICT]) if own[VERDICT] else {}
    own[EXTRAS] = json.loads(own[EXTRAS]) if own[EXTRAS] else {}
    delivery = Delivery(state, reason, answer, tried_since, undo_until) if state else None
    return MessageEntry._make(
        [*own, [FileEntry(*file) for file in files or ()], delivery, "message"]
    )


def _note_or_event(row: Row) -> NoteEntry | EventEntry:
    is_event, at, number, kind, by_name, text, data, agent_name = row
    if not is_event:
        return NoteEntry(at, number, by_name, text)
    return EventEntry(at, number, kind, by_name, json.loads(data), agent_name)


@dataclass(frozen=True)
class Earlier:
    """One other conversation of the same customer, as the panel lists it."""

    reference: str
    subject: str
    last_activity_at: datetime
    is_open: bool
    is_sender_verified: bool


@dataclass
class Opened:
    """A conversation as one agent opens it, with the neighbours its page shows."""

    conversation: Conversation
    assignee_name: str  # "" when it is nobody's
    identities: list[Identity]
    draft_of: dict[str, Draft] = field(default_factory=dict)  # by kind
    draft_files: list[FileEntry] = field(default_factory=list)  # of the agent's reply
    present: list[Colleague] = field(default_factory=list)
    colleagues_with_draft: list[str] = field(default_factory=list)
    others: list[Earlier] = field(default_factory=list)  # of the customer, newest first
    read_up_to: int = 0  # the newest message the agent has seen


def open_by_reference(reference: str, *, agent: Agent, at: datetime) -> Opened | None:
    """Return the conversation with all its page needs beside the timeline, in one statement.

    None when there is none, or when the agent may not see its queue: nobody learns which.
    """
    row = statements.OPEN.row(
        reference=reference,
        is_present_since=at - Presence.FADES_AFTER,
        others=OTHERS_SHOWN,
        **eyes_of(agent),
    )
    if row is None:
        return None
    read_up_to, assignee_name, identities, drafts, present, others, *rest = row
    own = [one for one in drafts or () if one["agent_id"] == agent.pk]
    return Opened(
        conversation=_with_neighbours(tuple(rest)),
        assignee_name=assignee_name,
        identities=[Identity(**one) for one in identities or ()],
        draft_of={one["kind"]: _draft(one) for one in own},
        draft_files=[FileEntry(*file) for one in own for file in one["files"] or ()],
        present=[Colleague(**one) for one in present or ()],
        colleagues_with_draft=[
            one["name"] for one in drafts or () if one["agent_id"] != agent.pk and one["text"]
        ],
        others=[
            Earlier(reference, subject, datetime.fromisoformat(at), *states)
            for reference, subject, at, *states in others or ()
        ],
        read_up_to=read_up_to,
    )


def _draft(told: dict[str, Any]) -> Draft:
    return Draft(**{name: told[name] for name in ("kind", "text", "version", "to", "cc")})


def _with_neighbours(row: Row) -> Conversation:
    conversation, row = read(Conversation, row)
    conversation.customer, row = read(Customer, row)
    conversation.queue, row = read(Queue, row)
    conversation.channel, row = read(Channel, row)
    conversation.customer.contract, row = read_if_any(Contract, row)
    conversation.customer.market, row = read_if_any(Market, row)
    conversation.queue.market, row = read_if_any(Market, row)
    conversation.channel.market, row = read_if_any(Market, row)
    if conversation.customer.contract is not None:
        conversation.customer.contract.market, row = read_if_any(Market, row)
    return conversation


def by_reference(reference: str, *, agent: Agent) -> Conversation | None:
    """Return the conversation if this agent may see it, in one statement."""
    row = statements.BY_REFERENCE.row(reference=reference, **eyes_of(agent))
    return read(Conversation, row)[0] if row is not None else None


def eyes_of(agent: Agent) -> dict[str, Any]:
    """Return what `statements.sees` must know of whoever asks."""
    return {"agent": agent.pk, "sees_all": agent.is_operator}


def conversations_of(customer_id: int, *, agent: Agent, limit: int) -> list[Earlier]:
    """Return the customer's conversations that this agent may see, newest first."""
    rows = statements.OF_CUSTOMER.rows(customer=customer_id, limit=limit, **eyes_of(agent))
    return [Earlier(*row) for row in rows]
