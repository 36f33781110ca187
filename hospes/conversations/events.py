"""What can happen to a conversation, in the past tense; ids only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hospes.events.recording import Happening


class Machine(StrEnum):
    """What this desk may do by itself about a mail that came in."""

    MAY_ACKNOWLEDGE = "may_acknowledge"  # a person wrote it, and its channel says so
    MEETS_ANOTHER = "meets_another"  # a machine of another desk wrote it: nothing, and that is told


@dataclass(frozen=True)
class MessageReceived(Happening):
    message_id: int
    is_first: bool  # it opened the conversation
    machine: str = ""  # a word of Machine; "": nothing


@dataclass(frozen=True)
class AcknowledgementWritten(Happening):
    """The desk wrote a letter by itself: it has one of a customer, say, or kept a colleague's back."""

    message_id: int
    outbox_id: int


class Withheld(StrEnum):
    """Why nothing leaves by itself."""

    LOOP = "loop"  # another desk's machine wrote
    CONVERSATION = "conversation"  # its sender had one for it already, within a day
    ADDRESS = "address"  # its sender had as many as anybody gets in a day
    DESK = "desk"  # this desk sent as many as it may in an hour


@dataclass(frozen=True)
class AcknowledgementWithheld(Happening):
    message_id: int
    reason: str  # a word of Withheld


@dataclass(frozen=True)
class ColleagueTurnedAway(Happening):
    """One of us answered by mail a conversation that they may not see any more; the mail is held."""

    agent_id: int
    raw_id: int


@dataclass(frozen=True)
class ReplyWritten(Happening):
    message_id: int
    outbox_id: int


@dataclass(frozen=True)
class ReplyUnsent(Happening):
    """Taken back within the undo window; the text is a draft again."""

    message_id: int


@dataclass(frozen=True)
class DeliveryChanged(Happening):
    message_id: int
    state: str


@dataclass(frozen=True)
class FileChecked(Happening):
    """The virus scanner has said what it says of a file of this message."""

    message_id: int


@dataclass(frozen=True)
class NoteWritten(Happening):
    note_id: int


@dataclass(frozen=True)
class ConversationAssigned(Happening):
    agent_id: int | None
    previous_agent_id: int | None


@dataclass(frozen=True)
class ConversationMoved(Happening):
    queue_id: int
    previous_queue_id: int


@dataclass(frozen=True)
class ConversationClosed(Happening):
    pass


@dataclass(frozen=True)
class ConversationReopened(Happening):
    is_undelivered: bool = False  # because a reply did not arrive


@dataclass(frozen=True)
class ConversationSnoozed(Happening):
    until: str  # ISO 8601 with offset


@dataclass(frozen=True)
class ConversationAwoke(Happening):
    """The snooze is over, by time or by a new message."""


@dataclass(frozen=True)
class CustomerDescribed(Happening):
    """What we know of its customer changed; recorded for each open conversation of theirs."""

    customer_id: int


@dataclass(frozen=True)
class ReplyMarked(Happening):
    """Somebody said of a reply of ours that it is only a holding reply, or that it is none."""

    message_id: int
    is_holding: bool


@dataclass(frozen=True)
class ConversationClassified(Happening):
    """What it is about, or how much it presses, was set: by hand, or by a rule that gives its reason."""

    priority: int
    previous_priority: int
    reason: str = ""  # a word of Reason; "": somebody did it by hand


class Reason(StrEnum):
    """Why a rule changes the priority."""

    MILD_WORDS = "mild_words"  # whoever complains in this market words it mildly


@dataclass(frozen=True)
class DueWarned(Happening):
    """Something is due soon."""

    what: str  # first_reply, next_reply, resolution or waiting
    due_at: str  # ISO 8601 with offset


@dataclass(frozen=True)
class DueMissed(Happening):
    """A due has passed; those who lead are told."""

    what: str
    due_at: str
