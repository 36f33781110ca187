"""Whether the desk lives, is ready, and how it fares: for whoever watches over machines."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from time import perf_counter

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from hospes.brands.models import Site
from hospes.channels.models import Channel, OutgoingState, ServerToken
from hospes.config.preparing import needs_migration
from hospes.conversations.budget import sent_lately, stopped_until
from hospes.conversations.models import InboxRow, OutboxEntry
from hospes.events.models import PendingEvent
from hospes.intake.counters import Counters, counters_by_channel, in_all
from hospes.intake.models import FetchState
from hospes.intake.worker import is_running
from hospes.lib.middleware import is_from_here

STATES = ("stored", "shown", "held", "quarantined", "pending", "deleted")
# Anybody can send any other word.
METHODS = frozenset(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
registry = CollectorRegistry()
REQUESTS = Counter(
    "hospes_requests", "Pages answered.", ["route", "method", "status"], registry=registry
)
SECONDS = Histogram(
    "hospes_request_seconds", "Seconds a page took.", ["route"], registry=registry,
    buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 5),
)  # fmt: skip


class MeasuringMiddleware:
    """Count what is answered, and how long it took: by the pattern of the address, never by what stands in it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        start = perf_counter()
        response = self.get_response(request)
        found = request.resolver_match
        route = found.route if found else "none"
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(route, method, response.status_code).inc()
        SECONDS.labels(route).observe(perf_counter() - start)
        return response


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
        counted = counters_by_channel()
        now = in_all(counted)
        mail = GaugeMetricFamily("hospes_mail", "Mails by what became of them.", labels=["state"])
        for state in STATES:
            mail.add_metric([state], getattr(now, state))
        yield mail
        yield from _of_addresses(counted)
        yield from _of_certificates()
        yield GaugeMetricFamily(
            "hospes_mail_oldest_pending_seconds", "Age of the oldest mail nobody understood yet.",
            value=now.oldest_pending_seconds,
        )  # fmt: skip
        yield GaugeMetricFamily(
            "hospes_mail_is_balanced", "1 while nothing is lost: stored = shown + held + quarantined + pending + deleted.",
            value=int(now.is_balanced),
        )  # fmt: skip
        outbox = GaugeMetricFamily("hospes_outbox", "Replies by state.", labels=["state"])
        for state in OutboxEntry.State.values:
            outbox.add_metric([state], OutboxEntry.objects.filter(state=state).count())
        yield outbox
        yield from _of_automatic_mail()
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


def _of_addresses(counted: Mapping[int, Counters]) -> Iterator[GaugeMetricFamily]:
    names = dict(Channel.objects.values_list("pk", "address"))
    mail = GaugeMetricFamily(
        "hospes_mail_of_address", "The same for each support address.", labels=["address", "state"]
    )
    oldest = GaugeMetricFamily(
        "hospes_mail_of_address_oldest_pending_seconds", "Age of its oldest mail nobody understood yet.",
        labels=["address"],
    )  # fmt: skip
    last = GaugeMetricFamily(
        "hospes_mail_of_address_last_timestamp_seconds", "When the last one came in.", labels=["address"]
    )  # fmt: skip
    for pk, now in counted.items():
        for state in STATES:
            mail.add_metric([names[pk], state], getattr(now, state))
        oldest.add_metric([names[pk]], now.oldest_pending_seconds)
        if now.last_at is not None:
            last.add_metric([names[pk]], now.last_at.timestamp())
    yield from (mail, oldest, last)


def _of_automatic_mail() -> Iterator[GaugeMetricFamily]:
    """Letters that leave by themselves, and whether too many did."""
    site, now = Site.objects.filter(pk=1).first(), timezone.now()
    if site is None:
        return
    yield GaugeMetricFamily(
        "hospes_automatic_letters", "Letters that left by themselves in the last hour.",
        value=sent_lately(site, at=now),
    )  # fmt: skip
    yield GaugeMetricFamily(
        "hospes_automatic_letters_stopped", "1 while none leaves, since too many did.",
        value=int(stopped_until(site, at=now) is not None),
    )  # fmt: skip


def _of_certificates() -> Iterator[GaugeMetricFamily]:
    """What ends by itself: certificates of mail servers, and permissions to read a mailbox."""
    ends = GaugeMetricFamily(
        "hospes_expires_timestamp_seconds", "When a certificate or a permission ends.",
        labels=["what", "of"],
    )  # fmt: skip
    used = {"server__is_active": True}
    found = [
        ("certificate", str(state.server), state.certificate_expires_at)
        for rows in (FetchState.objects, OutgoingState.objects)
        for state in rows.filter(**used).select_related("server")
    ]
    found += [
        ("permission", str(token.server), token.refresh_expires_at)
        for token in ServerToken.objects.filter(**used).select_related("server")
    ]
    for what, of, ends_at in found:
        if ends_at is not None:
            ends.add_metric([what, of], ends_at.timestamp())
    yield ends


registry.register(DeskCollector())
