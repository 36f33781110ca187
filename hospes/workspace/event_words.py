"""What happened in a conversation, as a sentence and a sign between its messages."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from hospes.conversations.events import Reason, Withheld
from hospes.conversations.models import Priority
from hospes.conversations.timeline import EventEntry
from hospes.workspace import showing

EVENT_ICONS = {
    "ConversationAssigned": "user-check",
    "ConversationSnoozed": "moon",
    "ConversationAwoke": "bell-ring",
    "ConversationClosed": "circle-check",
    "ConversationReopened": "rotate-ccw",
    "ConversationMoved": "arrow-right",
    "AcknowledgementWithheld": "mail",
    "DueMissed": "triangle-alert",
    "ReplyMarked": "timer",
    "ConversationClassified": "circle-alert",
}


def event_icon(entry: EventEntry) -> str:
    return EVENT_ICONS.get(entry.name, "info")


def event_words(entry: EventEntry) -> str:
    """Return what happened as a sentence in the reader's language."""
    by = {"by": entry.by_name, "agent": entry.agent_name}
    if entry.name == "ConversationAssigned":
        return _assigned_words(entry, by)
    if entry.name == "AcknowledgementWithheld":
        return _withheld_words(entry.data.get("reason", ""))
    if entry.name in TOLD:
        return TOLD[entry.name](entry)
    if entry.name == "ConversationSnoozed":
        until = showing.moment(datetime.fromisoformat(entry.data["until"]))
        return _("%(by)s snoozed it until %(until)s.") % {**by, "until": until}
    sentences = {
        ("ConversationClosed", True): _("%(by)s closed it."),
        ("ConversationReopened", True): _("%(by)s reopened it."),
        ("ConversationReopened", False): (
            _("A reply did not arrive: reopened.")
            if entry.data.get("is_undelivered")
            else _("The customer wrote again: reopened.")
        ),
        ("ConversationMoved", True): _("%(by)s moved it to another queue."),
        ("ConversationAwoke", True): _("%(by)s ended the snooze."),
        ("ConversationAwoke", False): _("The snooze is over."),
    }
    return sentences.get((entry.name, bool(entry.by_name)), entry.name) % by


def _assigned_words(entry: EventEntry, by: dict[str, str]) -> str:
    if not entry.agent_name:
        return _("%(by)s took the assignment away.") % by
    if entry.by_name == entry.agent_name:
        return _("%(by)s took it.") % by
    return _("%(by)s assigned it to %(agent)s.") % by


def _missed_words(entry: EventEntry) -> str:
    due_at = showing.moment(datetime.fromisoformat(entry.data["due_at"]))
    if entry.data["what"] == "first_reply":
        return _("Missed: the first reply was due at %(time)s.") % {"time": due_at}
    if entry.data["what"] == "next_reply":
        return _("Missed: the next reply was due at %(time)s.") % {"time": due_at}
    if entry.data["what"] == "waiting":
        return _("Missed: somebody was due to be there at %(time)s.") % {"time": due_at}
    return _("Missed: the resolution was due at %(time)s.") % {"time": due_at}


def _marked_words(entry: EventEntry) -> str:
    if entry.data["is_holding"]:
        return _("%(by)s: this reply only holds, so the clock goes on.") % {"by": entry.by_name}
    return _("%(by)s: this reply answers, so the clock has stopped.") % {"by": entry.by_name}


def _classified_words(entry: EventEntry) -> str:
    priority = str(Priority(entry.data["priority"]).label)
    if entry.data.get("reason") == Reason.MILD_WORDS:
        return _(
            "Priority raised to %(priority)s by a rule: it reads like a complaint, which customers of this market word mildly."
        ) % {"priority": priority}
    if entry.data["priority"] == entry.data["previous_priority"]:
        return _("%(by)s described what it is about.") % {"by": entry.by_name}
    return _("%(by)s set the priority: %(priority)s.") % {"by": entry.by_name, "priority": priority}


TOLD = {
    "DueMissed": _missed_words,
    "ReplyMarked": _marked_words,
    "ConversationClassified": _classified_words,
}


def _withheld_words(reason: str) -> str:
    """Return why nothing left by itself."""
    if reason == Withheld.LOOP:
        return _("Another desk's automatic mail: nothing is sent back by itself.")
    if reason == Withheld.DESK:
        return _("No acknowledgement was sent: too many left within an hour.")
    return _("No acknowledgement was sent: this address has had enough of them today.")
