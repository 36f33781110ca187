"""A fetcher beside the test, and the servers it fetches from."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from django.db import connection
from django.utils import timezone

from hospes.channels.actions.fetching import Account, fetch_from
from hospes.channels.models import Channel, IncomingServer
from hospes.intake.fetching import fetcher
from hospes.intake.models import FetchedUid, FetchState, Raw
from tests.mail import letter
from tests.scripted_imap import ScriptedImap

TODAY = datetime.now(timezone.get_current_timezone()).date()


def fetches(
    channel: Channel, port: int, *, since: date | None = None, **given: object
) -> IncomingServer:
    """Let the channel's mail be fetched from a server on this machine."""
    account = Account(
        host="127.0.0.1",
        port=port,
        security="none",
        username=given.pop("username", "support"),  # type: ignore[arg-type]
        password="correct-horse-7",
        since=since or TODAY - timedelta(days=30),
        **given,  # type: ignore[arg-type]
    )
    return fetch_from(account, channel=channel, at=timezone.now())


@contextmanager
def fetching(count: int = 1) -> Iterator[None]:
    stop = threading.Event()
    running = [threading.Thread(target=_run, args=(stop,)) for _ in range(count)]
    for one in running:
        one.start()
    try:
        yield
    finally:
        stop.set()
        for one in running:
            one.join()


def _run(stop: threading.Event) -> None:
    try:
        fetcher.run(stop)
    finally:
        connection.close()


def mails(count: int, *, start: int = 0) -> list[bytes]:
    """So many letters, each with its number as its subject."""
    return [letter("aiko@example.jp", subject=str(n)) for n in range(start, start + count)]


def stored() -> list[bytes]:
    """What is stored, in the order in which it came in."""
    return [bytes(body) for body in Raw.objects.order_by("pk").values_list("body", flat=True)]


def state(server: IncomingServer) -> FetchState:
    return FetchState.objects.filter(pk=server.pk).first() or FetchState()


def is_settled() -> bool:
    return FetchedUid.objects.exists() and not FetchedUid.objects.filter(is_settled=False).exists()


def renumber(server: ScriptedImap, folder: str = "INBOX", *, by: int = 1_000) -> None:
    """Give all mails of a folder new numbers, as a server does that was set up anew."""
    found = server.folders[folder]
    found.mails = {uid + by: body for uid, body in found.mails.items()}
    found.days = {uid + by: day for uid, day in found.days.items()}
    found.uidvalidity += 1
