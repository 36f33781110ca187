"""The way from `hospes serve` to the first page, top to bottom."""

from __future__ import annotations

import gc
import os
import signal
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

import structlog

from hospes.config import env, serving
from hospes.config.ports import number_of, open_ports
from hospes.config.supervisor import Life, Supervisor, Wanted
from hospes.lib.ballast import Ballast
from hospes.lib.embedded_postgres.server import Server

if TYPE_CHECKING:
    from hospes.config import parts

# What the parts need beyond Django's own, loaded before they are forked.
SHARED = (
    "uvicorn.lifespan.on",
    "uvicorn.loops.asyncio",
    "uvicorn.protocols.http.h11_impl",
    "hospes.config.asgi",
    "hospes.config.job_worker",
    "hospes.config.reactions",
    "hospes.config.urls",
    "hospes.intake.doors",
    "hospes.intake.worker",
)

log = structlog.get_logger(__name__)


def serve(*, wants_demo: bool) -> int:
    """Run everything until SIGTERM or Ctrl-C; return the exit code.

    Raises WrongSetting, AlreadyServing and CannotStart, each with one line for the person.
    """
    data_dir = env.data_dir()
    port = number_of("web")
    url = env.text("URL", f"http://localhost:{port}").rstrip("/")
    try:
        doors = (number_of("smtp"), number_of("lmtp"))
        here = serving.Serving(os.getpid(), port, url, *doors, host=env.text("HOST"))
        serving.take(data_dir, here)
    except OSError as error:
        raise env.WrongSetting(f"HOSPES_DATA_DIR={data_dir}: {error.strerror}.") from error
    signal.signal(signal.SIGTERM, _as_interrupt)  # until the supervisor waits for it
    ports = open_ports()
    database = None if env.text("DATABASE_URL") else Server(data_dir)
    try:
        code = _run(database, ports, wants_demo=wants_demo)
    finally:
        if database is not None:
            database.stop(seconds=2.5)
    log.info("serve: stopped")
    return code


def _run(database: Server | None, ports: parts.Ports, *, wants_demo: bool) -> int:
    if database is not None:
        database.start()  # works while we import
    import django

    django.setup()
    from hospes.config import preparing

    preparing.build_files()  # before the pages are imported, which look at once what there is
    _import_shared()
    gc.enable()  # off since the command was given
    preparing.check_outgoing()
    if database is not None:
        database.wait_until_ready()
    preparing.prepare_database()
    if wants_demo and not preparing.load_demo():
        _tell("There is something in this desk already, so the demo was not loaded.")
    words = _welcome()
    _close_connections()
    supervisor = Supervisor(_lives(ports), database, wanted=_wanted(), ballast=_ballast(database))
    supervisor.start()
    _tell(words)
    try:
        supervisor.watch()
    finally:
        supervisor.stop()
    return 0


def _tell(words: str) -> None:
    """Say it to whoever started us, if there is room for it: a disk full of logs is no reason to end."""
    with suppress(OSError):
        print(words, flush=True)  # noqa: T201


def _import_shared() -> None:
    """Load before forking what the parts share: memory and time are spent once."""
    for name in SHARED:
        import_module(name)


def _lives(ports: parts.Ports) -> dict[str, Life]:
    from hospes.config import parts

    lives: dict[str, Life] = {"web": partial(parts.web, ports), "worker": parts.worker}
    if ports.keys() & {"smtp", "lmtp"}:
        lives["doors"] = partial(parts.doors, ports)
    lives["fetcher"] = partial(parts.fetcher, ends_when_idle=True)
    return lives


def _wanted() -> dict[str, Wanted]:
    from hospes.config import parts

    return {"fetcher": parts.is_fetcher_wanted}


def _ballast(database: Server | None) -> Ballast | None:
    """Return what is given up when the disk is full: beside the log of the database, which needs the room."""
    from django.conf import settings

    if database is None or not settings.DISK_BALLAST_BYTES:
        return None
    return Ballast(database.place_for_ballast(), settings.DISK_BALLAST_BYTES)


def _welcome() -> str:
    """Return where the desk is and, until somebody has signed in, the way in."""
    from django.conf import settings
    from django.utils import timezone

    from hospes.team.actions.inviting import invite_first
    from hospes.team.models import Agent

    lines = [f"Hospes is running at {settings.URL}"]
    if not Agent.objects.exclude(last_login=None).exists():
        lines.append("This link lets you in once, within 24 hours:")
        lines.append(settings.URL + invite_first(at=timezone.now()))
    return "\n".join(lines)


def _close_connections() -> None:
    from django.db import connections

    connections.close_all()


def _as_interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt
