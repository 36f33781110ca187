"""What the frame of every page shows: who reads, the views with their counts, the clocks."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from hospes.conversations.counting import view_counts
from hospes.conversations.queries import visible_queue_ids
from hospes.intake import room
from hospes.language.writing import direction
from hospes.team.models import Agent
from hospes.workspace.access import AgentRequest
from hospes.workspace.showing import zone_city

PANES = "panes"  # in a cookie: which panes are hidden on this device
HIDDEN_PANES = {"hide-list", "hide-side"}

VIEWS = {
    "mine": pgettext_lazy("view", "Mine"),
    "unassigned": pgettext_lazy("view", "Unassigned"),
    "waiting": pgettext_lazy("view", "Waiting on us"),
    "open": pgettext_lazy("view", "All open"),
    "snoozed": pgettext_lazy("view", "Snoozed"),
    "closed": pgettext_lazy("view", "Closed"),
}


@dataclass(frozen=True)
class ViewPill:
    """One view above the list."""

    name: str
    label: str
    count: int | None  # None: too many to count for every page
    is_current: bool


def page(
    request: AgentRequest, template: str, values: dict[str, Any], **kwargs: Any
) -> HttpResponse:
    """Render a page of the workspace within its frame."""
    queue_ids = visible_queue_ids(request.user)
    counts = view_counts(queue_ids, request.user.pk, as_of=request.live_after)
    return framed(request, template, values, counts, **kwargs)


def framed(
    request: AgentRequest,
    template: str,
    values: dict[str, Any],
    counts: dict[str, int],
    **kwargs: Any,
) -> HttpResponse:
    """Render a page within its frame when the counts are known already."""
    session_key = request.session.session_key or ""
    frame = {
        "counts": counts,
        "pills": pills(values.get("view", ""), counts),
        "clocks": clocks(request.user),
        "live_key": sha256(session_key.encode()).hexdigest()[:12],
        "undo_seconds": settings.UNDO_SECONDS,
        "disk_is_short": SimpleLazyObject(room.is_short),  # parts of pages do not show it
    }
    return render(request, template, {**frame, **values}, **kwargs)


@dataclass(frozen=True)
class Place:
    """A clock in the top bar."""

    name: str
    zone: str


def clocks(agent: Agent) -> list[Place]:
    """Return whose clocks stand in the top bar: every hub's for leads, their own for agents."""
    places = [Place(zone_city(agent.zone), agent.zone)]
    if not agent.is_lead:
        return places
    hubs = [Place(name, zone) for name, zone in agent.hubs_led]
    return hubs if any(hub.zone == agent.zone for hub in hubs) else [*hubs, *places]


def pills(current: str, counts: dict[str, int]) -> list[ViewPill]:
    return [
        ViewPill(name, str(label), counts.get(name), name == current)
        for name, label in VIEWS.items()
    ]


def language_of(request: Any) -> dict[str, str]:
    """What `<html>` says of itself: for every template, in Django's context."""
    language = getattr(request, "LANGUAGE_CODE", "en")
    agent = getattr(request, "user", None)
    return {
        "page_language": language,
        "page_direction": direction(language),
        "theme": getattr(agent, "theme", ""),
        "text_size": str(getattr(agent, "text_size_px", 14)),
        "panes": hidden_panes(request),
        "product": _("Hospes"),
    }


def hidden_panes(request: Any) -> str:
    """Return the classes of the panes that are hidden here, from the start: nothing jumps."""
    given = set(request.COOKIES.get(PANES, "").split(".")) if hasattr(request, "COOKIES") else set()
    return " ".join(sorted(given & HIDDEN_PANES))
