"""Every answer that is no success: `application/problem+json` (RFC 9457), in the reader's language.

`code` is the word for programs and never changes; `title` and `detail` are for people.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CONTENT_TYPE = "application/problem+json"
DOCS_URL = "/api/v1/docs"

TITLES = {
    400: _("This request cannot be read."),
    401: _("A token is needed."),
    403: _("This token may not do that."),
    404: _("There is no such thing."),
    405: _("This cannot be asked for in this way."),
    409: _("This cannot be done as things stand."),
    411: _("The length of the request is missing."),
    413: _("This request is too large."),
    415: _("This kind of content is not taken."),
    422: _("Something given cannot be used."),
    429: _("Too many requests."),
    500: _("Something went wrong here."),
    503: _("Hospes cannot answer right now."),
}
# What a problem is called where nobody gave it a word of its own.
CODES = {
    400: "unreadable", 401: "no_token", 403: "forbidden", 404: "not_found",
    405: "method_not_allowed", 409: "refused", 411: "length_required", 413: "too_large",
    415: "unsupported_content_type", 422: "invalid", 429: "too_many_requests", 500: "internal",
    503: "unavailable",
}  # fmt: skip


class Problem(Exception):
    """What was asked cannot be answered as asked; becomes the answer itself."""

    def __init__(
        self,
        status: int,
        detail: str | Promise = "",
        *,
        code: str = "",
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(status, detail)
        self.status = status
        self.code = code or CODES.get(status, "refused")
        self.detail = detail
        self.headers = dict(headers or {})
        self.more = more  # further members, such as `errors`

    def answer(self) -> HttpResponse:
        """Return the problem in the language that is active now."""
        title = TITLES.get(self.status) or HTTPStatus(self.status).phrase
        body = {
            "type": f"{DOCS_URL}#problem-{self.code}",
            "title": str(title),
            "status": self.status,
            "code": self.code,
            "detail": str(self.detail or title),
            **self.more,
        }
        text = json.dumps(body, ensure_ascii=False)
        response = HttpResponse(
            text.encode("utf-8", "replace"), status=self.status, content_type=CONTENT_TYPE
        )
        for name, value in self.headers.items():
            response[name] = value
        return response


def not_found() -> Problem:
    """The one answer for what is not there and for what this token may not see."""
    return Problem(404)


def no_such_row(name: str) -> Problem:
    """What a field of the body names is not there, or this token may not see it."""
    why = str(_("There is no such thing."))
    error = {"field": f"body/{name}", "code": "no_such_row", "message": why}
    return Problem(422, why, errors=[error])
