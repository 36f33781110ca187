"""Every address Hospes answers on, by surface."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from hospes.config import health
from hospes.intake import webhooks

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    # One of the providers hands over whole mails only where the address ends in "mime".
    path("hooks/mail/<int:server_id>/mime", webhooks.inbound, name="hook_inbound"),
    path("hooks/mail/<int:server_id>/status", webhooks.status, name="hook_status"),
    path("account/", include("hospes.workspace.account_urls")),
    path("account/", include("allauth.urls")),
    path("api/", include("hospes.api.urls")),
    path("", include("hospes.portal.urls")),
    path("", include("hospes.workspace.urls")),
]
