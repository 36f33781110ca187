"""Find anything from anywhere: a reference, a customer, words that were said."""

from __future__ import annotations

import re

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hospes.conversations.queries import visible_queue_ids
from hospes.conversations.timeline import by_reference
from hospes.lib.references import canonical
from hospes.search.queries import Found, find_people
from hospes.search.queries import find as find_said
from hospes.workspace.access import AgentRequest, agent_required

REFERENCE = re.compile(r"#?(?:h-?)?[0-9a-z]{5}(?:[0-9a-z]{2})?", re.IGNORECASE)
MIN_CHARS = 2
MAX_CHARS = 200


@require_safe
@agent_required
def find(request: AgentRequest) -> HttpResponse:
    """Options for the palette; empty for a text too short to mean anything."""
    text = request.GET.get("q", "").strip()[:MAX_CHARS]
    if len(text) < MIN_CHARS and text.isascii():
        return render(
            request, "workspace/parts/palette.html", {"found": Found([], is_complete=True)}
        )
    queue_ids = visible_queue_ids(request.user)
    exact = by_reference(canonical(text), agent=request.user) if REFERENCE.fullmatch(text) else None
    languages = tuple({"en", request.user.language})
    values = {
        "text": text,
        "exact": exact,
        "people": find_people(text, queue_ids=queue_ids),
        "found": find_said(text, queue_ids=queue_ids, languages=languages, limit=12, as_typed=True),
    }
    return render(request, "workspace/parts/palette.html", values)
