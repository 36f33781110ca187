"""Every address Hospes answers on, by surface."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from hospes.config import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("account/", include("hospes.workspace.account_urls")),
    path("account/", include("allauth.urls")),
    path("api/", include("hospes.api.urls")),
    path("", include("hospes.workspace.urls")),
]
