"""The way from `hospes serve` to the first page, top to bottom."""

from __future__ import annotations

import errno
import os
import signal
import socket
from collections.abc import Sequence
from functools import partial
from importlib import import_module

from hospes.config import env, serving
from hospes.config.supervisor import Life, Supervisor, listen
from hospes.lib.embedded_postgres.server import Server

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


class PortTaken(env.WrongSetting):
    """Something else listens there."""


def serve(*, wants_demo: bool) -> int:
    """Run everything until SIGTERM or Ctrl-C; return the exit code.

    Raises WrongSetting, AlreadyServing and CannotStart, each with one line for the person.
    """
    data_dir = env.data_dir()
    port = env.number("PORT", 8000, least=1, most=65535)
    url = env.text("URL", f"http://localhost:{port}").rstrip("/")
    try:
        serving.take(data_dir, serving.Serving(os.getpid(), port, url))
    except OSError as error:
        raise env.WrongSetting(f"HOSPES_DATA_DIR={data_dir}: {error.strerror}.") from error
    signal.signal(signal.SIGTERM, _as_interrupt)  # until the supervisor waits for it
    sockets = _open_ports(port)
    database = None if env.text("DATABASE_URL") else Server(data_dir)
    try:
        return _run(database, sockets, wants_demo=wants_demo)
    finally:
        if database is not None:
            database.stop(seconds=2.5)


def _run(database: Server | None, sockets: Sequence[socket.socket], *, wants_demo: bool) -> int:
    if database is not None:
        database.start()  # works while we import
    _import_everything()
    from hospes.config import preparing

    preparing.build_files()
    if database is not None:
        database.wait_until_ready()
    preparing.prepare_database()
    if wants_demo and not preparing.load_demo():
        print("The desk is in use, so the demo was not loaded.", flush=True)  # noqa: T201
    words = _welcome()
    _close_connections()
    supervisor = Supervisor(_lives(sockets), database)
    supervisor.start()
    print(words, flush=True)  # noqa: T201
    try:
        supervisor.watch()
    finally:
        supervisor.stop()
    return 0


def _import_everything() -> None:
    """Load before forking what the parts share: memory and time are spent once."""
    import django

    django.setup()
    for name in SHARED:
        import_module(name)


def _lives(sockets: Sequence[socket.socket]) -> dict[str, Life]:
    from django.conf import settings

    from hospes.config import parts

    lives: dict[str, Life] = {"web": partial(parts.web, sockets), "worker": parts.worker}
    if settings.SMTP_PORT or settings.LMTP_PORT:
        lives["doors"] = parts.doors
    return lives


def _open_ports(port: int) -> Sequence[socket.socket]:
    """Open the port of the pages, and see that those of the doors are free while one can say so."""
    address = env.text("LISTEN")
    doors = (("SMTP_PORT", address, 8025), ("LMTP_PORT", "127.0.0.1", 8024))
    for name, host, usual in doors:
        number = env.number(name, usual, most=65535)
        if number:
            for opened in _opened(name, host, number):
                opened.close()
    return _opened("PORT", address, port)


def _opened(name: str, address: str, port: int) -> Sequence[socket.socket]:
    option = name.lower().replace("_", "-")
    try:
        return listen(address, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(
                f"Port {port} is taken by another program: give another with --{option}."
            ) from error
        raise env.WrongSetting(
            f"--{option} {port} cannot be opened on {address or 'this machine'}: {error.strerror}."
        ) from error


def _welcome() -> str:
    """Return where the desk is and, until somebody has signed in, the way in."""
    from django.conf import settings
    from django.utils import timezone

    from hospes.team.actions.inviting import make_sign_in_link
    from hospes.team.models import Agent, Role

    lines = [f"Hospes is running at {settings.URL}"]
    if not Agent.objects.exclude(last_login=None).exists():
        operator = Agent.objects.filter(role=Role.OPERATOR, is_active=True).order_by("pk").first()
        link = make_sign_in_link(operator, at=timezone.now())
        lines.append(
            f"Sign in with this link; it works once, within 24 hours:\n{settings.URL}{link}"
        )
    return "\n".join(lines)


def _close_connections() -> None:
    from django.db import connections

    connections.close_all()


def _as_interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt
