"""The parts of a running desk: pages, doors, worker. Each runs until it is told to stop by SIGTERM."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

GRACE_SECONDS = 4


class PortTaken(Exception):
    """Somebody else listens there; the text says what to do."""


@dataclass(frozen=True)
class Ports:
    host: str  # "": everywhere
    web: int
    smtp: int  # 0: shut
    lmtp: int


class Sockets:
    """The listening sockets of a desk, held by the supervisor: a part that dies shuts no door."""

    def __init__(self, opened: Mapping[str, socket.socket]) -> None:
        self.opened = opened

    @classmethod
    def open(cls, ports: Ports, *, only: Collection[str] = ("web", "smtp", "lmtp")) -> Self:
        """Listen on every port that is not 0. Raises PortTaken."""
        wanted = {
            "web": (ports.host, ports.web),
            "smtp": (ports.host, ports.smtp),
            "lmtp": ("127.0.0.1", ports.lmtp),  # it knows no senders it could refuse
        }
        opened = {}
        for name, (host, port) in wanted.items():
            if name in only and port:
                opened[name] = _listen(name, host, port)
        return cls(opened)

    def get(self, name: str) -> socket.socket | None:
        return self.opened.get(name)

    def close(self) -> None:
        for each in self.opened.values():
            each.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _listen(name: str, host: str, port: int) -> socket.socket:
    has_both = not host and socket.has_dualstack_ipv6()
    try:
        if has_both:
            return socket.create_server(
                ("", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=512
            )
        return socket.create_server((host, port), backlog=512)
    except OSError as error:
        option = {"web": "--port", "smtp": "--smtp-port", "lmtp": "--lmtp-port"}[name]
        raise PortTaken(
            f"Port {port} cannot be used ({error.strerror}). Choose another one with {option}."
        ) from error


def run_web(sockets: Sockets) -> None:
    """Serve the pages, the API and the live stream."""
    import uvicorn

    config = uvicorn.Config(
        "hospes.config.asgi:application",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # hospes.lib.middleware decides whom to believe
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=30,
    )
    web = sockets.get("web")
    asyncio.run(uvicorn.Server(config).serve(sockets=[web] if web else None))


def run_doors(sockets: Sockets) -> None:
    """Take mail by SMTP and LMTP."""
    from hospes.intake.doors import serve_doors

    serve_doors(smtp=sockets.get("smtp"), lmtp=sockets.get("lmtp"), stop=_stop_on_signals())


def run_worker(sockets: Sockets) -> None:
    """Understand what comes in, run what follows from events, do the jobs."""
    del sockets  # a worker has no door
    from hospes.events import consuming
    from hospes.intake import worker

    stop = _stop_on_signals()
    threads = [
        threading.Thread(target=run, args=(stop,), name=name)
        for name, run in (("intake", worker.run), ("events", consuming.run))
    ]
    for thread in threads:
        thread.start()
    asyncio.run(_do_jobs(stop))
    for thread in threads:
        thread.join(GRACE_SECONDS)


async def _do_jobs(stop: threading.Event) -> None:
    """Run procrastinate's worker until told to stop; a database that goes away ends no process."""
    import structlog
    from procrastinate.contrib.django import app

    log = structlog.get_logger(__name__)
    stopped = asyncio.create_task(asyncio.to_thread(stop.wait))
    while not stop.is_set():
        jobs_app = app.with_connector(app.connector.get_worker_connector())
        try:
            async with jobs_app.open_async():
                await _retry_stalled(jobs_app)
                working = asyncio.create_task(
                    jobs_app.run_worker_async(
                        install_signal_handlers=False,
                        fetch_job_polling_interval=1.0,
                        concurrency=2,
                        delete_jobs="successful",
                        shutdown_graceful_timeout=GRACE_SECONDS - 1,
                    )
                )
                await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
                working.cancel()
                await asyncio.gather(working, return_exceptions=True)
        except Exception as error:  # noqa: BLE001 # whatever it was, the desk needs its worker
            log.warning("jobs: starting again", error=type(error).__name__)
            await asyncio.sleep(1)


async def _retry_stalled(jobs_app: Any) -> None:
    """Give back the jobs of a worker that was killed: procrastinate leaves them `doing` for ever."""
    manager = jobs_app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=30):
        await manager.retry_job(job)


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


PARTS: dict[str, Callable[[Sockets], None]] = {
    "web": run_web,
    "doors": run_doors,
    "worker": run_worker,
}
