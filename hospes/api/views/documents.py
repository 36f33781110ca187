"""The API about itself: the OpenAPI document, a page to read, and what is not there. Open to everybody."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from hospes.api.codes import EXPLAINED
from hospes.api.guiding import groups, marked
from hospes.api.problems import not_found
from hospes.api.scopes import SCOPES

# Nothing from elsewhere and no script at all.
READ_ONLY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@require_safe
def openapi(_request: HttpRequest) -> HttpResponse:
    """The whole API as OpenAPI 3.1."""
    from hospes.api.building import schema

    return JsonResponse(schema())


@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    """Every operation with an example, every problem with what it means."""
    from hospes.api.building import schema

    values = {
        "groups": groups(schema(), url=settings.URL),
        "codes": [(code, marked(str(told))) for code, told in sorted(EXPLAINED.items())],
        "scopes": SCOPES.items(),
        "limit": settings.API_REQUESTS_PER_SECOND,
        "url": settings.URL,
    }
    response = render(request, "api/guide.html", values)
    response["Content-Security-Policy"] = READ_ONLY
    return response


@csrf_exempt
def nowhere(_request: HttpRequest) -> HttpResponse:
    return not_found().answer()
