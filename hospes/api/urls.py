"""Addresses under `/api/`. Whatever is not there is answered here too, as a program expects it."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path

from hospes.api.building import api
from hospes.api.views import documents

urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/openapi.json", documents.openapi, name="api_openapi"),
    path("v1/docs", documents.guide, name="api_docs"),
    path("v1/", api.urls),
    re_path(r"^.*$", documents.nowhere, name="api_nowhere"),
]
