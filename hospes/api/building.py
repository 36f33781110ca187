"""The API put together: its resources, how it reads, how it refuses, and how it describes itself."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.utils import translation
from ninja import NinjaAPI

from hospes.api.answers import checked
from hospes.api.describing import described
from hospes.api.reading import StrictParser
from hospes.api.refusing import tell_all
from hospes.api.views import calendars, contracts, conversations, customers, desk, messages, notes

api = NinjaAPI(
    title="Hospes",
    version="1",
    description="Everything the workspace can do, for programs.",
    urls_namespace="api",
    parser=StrictParser(),
    openapi_url=None,
    docs_url=None,
)
api.add_decorator(checked, mode="operation")
api.add_router("/customers", customers.router)
api.add_router("/contracts", contracts.router)
api.add_router("/calendars", calendars.router)
api.add_router("/conversations", conversations.router)
api.add_router("/conversations", notes.router)
api.add_router("", messages.router)
api.add_router("", desk.router)
tell_all(api)


@lru_cache(maxsize=1)
def schema() -> dict[str, Any]:
    """Return the OpenAPI document, in English whatever the reader's language: it is for programs."""
    with translation.override("en"):
        return described(api, path_prefix="/api/v1/")
