"""Under `/api/` every answer is one a program can read, also where no operation was reached."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from hospes.api.problems import CONTENT_TYPE, Problem

Handler = Callable[[HttpRequest], HttpResponse]
NOTHING_RUNS = "default-src 'none'; frame-ancestors 'none'"


class ApiMiddleware:
    """Turn pages that tell of an error into problems, and add the headers every answer has."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/api/"):
            return self.get_response(request)
        response = self.get_response(request)
        if response.status_code >= 400 and response["Content-Type"] != CONTENT_TYPE:
            response = _as_problem(request, response)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Content-Security-Policy", NOTHING_RUNS)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Vary"] = "Authorization, Accept-Language"
        allowance = getattr(request, "allowance", None)
        if allowance is not None:
            for name, value in allowance.headers.items():
                response.headers.setdefault(name, value)
        return response


def _as_problem(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    language = translation.get_language_from_request(request)
    with translation.override(language):
        answer = Problem(response.status_code).answer()
    answer["Content-Language"] = language
    answer["Content-Length"] = str(len(answer.content))
    for name in ("Allow", "Retry-After"):
        if name in response:
            answer[name] = response[name]
    return answer
