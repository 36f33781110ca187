"""A desk that fetches: set up at the command line, killed at random, and nothing is lost or doubled."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.mail import letter
from tests.running import Desk, wait_until
from tests.scripted_imap import Folder, ScriptedImap, scripted

SUPPORT, PASSWORD = "support@kaldera.example", "correct-horse-7"
LETTERS = 240
KILLS = 5
SEED = 5
COUNT = """
import json
from collections import Counter
from hospes.conversations.models import Message
from hospes.events.models import PendingEvent
from hospes.intake.counters import counters
from hospes.intake.models import FetchedUid
now = counters()
print(json.dumps({
    "stored": now.stored, "pending": now.pending, "is_balanced": now.is_balanced,
    "subjects": Counter(Message.objects.values_list("subject", flat=True)),
    "unfollowed": PendingEvent.objects.count(),
    "unsettled": FetchedUid.objects.filter(is_settled=False).count(),
}))
"""


@pytest.fixture
def imap() -> Iterator[ScriptedImap]:
    with scripted(ScriptedImap(password=PASSWORD)) as running:
        running.folders["Done"] = Folder()
        yield running


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    settings = {"HOSPES_PRIVATE_NETWORKS": "127.0.0.1", "HOSPES_IMAP_POLL_SECONDS": "1"}
    desk = Desk(tmp_path / "desk", settings).start()
    try:
        desk.python("from tests.cast import gather; gather()")
        yield desk
    finally:
        desk.stop()


def counted(desk: Desk) -> dict[str, object]:
    return dict(json.loads(desk.python(COUNT)))


def connect(desk: Desk, imap: ScriptedImap, tmp_path: Path, *words: str) -> None:
    secret = tmp_path / "password"
    secret.write_text(PASSWORD + "\n", encoding="utf-8")
    desk.hospes(
        "mail", "fetch", SUPPORT, "--host", "127.0.0.1", "--port", str(imap.port), "--security", "none",
        "--user", "support", "--password-file", str(secret), "--since", "2020-01-01", *words,
    )  # fmt: skip


def test_f03_mail_is_fetched_once_while_the_fetcher_and_the_server_die_at_random(
    desk: Desk, imap: ScriptedImap, tmp_path: Path
) -> None:
    imap.inbox.add(*(letter("aiko@example.jp", subject=f"無事 {n}") for n in range(LETTERS // 2)))
    assert "fetcher" not in desk.part_pids()
    connect(desk, imap, tmp_path, "--then", "move", "--move-to", "Done")

    chance, done = random.Random(SEED), threading.Event()
    for kill in range(KILLS):
        pid = wait_until(lambda: desk.part_pids().get("fetcher"), why="the fetcher runs")
        first = LETTERS // 2 + kill * LETTERS // 2 // KILLS
        last = LETTERS // 2 + (kill + 1) * LETTERS // 2 // KILLS
        imap.inbox.add(
            *(letter("aiko@example.jp", subject=f"無事 {n}") for n in range(first, last))
        )
        done.wait(chance.uniform(0.1, 0.9))  # somewhere in the middle of it
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def is_done() -> bool:
        now = counted(desk)
        return now["stored"] == LETTERS and not now["pending"] and not now["unsettled"]

    wait_until(is_done, why="all is fetched and understood", seconds=90)
    now = counted(desk)
    assert now["is_balanced"]
    assert now["subjects"] == {f"無事 {n}": 1 for n in range(LETTERS)}
    assert not imap.inbox.mails
    assert len(imap.folders["Done"].mails) == LETTERS


def test_an_operator_sets_up_watches_and_ends_fetching_at_the_command_line(
    desk: Desk, imap: ScriptedImap, tmp_path: Path
) -> None:
    connect(desk, imap, tmp_path)
    wait_until(lambda: imap.said("IDLE"), why="the mailbox is followed")
    imap.inbox.add(letter("aiko@example.jp", subject="Fetched"))
    wait_until(lambda: counted(desk)["subjects"] == {"Fetched": 1}, why="the letter is shown")

    wait_until(lambda: not counted(desk)["unfollowed"], why="what follows from it has followed")

    (row,) = desk.json("mail", "fetch")["items"]
    tested = desk.hospes("mail", "fetch", SUPPORT, "--test")
    looked = desk.hospes("doctor", check=False)
    assert (row["address"], row["state"], row["folders"]) == (SUPPORT, "well", ["INBOX"])
    assert PASSWORD not in json.dumps(row)
    assert "Folders: Done, INBOX" in tested
    assert f"fetching {SUPPORT}" in looked

    imap.password = "changed"
    imap.faults["FETCH"] = imap.faults["SEARCH"] = lambda session, tag, rest: session.hang_up()
    wait_until(lambda: desk.json("mail", "fetch")["items"][0]["state"] == "fails", why="it is told")
    assert "does not take this user name and password" in desk.hospes("doctor", check=False)

    desk.hospes("mail", "fetch", SUPPORT, "--stop")
    wait_until(lambda: "fetcher" not in desk.part_pids(), why="nobody fetches any more")
    assert "No mail is fetched" in desk.hospes("mail", "fetch")
