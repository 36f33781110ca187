"""`hospes backup` and `hospes restore`: everything comes back, and nothing is restored by halves."""

from __future__ import annotations

import filecmp
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from hospes.config.backup.archive import Backup, NoBackup, Writer
from hospes.config.backup.making import fingerprint, row_counts
from hospes.config.backup.restoring import restore_backup
from hospes.lib import embedded_postgres
from hospes.lib.embedded_postgres.server import Server
from hospes.lib.refusal import Refused
from tests.mail import Sink, letter
from tests.running import COMMAND, Desk, wait_until

PROJECT = Path(__file__).resolve().parents[1]
# A restore writes this one mark.
MARKED = "sending_held_since"


@contextmanager
def database(folder: Path) -> Iterator[psycopg.Connection[Any]]:
    """The database of a desk that does not run, and nothing else of it."""
    server = Server(folder)
    server.start()
    server.wait_until_ready()
    try:
        with psycopg.connect(embedded_postgres.url(folder)) as connection:
            yield connection
    finally:
        server.stop()


def every_row(connection: psycopg.Connection[Any]) -> dict[str, list[str]]:
    """Every row of every table, as text, without the mark of a restore."""
    rows = {}
    for table in row_counts(connection):
        found = connection.execute(f"SELECT to_jsonb(t) - '{MARKED}' FROM {table} t")  # type: ignore[arg-type]
        rows[table] = sorted(json.dumps(row[0], sort_keys=True) for row in found)
    return rows


