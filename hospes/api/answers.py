"""Answers that are a success, and what every operation checks before it begins."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel

from hospes.api.bearer import ApiRequest
from hospes.api.idempotency import once
from hospes.api.problems import Problem
from hospes.api.refusing import invalid

View = Callable[..., HttpResponse]
FORM_OVERHEAD_BYTES = 2**20


def answer(told: BaseModel, *, status: int = 200) -> HttpResponse:
    """Return it as JSON."""
    return HttpResponse(
        told.model_dump_json().encode(), status=status, content_type="application/json"
    )


def answer_page(request: ApiRequest, page: Any) -> HttpResponse:
    """Return one page of a list, with the address of the next as RFC 8288 has it."""
    response = answer(page)
    if page.next_cursor:
        query = {**request.GET.dict(), "cursor": page.next_cursor}
        response["Link"] = f'<{settings.URL}{request.path}?{urlencode(query)}>; rel="next"'
    return response


def nothing() -> HttpResponse:
    return HttpResponse(status=204)


def checked(view: View) -> View:
    """What holds for every operation: no unknown parameter, no endless body, and a key is good for one deed."""
    known = set(inspect.signature(view).parameters)

    @wraps(view)
    def run(request: ApiRequest, **values: Any) -> HttpResponse:
        unknown = sorted(set(request.GET) - known)
        if unknown:
            raise invalid([{"loc": ("query", name), "type": "extra_forbidden"} for name in unknown])
        if "HTTP_TRANSFER_ENCODING" in request.META and "CONTENT_LENGTH" not in request.META:
            raise Problem(411, _("Send Content-Length, not the body in pieces."))
        if request.method != "POST":
            return view(request, **values)
        if int(request.META.get("CONTENT_LENGTH") or 0) > _largest():
            raise Problem(413, _("These files are too large for one mail."))
        return once(request, lambda: view(request, **values))

    return run


def _largest() -> int:
    return settings.MAIL_SIZE_LIMIT_BYTES + FORM_OVERHEAD_BYTES
