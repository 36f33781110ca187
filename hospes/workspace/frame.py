"""What the frame of every page shows: who reads, the views with their counts, the clocks."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hospes.conversations.queries import view_counts, visible_queue_ids
from hospes.workspace.access import AgentRequest
from hospes.workspace.showing import direction

VIEWS = {
    "mine": gettext_lazy("Mine"),
    "unassigned": gettext_lazy("Unassigned"),
    "waiting": gettext_lazy("Waiting on us"),
    "open": gettext_lazy("All open"),
    "snoozed": gettext_lazy("Snoozed"),
    "closed": gettext_lazy("Closed"),
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
    return framed(request, template, values, view_counts(queue_ids, request.user.pk), **kwargs)


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
        "live_key": sha256(session_key.encode()).hexdigest()[:12],
        "undo_seconds": settings.UNDO_SECONDS,
    }
    return render(request, template, {**frame, **values}, **kwargs)


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
        "product": _("Hospes"),
    }
