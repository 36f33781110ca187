"""A conversation told on a terminal, or to a program."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from hospes.config.cli.printing import print_line
from hospes.conversations.models import Attachment, Conversation
from hospes.conversations.timeline import EventEntry, MessageEntry, NoteEntry, timeline
from hospes.people.models import Identity

DEEDS = {
    "ConversationAssigned": "assigned it",
    "ConversationMoved": "moved it to another queue",
    "ConversationClosed": "closed it",
    "ConversationReopened": "opened it again",
    "ConversationSnoozed": "put it away",
    "ConversationAwoke": "brought it back",
}


def head_of(found: Conversation) -> dict[str, Any]:
    """Return what is to be said of the conversation itself."""
    assignee = found.assignee
    return {
        "reference": found.reference,
        "subject": found.subject,
        "status": status_of(found),
        "customer": {
            "id": found.customer_id,
            "name": found.customer.display_name,
            "addresses": _addresses(found.customer_id),
        },
        "assignee": {"name": assignee.name, "email": assignee.email} if assignee else None,
        "queue": found.queue.name,
        "brand": found.brand.name,
        "language": found.language or None,
        "is_sender_verified": found.is_sender_verified,
        "opened_at": _iso(found.opened_at),
        "last_activity_at": _iso(found.last_activity_at),
        "waiting_since": _iso(found.waiting_since),
        "snoozed_until": _iso(found.snoozed_until),
        "closed_at": _iso(found.closed_at),
    }


def fields_of(found: Conversation, *, limit: int) -> dict[str, Any]:
    """Return the conversation with its newest messages and what happened around them, oldest first."""
    stretch = timeline(found.pk, limit=limit)
    return {
        **head_of(found),
        "entries": [_entry(entry) for entry in stretch.entries],
        "is_complete": stretch.earlier_than is None,
    }


def status_of(found: Conversation) -> str:
    if not found.is_open:
        return "closed"
    return "snoozed" if found.is_snoozed else "open"


def _addresses(customer_id: int) -> list[str]:
    rows = Identity.objects.filter(customer_id=customer_id).order_by("pk")
    return list(rows.values_list("value", flat=True))


def _entry(entry: MessageEntry | NoteEntry | EventEntry) -> dict[str, Any]:
    if isinstance(entry, MessageEntry):
        return _message(entry)
    if isinstance(entry, NoteEntry):
        note = entry.note
        return {"kind": "note", "at": _iso(note.at), "by": note.agent.name, "text": note.text}
    return {
        "kind": "event", "at": _iso(entry.at), "name": entry.name, "by": entry.by_name or None,
        "data": entry.data,
    }  # fmt: skip


def _message(entry: MessageEntry) -> dict[str, Any]:
    message, outbox = entry.message, entry.outbox
    delivery = None
    if outbox is not None:
        delivery = {"state": outbox.state, "reason": outbox.explanation or None}
    return {
        "kind": "message",
        "id": message.pk,
        "direction": "in" if message.is_incoming else "out",
        "at": _iso(message.at),
        "from_name": message.from_name,
        "from_address": message.from_address,
        "to": [address for _, address in message.to],
        "cc": [address for _, address in message.cc],
        "subject": message.subject,
        "language": message.language or None,
        "text": message.text,
        "reply_text": message.reply_text,
        "attachments": [_file(one) for one in entry.attachments],
        "is_verified": message.is_verified,
        "automatic": message.is_automatic,
        "delivery": delivery,
    }


def _file(one: Attachment) -> dict[str, Any]:
    return {"name": one.name, "content_type": one.content_type, "size_bytes": one.size_bytes}


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def print_conversation(found: Conversation, *, zone: ZoneInfo, limit: int) -> None:
    """Print it as one would read it aloud: who it is about, then what was said, oldest first."""
    head = head_of(found)
    print_line(f"{head['reference']}  {head['subject']}")
    addresses = ", ".join(head["customer"]["addresses"])
    print_line(f"Customer: {head['customer']['name']} ({addresses})")
    whose = found.assignee.name if found.assignee else "nobody"
    print_line(f"{head['status'].title()}, in {head['queue']}, answered for by {whose}")
    stretch = timeline(found.pk, limit=limit)
    if stretch.earlier_than is not None:
        print_line("")
        print_line("(Earlier messages are not shown; --messages shows more.)")
    for entry in stretch.entries:
        print_line("")
        _print_entry(entry, zone)


def _print_entry(entry: MessageEntry | NoteEntry | EventEntry, zone: ZoneInfo) -> None:
    at = f"{entry.at.astimezone(zone):%Y-%m-%d %H:%M}"
    if isinstance(entry, EventEntry):
        to = f" ({entry.agent_name})" if entry.agent_name else ""
        print_line(f"  {at}  {entry.by_name or 'The desk'} {DEEDS.get(entry.name, entry.name)}{to}")
        return
    if isinstance(entry, NoteEntry):
        print_line(f"  {at}  Note by {entry.note.agent.name}")
        _print_text(entry.note.text)
        return
    message = entry.message
    state = f" [{entry.outbox.get_state_display()}]" if entry.outbox else ""
    print_line(f"  {at}  {message.from_name} <{message.from_address}>{state}")
    _print_text(message.reply_text or message.text)
    for file in entry.attachments:
        print_line(f"    + {file.name} ({file.content_type}, {file.size_bytes} bytes)")


def _print_text(text: str) -> None:
    for line in text.splitlines():
        print_line(f"    {line}")
