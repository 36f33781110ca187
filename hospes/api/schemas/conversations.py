"""Conversations, notes and drafts."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from hospes.api.fields import MARKET, MAX_ID, Content, Given, Id, Instant, Line, Moment, Text, Told
from hospes.conversations.models import Conversation, Draft, Note, Priority
from hospes.language.writing import direction

MAX_FILES = 20
TEXT = (
    "What the customer reads. It may be left out when files go with it; else an empty one is a 422."
)
Status = Literal["open", "snoozed", "closed"]
PriorityTold = Literal["low", "normal", "high", "urgent"]
PRIORITIES: dict[int, PriorityTold] = {
    Priority.LOW: "low",
    Priority.NORMAL: "normal",
    Priority.HIGH: "high",
    Priority.URGENT: "urgent",
}


class CustomerNamed(Told):
    """Who asks, and where they live as far as it is known: said of them, or guessed from whom they wrote to."""

    id: int
    display_name: str
    market: str | None = Field(description=MARKET)
    is_market_guessed: bool = Field(
        description="Nobody said so: it is that of the channel or queue"
    )
    zone: str | None = Field(description="IANA time zone")
    is_zone_guessed: bool = Field(description="Nobody said so: it is that of a guessed market")

    @classmethod
    def of(cls, row: Conversation) -> CustomerNamed:
        found = row.whereabouts
        return cls(
            id=row.customer.pk,
            display_name=row.customer.display_name,
            market=found.market or None,
            is_market_guessed=found.market_by.is_guess,
            zone=found.zone or None,
            is_zone_guessed=found.zone_by.is_guess,
        )


class AgentNamed(Told):
    id: int
    name: str


class DueTold(Told):
    """What is owed next."""

    what: Literal["first_reply", "next_reply", "resolution", "waiting"]
    at: Instant
    warns_at: Instant | None = Field(description="From then on it is soon")

    @classmethod
    def of(cls, row: Conversation) -> DueTold | None:
        if row.next_due_at is None:
            return None
        return cls.model_validate(
            {"what": row.next_due, "at": row.next_due_at, "warns_at": row.due_warn_at}
        )


class ConversationTold(Told):
    """One matter of one customer, until it is closed."""

    reference: str = Field(examples=["H-7K3F9"])
    subject: str
    language: str | None = Field(description="BCP 47")
    direction: str = Field(description="Of texts in this language: `ltr`, `rtl` or `auto`")
    status: Status
    queue_id: int
    brand_id: int
    channel_id: int
    customer: CustomerNamed
    assignee: AgentNamed | None
    is_sender_verified: bool = Field(description="Of the latest message that came in")
    opened_at: Instant
    last_activity_at: Instant
    waiting_since: Instant | None = Field(description="null: the customer owes the reply")
    snoozed_until: Instant | None
    closed_at: Instant | None
    priority: PriorityTold
    topic: str
    product: str
    value_minor: int | None = Field(
        description="Of what it is about, in minor units of its currency"
    )
    value_currency: str | None = Field(description="ISO 4217")
    next_due: DueTold | None = Field(description="null: nothing is owed, or the clocks stand still")
    last_message_id: int | None
    message_count: int

    @classmethod
    def of(cls, row: Conversation) -> ConversationTold:
        assignee = row.assignee
        return cls(
            reference=row.reference,
            subject=row.subject,
            language=row.language or None,
            direction=direction(row.language),
            status=_status(row),
            queue_id=row.queue_id,
            brand_id=row.brand_id,
            channel_id=row.channel_id,
            customer=CustomerNamed.of(row),
            assignee=AgentNamed(id=assignee.pk, name=assignee.name) if assignee else None,
            is_sender_verified=row.is_sender_verified,
            opened_at=row.opened_at,
            last_activity_at=row.last_activity_at,
            waiting_since=row.waiting_since,
            snoozed_until=row.snoozed_until,
            closed_at=row.closed_at,
            priority=PRIORITIES[row.priority],
            topic=row.topic,
            product=row.product,
            value_minor=row.value_minor,
            value_currency=row.value_currency or None,
            next_due=DueTold.of(row),
            last_message_id=row.last_message_id,
            message_count=row.message_count,
        )


def _status(row: Conversation) -> Status:
    if not row.is_open:
        return "closed"
    return "snoozed" if row.is_snoozed else "open"


class ConversationPage(Told):
    items: list[ConversationTold]
    next_cursor: str | None


class AddressGiven(Given):
    name: Line = ""
    address: Line = Field(min_length=3)


class FileGiven(Given):
    name: Line = Field(min_length=1)
    content_type: Line = "application/octet-stream"
    content: Content


class ReplyGiven(Given):
    """What is said to the customer."""

    text: Text = Field("", description=TEXT)
    to: list[AddressGiven] = Field(
        default=[],
        max_length=50,
        description="Whom it goes to. The customer, when left out, where they ask for answers.",
    )
    cc: list[AddressGiven] = Field(
        default=[], max_length=50, description="Further people who read it. None, when left out."
    )
    attachments: list[FileGiven] = Field(
        default=[], max_length=MAX_FILES, description="Files that go with it, as base64."
    )
    last_seen_message_id: Id | None = Field(
        None,
        description="The newest message the writer has read; a newer one of somebody else stops the reply (409).",
    )
    close: bool = Field(default=False, description="Close the conversation with it.")
    is_holding: bool | None = Field(
        None,
        description="It only says that an answer will come, so no clock stops. The words decide, when left out.",
    )


class ResendingGiven(Given):
    """How a reply is sent again; nothing: as before."""

    to: list[AddressGiven] = Field(
        default=[],
        max_length=50,
        description="Whom it goes to instead. They are let into the conversation.",
    )


class ConversationGiven(Given):
    """A conversation that begins with a message of ours."""

    customer_id: Id
    queue_id: Id
    channel_id: Id
    subject: Line = Field(min_length=1)
    text: Text = Field("", description=TEXT)
    cc: list[AddressGiven] = Field(
        default=[], max_length=50, description="Further people who read it. None, when left out."
    )
    attachments: list[FileGiven] = Field(
        default=[], max_length=MAX_FILES, description="Files that go with it, as base64."
    )
    close: bool = Field(default=False, description="Close the conversation with it.")


class ConversationChanged(Given):
    """Only the fields that are given change. A value goes with its currency; null: it is worth nothing known."""

    priority: PriorityTold = "normal"
    topic: Line = Field("", max_length=80)
    product: Line = Field("", max_length=80)
    value_minor: int | None = Field(
        None,
        ge=0,
        le=MAX_ID,
        description="Of what it is about, in minor units of its currency",
    )
    value_currency: Line | None = Field(None, description="ISO 4217")

    @property
    def changes(self) -> dict[str, Any]:
        """What the action takes."""
        given = self.model_dump(exclude_unset=True)
        if "priority" in given:
            given["priority"] = next(n for n, word in PRIORITIES.items() if word == self.priority)
        if "value_currency" in given:
            given["value_currency"] = (self.value_currency or "").upper()
        return given


class SnoozeGiven(Given):
    until: Moment


class TextGiven(Given):
    text: Text


class NoteTold(Told):
    """Said among us; the customer never sees it."""

    id: int
    agent: AgentNamed
    text: str
    at: Instant

    @classmethod
    def of(cls, row: Note) -> NoteTold:
        agent = AgentNamed(id=row.agent_id, name=row.agent.name)
        return cls(id=row.pk, agent=agent, text=row.text, at=row.at)


class NotePage(Told):
    items: list[NoteTold]
    next_cursor: str | None


class DraftGiven(Given):
    text: Text
    version: int = Field(
        ge=1, le=2**53, description="Higher with every save: a late save undoes no newer one."
    )


class DraftTold(Told):
    """Not yet said; the token's agent has one for replies and one for notes."""

    kind: str
    text: str
    version: int
    updated_at: Instant

    @classmethod
    def of(cls, row: Draft) -> DraftTold:
        return cls(kind=row.kind, text=row.text, version=row.version, updated_at=row.updated_at)
