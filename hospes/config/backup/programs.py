"""pg_dump and pg_restore of a version that fits, wherever they are."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from hospes.lib.embedded_postgres.programs import ON_THE_SYSTEM, in_wheel
from hospes.lib.refusal import Refused


@dataclass(frozen=True)
class Program:
    """A program of PostgreSQL, ready to run against one database."""

    path: Path
    major: int

    def run(self, *words: str, url: str, **how: object) -> subprocess.Popen[bytes]:
        """Start it on the database of this address; the password stays out of the list of processes."""
        parts = conninfo_to_dict(url)
        password = parts.pop("password", None)
        environment = {**os.environ, "LC_ALL": "C"}
        if password:
            environment["PGPASSWORD"] = str(password)
        return subprocess.Popen(  # type: ignore[call-overload, no-any-return] # noqa: S603
            [self.path, "--no-password", *words, "--dbname", make_conninfo(**parts)],  # type: ignore[arg-type]
            env=environment,
            **how,
        )


def find(name: str, *, at_least: int, rather: int) -> Program:
    """Return the program nearest to a major version.

    at_least: the oldest major version that will do.
    rather: the one to choose when it is there; else the oldest that will do.

    Raises Refused with what to install.
    """
    fitting = [one for one in _all(name) if one.major >= at_least]
    if not fitting:
        there = sorted({one.major for one in _all(name)})
        found = f"here is only {', '.join(map(str, there))}" if there else "there is none here"
        raise Refused(
            f"This needs {name} of PostgreSQL {at_least} or newer, and {found}."
            f" On Debian: apt install postgresql-client-{at_least}."
        )
    return min(fitting, key=lambda one: (one.major != rather, one.major))


def _all(name: str) -> Iterator[Program]:
    wheel = in_wheel()
    folders = [wheel.folder] if wheel else []
    folders += [path / "bin" for path in ON_THE_SYSTEM.glob("*")]
    on_path = shutil.which(name)
    paths = [folder / name for folder in folders] + ([Path(on_path)] if on_path else [])
    for path in paths:
        major = _major(path)
        if major is not None:
            yield Program(path, major)


def _major(path: Path) -> int | None:
    try:
        said = subprocess.run(  # noqa: S603
            [path, "--version"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    match = re.search(r"\(PostgreSQL\) (\d+)", said)
    return int(match[1]) if match else None
