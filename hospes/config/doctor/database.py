"""Look at PostgreSQL: version, alphabet, extensions, migrations, clock, who is connected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.utils import timezone

from hospes.config.doctor.findings import Finding, fail, ok, warn
from hospes.config.preparing import OLDEST_POSTGRESQL, has_cache_table, missing_migrations

EXTENSIONS = ("pg_trgm",)
SKEW_SECONDS, GREAT_SKEW_SECONDS = 2.0, 60.0
MUCH_OF_CONNECTIONS = 0.8


def ask(statement: str, *values: Any) -> Any:
    """Return the first column of the first row."""
    row = ask_row(statement, *values)
    return row[0] if row else None


def ask_row(statement: str, *values: Any) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row


def look_at_server() -> Iterator[Finding]:
    number, version, encoding = ask_row(
        "SELECT current_setting('server_version_num')::int, current_setting('server_version'),"
        " current_setting('server_encoding')"
    ) or (0, "", "")
    if number // 10000 < OLDEST_POSTGRESQL:
        yield fail(
            "PostgreSQL", f"It is version {version}.", f"Hospes needs {OLDEST_POSTGRESQL} or newer."
        )
    elif encoding != "UTF8":
        yield fail(
            "PostgreSQL", f"The database is encoded as {encoding}.",
            "Make one with ENCODING 'UTF8' and restore a backup into it.",
        )  # fmt: skip
    else:
        yield ok("PostgreSQL", f"version {version}, {encoding}, locale {_locale(number)}")
    yield from _durability()
    yield _connections()


def _locale(number: int) -> str:
    column = "datlocale" if number >= 170000 else "daticulocale"
    found = ask(
        f"SELECT coalesce({column}, datcollate) FROM pg_database WHERE datname = current_database()"  # noqa: S608 # one of two words
    )
    return str(found)


def _durability() -> Iterator[Finding]:
    """What is acknowledged must survive a power cut."""
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        if ask("SELECT current_setting(%s)", name) == "off":
            yield fail(
                "durability",
                f"{name} is off: mail that was acknowledged can be lost.",
                f"Set {name} = on in the configuration of PostgreSQL.",
            )


def _connections() -> Finding:
    used, most = ask_row(
        "SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),"
        " current_setting('max_connections')::int"
    ) or (0, 1)
    says = f"{used} of {most} in use"
    if used > most * MUCH_OF_CONNECTIONS:
        return warn("connections", says, "Raise max_connections, or find out who holds so many.")
    return ok("connections", says)


def look_at_schema() -> Finding:
    missing = missing_migrations()
    if missing or not has_cache_table():
        names = ", ".join(sorted(f"{app}.{name}" for app, name in missing)) or "the cache table"
        return fail("tables", f"They are older than the program: {names}.", "Start `hospes serve`.")
    gone = [name for name in EXTENSIONS if not _has_extension(name)]
    if gone:
        return fail(
            "tables", f"The extension {gone[0]} is missing.", f"CREATE EXTENSION {gone[0]};"
        )
    return ok("tables", "as the program wants them")


def _has_extension(name: str) -> bool:
    return bool(ask("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = %s)", name))


def look_at_clocks() -> Finding:
    before = timezone.now()
    theirs = ask("SELECT clock_timestamp()")
    after = timezone.now()
    skew = max((before - theirs).total_seconds(), (theirs - after).total_seconds(), 0.0)
    says = f"this machine and the database differ by {skew:.1f} s"
    mend = "Let both set their clocks by NTP."
    if skew > GREAT_SKEW_SECONDS:
        return fail("clocks", says, mend)
    return warn("clocks", says, mend) if skew > SKEW_SECONDS else ok("clocks", says)


def has_lock(number: int) -> bool:
    """Whether somebody holds this advisory lock."""
    return bool(
        ask(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted"
            " AND objsubid = 1 AND classid = 0 AND objid = %s AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database()))",
            number,
        )
    )
