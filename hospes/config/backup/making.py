"""Write a backup of a running desk: one moment of the database, and every file its rows name."""

from __future__ import annotations

import hashlib
import os
import secrets
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, BinaryIO

import psycopg
from psycopg import sql

from hospes.config import env
from hospes.config.backup import programs
from hospes.config.backup.archive import BLOCK, CHUNK_BYTES, MARK, Writer
from hospes.lib.refusal import Refused

PIECE_BYTES = 16 * 2**20
VERSION = "0.1.0"
Connection = psycopg.Connection[Any]


@dataclass(frozen=True)
class Made:
    """What a backup holds."""

    path: Path
    size_bytes: int
    rows: int
    files: int
    missing: int  # files that rows name and the store has not
    damaged: int  # files of the store that are not what they were


def make_backup(path: Path, *, url: str, data_dir: Path, secret_key: str) -> Made:
    """Write a backup beside `path` and put it there when it is whole.

    url: of the database. secret_key: the one in use.

    Raises Refused, and OSError when it cannot be written.
    """
    _refuse_to_overwrite(path)
    made = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb", buffering=CHUNK_BYTES) as file:
            manifest, files = _write(file, url, data_dir, secret_key)
            file.flush()
            os.fsync(file.fileno())
        made.rename(path)
    except BaseException:
        made.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)
    rows = sum(manifest["tables"].values())
    missing, damaged = len(manifest["missing_files"]), len(manifest["damaged_files"])
    return Made(path, path.stat().st_size, rows, files, missing, damaged)


def fingerprint(secret_key: str) -> str:
    """Return what tells two keys apart and gives none away."""
    return hashlib.sha256(b"hospes.backup:" + secret_key.encode()).hexdigest()[:16]


def _refuse_to_overwrite(path: Path) -> None:
    if path.is_dir():
        raise Refused(f"{path} is a folder: name a file in it.")
    if not path.parent.is_dir():
        raise Refused(f"{path.parent}: there is no such folder.")
    if path.exists():
        with path.open("rb") as file:
            is_backup = file.read(BLOCK).startswith(MARK.encode() + b"\0")
        if not is_backup:
            raise Refused(f"{path} is there already and is no backup: name another file.")


def _write(file: BinaryIO, url: str, data_dir: Path, secret_key: str) -> tuple[dict[str, Any], int]:
    writer = Writer(file)
    key_file = data_dir / "secret_key"
    is_kept_here = not env.text("SECRET_KEY") and key_file.exists()
    if is_kept_here:
        writer.add("secret_key", key_file.read_bytes())
    with psycopg.connect(url) as connection:
        snapshot = _hold_moment(connection)
        major = connection.info.server_version // 10000
        program = programs.find("pg_dump", at_least=major, rather=major)
        _add_database(writer, program, url, snapshot)
        manifest = _manifest(connection, program, secret_key, is_kept_here=is_kept_here)
        named = _named_files(connection)
    # After the rows: a file is stored before the row that names it, and none is ever taken away.
    found = _add_files(writer, data_dir / "files")
    manifest["missing_files"] = sorted(named - found.keys())
    manifest["damaged_files"] = sorted(name for name, sha256 in found.items() if name != sha256)
    writer.finish(manifest)
    return manifest, len(found)


def _hold_moment(connection: Connection) -> str:
    """Keep one moment of the database for everything that follows, and return its name."""
    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    row = connection.execute("SELECT pg_export_snapshot()").fetchone()
    assert row is not None
    return str(row[0])


def _add_database(writer: Writer, program: programs.Program, url: str, snapshot: str) -> None:
    words = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}")
    with tempfile.TemporaryFile() as said:
        process = program.run(*words, url=url, stdout=subprocess.PIPE, stderr=said)
        assert process.stdout is not None
        try:
            for number, piece in enumerate(_pieces(process.stdout)):
                writer.add(f"database/{number:06}", piece)
        except BaseException:
            process.kill()
            raise
        finally:
            process.stdout.close()
            code = process.wait()
        if code != 0:
            raise Refused(f"The database could not be read: {last_line(said)}")


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    while piece := stream.read(PIECE_BYTES):
        yield piece


def last_line(said: IO[bytes]) -> str:
    """Return the last thing a program said about what went wrong."""
    said.seek(0)
    lines = said.read().decode("utf-8", "replace").strip().splitlines()
    errors = [line for line in lines if "error:" in line]
    return (errors or lines or ["no reason was given"])[-1]


def _manifest(
    connection: Connection, program: programs.Program, secret_key: str, *, is_kept_here: bool
) -> dict[str, Any]:
    applied = connection.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
    return {
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "hospes": VERSION,
        "postgresql": connection.info.server_version // 10000,
        "pg_dump": program.major,
        "migrations": [list(row) for row in applied.fetchall()],
        "secret_key": "in this file" if is_kept_here else "HOSPES_SECRET_KEY",
        "secret_key_fingerprint": fingerprint(secret_key),
        "tables": row_counts(connection),
    }


def row_counts(connection: Connection) -> dict[str, int]:
    """Return how many rows each table of ours holds; one in parts counts once."""
    names = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname"
    ).fetchall()
    counts = {}
    for (name,) in names:
        counting = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))
        row = connection.execute(counting).fetchone()
        counts[str(name)] = int(row[0]) if row else 0
    return counts


def _named_files(connection: Connection) -> set[str]:
    # What the disk did not take is stored from its mail, here or where this is restored.
    rows = connection.execute(
        "SELECT DISTINCT sha256 FROM conversations_attachment WHERE missing_since IS NULL"
    )
    return {row[0] for row in rows.fetchall()}


def _add_files(writer: Writer, store: Path) -> dict[str, str]:
    """Add every file of the store; return the SHA-256 of each by its name, which is the same."""
    found = {}
    for path in sorted(store.glob("[0-9a-f][0-9a-f]/*")):
        if len(path.name) == 64:  # what is still being written has another name
            with path.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                found[path.name] = writer.add_stream(f"files/{path.name}", size, _chunks(file))
    return found


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(CHUNK_BYTES):
        yield chunk


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
