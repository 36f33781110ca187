"""The procrastinate worker: takes jobs, and takes back those of workers that were killed."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from typing import cast

import psycopg
import structlog
from django.utils import timezone
from procrastinate import App
from procrastinate.connector import BaseConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import ConnectorException

AT_ONCE = 6  # letters wait for servers elsewhere, so several at a time (conversations/jobs.py)
GRACE_SECONDS = 4
LOOK_SECONDS = 1.0  # jobs set for a later moment announce themselves to nobody
HEARTBEAT_SECONDS = 5
DEAD_AFTER_SECONDS = 15  # without a heartbeat

log = structlog.get_logger(__name__)


async def run() -> None:
    """Work jobs off until SIGTERM or SIGINT; survives a database that comes and goes."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    stopped = asyncio.create_task(stop.wait())
    while not stop.is_set():
        try:
            await _work_until(stopped)
        except (psycopg.Error, ConnectorException, OSError) as error:
            log.warning("jobs: starting again", error=type(error).__name__)
            await asyncio.wait({stopped}, timeout=1)


def _connector() -> BaseConnector:
    """Return connections of its own, asynchronous ones, to Django's database."""
    return cast("DjangoConnector", app.connector).get_worker_connector()


async def _work_until(stopped: asyncio.Task[bool]) -> None:
    # The opening is never cancelled: the pool's own tasks swallow that, and would not end any more.
    with app.replace_connector(_connector()) as working_app:
        async with working_app.open_async():
            taking_back = asyncio.create_task(_take_back_for_ever(working_app))
            working = asyncio.create_task(_work(working_app))
            try:
                await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
                working.cancel()
                with suppress(asyncio.CancelledError):
                    await working
            finally:
                taking_back.cancel()


async def _work(working_app: App) -> None:
    await working_app.run_worker_async(
        concurrency=AT_ONCE,
        install_signal_handlers=False,
        fetch_job_polling_interval=LOOK_SECONDS,
        shutdown_graceful_timeout=GRACE_SECONDS,
        update_heartbeat_interval=HEARTBEAT_SECONDS,
        stalled_worker_timeout=DEAD_AFTER_SECONDS,
        delete_jobs="successful",
    )


async def _take_back_for_ever(working_app: App) -> None:
    """Give jobs back that a killed worker had begun: procrastinate leaves them begun for ever.

    Jobs are safe to repeat; a letter that may have left is never sent again (its outbox entry knows).
    """
    jobs = working_app.job_manager
    while True:
        for job in await jobs.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_SECONDS):
            await jobs.retry_job(job, retry_at=timezone.now())
        await asyncio.sleep(HEARTBEAT_SECONDS)
