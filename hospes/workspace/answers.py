"""Answers to htmx that carry news for the page instead of a part of it."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.utils.functional import Promise


def news(**events: dict[str, Any]) -> HttpResponse:
    """Return an empty answer that makes events happen on the page; their details are plain values."""
    response = HttpResponse(status=204)
    response["HX-Trigger"] = json.dumps(events, default=_plain)
    return response


def done(
    text: str | Promise, *, undo_url: str = "", seconds: int = 10, **more: Any
) -> HttpResponse:
    """Say what was done, with a way back while there is one."""
    return news(done={"text": text, "undo": undo_url, "seconds": seconds, **more})


def _plain(value: object) -> str:
    if isinstance(value, Promise):
        return str(value)
    raise TypeError(f"cannot tell the page about {value!r}")
