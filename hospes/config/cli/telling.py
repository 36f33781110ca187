"""A conversation told on a terminal, or to a program."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from hospes.api.schemas.conversations import ConversationTold, NoteTold
from hospes.api.schemas.messages import MessageTold
from hospes.config.cli.printing import moment, print_line
from hospes.conversations.events import Reason
from hospes.conversations.listing import told
from hospes.conversations.models import Conversation, Message, Note, OutboxEntry
from hospes.conversations.timeline import (
    Delivery,
    EventEntry,
    MessageEntry,
    NoteEntry,
    Timeline,
    timeline,
)  # fmt: skip
from hospes.people.models import Identity
from hospes.servicelevels.models import Clock

DEEDS = {
    "ConversationAssigned": "assigned it",
    "ConversationMoved": "moved it to another queue",
    "ConversationClosed": "closed it",
    "ConversationReopened": "opened it again",
    "ConversationSnoozed": "put it away",
    "ConversationAwoke": "brought it back",
    "AcknowledgementWithheld": "sent no acknowledgement",
    "DueMissed": "noted a missed due",
    "ReplyMarked": "said what a reply was worth",
    "ConversationClassified": "said what it is about, or how much it presses",
}

DUES = {
    "waiting": "Waiting time",
    "first_reply": "First reply",
    "next_reply": "Next reply",
    "resolution": "Resolution",
}


def head_of(found: Conversation) -> dict[str, Any]:
    """Return what is to be said of the conversation itself, as the API says it, with names for people."""
    return {
        **ConversationTold.of(found).model_dump(mode="json"),
        "queue": found.queue.name,
        "brand": found.brand.name,
        "addresses": _addresses(found.customer_id),
    }


def fields_of(found: Conversation, *, limit: int) -> dict[str, Any]:
    """Return the conversation with its newest messages and what stands around them, each oldest first."""
    stretch = timeline(found.pk, limit=limit)
    messages = told(Message.objects.filter(pk__in=_ids(stretch, MessageEntry))).order_by("pk")
    notes = Note.objects.filter(pk__in=_ids(stretch, NoteEntry)).select_related("agent")
    return {
        **head_of(found),
        "dues": [
            {**one, "due_at": one["due_at"].isoformat(), "met_at": _iso(one["met_at"])}
            for one in _dues(found)
        ],
        "messages": [MessageTold.of(one).model_dump(mode="json") for one in messages],
        "notes": [NoteTold.of(one).model_dump(mode="json") for one in notes.order_by("pk")],
        "events": [_event(one) for one in stretch.entries if isinstance(one, EventEntry)],
        "is_complete": stretch.earlier_than is None,
    }


def _ids(stretch: Timeline, kind: type[MessageEntry | NoteEntry]) -> list[int]:
    return [one.id for one in stretch.entries if isinstance(one, kind)]


def _event(entry: EventEntry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "at": entry.at.isoformat(),
        "by": entry.by_name or None,
        "data": entry.data,
    }


def _dues(found: Conversation) -> list[dict[str, Any]]:
    """Return what is and was owed: what, by when, and when it was met (None: it was not)."""
    clock = Clock.objects.filter(pk=found.pk).first()
    if clock is None:
        return []
    rows = (
        ("waiting", clock.waiting_due, clock.waiting_at),
        ("first_reply", clock.first_reply_due, clock.first_reply_at),
        ("next_reply", clock.next_reply_due, None),
        ("resolution", clock.resolution_due, clock.resolved_at),
    )
    return [
        {"what": what, "due_at": due_at, "met_at": met_at}
        for what, due_at, met_at in rows
        if due_at
    ]


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


def status_of(found: Conversation) -> str:
    if not found.is_open:
        return "closed"
    return "snoozed" if found.is_snoozed else "open"


def _addresses(customer_id: int) -> list[str]:
    rows = Identity.objects.filter(customer_id=customer_id).order_by("pk")
    return list(rows.values_list("value", flat=True))


def print_conversation(found: Conversation, *, zone: ZoneInfo, limit: int) -> None:
    """Print it as one would read it aloud: who it is about, then what was said, oldest first."""
    print_line(f"{found.reference}  {found.subject}")
    addresses = ", ".join(_addresses(found.customer_id))
    print_line(f"Customer: {found.customer.display_name} ({addresses})")
    if not found.is_sender_verified:
        print_line("Not verified: whoever wrote last may be somebody else.")
    whose = found.assignee.name if found.assignee else "nobody"
    print_line(f"{status_of(found).title()}, in {found.queue.name}, answered for by {whose}")
    for one in _dues(found):
        met = one["met_at"]
        fate = f"met {moment(met, zone)}" if met else "owed" if found.is_open else "not met"
        print_line(f"{DUES[one['what']]} due {moment(one['due_at'], zone)}, {fate}")
    stretch = timeline(found.pk, limit=limit)
    if stretch.earlier_than is not None:
        print_line("")
        print_line("(Earlier messages are not shown; --messages shows more.)")
    for entry in stretch.entries:
        print_line("")
        _print_entry(entry, zone)


def _print_entry(entry: MessageEntry | NoteEntry | EventEntry, zone: ZoneInfo) -> None:
    at = moment(entry.at, zone)
    if isinstance(entry, EventEntry):
        print_line(f"  {at}  {entry.by_name or 'The desk'} {_deed(entry)}")
        return
    if isinstance(entry, NoteEntry):
        print_line(f"  {at}  Note by {entry.agent_name}")
        _print_text(entry.text)
        return
    state = f" [{_state_of(entry.delivery)}]" if entry.delivery else ""
    if entry.is_incoming and not entry.is_verified:
        state += " [Not verified]"
    if entry.is_automatic:
        state += " [Automatic]"
    if entry.is_holding:
        state += " [Holding reply]"
    print_line(f"  {at}  {entry.from_name} <{entry.from_address}>{state}")
    _print_text(entry.reply_text or entry.whole_text)
    for file in entry.files:
        print_line(f"    + {file.name} ({file.content_type}, {file.size_bytes} bytes)")


def _deed(entry: EventEntry) -> str:
    if entry.name == "ConversationAssigned" and entry.agent_name == entry.by_name:
        return "took it"
    to = f" ({entry.agent_name})" if entry.agent_name else ""
    if entry.data.get("reason") == Reason.MILD_WORDS:
        return "raised the priority: it reads like a complaint, which customers of this market word mildly"
    return DEEDS.get(entry.name, entry.name) + to


def _state_of(delivery: Delivery) -> str:
    """Return what became of a reply, with the reason where there is one."""
    if delivery.state == OutboxEntry.State.QUEUED and delivery.explanation:
        return delivery.explanation  # it says that it waits, and why
    return ". ".join(filter(None, [delivery.state_words, delivery.explanation]))


def _print_text(text: str) -> None:
    for line in text.splitlines():
        print_line(f"    {line}")
