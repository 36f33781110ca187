"""Whether the desk lives, is ready, and how it fares: for whoever watches over machines."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from hospes.config.preparing import needs_migration
from hospes.conversations.models import InboxRow, OutboxEntry
from hospes.events.models import PendingEvent
from hospes.intake.counters import counters
from hospes.intake.worker import is_running
from hospes.lib.middleware import is_from_here

registry = CollectorRegistry()
REQUESTS = Counter(
    "hospes_requests", "Pages answered.", ["route", "method", "status"], registry=registry
)
SECONDS = Histogram(
    "hospes_request_seconds", "Seconds a page took.", ["route"], registry=registry,
    buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 5),
)  # fmt: skip


def healthz(request: HttpRequest) -> HttpResponse:
    """Say that this process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> JsonResponse:
    """Say whether pages work (200) and mail is understood; 503 with what is missing."""
    faults = []
    try:
        if needs_migration():
            faults.append("The database waits for migrations: start `hospes serve`.")
        elif not is_running():
            faults.append("No worker is running: start `hospes worker`.")
    except DatabaseError:
        faults.append("The database does not answer.")
    return JsonResponse({"ready": not faults, "faults": faults}, status=503 if faults else 200)


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus figures, for this machine and trusted proxies' networks only."""
    caller = ipaddress.ip_address(request.META.get("REMOTE_ADDR") or "127.0.0.1")
    is_near = any(caller in network for network in settings.TRUSTED_PROXIES)
    may_see = is_from_here(request) or is_near
    is_operator = getattr(request.user, "is_operator", False)
    if not may_see and not is_operator:
        return HttpResponse("Only from this machine.\n", status=403, content_type="text/plain")
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class DeskCollector(Collector):
    """Figures that stand in the database, read when somebody asks."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        now = counters()
        mail = GaugeMetricFamily("hospes_mail", "Mails by what became of them.", labels=["state"])
        for state in ("stored", "shown", "held", "quarantined", "pending"):
            mail.add_metric([state], getattr(now, state))
        yield mail
        yield GaugeMetricFamily(
            "hospes_mail_oldest_pending_seconds", "Age of the oldest mail nobody understood yet.",
            value=now.oldest_pending_seconds,
        )  # fmt: skip
        yield GaugeMetricFamily(
            "hospes_mail_is_balanced", "1 while nothing is lost: stored = shown + held + quarantined + pending.",
            value=int(now.is_balanced),
        )  # fmt: skip
        outbox = GaugeMetricFamily("hospes_outbox", "Replies by state.", labels=["state"])
        for state in OutboxEntry.State.values:
            outbox.add_metric([state], OutboxEntry.objects.filter(state=state).count())
        yield outbox
        yield GaugeMetricFamily(
            "hospes_events_pending", "Events whose reactions have not all run.",
            value=PendingEvent.objects.count(),
        )  # fmt: skip
        yield GaugeMetricFamily(
            "hospes_conversations_open", "Open conversations.", value=InboxRow.objects.count()
        )
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            size = cursor.fetchone()[0]
        yield GaugeMetricFamily("hospes_database_bytes", "Size of the database.", value=size)


registry.register(DeskCollector())
