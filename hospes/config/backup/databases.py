"""The database a backup is restored into: a new one is filled, then takes the place of the old one."""

from __future__ import annotations

import re
import secrets
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from hospes.config.backup import programs
from hospes.config.backup.making import last_line, row_counts
from hospes.lib.refusal import Refused

# A desk somebody has used has rows in one of these.
TELLING = {
    "conversations_conversation": "conversations",
    "intake_raw": "mail",
    "team_agent": "people",
}


@dataclass(frozen=True)
class Target:
    """The database of a desk, and the server it lies on."""

    url: str
    name: str
    major: int
    exists: bool

    @classmethod
    def of(cls, url: str) -> Target:
        """Look at the database of this address, which need not be there. Raises Refused."""
        name = str(conninfo_to_dict(url).get("dbname") or "hospes")
        with _connect(at(url, "postgres")) as server:
            found = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            exists = found.fetchone() is not None
            return cls(url, name, server.info.server_version // 10000, exists)

    def connections(self) -> int:
        """Return how many use the database now."""
        with _connect(at(self.url, "postgres")) as server:
            row = server.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [self.name]
            ).fetchone()
            return int(row[0]) if row else 0

    def holds(self) -> str:
        """Return what would be lost with the database; "" when nothing would be."""
        if not self.exists:
            return ""
        with _connect(self.url) as connection:
            counts = row_counts(connection)
        if counts and "django_migrations" not in counts:
            return "tables of another program"
        found = [
            f"{what} ({counts[table]})" for table, what in TELLING.items() if counts.get(table)
        ]
        return ", ".join(found)

    def refuse_unless_fitting(self, manifest: dict[str, Any]) -> None:
        if manifest["postgresql"] > self.major:
            raise Refused(
                f"This backup comes from PostgreSQL {manifest['postgresql']}, and this database is"
                f" PostgreSQL {self.major}: restore it into one that is as new."
            )

    def drop_left_over(self) -> None:
        """Drop what a restore that was killed left on the server."""
        ours = f"^{re.escape(self.name)}_(restoring|replaced)_[0-9a-f]{{6}}$"
        with _connect(at(self.url, "postgres")) as server:
            found = server.execute("SELECT datname FROM pg_database WHERE datname ~ %s", [ours])
            for (name,) in found.fetchall():
                server.execute(
                    sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
                )

    def create(self) -> Filling:
        """Make an empty database beside it. Raises Refused when the user may not."""
        name = f"{self.name}_restoring_{secrets.token_hex(3)}"
        try:
            with _connect(at(self.url, "postgres")) as server:
                server.execute(
                    sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(
                        sql.Identifier(name)
                    )
                )
        except psycopg.errors.InsufficientPrivilege as error:
            raise Refused(
                "The user of the database may not make databases: ALTER USER ... CREATEDB, then again."
            ) from error
        return Filling(self, name)

    def take_place(self, made: Filling) -> None:
        """Let the new database take the name of the old one, both in one step, and drop the old one."""
        old = f"{self.name}_replaced_{secrets.token_hex(3)}"
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        with _connect(at(self.url, "postgres")) as server:
            try:
                with server.transaction():
                    if self.exists:
                        server.execute(
                            rename.format(sql.Identifier(self.name), sql.Identifier(old))
                        )
                    server.execute(
                        rename.format(sql.Identifier(made.name), sql.Identifier(self.name))
                    )
            except psycopg.errors.ObjectInUse as error:
                raise Refused(
                    "Somebody uses the database now: stop Hospes everywhere first."
                ) from error
            made.has_taken_place = True
            if self.exists:
                with suppress(psycopg.Error):  # the desk is restored; what is left takes only space
                    server.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(old)))


class Filling:
    """A new database, until it takes its place."""

    def __init__(self, target: Target, name: str) -> None:
        self.target, self.name = target, name
        self.has_taken_place = False

    @contextmanager
    def filling(self, dumped_by: int) -> Iterator[IO[bytes]]:
        """Give the pipe into which the dump goes; return when all of it is restored. Raises Refused."""
        program = programs.find("pg_restore", at_least=dumped_by, rather=self.target.major)
        words = ("--format=custom", "--no-owner", "--no-privileges", "--exit-on-error")
        url = at(self.target.url, self.name)
        with tempfile.TemporaryFile() as said:
            process = program.run(
                *words, url=url, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said
            )
            assert process.stdin is not None
            try:
                yield process.stdin
                process.stdin.close()
            except BrokenPipeError:
                pass  # it gave up, and says why
            except BaseException:
                process.kill()
                raise
            finally:
                with suppress(OSError):
                    process.stdin.close()
                code = process.wait()
            if code != 0:
                raise Refused(f"The database could not be restored: {last_line(said)}")

    def finish(self) -> None:
        """Hold back everything that would go out, and tell the planner what there is."""
        with _connect(at(self.target.url, self.name)) as connection:
            try:
                connection.execute("UPDATE brands_site SET sending_held_since = now()")
            except (psycopg.errors.UndefinedColumn, psycopg.errors.UndefinedTable) as error:
                raise Refused("This backup is of no desk that Hospes can run.") from error
            connection.execute("ANALYZE")

    def drop(self) -> None:
        with suppress(psycopg.Error), _connect(at(self.target.url, "postgres")) as server:
            dropping = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            server.execute(dropping.format(sql.Identifier(self.name)))


def at(url: str, name: str) -> str:
    """Return the address of another database on the same server."""
    return make_conninfo(url, dbname=name)


def _connect(url: str) -> psycopg.Connection[Any]:
    try:
        return psycopg.connect(url, autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise Refused(
            f"The database does not answer: {str(error).strip().splitlines()[-1]}"
        ) from error
