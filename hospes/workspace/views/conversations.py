"""One conversation: what was said and done, and who the customer is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hospes.conversations.actions.seeing import mark_seen
from hospes.conversations.events import Reason, Withheld
from hospes.conversations.models import Conversation, Priority
from hospes.conversations.queries import views_of
from hospes.conversations.recipients import as_typed
from hospes.conversations.talking import people_of
from hospes.conversations.timeline import (
    Entry,
    EventEntry,
    MessageEntry,
    Opened,
    Timeline,
    by_number,
    by_reference,
    other_conversations,
    timeline,
)  # fmt: skip
from hospes.intake.actions.blocking import block_of
from hospes.language.phrasebook import base_of
from hospes.language.speaking import CUSTOMER_LANGUAGES
from hospes.lib.references import canonical
from hospes.servicelevels.models import Breach, Clock
from hospes.workspace import showing
from hospes.workspace.access import AgentRequest, agent_required, opened
from hospes.workspace.dues import owed
from hospes.workspace.frame import framed
from hospes.workspace.later import later_for
from hospes.workspace.templatetags.draft_files import draft_files_shown
from hospes.workspace.views.inbox import LAST_VIEW
from hospes.workspace.whereabouts import where_values

MENTIONED = re.compile(r"(?<![A-Z0-9])H-[0-9A-Z]{5}(?:[0-9A-Z]{2})?(?![A-Z0-9])", re.IGNORECASE)
MAX_MENTIONED = 3


@dataclass(frozen=True)
class Shown:
    """An entry of the timeline with what the template needs beside it."""

    entry: Entry
    day: str = ""  # its name, set where a new day begins
    date: str = ""  # the same day, ISO 8601
    words: str = ""  # of an event
    icon: str = ""


@require_safe
@agent_required
def show(request: AgentRequest, reference: str) -> HttpResponse:
    """The conversation in its frame; for htmx the conversation and the customer alone."""
    found = opened(request, reference)
    said = timeline(found.conversation.pk, before=_number(request, "before"))
    if request.GET.get("before"):
        return render(
            request,
            "workspace/conversation.html#earlier",
            _timeline_values(found.conversation, said),
        )
    values = page_values(request, found, said)
    values["twin"] = _named_by(request, said, "twin")
    values["related"] = values["related"] or _named_by(request, said, "answers")
    _remember_reading(request, found)
    if request.htmx:
        return render(request, "workspace/conversation.html#swap", values)
    # The counts come with the list, which the page fetches beside what the reader wants to read.
    return framed(request, "workspace/conversation.html", values, {})


@require_safe
@agent_required
def entries(request: AgentRequest, reference: str) -> HttpResponse:
    """What changed since a message: the head, new entries, and old ones whose state changed."""
    found = opened(request, reference)
    number = found.conversation.pk
    said = timeline(number, after=_number(request, "after") or 0)
    changed = _number(request, "changed")
    whole = timeline(number)
    values = {
        **_head_values(request, found),
        **_composer_values(found, whole),
        "has_answer": _has_answer(whole),
        **_timeline_values(found.conversation, said),
        "changed": _one(number, changed) if changed else [],
    }
    _remember_reading(request, found)
    return render(request, "workspace/conversation.html#changes", values)


def page_values(request: AgentRequest, found: Opened, said: Timeline) -> dict[str, Any]:
    """Return all that the conversation's page shows."""
    one = found.conversation
    return {
        **_head_values(request, found),
        **_timeline_values(one, said),
        "drafts": found.draft_of,
        **_composer_values(found, said),
        "has_answer": _has_answer(said),
        "customer": one.customer,
        "identities": found.identities,
        # Whoever is blocked is so with it closed, as a rule: open ones are not asked about.
        "blocked": ""
        if one.is_open
        else block_of([who.value for who in found.identities if "@" in who.value]),
        "others": other_conversations(one.customer_id, agent=request.user, but=one.pk),
    }


def _has_answer(said: Timeline) -> bool:
    """Whether one of us ever said something, as far as is shown; what a machine wrote asks for no answer."""
    messages = (entry for entry in said.entries if isinstance(entry, MessageEntry))
    return said.earlier_than is not None or any(
        not entry.is_incoming and not entry.is_by_itself for entry in messages
    )


def _heard_at(said: Timeline) -> datetime | None:
    """Return when somebody outside wrote last, of what is shown."""
    messages = [entry for entry in said.entries if isinstance(entry, MessageEntry)]
    return next((one.at for one in reversed(messages) if one.is_incoming), None)


