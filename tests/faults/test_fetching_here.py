"""A fetcher on the test's own database: killed as it says or hears its N-th word, for every N; and looking for the first time.

HOSPES_FAULT_STEPS names how far (`script/faults`: four hundred); else a few are taken.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import pytest
from django.utils import timezone

from hospes.channels.models import Channel
from hospes.config.reactions import REACTIONS
from hospes.conversations.models import Message, OutboxEntry
from hospes.events.consuming import consume_batch
from hospes.intake.models import Raw
from hospes.intake.tests import test_fetching
from hospes.intake.tests.fetching_stage import TODAY, fetches, fetching, is_settled, mails, stored
from tests import apart
from tests.arriving import understand
from tests.cast import Cast
from tests.mail import letter
from tests.running import children, wait_until
from tests.scripted_imap import Folder, ScriptedImap

pytestmark = pytest.mark.django_db(transaction=True)
here, imap = test_fetching.here, test_fetching.imap

FAR = int(os.environ.get("HOSPES_FAULT_STEPS", "0"))
STEPS = range(1, FAR + 1) if FAR else (18, 28)
AFTERWARDS = ("delete", "move", "seen") if FAR else ("delete",)
# It talks to the mail server and to the database in these calls alone.
TALK = "sendto,recvfrom"


@pytest.fixture(scope="module")
def strace() -> list[str]:
    """The beginning of a command that runs another one and looks into it."""
    if shutil.which("strace") is None:
        pytest.skip("There is no strace here.")
    words = ["strace", "-f", "-qq", "-o", "/dev/null"]
    looked = subprocess.run([*words, "true"], capture_output=True, check=False)
    if looked.returncode:
        pytest.skip("Nobody may look into processes here.")
    return words


def killed_at(step: int, strace: Sequence[str], count: int) -> bool:
    """Fetch until the step comes at which the fetcher is killed; False when all was done before it came."""
    talk = ["-e", f"trace={TALK}", "-e", f"inject={TALK}:signal=KILL:when={step}"]
    looking = apart.start(
        test_fetching.FETCH,
        under=[*strace, *talk],
        HOSPES_PRIVATE_NETWORKS=test_fetching.LOOPBACK,
        HOSPES_IMAP_POLL_SECONDS="1",
    )
    try:
        wait_until(
            lambda: looking.poll() is not None or (Raw.objects.count() == count and is_settled()),
            why="it is killed, or done",
        )
        return looking.poll() is not None
    finally:
        for pid in children(
            looking.pid
        ):  # strace itself ends with whom it looks at, and not before
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        looking.communicate(timeout=20)


@pytest.mark.parametrize("afterwards", AFTERWARDS)
def test_f03_a_fetcher_that_is_killed_at_any_word_loses_and_doubles_nothing(
    cast: Cast, imap: ScriptedImap, strace: list[str], afterwards: str
) -> None:
    imap.folders["Done"] = Folder()
    fetches(cast.channel, imap.port, afterwards=afterwards, move_to="Done")
    bodies: list[bytes] = []
    killed = 0
    for step in STEPS:
        new = mails(2, start=len(bodies))
        bodies += new
        imap.inbox.add(*new)
        if not killed_at(step, strace, len(bodies)):
            break  # no later step comes either
        killed += 1

    with fetching():
        test_fetching.all_are_stored(len(bodies))

    print(f"{afterwards}: killed at {killed} steps, {len(bodies)} mails")
    assert killed
    assert sorted(stored()) == sorted(bodies)
    assert len(imap.inbox.mails) == (len(bodies) if afterwards == "seen" else 0)
    assert len(imap.inbox.seen) == (len(bodies) if afterwards == "seen" else 0)
    moved = bodies if afterwards == "move" else []
    assert sorted(imap.folders["Done"].mails.values()) == sorted(moved)


def test_f04_a_first_look_imports_nothing_older_and_tells_nobody_of_what_lay_there(
    cast: Cast, imap: ScriptedImap
) -> None:
    """What lay in the mailbox for a day or longer is no news: nobody who wrote it hears from the desk."""
    Channel.objects.update(acknowledges=True)
    old = [letter(f"c{n}@example.jp", subject=f"old {n}") for n in range(300)]
    imap.inbox.add(*old, at=timezone.now() - timedelta(days=40))
    there = f"Date: {timezone.now() - timedelta(days=3):%a, %d %b %Y %H:%M:%S +0000}\r\n"
    imap.inbox.add(there.encode() + mails(1)[0], at=timezone.now() - timedelta(days=3))
    fetches(cast.channel, imap.port, since=TODAY - timedelta(days=30))

    with fetching():
        test_fetching.all_are_stored(1)
    while understand():
        pass
    while consume_batch(REACTIONS, at=timezone.now()):
        pass

    assert [one.subject for one in Message.objects.all()] == ["0"]
    assert not OutboxEntry.objects.exists()
