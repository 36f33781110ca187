"""What every page of the workspace needs to know of its reader."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import is_valid_path
from django.utils import timezone, translation

from hospes.events.live import latest
from hospes.lib.refusal import Refused
from hospes.team.models import Agent

Handler = Callable[[HttpRequest], HttpResponse]
API_GUIDE = "/api/v1/docs"  # under /api/, and yet for people


class ReaderMiddleware:
    """Show pages in the agent's language and time zone; strangers get their browser's language."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Before the page asks for anything: what happens while it is made comes by the stream.
        request.live_after = latest()  # type: ignore[attr-defined] # read by shell.html
        is_page = request.path_info[:5] != "/api/" or request.path_info == API_GUIDE
        reader = request.user if is_page else None
        if isinstance(reader, Agent):
            language, clock = reader.language, reader.clock
        else:
            language, clock = translation.get_language_from_request(request), None
        with translation.override(language), timezone.override(clock):
            request.LANGUAGE_CODE = translation.get_language() or "en"
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        return response


class WayBackMiddleware:
    """What only takes a POST, and is loaded as a page all the same, leads to the page above it.

    Who reloads after an error, or goes back to where a form was sent, would meet an empty page.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and request.method == "GET" and _is_for_a_person(request):
            return HttpResponseRedirect(_page_above(request.path_info))
        return response


def _is_for_a_person(request: HttpRequest) -> bool:
    is_api = request.path_info.startswith("/api/")
    return not is_api and "text/html" in request.headers.get("Accept", "")


def _page_above(path: str) -> str:
    above = f"{path.rstrip('/').rpartition('/')[0]}/"
    return above if is_valid_path(above) else "/"


class RefusedMiddleware:
    """A refusal becomes a 409 with its text, so views hold no `try`."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        return JsonResponse({"code": exception.code, "detail": str(exception)}, status=409)
