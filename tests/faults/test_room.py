"""F-12: no room for files, for what programs lay aside, for logs, for backups. Words arrive, and whoever is in charge is told."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.test_disks import full
from tests.mail import letter, send
from tests.running import COMMAND, PROJECT, Desk, wait_until

FROM, TO = "aiko@example.jp", "support@kaldera.example"
STATE = """
import json
from hospes.conversations.models import Attachment, Message
from hospes.intake.counters import counters
now = counters()
print(json.dumps([
    now.is_balanced and not now.pending,
    sorted(Message.objects.values_list("subject", flat=True)),
    Attachment.objects.filter(missing_since=None).count(), Attachment.objects.exclude(missing_since=None).count(),
]))
"""
STORE = """
from django.utils import timezone
from hospes.channels.email.child import ParserChild
from hospes.intake.actions.filing import store_missing_files
with ParserChild() as parser:
    print(store_missing_files(parser=parser, at=timezone.now()))
"""


@contextmanager
def small_disk(at: Path, *, megabytes: int) -> Iterator[Path]:
    """A disk of its own at this folder, or the test is left out: that takes root."""
    at.mkdir(mode=0o700, parents=True, exist_ok=True)
    words = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "tmpfs", str(at)]
    if subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("No disk can be made here: that takes root.")
    try:
        yield at
    finally:
        subprocess.run(["umount", "--lazy", str(at)], check=True)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="hospes-room-"))
    folder.chmod(0o755)  # the database may run as somebody else
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def desk(folder: Path) -> Iterator[Desk]:
    """A desk whose log takes not a byte, from its first line."""
    (folder / "aside").mkdir()
    (folder / "desk.log").symlink_to("/dev/full")
    desk = Desk(folder / "desk", {"TMPDIR": str(folder / "aside")}).start()
    try:
        desk.python("from tests.cast import gather; gather()")
        yield desk
    finally:
        desk.end()


def state(desk: Desk) -> tuple[bool, list[str], int, int]:
    is_settled, subjects, stored, missing = json.loads(desk.python(STATE))
    return bool(is_settled), subjects, stored, missing


def bring(desk: Desk, subject: str) -> None:
    files = [("photo.jpg", "image/jpeg", subject.encode() + os.urandom(200_000))]
    send(desk.smtp_port, letter(FROM, subject=subject, files=files), from_=FROM, to=TO)


def test_f12_a_log_that_takes_nothing_holds_nobody_up(desk: Desk) -> None:
    bring(desk, "unlogged")

    wait_until(lambda: state(desk)[:2] == (True, ["unlogged"]), why="it is shown")
    assert desk.is_ready()
    assert (Path(desk.log.name)).resolve() == Path("/dev/full")


def test_f12_words_arrive_without_room_for_files_or_for_anything_laid_aside(
    desk: Desk, folder: Path
) -> None:
    _, _, stored, _ = state(desk)
    with (
        small_disk(folder / "desk" / "files", megabytes=2) as files,
        small_disk(folder / "aside", megabytes=1) as aside,
        full(aside),
    ):
        with full(files):
            bring(desk, "roomless")
            wait_until(lambda: state(desk)[0], why="it is understood")
            assert state(desk)[2:] == (stored, 1)  # shown, and its file is still to be stored
            assert "roomless" in state(desk)[1]
            assert "Files that the disk did not take" in desk.hospes("doctor", check=False)
        wait_until(lambda: state(desk)[3] == 0, why="the file is stored when there is room")


def test_f12_a_backup_without_room_fails_aloud_and_leaves_the_last_one_as_it_was(
    desk: Desk, folder: Path
) -> None:
    with small_disk(folder / "backups", megabytes=24) as target:
        before = target / "desk.backup"
        desk.hospes("backup", str(before))
        kept = before.read_bytes()
        with full(target):
            done = subprocess.run(
                [*COMMAND, "backup", str(before)], env=desk.environment, cwd=PROJECT,
                capture_output=True, text=True, timeout=120, check=False,
            )  # fmt: skip
        assert done.returncode != 0
        assert "there is no space left" in done.stderr + done.stdout
        assert len((done.stderr + done.stdout).strip().splitlines()) == 1
        assert [one.name for one in target.iterdir()] == ["desk.backup"]
        assert before.read_bytes() == kept
        assert "rows" in desk.hospes("backup", str(before))  # and then there is room again
