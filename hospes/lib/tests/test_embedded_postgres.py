"""The database server we bring along: as root, as anybody, after a kill, in odd places."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from hospes.lib.embedded_postgres import CannotStart, cluster, home, is_listening, url
from hospes.lib.embedded_postgres.account import Account, account_for
from hospes.lib.embedded_postgres.programs import (
    NEEDED,
    Programs,
    find,
    in_wheel,
    on_system,
    reachable,
)
from hospes.lib.embedded_postgres.server import Server

PROJECT = Path(__file__).resolve().parents[3]
QUICK = {"fsync": "off", "shared_buffers": "8MB"}
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every account can reach, gone afterwards with what lies outside for it."""
    made = Path(tempfile.mkdtemp(prefix="hospes-test-"))
    made.chmod(0o755)
    yield made
    for link in (path for path in made.rglob("postgres") if path.is_symlink()):
        shutil.rmtree(link.resolve())
    shutil.rmtree(made)


def ask(data_dir: Path, question: str) -> object:
    with psycopg.connect(url(data_dir), autocommit=True) as connection:
        row = connection.execute(question).fetchone()
    return row[0] if row else None


def run_once(data_dir: Path, *, programs: Programs | None = None) -> None:
    server = Server(data_dir, programs=programs, tuning=QUICK)
    server.start()
    try:
        server.wait_until_ready()
        assert ask(data_dir, "SELECT current_database()") == "hospes"
    finally:
        server.stop()
    assert not server.is_alive


def modes(folder: Path) -> dict[Path, int]:
    return {path: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.parents)}


def test_a_server_starts_answers_in_unicode_and_stops(folder: Path) -> None:
    data_dir = folder / "a desk, with a comma"
    server = Server(data_dir, tuning=QUICK)
    server.start()
    server.wait_until_ready()
    try:
        assert ask(data_dir, "SELECT 'ÇA' ~* 'ça'")
        assert ask(data_dir, "SHOW listen_addresses") == ""
        assert is_listening(data_dir)
    finally:
        server.stop()
    assert not is_listening(data_dir)


def test_what_was_committed_is_there_after_everything_is_killed(folder: Path) -> None:
    first = Server(folder, tuning=QUICK)
    first.start()
    first.wait_until_ready()
    with psycopg.connect(url(folder), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    assert first.process is not None
    first.process.kill()
    second = Server(folder, tuning=QUICK)
    second.start()  # the first is not even reaped yet
    try:
        second.wait_until_ready()
        assert ask(folder, "SELECT answer FROM kept") == 42
    finally:
        second.stop()
        first.process.wait()


def test_a_lock_that_names_a_stranger_stops_nobody(folder: Path) -> None:
    run_once(folder)
    lock = home(folder) / "data" / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{home(folder)}/data\n0\n5432\n\n\n0 0\n", encoding="ascii")
    run_once(folder)


def test_a_server_whose_starter_was_killed_ends_and_the_next_one_starts(folder: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path\n"
        "from hospes.lib.embedded_postgres.server import Server\n"
        "server = Server(Path(sys.argv[1])); server.start(); server.wait_until_ready()\n"
        "os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", program, folder], cwd=PROJECT, check=False)
    assert done.returncode == -signal.SIGKILL
    run_once(folder)


@needs_root
def test_root_changes_no_permissions_outside_and_the_data_lies_where_the_server_can_go(
    folder: Path,
) -> None:
    closed = folder / "like-the-home-of-root"
    closed.mkdir(mode=0o700)
    before = modes(closed)
    run_once(closed / "desk")
    assert modes(closed) == before
    assert home(closed / "desk").is_symlink()
    run_once(closed / "desk")


@needs_root
def test_programs_that_the_servers_account_cannot_reach_are_copied_once(folder: Path) -> None:
    wheel = in_wheel()
    if wheel is None:
        pytest.skip("there is no wheel for this platform")
    closed = folder / "environment"
    closed.mkdir(mode=0o700)
    package = wheel.folder.parents[1]
    for part in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(part, closed / part.name, ignore=shutil.ignore_patterns("include"))
    hidden = Programs(closed / wheel.folder.relative_to(package.parent), wheel.version)
    copies = folder / "copies"
    copies.mkdir()
    account = account_for(folder / "none")

    found = reachable(hidden, account, copy_to=copies)

    assert found.folder.is_relative_to(copies / wheel.version)
    assert all(account.can_run(found.path(name)) for name in NEEDED)
    assert reachable(hidden, account, copy_to=copies) == found


@needs_root
def test_an_ordinary_user_runs_a_server_too(folder: Path) -> None:
    nobody = Account(65534, 65534, is_other=True)
    system = Path(f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}")
    python = next((one for one in (Path(sys.executable), system) if nobody.can_run(one)), None)
    if python is None or not nobody.can_enter(PROJECT):
        pytest.skip("Python or the project lies where no other user may go")
    os.chown(folder, nobody.uid, nobody.gid)
    program = (
        f"import sys; sys.path[:0] = {[str(PROJECT), *sys.path]!r}; from pathlib import Path\n"
        "from hospes.lib.tests.test_embedded_postgres import run_once\n"
        "run_once(Path(sys.argv[1]))"
    )
    done = nobody.run([python, "-c", program, folder / "desk"])
    assert done.returncode == 0, done.stderr
    assert (folder / "desk" / "postgres" / "data").stat().st_uid == nobody.uid


def test_a_postgresql_of_the_system_serves_where_there_is_no_wheel(folder: Path) -> None:
    installed = on_system()
    if not installed:
        pytest.skip("no PostgreSQL is installed on the system")
    run_once(folder, programs=installed[0])
    assert (home(folder) / "data" / "PG_VERSION").read_text().strip() == str(installed[0].major)
    run_once(folder)  # even where a newer one came along since


def test_a_cluster_killed_while_it_is_made_is_made_anew(folder: Path) -> None:
    (home(folder)).mkdir(mode=0o711)
    left_over = home(folder) / ".data.abandoned"
    left_over.mkdir()
    run_once(folder)
    assert not left_over.exists()


def test_a_server_that_cannot_start_says_why(folder: Path) -> None:
    server = Server(folder, tuning={"shared_buffers": "no number"})
    server.start()
    with pytest.raises(CannotStart, match=r"configuration file .* contains errors"):
        server.wait_until_ready()


def test_a_database_that_is_not_there_is_never_replaced_by_an_empty_one(folder: Path) -> None:
    home(folder).symlink_to(folder / "on a disk that is not mounted")
    with pytest.raises(CannotStart, match="which is not there"):
        Server(folder).start()
    home(folder).unlink()


def test_the_wheels_programs_come_first() -> None:
    wheel = in_wheel()
    if wheel is None:
        pytest.skip("there is no wheel for this platform")
    assert find() == wheel
    with pytest.raises(CannotStart, match="PostgreSQL 99 was not found"):
        find(major=99)


def test_tuning_never_writes_what_customers_wrote_into_the_log() -> None:
    assert cluster.TUNING["log_min_error_statement"] == "panic"
    assert cluster.TUNING["log_error_verbosity"] == "terse"
