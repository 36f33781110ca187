"""The one connection to the database that all mailboxes share, and what they note on it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import ParamSpec, TypeVar

from django.db import Error as DatabaseFault
from django.db import connection

from hospes.brands.models import Site
from hospes.channels.models import IncomingServer
from hospes.channels.routing import Routes, current_routes
from hospes.intake import room
from hospes.intake.models import FetchState, PendingRaw

MAX_PENDING = 500  # mails that nobody has understood yet: more of them would make others wait
MAX_WORDS_CHARS = 300

P = ParamSpec("P")
T = TypeVar("T")


class Store:
    """Asks one after the other, on one thread: many mailboxes cost one connection."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "store")

    def ask(self, question: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what the question answers; it raises what the question raises."""

        def asked() -> T:
            try:
                return question(*args, **kwargs)
            except DatabaseFault:
                connection.close()
                raise

        return self._thread.submit(asked).result()

    def close(self) -> None:
        self._thread.submit(_hang_up)
        self._thread.shutdown(wait=True)


def _hang_up() -> None:
    connection.close()  # that of the thread this runs on


def server_now(server_id: int) -> IncomingServer:
    """Return the server with all that fetching needs of it. Raises DoesNotExist."""
    return IncomingServer.objects.select_related("channel").get(pk=server_id)


def routes() -> Routes:
    return current_routes()


def hindrance() -> str:
    """Return what is in the way of taking more: "disk", "crowd" or ""."""
    if room.is_short():
        return "disk"
    waiting = PendingRaw.objects.all()[: MAX_PENDING + 1].count()
    return "crowd" if waiting > MAX_PENDING else ""


def is_held() -> bool:
    """Whether this desk was restored from a backup, and another one may still fetch from its servers."""
    return Site.objects.filter(pk=1).exclude(sending_held_since=None).exists()


def wanted_servers() -> dict[int, datetime]:
    """Return the servers to fetch from, each with the moment it was changed last."""
    if is_held():
        return {}
    rows = IncomingServer.objects.filter(is_active=True, channel__is_active=True)
    return dict(rows.values_list("pk", "changed_at"))


def note_connected(
    server_id: int,
    at: datetime,
    certificate_expires_at: datetime | None,
    has_idle: bool,  # noqa: FBT001
) -> None:
    FetchState.objects.update_or_create(
        server_id=server_id,
        defaults={
            "connected_at": at,
            "certificate_expires_at": certificate_expires_at,
            "has_idle": has_idle,
        },
    )


def note_backlog(server_id: int, count: int) -> None:
    FetchState.objects.filter(server_id=server_id).update(backlog=count)


def note_looked(server_id: int, at: datetime) -> None:
    """All folders were seen and emptied: whatever was wrong is over."""
    FetchState.objects.filter(server_id=server_id).update(
        looked_at=at, backlog=0, failure="", failure_words="", failing_since=None
    )


def note_failure(server_id: int, kind: str, words: str, at: datetime) -> None:
    state, _ = FetchState.objects.get_or_create(server_id=server_id)
    state.failure, state.failure_words = kind, words[:MAX_WORDS_CHARS]
    state.failing_since = state.failing_since or at
    state.save(update_fields=["failure", "failure_words", "failing_since"])
