"""What has to be there before the first page: tables, the first desk, built files.

Each step costs next to nothing when there is nothing to do: `hospes serve` goes through all of them on
every start.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import structlog
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from hospes.config.env import WrongSetting
from hospes.lib.locks import Lock

log = structlog.get_logger(__name__)
OLDEST_POSTGRESQL = 15
PROJECT = settings.PROJECT_DIR.parent
FINGERPRINT = ".fingerprint"


def prepare_database() -> None:
    """Migrate, make the table of the cache, found the first desk: whatever of it is missing."""
    from hospes.conversations.actions.founding import found_first_desk
    from hospes.markets.actions.zone_rules import go_by_rules
    from hospes.markets.time_zones import installed_rules

    if connection.pg_version // 10000 < OLDEST_POSTGRESQL:  # type: ignore[attr-defined]
        raise WrongSetting(
            f"HOSPES_DATABASE_URL: this is PostgreSQL {connection.pg_version // 10000};"  # type: ignore[attr-defined]
            f" Hospes needs {OLDEST_POSTGRESQL} or newer."
        )
    if needs_migration():
        _migrate()
    found_first_desk()
    go_by_rules(installed_rules(), at=timezone.now())


def needs_migration() -> bool:
    """Whether `hospes serve` would have something to do before pages work."""
    return bool(missing_migrations()) or not has_cache_table()


def missing_migrations() -> set[tuple[str, str]]:
    """Return the migrations that the files have and the database has not, as (app, name).

    By names alone: importing every migration and building their graph takes longer than the start.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('django_migrations') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return set(_migration_files())
        cursor.execute("SELECT app, name FROM django_migrations")
        return set(_migration_files()) - set(cursor.fetchall())


def has_cache_table() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [_cache_table()])
        return bool(cursor.fetchone()[0])


def check_outgoing() -> None:
    """Raise WrongSetting when HOSPES_SMTP_URL is no address of a mail server: a reply is too late to learn it."""
    from hospes.channels.email.adapter import MailAdapter

    try:
        for url in settings.SMTP_URL.split():
            MailAdapter.from_url(url)
    except ValueError as error:
        raise WrongSetting(f"HOSPES_SMTP_URL: {error}") from error


def build_files() -> None:
    """Compile translations and collect static files when one of them changed since the last time.

    Raises WrongSetting when they are missing and cannot be written.
    """
    now = _fingerprint()
    stamp = Path(settings.STATIC_ROOT) / FINGERPRINT
    if stamp.exists() and stamp.read_text(encoding="ascii") == now:
        return
    try:
        _compile_translations()
        call_command("collectstatic", interactive=False, verbosity=0, clear=True)
        stamp.write_text(now, encoding="ascii")
    except PermissionError as error:
        if not stamp.exists():
            raise WrongSetting(
                f"{settings.STATIC_ROOT}: the static files are not built and cannot be written there."
                " Run script/server once as the owner of the program."
            ) from error


def load_demo() -> bool:
    """Fill a desk that nobody uses yet with the demo; return whether it did."""
    from hospes.conversations.models import Conversation
    from hospes.demo.loading import load
    from hospes.team.models import Agent

    if Conversation.objects.exists() or Agent.objects.exists():
        return False
    load(at=timezone.now())
    return True


def _migrate() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [Lock.MIGRATION])
    try:
        missing = missing_migrations()
        call_command("migrate", interactive=False, verbosity=0, stdout=StringIO())
        if missing != set(_migration_files()):  # a first start is no upgrade
            log.info("database: brought to this release", migrations=len(missing))
        if not has_cache_table():
            call_command("createcachetable", verbosity=0)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [Lock.MIGRATION])


def _cache_table() -> str:
    return str(settings.CACHES["default"]["LOCATION"])


def _migration_files() -> Iterator[tuple[str, str]]:
    for app in apps.get_app_configs():
        for path in (Path(app.path) / "migrations").glob("[!_]*.py"):
            yield app.label, path.stem


def _fingerprint() -> str:
    """Return a sum over names, sizes and times of everything that static files are made of."""
    folders = [Path(app.path) / "static" for app in apps.get_app_configs()]
    digest = hashlib.sha256()
    for folder in (*folders, *map(Path, settings.LOCALE_PATHS)):
        for path in sorted(_files(folder)):
            if path.suffix != ".mo":
                seen = path.stat()
                digest.update(f"{path}\0{seen.st_size}\0{seen.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    for root, _, names in os.walk(folder):
        yield from (Path(root) / name for name in names)


def _compile_translations() -> None:
    script = PROJECT / "script" / "translations"
    if script.exists():  # an installed package brings them compiled
        subprocess.run([sys.executable, script, "compile"], check=True)  # noqa: S603
