"""The API about itself: the OpenAPI document, a page to read, and what is not there. Open to everybody."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from hospes.api.problems import not_found


@require_safe
def openapi(_request: HttpRequest) -> HttpResponse:
    """The whole API as OpenAPI 3.1."""
    from hospes.api.building import schema

    return JsonResponse(schema())


@require_safe
def guide(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


@csrf_exempt
def nowhere(_request: HttpRequest) -> HttpResponse:
    return not_found().answer()
