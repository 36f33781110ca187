"""Rows around one matter of one customer."""

from hospes.conversations.models.automatic import AutomaticPlace
from hospes.conversations.models.conversation import Conversation, InboxRow, Priority
from hospes.conversations.models.looking import Presence, Seen
from hospes.conversations.models.message import Attachment, Draft, DraftFile, Message, Note
from hospes.conversations.models.outbox import OutboxEntry, SentCopy
from hospes.conversations.models.queue import Queue, QueueMember
from hospes.conversations.models.wall_clock import WallClockTime

__all__ = [
    "Attachment",
    "AutomaticPlace",
    "Conversation",
    "Draft",
    "DraftFile",
    "InboxRow",
    "Message",
    "Note",
    "OutboxEntry",
    "Presence",
    "Priority",
    "Queue",
    "QueueMember",
    "Seen",
    "SentCopy",
    "WallClockTime",
]
