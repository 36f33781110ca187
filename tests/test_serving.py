"""`hospes serve` as a whole: one for each folder, parts that come back, an end in good order."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.running import COMMAND, Desk, wait_until


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("serving")


@pytest.fixture(scope="module")
def running(place: Path) -> Iterator[Desk]:
    desk = Desk(place / "desk").start()
    yield desk
    assert desk.process is not None
    if desk.process.poll() is None:
        desk.stop()


@pytest.fixture
def desk(running: Desk) -> Desk:
    """The desk of all tests here, running again when the test before has ended it."""
    assert running.process is not None
    if running.process.poll() is not None:
        running.start()
    return running


def refusal(desk: Desk, *words: str) -> str:
    """Return the one line with which a second start is refused."""
    done = subprocess.run(
        [*COMMAND, "serve", *words],
        env=desk.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr


def test_a_second_desk_on_the_same_folder_is_told_where_the_first_one_is(desk: Desk) -> None:
    assert f"running already at http://localhost:{desk.port}" in refusal(desk)


def test_a_desk_whose_port_is_taken_says_which_option_gives_another(
    desk: Desk, tmp_path: Path
) -> None:
    elsewhere = ["--data-dir", str(tmp_path), "--port", str(desk.port)]
    assert f"Port {desk.port} is taken" in refusal(desk, *elsewhere)


@pytest.mark.parametrize("name", ["web", "worker", "doors"])
def test_a_part_that_is_killed_comes_back(desk: Desk, name: str) -> None:
    before = desk.part_pids()[name]
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: desk.part_pids().get(name, before) != before, why=f"another {name}")
    wait_until(desk.is_ready, why="the desk works again")


def test_a_database_that_is_killed_comes_back(desk: Desk) -> None:
    lock = desk.folder / "postgres" / "data" / "postmaster.pid"
    before = int(lock.read_text().split()[0])
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: _first_number(lock) not in {0, before}, why="another database")
    wait_until(desk.is_ready, why="the desk works again")


def test_a_desk_with_an_open_stream_ends_within_ten_seconds(desk: Desk) -> None:
    with closing(socket.create_connection(("127.0.0.1", desk.port))) as stream:
        stream.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        began = time.monotonic()
        assert desk.stop() == 0
        assert time.monotonic() - began < 10
    assert not (desk.folder / "postgres" / "data" / "postmaster.pid").exists()


def test_a_desk_says_when_it_begins_to_stop_and_when_it_is_done(desk: Desk) -> None:
    assert desk.stop() == 0

    said = Path(desk.log.name).read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["event"] for line in said[-2:]] == [
        "serve: stopping",
        "serve: stopped",
    ]


def test_what_callers_ask_in_vain_is_nothing_for_an_operator_to_act_on(desk: Desk) -> None:
    for path in ("/nothing-here", "/api/v1/token"):
        with pytest.raises(urllib.error.HTTPError), urllib.request.urlopen(f"{desk.url}{path}"):
            pass

    said = Path(desk.log.name).read_text(encoding="utf-8").splitlines()
    lines = [json.loads(line) for line in said if line.startswith("{")]
    asked = [one for one in lines if one["logger"] == "django.request"]
    assert {"Not Found: /nothing-here", "Unauthorized: /api/v1/token"} <= {
        one["event"] for one in asked
    }
    assert {one["level"] for one in asked} == {"info"}  # and those of /readyz while it started


def test_a_desk_that_is_told_to_stop_as_soon_as_it_started_does_so(desk: Desk) -> None:
    for _ in range(3):
        if desk.process is not None and desk.process.poll() is not None:
            desk.start()
        began = time.monotonic()
        assert desk.stop() == 0
        assert time.monotonic() - began < 5  # nobody had to be killed


def test_a_desk_that_was_killed_whole_starts_again_at_once(desk: Desk) -> None:
    assert desk.process is not None
    parts = desk.part_pids().values()
    desk.process.kill()
    for pid in parts:
        os.kill(pid, signal.SIGKILL)
    desk.process.wait()
    desk.log.close()
    desk.start()
    assert desk.is_ready()


def test_nobody_else_on_the_machine_can_list_what_a_desk_keeps(desk: Desk) -> None:
    assert stat.S_IMODE(desk.folder.stat().st_mode) & 0o044 == 0
    for name in ("secret_key", "serving.json"):
        assert stat.S_IMODE((desk.folder / name).stat().st_mode) == 0o600


def _first_number(lock: Path) -> int:
    try:
        return int(lock.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return 0
