"""Reads for one conversation: what was said and done in it, and what is known of its customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, JSONObject

from hospes.conversations import events
from hospes.conversations.models import (
    Attachment,
    Conversation,
    Draft,
    Message,
    Note,
    OutboxEntry,
    Presence,
    QueueMember,
    Seen,
)  # fmt: skip
from hospes.conversations.queries import Colleague
from hospes.events.models import Event
from hospes.people.models import Identity
from hospes.team.models import Agent

TOLD = tuple(
    kind.__name__
    for kind in (
        events.ConversationAssigned, events.ConversationMoved, events.ConversationClosed,
        events.ConversationReopened, events.ConversationSnoozed, events.ConversationAwoke,
    )
)  # fmt: skip


@dataclass(frozen=True)
class MessageEntry:
    at: datetime
    message: Message
    attachments: list[Attachment]
    outbox: OutboxEntry | None
    kind: str = "message"


@dataclass(frozen=True)
class NoteEntry:
    at: datetime
    note: Note
    kind: str = "note"


@dataclass(frozen=True)
class EventEntry:
    """Something that happened, as a line between the messages."""

    at: datetime
    id: int
    name: str  # class name of the event
    by_name: str  # "" when a customer or the clock did it
    data: dict[str, Any]
    agent_name: str = ""  # whom it was assigned to
    kind: str = "event"


@dataclass(frozen=True)
class Timeline:
    """A stretch of a conversation, oldest first."""

    entries: list[MessageEntry | NoteEntry | EventEntry]
    earlier_than: int | None  # the message to ask for what came before; None: this is the beginning


def timeline(
    conversation_id: int, *, before: int | None = None, after: int | None = None, limit: int = 60
) -> Timeline:
    """Return the newest messages with what happened around them, in three statements.

    before: only messages older than this one. after: only newer ones, and everything since.
    """
    messages, has_earlier = _messages(conversation_id, before, after, limit)
    window = _window(conversation_id, messages, before, after, has_earlier=has_earlier)
    entries: list[MessageEntry | NoteEntry | EventEntry] = [
        MessageEntry(m.at, m, _attachments(m), getattr(m, "outbox_entry", None)) for m in messages
    ]
    entries += [NoteEntry(note.at, note) for note in _notes(conversation_id, window)]
    entries += _events(conversation_id, window)
    entries.sort(key=attrgetter("at"))
    return Timeline(entries, messages[0].pk if has_earlier and messages else None)


def _messages(
    conversation_id: int, before: int | None, after: int | None, limit: int
) -> tuple[list[Message], bool]:
    rows = Message.objects.filter(conversation_id=conversation_id)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    newest = rows.select_related("agent", "outbox_entry").order_by("-pk")[: limit + 1]
    # A design is fetched by its own frame; here it is enough to know that there is one.
    with_files = newest.annotate(
        has_design=~Q(html=""), files=ArraySubquery(_files_of_message())
    ).defer("html")
    found: list[Message] = list(with_files)
    return found[:limit][::-1], len(found) > limit


def _window(
    conversation_id: int,
    messages: Sequence[Message],
    before: int | None,
    after: int | None,
    *,
    has_earlier: bool,
) -> Q:
    """Which notes and events stand around these messages."""
    if after is not None:
        known = Message.objects.filter(pk=after).values("at")
        return Q(at__gte=Subquery(known))
    window = Q()
    if has_earlier and messages:
        window &= Q(at__gte=messages[0].at)
    if before is not None:
        next_one = Message.objects.filter(pk=before, conversation_id=conversation_id)
        window &= Q(at__lt=Subquery(next_one.values("at")))
    return window


_FILE = (
    "id",
    "position",
    "name",
    "content_type",
    "size_bytes",
    "sha256",
    "content_id",
    "is_inline",
)


def _files_of_message() -> QuerySet[Any]:
    rows = Attachment.objects.filter(message_id=OuterRef("pk")).order_by("position")
    return rows.values(json=JSONObject(**{name: name for name in _FILE}))


def _attachments(message: Message) -> list[Attachment]:
    return [Attachment(message=message, **one) for one in message.files]  # type: ignore[attr-defined]


def _notes(conversation_id: int, window: Q) -> QuerySet[Note]:
    notes = Note.objects.filter(window, conversation_id=conversation_id)
    return notes.select_related("agent").order_by("pk")


def _events(conversation_id: int, window: Q) -> list[EventEntry]:
    happened = Event.objects.filter(window, conversation_id=conversation_id, kind__in=TOLD)
    named = happened.annotate(
        by_name=_name_of("by_id"),
        given_to=Cast(KT("data__agent_id"), IntegerField()),
        agent_name=_name_of("given_to"),
    ).order_by("pk")
    rows = named.values_list("at", "pk", "kind", "by_name", "data", "agent_name")
    return [
        EventEntry(at, pk, kind, by_name or "", data, agent_name or "")
        for at, pk, kind, by_name, data, agent_name in rows
    ]


def _name_of(field_name: str) -> Subquery:
    return Subquery(Agent.objects.filter(pk=OuterRef(field_name)).values("name"))


@dataclass
class Opened:
    """A conversation as one agent opens it, with the neighbours its page shows."""

    conversation: Conversation
    identities: list[Identity]
    draft_of: dict[str, Draft] = field(default_factory=dict)  # by kind
    present: list[Colleague] = field(default_factory=list)
    colleagues_with_draft: list[str] = field(default_factory=list)
    read_up_to: int = 0  # the newest message the agent has seen


def open_by_reference(reference: str, *, agent: Agent, at: datetime) -> Opened | None:
    """Return the conversation with all its page needs beside the timeline, in one statement.

    None when there is none, or when the agent may not see its queue: nobody learns which.
    """
    rows = _visible_to(agent).filter(reference=reference)
    found = (
        rows.select_related(
            "customer__market", "queue__market", "brand", "channel__market", "assignee"
        )
        .annotate(
            identities=ArraySubquery(_identities()),
            drafts_kept=ArraySubquery(_drafts()),
            present=ArraySubquery(_present(agent, at)),
            read_up_to=Subquery(
                Seen.objects.filter(agent=agent, conversation_id=OuterRef("pk")).values(
                    "last_message_id"
                )
            ),
        )
        .first()
    )
    if found is None:
        return None
    drafts = found.drafts_kept
    return Opened(
        conversation=found,
        identities=[Identity(**one) for one in found.identities],
        draft_of={
            one["kind"]: Draft(kind=one["kind"], text=one["text"], version=one["version"])
            for one in drafts
            if one["agent_id"] == agent.pk
        },
        present=[Colleague(**one) for one in found.present],
        colleagues_with_draft=[
            one["name"] for one in drafts if one["agent_id"] != agent.pk and one["text"]
        ],
        read_up_to=found.read_up_to or 0,
    )


def by_reference(reference: str, *, agent: Agent) -> Conversation | None:
    """Return the conversation if this agent may see it, in one statement."""
    return _visible_to(agent).filter(reference=reference).first()


def _visible_to(agent: Agent) -> QuerySet[Conversation]:
    if agent.is_operator:
        return Conversation.objects.all()
    mine = QueueMember.objects.filter(agent=agent).values("queue_id")
    return Conversation.objects.filter(queue_id__in=mine)


def _identities() -> QuerySet[Any]:
    rows = Identity.objects.filter(customer_id=OuterRef("customer_id")).order_by("pk")
    return rows.values(
        json=JSONObject(id="pk", kind="kind", value="value", verified_at="verified_at")
    )


def _drafts() -> QuerySet[Any]:
    rows = Draft.objects.filter(conversation_id=OuterRef("pk")).order_by("pk")
    return rows.values(
        json=JSONObject(
            kind="kind", agent_id="agent_id", name="agent__name", text="text", version="version"
        )
    )


def _present(agent: Agent, at: datetime) -> QuerySet[Any]:
    rows = Presence.objects.filter(conversation_id=OuterRef("pk"), at__gt=at - Presence.FADES_AFTER)
    others = rows.exclude(agent=agent).order_by("at")
    return others.values(json=JSONObject(agent_id="agent_id", name="agent__name", state="state"))


@dataclass(frozen=True)
class Earlier:
    """One other conversation of the same customer, as the panel lists it."""

    reference: str
    subject: str
    last_activity_at: datetime
    is_open: bool
    is_sender_verified: bool


def other_conversations(
    customer_id: int, *, agent: Agent, but: int | None = None, limit: int = 10
) -> list[Earlier]:
    """Return the customer's other conversations that this agent may see, newest first."""
    rows = _visible_to(agent).filter(customer_id=customer_id)
    if but is not None:
        rows = rows.exclude(pk=but)
    return [
        Earlier(reference, subject, active, closed is None, verified)
        for reference, subject, active, closed, verified in rows.order_by("-pk").values_list(
            "reference", "subject", "last_activity_at", "closed_at", "is_sender_verified"
        )[:limit]
    ]
