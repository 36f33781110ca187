"""Look at what comes in and goes out: that somebody works at it, that nothing is lost or stuck."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from hospes.brands.models import Site
from hospes.channels.actions.signing import Found, ask_for_key
from hospes.channels.contract import DeliveryFailed
from hospes.channels.models import Channel, SigningKey
from hospes.channels.sending import NoServer, Way, ways_out
from hospes.config.doctor.database import ask, has_lock
from hospes.config.doctor.findings import Finding, fail, ok, warn
from hospes.conversations.budget import HOUR, sent_lately
from hospes.conversations.models import OutboxEntry, SentCopy
from hospes.events.consuming import MAX_ATTEMPTS
from hospes.events.models import PendingEvent
from hospes.intake import worker
from hospes.intake.counters import (
    counted_anew,
    forget_counts,
    in_all,
    is_kept_right,
)  # fmt: skip
from hospes.intake.fetching.health import of_certificate
from hospes.intake.models import JUNK, HeldRaw
from hospes.lib.locks import Lock

LONG_HELD = timedelta(days=1)
LONG_DUE = timedelta(minutes=10)
LONG_STOPPED = timedelta(days=1)  # ago, and still worth a word
MOMENT_SECONDS = 3.0
HEARTBEAT = "30 seconds"
State, Reason = OutboxEntry.State, OutboxEntry.Reason


def look_at_workers() -> Iterator[Finding]:
    """Whether somebody understands mail, does what follows from events, and works jobs off."""
    start = "Start `hospes serve`, or `hospes worker`."
    alive = {
        "understands mail": worker.is_running(),
        "does what follows from events": has_lock(Lock.CONSUMER),
        "works jobs off": bool(
            ask(
                "SELECT EXISTS (SELECT FROM procrastinate_workers"
                " WHERE last_heartbeat > now() - %s::interval)",
                HEARTBEAT,
            )
        ),
    }
    for what, lives in alive.items():
        yield (
            ok("worker", f"somebody {what}") if lives else fail("worker", f"Nobody {what}.", start)
        )


def look_at_intake(at: datetime) -> Iterator[Finding]:
    counted = counted_anew()
    now = in_all(counted)
    if all(one.is_balanced for one in counted.values()):
        yield ok("mail", str(now))
    else:
        bad = {pk: one for pk, one in counted.items() if not one.is_balanced}
        names = Channel.objects.in_bulk(bad.keys())
        for pk, one in bad.items():
            yield fail(
                "mail", f"{names[pk]}: it does not add up: {one}.",
                "Keep a backup as it is, and ask for help.",
            )  # fmt: skip
    if not is_kept_right():
        yield warn(
            "mail", "What pages say of how much came in is not what there is.",
            "hospes doctor --mend", _count_anew,
        )  # fmt: skip
    if now.is_late:
        yield fail(
            "pending mail",
            f"The oldest waits to be understood since {now.oldest_pending_seconds / 60:.0f} min.",
            "Is a worker running? See what it printed.",
        )
    if now.quarantined:
        yield warn(
            "quarantine",
            f"Mails that could not be read: {now.quarantined}.",
            "hospes mail quarantined",
        )
    old = (
        HeldRaw.objects.filter(at__lt=at - LONG_HELD, put_aside_at=None)
        .exclude(reason__in=JUNK)
        .count()
    )
    if old:
        yield warn(
            "held mail",
            f"Mails that wait for a decision for more than a day: {old}.",
            "hospes mail held",
        )


def _count_anew() -> str:
    forget_counts()
    return f"Mails that came in, counted anew: {in_all(counted_anew()).stored}."


def look_at_outbox(at: datetime) -> Iterator[Finding]:
    site = Site.objects.filter(pk=1).first()
    if site is not None and site.sending_held_since:
        yield warn(
            "sending",
            f"This desk was restored from a backup on {site.sending_held_since:%Y-%m-%d} and sends nothing to customers.",
            "hospes resume, once the first desk is surely gone.",
        )
    replies = OutboxEntry.objects.filter(message__is_automatic=False)
    unknown = replies.filter(state=State.UNKNOWN).count()
    if unknown:
        yield warn(
            "replies",
            f"Replies of which we do not know if they were sent: {unknown}.",
            "Their conversations say so; check, then send again or settle them there.",
        )
    failed = replies.filter(state=State.FAILED).count()
    if failed:
        yield warn(
            "replies", f"Replies that could not be sent: {failed}.", "Their conversations say why."
        )
    waiting = OutboxEntry.objects.filter(state__in=[State.QUEUED, State.SENDING])
    overdue = (
        waiting.filter(due_at__lt=at - LONG_DUE)
        .exclude(reason__in=[Reason.NO_SERVER, Reason.HELD, Reason.DEMO, Reason.UNCHECKED])
        .count()
    )
    if overdue:
        yield fail(
            "replies",
            f"Replies that should have left long ago: {overdue}.",
            "Is a worker running? See what it printed.",
        )
    if not (unknown or failed or overdue):
        yield ok("replies", f"on their way: {waiting.count()}, none stuck")


def look_at_automatic(at: datetime) -> Iterator[Finding]:
    """Whether letters that leave by themselves had to be stopped; nothing where none do."""
    if not Channel.objects.filter(acknowledges=True, is_active=True).exists():
        return
    site = Site.objects.get(pk=1)
    stopped_at = site.automatic_stopped_at
    most = settings.AUTOMATIC_PER_HOUR
    if stopped_at is not None and at < stopped_at + LONG_STOPPED:
        until = stopped_at + HOUR
        yield warn(
            "automatic letters",
            f"{most} left within an hour, so none leaves from {stopped_at:%Y-%m-%d %H:%M} to {until:%H:%M} UTC.",
            "Is a program writing to you? HOSPES_AUTOMATIC_PER_HOUR allows more.",
        )
    else:
        yield ok("automatic letters", f"in the last hour: {sent_lately(site, at=at)} of {most}")


def look_at_outgoing() -> Iterator[Finding]:
    """Whether every channel has a server that takes its letters, by talking to each."""
    asked: dict[str, Finding] = {}
    for channel in Channel.objects.filter(is_active=True).select_related("outgoing_server"):
        try:
            ways = ways_out(channel)
        except NoServer:
            yield warn(
                "outgoing server",
                "None is set: replies wait.",
                "Set one in the settings of the workspace, or HOSPES_SMTP_URL.",
            )
            return
        except ValueError as error:
            yield fail("outgoing server", f"HOSPES_SMTP_URL: {error}", "Mend the setting.")
            return
        for way in ways:
            if way.name not in asked:
                asked[way.name] = _of_way(way)
    yield from asked.values()


def _of_way(way: Way) -> Finding:
    try:
        way.adapter.check()
    except DeliveryFailed as error:
        return fail(
            "outgoing server",
            f"{way.name} does not work: {error.reason}",
            "Mend it in the settings of the workspace; what no other server takes waits meanwhile.",
        )
    ends_at = way.adapter.certificate_expires_at
    for notice in of_certificate(way.name, ends_at, at=timezone.now()):
        return warn("outgoing server", notice.says, "Have it renewed by whoever runs the server.")
    return ok("outgoing server", f"{way.name} answers and lets us in")


def look_at_keys() -> Iterator[Finding]:
    """Whether the DNS still has every key that letters are signed with."""
    for key in SigningKey.objects.filter(is_active=True):
        if not key.private_key:
            yield fail(
                "signing", f"The key of {key.domain} cannot be read: its letters are not signed.",
                f"hospes mail sign {key.domain} --key-file FILE, or make a new one.",
            )  # fmt: skip
            continue
        found = ask_for_key(key)
        if found is Found.THERE:
            yield ok("signing", f"letters from {key.domain} are signed")
        elif found is Found.SILENT:
            yield warn("signing", f"No server of names answered for {key}.")
        else:
            yield fail(
                "signing", f"The DNS does not have the key that letters from {key.domain} are signed with.",
                f"hospes mail sign {key.domain} shows the record it needs.",
            )  # fmt: skip


def look_at_copies() -> Iterator[Finding]:
    """Whether what left could be laid into the Sent folders; nothing where nobody wants that."""
    if not Channel.objects.filter(keeps_copies=True, is_active=True).exists():
        return
    failing = SentCopy.objects.exclude(failure="").order_by("pk")
    first = failing.first()
    if first is None:
        yield ok("sent copies", "all of them lie in their folders, or soon will")
    else:
        yield warn(
            "sent copies",
            f"Letters whose copy could not be laid into the Sent folder: {failing.count()}; {first.failure}",
            "hospes mail fetch ADDRESS --test says more of the mailbox.",
        )


def look_at_events() -> Iterator[Finding]:
    parked = PendingEvent.objects.filter(attempts__gte=MAX_ATTEMPTS)
    first = parked.order_by("pk").first()
    if first is not None:
        yield fail(
            "events",
            f"Events after which something failed for good: {parked.count()}; the first: {first.error[:120]}",
            "hospes doctor --mend tries them again.",
            _try_parked_again,
        )
    if _nobody_gets_on():
        yield warn("events", "Nothing follows from them any more.", "See what the worker printed.")
    elif first is None:
        yield ok("events", "what has to follow follows")


def _nobody_gets_on() -> bool:
    """Whether the oldest event that waits still waits a moment later: when it happened says nothing."""
    waiting = PendingEvent.objects.filter(attempts=0).order_by("pk").values_list("pk", flat=True)
    oldest = waiting.first()
    if oldest is None:
        return False
    time.sleep(MOMENT_SECONDS)
    return waiting.first() == oldest


def _try_parked_again() -> str:
    parked = PendingEvent.objects.filter(attempts__gte=MAX_ATTEMPTS)
    return f"Events that are tried again: {parked.update(attempts=0, retry_at=None)}."


def look_at_jobs() -> Finding:
    failed = ask("SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'")
    if failed:
        return warn("jobs", f"Failed: {failed}.", "See what the worker printed about them.")
    return ok("jobs", "none failed")