def files_of(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "files").rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A desk with something in every table; it does not run."""
    desk = Desk(tmp_path_factory.mktemp("full") / "desk").start()
    desk.hospes("demo", "load")
    picture = desk.folder.parent / "picture.eml"
    picture.write_bytes(letter("aiko@example.jp", files=[("a.png", "image/png", b"\x89PNG" * 99)]))
    desk.hospes("mail", "deliver", str(picture))
    desk.stop()
    with database(desk.folder):
        subprocess.run(
            [sys.executable, "-m", "tests.filling"], env=desk.environment, cwd=PROJECT, check=True
        )
    return desk


@pytest.fixture(scope="module")
def backup(full: Desk) -> Path:
    file = full.folder.parent / "monday.hospes"
    full.hospes("backup", str(file))
    return file


@pytest.fixture(scope="module")
def restored(backup: Path) -> Desk:
    """The full desk, restored into another folder; it does not run."""
    desk = Desk(backup.parent / "restored")
    desk.hospes("restore", str(backup))
    return desk


def test_every_row_and_every_file_comes_back(full: Desk, restored: Desk) -> None:
    with database(full.folder) as there:
        kept = every_row(there)
    with database(restored.folder) as here:
        found = every_row(here)

    assert [table for table, rows in kept.items() if not rows] == []
    assert found.keys() == kept.keys()
    for table, rows in kept.items():
        assert found[table] == rows, table
    names = files_of(full.folder)
    assert len(names) >= 3
    assert files_of(restored.folder) == names
    for name in names:
        place = Path("files", name[:2], name)
        assert filecmp.cmp(full.folder / place, restored.folder / place, shallow=False)
    assert (restored.folder / "secret_key").read_bytes() == (
        full.folder / "secret_key"
    ).read_bytes()


def test_numbers_go_on_where_they_were(full: Desk, restored: Desk) -> None:
    asked = "SELECT sequencename, last_value FROM pg_sequences ORDER BY 1"
    with database(full.folder) as there:
        kept = there.execute(asked).fetchall()
    with database(restored.folder) as here:
        assert here.execute(asked).fetchall() == kept


def test_where_there_is_no_desk_nothing_is_kept(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "none")

    assert "not running here" in refusal(desk, "backup", str(tmp_path / "x.hospes"))
    assert list(tmp_path.iterdir()) == []


def test_only_the_owner_can_read_a_backup_and_nothing_lies_beside_it(backup: Path) -> None:
    assert backup.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in backup.parent.iterdir() if path.name.startswith(".")] == []


def test_a_restored_desk_runs_and_sends_nothing_until_somebody_says_so(restored: Desk) -> None:
    sink = Sink().start()
    desk = Desk(restored.folder, {"HOSPES_SMTP_URL": f"{sink.url}?security=none"})
    with database(desk.folder) as connection:
        connection.execute("DELETE FROM channels_outgoingstate")
        connection.execute("DELETE FROM channels_outgoingserver")
    desk.start()
    try:
        first = desk.json("conversations", "--limit", "1")["items"][0]["reference"]
        desk.hospes("conversation", first, "reply", "Written on the restored desk.")
        wait_until(lambda: _reasons(desk) == {"held", "demo"}, why="every waiting reply says why")
        assert sink.letters == []

        done = desk.json("resume")

        assert done["unknown"] >= 1
        wait_until(lambda: sink.letters, why="the new reply goes out")
        assert len(sink.letters) == 1
        words: Any = sink.letters[0]
        assert "Written on the restored desk." in words.get_body(("plain",)).get_content()
    finally:
        desk.stop()
        sink.stop()


def _reasons(desk: Desk) -> set[str]:
    with psycopg.connect(embedded_postgres.url(desk.folder)) as connection:
        rows = connection.execute(
            "SELECT DISTINCT reason FROM conversations_outboxentry WHERE state IN ('queued', 'sending')"
        )
        return {row[0] for row in rows}


def test_a_backup_of_a_busy_desk_is_one_moment(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "busy").start()
    folder = tmp_path / "letters"
    folder.mkdir()
    for number in range(400):
        files = [(f"{number}.bin", "application/x-thing", os.urandom(2000))]
        (folder / f"{number}.eml").write_bytes(letter(f"c{number}@example.com", files=files))
    pouring = subprocess.Popen(
        [*COMMAND, "mail", "deliver", *map(str, folder.iterdir())],
        env=desk.environment, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert pouring.stdout is not None
        pouring.stdout.readline()  # some are in, others are on their way
        desk.hospes("backup", str(tmp_path / "busy.hospes"))
    finally:
        pouring.communicate()
        desk.stop()

    copy = tmp_path / "copy"
    restore_backup(tmp_path / "busy.hospes", data_dir=copy, replace=False)

    with database(copy) as connection:
        named = {
            row[0] for row in connection.execute("SELECT sha256 FROM conversations_attachment")
        }
        stored, settled = connection.execute(
            "SELECT (SELECT count(*) FROM intake_raw), (SELECT count(*) FROM intake_pendingraw)"
            " + (SELECT count(*) FROM conversations_message WHERE raw_id IS NOT NULL)"
        ).fetchone() or (0, 0)
    assert named
    assert named <= set(files_of(copy))
    assert stored == settled


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda whole: whole[: len(whole) // 2], id="half of it"),
        pytest.param(lambda whole: whole[:-1], id="one byte short"),
        pytest.param(lambda whole: whole + b"\0", id="one byte more"),
        pytest.param(lambda whole: b"", id="nothing of it"),
        pytest.param(lambda whole: b"root:x:0:0:root:/root:/bin/sh\n" * 99, id="another file"),
        *(
            pytest.param(lambda whole, at=at: _flipped(whole, at), id=f"a bit at {at:.0%}")
            for at in (0.0, 0.001, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.9999)
        ),
        pytest.param(lambda whole: _flipped(whole, 1.0), id="a bit of the last byte"),
    ],
)
def test_a_damaged_backup_is_refused_and_touches_nothing(
    backup: Path, tmp_path: Path, damage: Any
) -> None:
    file = tmp_path / "damaged.hospes"
    file.write_bytes(damage(backup.read_bytes()))

    with pytest.raises(NoBackup, match=r"damaged|no backup"):
        restore_backup(file, data_dir=tmp_path / "desk", replace=True)

    assert not (tmp_path / "desk").exists()


def _flipped(whole: bytes, at: float) -> bytes:
    place = min(int(len(whole) * at), len(whole) - 1)
    return whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]


def test_a_desk_with_data_is_kept_unless_it_shall_be_replaced(
    backup: Path, full: Desk, tmp_path: Path
) -> None:
    desk = Desk(tmp_path / "other").start()
    mail = tmp_path / "letter.eml"
    mail.write_bytes(letter("omar@example.sa", files=[("x.txt", "text/plain", b"only here")]))
    desk.hospes("mail", "deliver", str(mail))
    assert refusal(desk, "restore", "--replace", str(backup)).startswith(
        "hospes: Hospes is running"
    )
    desk.stop()
    mine = files_of(desk.folder)
    assert "conversations (1)" in refusal(desk, "restore", str(backup))
    assert files_of(desk.folder) == mine

    desk.hospes("restore", "--replace", str(backup))

    assert files_of(desk.folder) == files_of(full.folder)
    with database(desk.folder) as connection:
        names = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'hospes%'")
        assert names.fetchall() == [("hospes",)]


def test_a_restore_that_fails_leaves_the_desk_as_it_was(restored: Desk, tmp_path: Path) -> None:
    broken = tmp_path / "broken.hospes"
    sealed(broken, dump=b"PGDMP this is no dump")
    with database(restored.folder) as connection:
        before = every_row(connection)
    files = files_of(restored.folder)

    assert "could not be restored" in refusal(restored, "restore", "--replace", str(broken))

    assert files_of(restored.folder) == files
    with database(restored.folder) as connection:
        assert every_row(connection) == before
        names = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'hospes%'")
        assert names.fetchall() == [("hospes",)]
    assert list(restored.folder.glob(".restoring*")) == []


@pytest.mark.parametrize("moment", ["restore.before_swap", "restore.after_swap"])
def test_a_restore_that_is_killed_leaves_the_old_desk_or_the_new_one(
    backup: Path, restored: Desk, tmp_path: Path, moment: str
) -> None:
    desk = Desk(tmp_path / "desk")
    sealed(tmp_path / "broken.hospes", dump=b"PGDMP this is no dump")
    refusal(desk, "restore", str(tmp_path / "broken.hospes"))  # makes an empty database
    with database(restored.folder) as connection:
        whole = every_row(connection)
    crashing = Desk(desk.folder, {"CRASH_AT": moment})

    crashing.hospes("restore", str(backup), check=False)

    with database(desk.folder) as connection:
        found = every_row(connection)
    is_new = moment == "restore.after_swap"
    assert len(found) == (len(whole) if is_new else 0)
    desk.hospes("restore", "--replace", str(backup))
    with database(desk.folder) as connection:
        again = every_row(connection)
        names = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'hospes%'")
        assert names.fetchall() == [("hospes",)]
    assert again.keys() == whole.keys()
    assert list(desk.folder.glob(".restoring*")) == []


def test_a_backup_of_a_newer_hospes_or_another_key_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer, keyless = tmp_path / "newer.hospes", tmp_path / "keyless.hospes"
    sealed(newer, migrations=[["team", "9999_from_tomorrow"]])
    sealed(keyless, secret_key="HOSPES_SECRET_KEY")
    folder = tmp_path / "desk"

    with pytest.raises(Refused, match=r"newer Hospes.*team.9999_from_tomorrow"):
        restore_backup(newer, data_dir=folder, replace=False)
    with pytest.raises(Refused, match="set HOSPES_SECRET_KEY"):
        restore_backup(keyless, data_dir=folder, replace=False)
    monkeypatch.setenv("HOSPES_SECRET_KEY", "another one")
    with pytest.raises(Refused, match="is not the key of this backup"):
        restore_backup(keyless, data_dir=folder, replace=False)
    assert not folder.exists()


def test_what_is_no_backup_is_never_overwritten(full: Desk, tmp_path: Path) -> None:
    letter_of_love = tmp_path / "letter.txt"
    letter_of_love.write_text("Dear Omar")
    with database(full.folder):
        assert "is no backup" in refusal(full, "backup", str(letter_of_love))
        assert "no such folder" in refusal(full, "backup", str(tmp_path / "none" / "x.hospes"))
        twice = tmp_path / "twice.hospes"
        full.hospes("backup", str(twice))
        full.hospes("backup", str(twice))

    assert letter_of_love.read_text() == "Dear Omar"
    Backup(twice).close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["letter.txt", "twice.hospes"]


def test_a_backup_moves_into_a_database_elsewhere(
    backup: Path, full: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = Server(tmp_path / "elsewhere")
    elsewhere.start()
    elsewhere.wait_until_ready()
    url = embedded_postgres.url(tmp_path / "elsewhere", database="care")
    desk = Desk(tmp_path / "desk", {"HOSPES_DATABASE_URL": url})
    try:
        desk.hospes("restore", str(backup))
        with psycopg.connect(url) as busy:
            found = every_row(busy)
            assert "Somebody uses this database" in refusal(
                desk, "restore", "--replace", str(backup)
            )
        again = tmp_path / "again.hospes"
        desk.hospes("backup", str(again))
        with psycopg.connect(url) as connection:
            assert every_row(connection) == found
    finally:
        elsewhere.stop()
    with database(full.folder) as there:
        assert every_row(there) == found


def refusal(desk: Desk, *words: str) -> str:
    """Return the one line with which the command was refused."""
    done = subprocess.run(
        [*COMMAND, *words], env=desk.environment, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr


def sealed(path: Path, *, dump: bytes = b"", **told: Any) -> None:
    """Write a backup with a good seal that says something else."""
    with path.open("wb") as file:
        writer = Writer(file)
        writer.add("database/000000", dump)
        manifest = {
            "made_at": "2026-11-19T12:00:00+00:00",
            "postgresql": 15,
            "pg_dump": 15,
            "migrations": [],
            "secret_key": "in this file",
            "secret_key_fingerprint": fingerprint("a key"),
            "tables": {},
            "missing_files": [],
        }
        writer.finish({**manifest, **told})
