"""Disks that are full, or say that they could not write: nothing acknowledged is lost, and nobody has to come and mend it."""

from __future__ import annotations

import json
import os
import shutil
import smtplib
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

from tests.faults.test_kills import postmaster
from tests.mail import letter, send
from tests.running import Desk, children, wait_until

SIZE_MB, BALLAST_MB = 420, 48
FROM, TO = "aiko@example.jp", "support@kaldera.example"
# Write until the log of changes needs a file more than there is room for.
FILL_THE_LOG = """
from django.db import connection
try:
    with connection.cursor() as cursor:
        for _ in range(60):
            cursor.execute("SELECT pg_logical_emit_message(false, 'filling', 'x'), pg_switch_wal()")
except Exception as error:
    print(type(error).__name__, error)
"""
COUNT = """
import json
from hospes.conversations.models import Message
from hospes.intake.counters import counted_anew, in_all
now = in_all(counted_anew())
print(json.dumps([now.is_balanced, now.pending, sorted(Message.objects.values_list("subject", flat=True))]))
"""


@pytest.fixture(scope="module")
def disk() -> Iterator[Path]:
    """A small disk of its own."""
    folder = Path(tempfile.mkdtemp(prefix="hospes-disk-"))
    folder.chmod(0o755)  # the database runs as somebody else
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=755", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    try:
        if mounted.returncode:
            pytest.skip("No disk can be made here: that takes root.")
        yield folder
    finally:
        if not mounted.returncode:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()


@pytest.fixture(scope="module")
def desk(disk: Path) -> Iterator[Desk]:
    desk = Desk(disk / "desk", {"HOSPES_DISK_BALLAST_MB": str(BALLAST_MB)}).start()
    try:
        desk.python("from tests.cast import gather; gather()")
        yield desk
    finally:
        desk.end()
        Path(desk.log.name).unlink(missing_ok=True)


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """Leave no byte on the disk."""
    filling = disk / "filling"
    with filling.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(disk).free)
    try:
        yield
    finally:
        filling.unlink()


@cache
def written(subject: str) -> bytes:
    """A letter; brought again it is the same, byte for byte: it may be there though nobody heard so."""
    return letter(FROM, subject=subject)


def answer_to(desk: Desk, subject: str) -> int:
    """Hand a letter over and return the code that it was answered with."""
    try:
        send(desk.smtp_port, written(subject), from_=FROM, to=TO)
    except smtplib.SMTPResponseException as refusal:
        return refusal.smtp_code
    except (smtplib.SMTPException, OSError):
        return 0
    return 250


def is_shown(desk: Desk, *subjects: str) -> bool:
    is_balanced, pending, found = json.loads(desk.python(COUNT))
    assert is_balanced
    return not pending and all(found.count(one) == 1 for one in subjects)


def test_f10_f11_a_full_disk_takes_no_mail_and_loses_none_and_nobody_has_to_mend_it(
    disk: Path, desk: Desk
) -> None:
    ballast = disk / "desk" / "postgres" / "ballast"
    wait_until(ballast.exists, why="there is something to give up")
    assert answer_to(desk, "first") == 250
    wait_until(lambda: is_shown(desk, "first"), why="it is shown")

    with full(disk):
        assert answer_to(desk, "second") == 452  # before the database runs out of space
        print(desk.python(FILL_THE_LOG))  # and if something else makes it run out
        wait_until(lambda: not ballast.exists(), why="the ballast is given up")
        wait_until(desk.is_ready, why="the database is there again")
        assert answer_to(desk, "second") == 452

    wait_until(lambda: answer_to(desk, "second") == 250, why="mail is taken again")
    wait_until(lambda: is_shown(desk, "first", "second"), why="all of it is shown, once")
    wait_until(ballast.exists, why="there is something to give up again")


@contextmanager
def failing_to_sync(pids: list[int]) -> Iterator[None]:
    """Let every sync of these processes, and of those that they start, fail as on a broken disk."""
    words = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync"]
    words += ["-e", "inject=fsync,fdatasync:error=EIO", *(f"--attach={pid}" for pid in pids)]
    if shutil.which("strace") is None:
        pytest.skip("There is no strace here.")
    with subprocess.Popen(words, stderr=subprocess.DEVNULL) as tracing:
        try:
            wait_until(
                lambda: tracing.poll() is not None or all(map(is_traced, pids)),
                why="it is looked at",
            )
            if tracing.poll() is not None:
                pytest.skip("Nobody may look into processes here.")
            yield
        finally:
            tracing.terminate()


def is_traced(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True  # it has ended
    return "TracerPid:\t0\n" not in status


def test_f13_what_the_disk_did_not_write_is_not_acknowledged(desk: Desk) -> None:
    assert answer_to(desk, "third") == 250
    pid = postmaster(desk)
    assert pid is not None

    with failing_to_sync([pid, *children(pid)]):
        answer = answer_to(desk, "fourth")
        said = (desk.folder / "postgres" / "server.log").read_text()

    assert answer in {0, 451, 452}
    assert "PANIC" in said  # it stops, rather than say that it has what it has not
    wait_until(desk.is_ready, why="the database is there again")
    wait_until(lambda: answer_to(desk, "fourth") == 250, why="it is brought again")
    wait_until(lambda: is_shown(desk, "third", "fourth"), why="all of it is shown, once")
