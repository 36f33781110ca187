"""Make a desk of a backup: everything beside what is there first, then put in its place at once.

Nothing is touched before the whole file was read and its seal found good. The database is restored under another
name and takes its own by a rename; the files, which are named by what they hold, are there before it does.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hospes.config import env
from hospes.config.backup import databases
from hospes.config.backup.archive import Backup
from hospes.config.backup.making import fingerprint
from hospes.config.backup.standing import alone, database
from hospes.lib.crash_points import crash_here
from hospes.lib.refusal import Refused

PIECE = re.compile(r"database/\d{6}")
STORED = re.compile(r"files/([0-9a-f]{64})")
STAGING = ".restoring."
OURS = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Restored:
    """What stands in the data folder now."""

    made_at: str
    rows: int
    files: int
    missing: int  # files that rows name and the backup has not


def restore_backup(path: Path, *, data_dir: Path, replace: bool) -> Restored:
    """Restore a backup into a data folder where no desk runs.

    replace: take away the desk that stands there.

    Raises NoBackup, Refused, AlreadyServing, CannotStart, and OSError.
    """
    backup = Backup(path)
    try:
        _refuse_unless_fitting(backup.manifest)
        with alone(data_dir, what="a restore"), database(data_dir) as url:
            target = databases.Target.of(url)
            _refuse_unless_free(target, data_dir, replace=replace)
            target.refuse_unless_fitting(backup.manifest)
            return _restore(backup, target, data_dir)
    finally:
        backup.close()


def _refuse_unless_fitting(manifest: dict[str, Any]) -> None:
    newer = [f"{app}.{name}" for app, name in manifest["migrations"] if not _knows(app, name)]
    if newer:
        raise Refused(
            f"This backup was made by a newer Hospes, which has {newer[0]}: install that one first."
        )
    given = env.text("SECRET_KEY")
    known = fingerprint(given) if given else None
    wanted = manifest["secret_key_fingerprint"]
    if given and known != wanted:
        raise Refused(
            "HOSPES_SECRET_KEY is not the key of this backup: set that one, or none when the backup holds it."
        )
    if not given and manifest["secret_key"] == "HOSPES_SECRET_KEY":  # noqa: S105 # where it is kept
        raise Refused("The key of this backup was kept elsewhere: set HOSPES_SECRET_KEY to it.")


def _knows(app: str, name: str) -> bool:
    """Whether this program has the migration; those of others are not looked at."""
    folder = OURS / app / "migrations"
    return not folder.is_dir() or (folder / f"{name}.py").exists()


def _refuse_unless_free(target: databases.Target, data_dir: Path, *, replace: bool) -> None:
    busy = target.connections()
    if busy:
        raise Refused(
            f"Somebody uses this database (connections: {busy}): stop Hospes everywhere first."
        )
    if replace:
        return
    what = target.holds() or ("files" if any((data_dir / "files").glob("*/*")) else "")
    if what:
        raise Refused(f"There is a desk here, with {what}. --replace takes it away for good.")


def _restore(backup: Backup, target: databases.Target, data_dir: Path) -> Restored:
    for left_over in data_dir.glob(f"{STAGING}*"):  # of a restore that was killed
        shutil.rmtree(left_over)
    target.drop_left_over()
    staging = data_dir / f"{STAGING}{secrets.token_hex(4)}"
    staging.mkdir(mode=0o700)
    made = target.create()
    added: list[Path] = []
    try:
        with made.filling(backup.manifest["pg_dump"]) as pipe:
            for name, content in backup.members():
                if PIECE.fullmatch(name):
                    for chunk in content:
                        pipe.write(chunk)
                else:
                    _stage(name, content, staging)
        made.finish()
        os.sync()  # one for all of them, before a row names one
        stored = _move_files(staging / "files", data_dir / "files", added)
        crash_here("restore.before_swap")
        target.take_place(made)
        crash_here("restore.after_swap")
        _put_key(staging, data_dir)
        _forget_others(data_dir / "files", stored)
    except BaseException:
        if not made.has_taken_place:
            made.drop()
            for path in added:
                path.unlink(missing_ok=True)
        raise
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    manifest = backup.manifest
    rows = sum(manifest["tables"].values())
    return Restored(manifest["made_at"], rows, len(stored), len(manifest["missing_files"]))


def _stage(name: str, content: Iterator[bytes], staging: Path) -> None:
    """Write a member beside the desk; what has no place in one is read and left."""
    stored = STORED.fullmatch(name)
    path = staging / "files" / stored[1][:2] / stored[1] if stored else None
    if name == "secret_key":
        path = staging / name
    if path is None:
        for _ in content:
            pass
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for chunk in content:
            file.write(chunk)


def _move_files(staged: Path, store: Path, added: list[Path]) -> set[str]:
    """Put every file in its place, beside what is there: the same name means the same content.

    added: gets those that were not there.
    """
    found = set()
    store.mkdir(exist_ok=True, mode=0o700)
    for path in staged.glob("*/*"):
        folder = store / path.parent.name
        folder.mkdir(exist_ok=True, mode=0o700)
        place = folder / path.name
        if not place.exists():
            added.append(place)
        path.rename(place)
        found.add(path.name)
    return found


def _put_key(staging: Path, data_dir: Path) -> None:
    key = staging / "secret_key"
    if key.exists():
        key.rename(data_dir / "secret_key")


def _forget_others(store: Path, stored: set[str]) -> None:
    """Delete the files of the desk that was replaced."""
    for path in store.glob("*/*"):
        if path.name not in stored:
            path.unlink()
