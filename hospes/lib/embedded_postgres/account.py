"""As whom the database server runs: PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from hospes.lib.embedded_postgres import CannotStart

UNPRIVILEGED = ("postgres", "nobody")
# Nothing of the caller's environment (PGDATA, PGHOST, LANG ...) may reach the server.
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C"}


@dataclass(frozen=True)
class Account:
    """A user of the system; `is_other` when we must become it first."""

    uid: int
    gid: int
    is_other: bool

    def run(
        self, words: Sequence[str | Path], *, typed: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run a program to its end as this account, with something typed in."""
        return subprocess.run(  # noqa: S603 # PostgreSQL's own programs
            words, check=False, capture_output=True, text=True, input=typed, **self._how()
        )

    def spawn(
        self, words: Sequence[str | Path], *, output: IO[bytes], first: Callable[[], None]
    ) -> subprocess.Popen[bytes]:
        """Start a program as this account; `first` runs in the child, after the change of user."""
        return subprocess.Popen(  # noqa: S603
            words,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            preexec_fn=first,  # noqa: PLW1509 # the caller has no other threads
            **self._how(),
        )

    def can_enter(self, folder: Path) -> bool:
        """Whether this account may reach what lies in the folder: asked of the system, not computed."""
        return self.run(["test", "-x", folder]).returncode == 0

    def can_run(self, program: Path) -> bool:
        try:
            return self.run([program, "--version"]).returncode == 0
        except OSError:
            return False

    def own_folder(self, folder: Path) -> None:
        """Make a folder that only this account may enter. Raises CannotStart when it is another's."""
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.is_symlink() or (os.geteuid() != 0 and folder.stat().st_uid != self.uid):
            raise CannotStart(f"{folder} belongs to somebody else. Remove it.")
        if self.is_other:
            os.chown(folder, self.uid, self.gid)
        folder.chmod(0o700)

    def _how(self) -> dict[str, Any]:
        # The working folder must be one that the account may enter.
        how: dict[str, Any] = {"cwd": "/", "env": ENVIRONMENT}
        if self.is_other:
            how |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return how


def account_for(cluster: Path) -> Account:
    """Return who runs the server of this cluster, which may not exist yet.

    Raises CannotStart when that account is not there or the cluster is another's.
    """
    owner = cluster.stat().st_uid if cluster.exists() else None
    if os.geteuid() != 0:
        if owner not in {None, os.geteuid()}:
            raise CannotStart(
                f"The database in {cluster} belongs to another account. Start Hospes as root."
            )
        return Account(os.geteuid(), os.getegid(), is_other=False)
    if owner:
        return _other(pwd.getpwuid(owner))
    for name in UNPRIVILEGED:
        try:
            return _other(pwd.getpwnam(name))
        except KeyError:
            continue
    raise CannotStart(
        "PostgreSQL does not run as root, and there is no user `postgres` or `nobody`."
        " Start Hospes as an ordinary user."
    )


def _other(entry: pwd.struct_passwd) -> Account:
    return Account(entry.pw_uid, entry.pw_gid, is_other=True)