def _composer_values(found: Opened, said: Timeline) -> dict[str, Any]:
    """Return what the composer begins with: the draft, and whom it goes to."""
    draft = found.draft_of.get("reply")
    people, customers = people_of(found, said)
    to, cc = as_typed(people.to), as_typed(people.cc)
    is_touched = draft is not None and (draft.to is not None or draft.cc is not None)
    return {
        "later": later_for(found.conversation, timezone.now(), heard_at=_heard_at(said)),
        "to": to,
        "cc": cc,
        "typed_to": draft.to if draft and draft.to is not None else to,
        "typed_cc": draft.cc if draft and draft.cc is not None else cc,
        "touched": "1" if is_touched else "",
        "customers": " ".join(sorted(customers)),
        "draft_files": draft_files_shown(found.draft_files),
    }


def _head_values(request: AgentRequest, found: Opened) -> dict[str, Any]:
    one = found.conversation
    views = views_of(one, request.user.pk)
    return {
        "conversation": one,
        "present": found.present,
        "is_mine": one.assignee_id == request.user.pk,
        "is_assigned": one.assignee_id is not None,
        "assignee_name": found.assignee_name,
        **where_values(one.whereabouts),
        "views": views,
        "view": _view(request, views),
        "colleagues_with_draft": found.colleagues_with_draft,
        "related": _related(request, one),
        **_owed_values(one),
    }


def _owed_values(one: Conversation) -> dict[str, Any]:
    """Return what the clocks of the conversation say; one statement, and another where something was missed."""
    clock = Clock.objects.select_related("level").filter(pk=one.pk).first()
    shown = owed(clock, there=one.customer_zone, now=timezone.now())
    missed = (
        Breach.objects.filter(conversation=one, decided_at=None)
        if shown and shown.is_missed
        else None
    )
    return {
        "owed": shown,
        "breach": missed.order_by("-due_at").first() if missed is not None else None,
        "has_phrases": base_of(one.language) in CUSTOMER_LANGUAGES,
    }


def _named_by(request: AgentRequest, said: Timeline, key: str) -> Conversation | None:
    """Return a conversation that the first mail names, if the reader may see it.

    key: "answers", which it answers without a part in it; "twin", where the same mail came to another address of ours.
    """
    first = next((entry for entry in said.entries if isinstance(entry, MessageEntry)), None)
    number = first.extras.get(key) if first else None
    return by_number(number, agent=request.user) if number else None


def _related(request: AgentRequest, one: Conversation) -> Conversation | None:
    """Return the conversation that the subject names, if the reader may see it.

    A number in a subject joins nothing (anybody can write it); whoever answers may want to look.
    """
    for named in MENTIONED.findall(one.subject)[:MAX_MENTIONED]:
        reference = canonical(named)
        found = by_reference(reference, agent=request.user)
        if found is not None and found.pk != one.pk:
            return found
    return None


def _timeline_values(one: Conversation, said: Timeline) -> dict[str, Any]:
    return {
        "conversation": one,
        "entries": _shown(said),
        "earlier_than": said.earlier_than,
        "last_message_id": one.last_message_id or 0,
        "address": reverse("conversation", args=[one.reference]),
    }


def _one(conversation_id: int, message_id: int) -> list[Shown]:
    around = timeline(conversation_id, before=message_id + 1, limit=1)
    return [
        Shown(one)
        for one in around.entries
        if isinstance(one, MessageEntry) and one.id == message_id
    ]


def _shown(said: Timeline) -> list[Shown]:
    shown: list[Shown] = []
    last_date = None
    for entry in said.entries:
        date = timezone.localtime(entry.at).date()
        new_day = {} if date == last_date else {"day": showing.day(entry.at), "date": str(date)}
        words = event_words(entry) if isinstance(entry, EventEntry) else ""
        shown.append(Shown(entry, words=words, icon=_icon(entry), **new_day))
        last_date = date
    return shown


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


def _icon(entry: Entry) -> str:
    return EVENT_ICONS.get(entry.name, "info") if isinstance(entry, EventEntry) else ""


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


def _remember_reading(request: AgentRequest, found: Opened) -> None:
    one = found.conversation
    if one.last_message_id and one.last_message_id > found.read_up_to:
        mark_seen(one, by=request.user, at=timezone.now(), message_id=one.last_message_id)


def _view(request: AgentRequest, views: list[str]) -> str:
    """Return which list stands beside it: the last one looked at, if it is in there."""
    view = request.COOKIES.get(LAST_VIEW, "")
    return view if view in views else views[0]


def _number(request: AgentRequest, name: str) -> int | None:
    given = request.GET.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 19 else None
