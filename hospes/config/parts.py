"""The parts of a running desk; each is the whole life of one process.

The supervisor forks them (`supervisor.py`); `hospes web`, `hospes worker` and `hospes doors` run one alone.
Each ends soon after SIGTERM and may be killed at any moment: what it had begun is taken up again.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import FrameType

import structlog
import uvicorn

from hospes.config import job_worker

Ports = Mapping[str, socket.socket]  # web, smtp, lmtp; what is shut is not there

# Below the supervisor's patience, above the longest page.
GRACE_SECONDS = 3

log = structlog.get_logger(__name__)


def web(ports: Ports) -> int:
    """Answer browsers and programs."""
    config = uvicorn.Config(
        "hospes.config.asgi:application",
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # TrustedProxyMiddleware knows whom to believe
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[ports["web"]])
    return 0


def doors(ports: Ports) -> int:
    """Take mail in."""
    from hospes.intake.doors import serve_doors

    stop = threading.Event()

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask_to_stop)
    serve_doors(smtp=ports.get("smtp"), lmtp=ports.get("lmtp"), stop=stop)
    return 0


def fetcher(*, ends_when_idle: bool) -> int:
    """Fetch mail from the servers that are set; `ends_when_idle`: end as soon as there is none."""
    from hospes.intake.fetching.fetcher import run

    stop = threading.Event()

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask_to_stop)
    run(stop, ends_when_idle=ends_when_idle)
    return 0


def is_fetcher_wanted() -> bool:
    """Whether there is a server to fetch mail from. Leaves no connection open: its caller forks."""
    import psycopg
    from django.conf import settings

    try:
        with psycopg.connect(settings.DATABASE_URL, connect_timeout=3) as own:
            row = own.execute(
                "SELECT EXISTS (SELECT FROM channels_incomingserver s JOIN channels_channel c"
                " ON c.id = s.channel_id WHERE s.is_active AND c.is_active)"
                " AND NOT EXISTS (SELECT FROM brands_site WHERE sending_held_since IS NOT NULL)"
            ).fetchone()
    except psycopg.Error:  # it is started anew, perhaps
        return False
    return bool(row and row[0])


def worker() -> int:
    """Understand what came in, do what follows from events, and work the jobs off.

    Returns 1 when one of the three ended by itself: the supervisor starts the part anew.
    """
    from hospes.events import consuming
    from hospes.intake import worker as intake

    stop = threading.Event()
    broken = threading.Event()
    threads = [
        threading.Thread(target=_guard, args=(run, stop, broken), name=run.__module__)
        for run in (intake.run, consuming.run)
    ]
    for thread in threads:
        thread.start()
    try:
        asyncio.run(job_worker.run())
    finally:
        stop.set()
        _wake()
        for thread in threads:
            thread.join()
    return 1 if broken.is_set() else 0


def _wake() -> None:
    """Have those hear of the stop who wait for the database to tell them something."""
    from django.db import DatabaseError, connection

    from hospes.events.recording import CHANNEL as EVENTS
    from hospes.intake.actions.storing import CHANNEL as MAIL

    with suppress(DatabaseError), connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {EVENTS}; NOTIFY {MAIL}")


def _guard(
    run: Callable[[threading.Event], None], stop: threading.Event, broken: threading.Event
) -> None:
    """Run until `stop`; when it ends before that, end the whole part rather than limp on."""
    try:
        run(stop)
    except Exception:
        log.exception("worker: ended by itself", part=run.__module__)
    if not stop.is_set():
        broken.set()
        os.kill(os.getpid(), signal.SIGTERM)
