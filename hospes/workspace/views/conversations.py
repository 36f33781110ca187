"""One conversation: what was said and done, and who the customer is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from hospes.conversations.actions.seeing import mark_seen
from hospes.conversations.models import Conversation
from hospes.conversations.queries import views_of
from hospes.conversations.recipients import as_typed
from hospes.conversations.talking import people_of
from hospes.conversations.timeline import (
    Entry,
    EventEntry,
    MessageEntry,
    Opened,
    Timeline,
    timeline,
)  # fmt: skip
from hospes.language.phrasebook import base_of
from hospes.language.speaking import CUSTOMER_LANGUAGES
from hospes.workspace import showing
from hospes.workspace.access import AgentRequest, agent_required, opened
from hospes.workspace.dues import owed
from hospes.workspace.event_words import event_icon, event_words
from hospes.workspace.frame import framed
from hospes.workspace.later import later_for
from hospes.workspace.queries import Beside, Named, beside, mentioned
from hospes.workspace.templatetags.draft_files import draft_files_shown
from hospes.workspace.views.inbox import LAST_VIEW
from hospes.workspace.whereabouts import where_values


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
    values = _page_values(request, found, said)
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
    whole = timeline(number)
    after, changed = _number(request, "after") or 0, _number(request, "changed")
    said = whole.after(after) or timeline(number, after=after)
    values = {
        **_head_values(request, found, _beside(request, found, whole)),
        **_composer_values(found, whole),
        "has_answer": _has_answer(whole),
        **_timeline_values(found.conversation, said),
        "changed": _one(number, changed, whole) if changed else [],
    }
    _remember_reading(request, found)
    return render(request, "workspace/conversation.html#changes", values)


def _page_values(request: AgentRequest, found: Opened, said: Timeline) -> dict[str, Any]:
    """Return all that the conversation's page shows."""
    one = found.conversation
    near = _beside(request, found, said)
    return {
        **_head_values(request, found, near),
        **_timeline_values(one, said),
        "drafts": found.draft_of,
        **_composer_values(found, said),
        "has_answer": _has_answer(said),
        "customer": one.customer,
        "contract": one.customer.contract_in_force,
        "identities": found.identities,
        "blocked": near.block,
        "others": found.others,
    }


def _beside(request: AgentRequest, found: Opened, said: Timeline) -> Beside:
    """Return what stands beside the conversation in other rooms."""
    one = found.conversation
    return beside(
        one,
        agent=request.user,
        named=Named(
            references=mentioned(one.subject),
            answers=_named_by(said, "answers"),
            twin=_named_by(said, "twin"),
        ),
        # Whoever is blocked is so with it closed, as a rule: of open ones nobody asks.
        senders=[] if one.is_open else [who.value for who in found.identities if "@" in who.value],
    )


def _named_by(said: Timeline, key: str) -> int | None:
    """Return the conversation that the first mail names.

    key: "answers", which it answers without a part in it; "twin", where the same mail came to another address of ours.
    """
    first = next((entry for entry in said.entries if isinstance(entry, MessageEntry)), None)
    number: int | None = first.extras.get(key) if first else None
    return number


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


def _head_values(request: AgentRequest, found: Opened, near: Beside) -> dict[str, Any]:
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
        "related": near.related,
        "twin": near.twin,
        **_owed_values(one, near),
    }


def _owed_values(one: Conversation, near: Beside) -> dict[str, Any]:
    """Return what the clocks of the conversation say."""
    shown = owed(near.clock, there=one.customer_zone, now=timezone.now())
    return {
        "owed": shown,
        "breach": near.breach if shown and shown.is_missed else None,
        "has_phrases": base_of(one.language) in CUSTOMER_LANGUAGES,
    }


def _timeline_values(one: Conversation, said: Timeline) -> dict[str, Any]:
    return {
        "conversation": one,
        "entries": _shown(said),
        "earlier_than": said.earlier_than,
        "last_message_id": one.last_message_id or 0,
        "address": reverse("conversation", args=[one.reference]),
    }


def _one(conversation_id: int, message_id: int, whole: Timeline) -> list[Shown]:
    """Return one message of the conversation, which may be older than what is shown of it."""
    found = whole.message(message_id)
    if found is None:
        found = timeline(conversation_id, before=message_id + 1, limit=1).message(message_id)
    return [Shown(found)] if found else []


def _shown(said: Timeline) -> list[Shown]:
    shown: list[Shown] = []
    last_date = None
    for entry in said.entries:
        date = timezone.localtime(entry.at).date()
        new_day = {} if date == last_date else {"day": showing.day(entry.at), "date": str(date)}
        told = (
            {"words": event_words(entry), "icon": event_icon(entry)}
            if isinstance(entry, EventEntry)
            else {}
        )
        shown.append(Shown(entry, **told, **new_day))
        last_date = date
    return shown


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
