"""Look at everything, in the order in which one thing rests on another."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from hospes.config import env, serving
from hospes.config.doctor import machine
from hospes.config.doctor.findings import Finding, fail, ok
from hospes.lib import embedded_postgres

START = "hospes serve"


def look(*, thorough: bool) -> Iterator[Finding]:
    """Yield what is found, as it is found. Where something is missing, what rests on it is not looked at."""
    try:
        data_dir = env.data_dir()
    except env.WrongSetting as error:
        yield fail("settings", str(error), "Mend the setting.")
        return
    if not data_dir.is_dir():
        yield fail("data folder", f"There is no desk in {data_dir}.", f"{START} makes one.")
        return
    yield from machine.look_at_folder(data_dir)
    if not os.access(data_dir, os.R_OK | os.W_OK | os.X_OK):
        return
    try:
        reserve = _set_up(data_dir)
    except env.WrongSetting as error:
        yield fail("settings", str(error), "Mend the setting.")
        return
    yield ok("settings", "they can be read")
    yield machine.look_at_space(data_dir, reserve)
    yield from _look_at_running(data_dir)
    yield from _look_at_database(data_dir, thorough=thorough)


def _set_up(data_dir: Path) -> int:
    """Read the settings and return the share of the disk that is kept back. Raises WrongSetting."""
    now = serving.read(data_dir)
    if now is not None and now.port:
        os.environ.setdefault("HOSPES_PORT", str(now.port))
    os.environ.setdefault("HOSPES_LOG_LEVEL", "CRITICAL")
    import django

    django.setup()
    from django.conf import settings

    return int(settings.DISK_RESERVE_PERCENT)


def _look_at_running(data_dir: Path) -> Iterator[Finding]:
    now = serving.read(data_dir)
    if serving.is_served(data_dir) and now is not None:
        yield ok("desk", f"it runs (process {now.pid})")
        yield from machine.look_at_ports(now)
    elif not env.text("DATABASE_URL"):
        yield fail("desk", f"It does not run on {data_dir}.", START)


def _look_at_database(data_dir: Path, *, thorough: bool) -> Iterator[Finding]:
    from django.db import DatabaseError, connection

    is_embedded = not env.text("DATABASE_URL")
    if is_embedded and not embedded_postgres.is_listening(data_dir):
        yield fail("PostgreSQL", "It does not run, so nothing in it was looked at.", START)
        return
    try:
        connection.ensure_connection()
        yield from _look_inside(thorough=thorough)
    except DatabaseError as error:
        reason = (str(error).strip().splitlines() or ["no reason was given"])[-1]
        mend = START if is_embedded else "Is it running, and HOSPES_DATABASE_URL right?"
        yield fail("PostgreSQL", f"It does not answer: {reason}", mend)


def _look_inside(*, thorough: bool) -> Iterator[Finding]:
    from django.utils import timezone

    from hospes.config.doctor import database, fetching, mail, rows, scanner
    from hospes.config.doctor.findings import State

    yield from database.look_at_server()
    schema = database.look_at_schema()
    yield schema
    if schema.state is not State.OK:
        return
    now = timezone.now()
    yield database.look_at_clocks()
    yield from mail.look_at_workers()
    yield from mail.look_at_intake(now)
    yield from fetching.look_at_fetching(now)
    yield from mail.look_at_events()
    yield mail.look_at_jobs()
    yield from mail.look_at_outbox(now)
    yield from mail.look_at_automatic(now)
    yield from mail.look_at_outgoing()
    yield from mail.look_at_keys()
    yield from mail.look_at_copies()
    yield from scanner.look_at_scanner(now)
    yield from rows.look_at_inbox()
    yield rows.look_at_search()
    yield from rows.look_at_files(thorough=thorough)
    yield rows.look_at_team()
