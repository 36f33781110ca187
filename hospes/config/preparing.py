"""What a desk needs before its first page: tables, a first channel, a way in."""

from __future__ import annotations

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from hospes.brands.models import Brand
from hospes.conversations.actions.founding import found_first_desk
from hospes.team.actions.inviting import invite_first
from hospes.team.models import Agent

LOCK = 7_300  # advisory: two processes may start at once


def prepare(*, with_demo: bool = False) -> None:
    """Bring the database up to date and make sure that mail can come in."""
    if needs_migration():
        migrate()
    if not Brand.objects.exists():
        found_first_desk()
    if with_demo and not Agent.objects.exists():
        from hospes.demo.loading import load

        load(at=timezone.now())


def needs_migration() -> bool:
    """Whether a migration waits; without the table of the cache nothing ran yet."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def migrate() -> None:
    """Run what waits, one process at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def welcome() -> list[str]:
    """Return what to print when the desk is ready: one address and, for a new one, a way in."""
    lines = [f"Hospes is ready: {settings.URL}"]
    if not Agent.objects.filter(last_login__isnull=False).exists():
        path = invite_first(at=timezone.now())
        lines.append(f"Sign in once with this link (valid for a day): {settings.URL}{path}")
    return lines
