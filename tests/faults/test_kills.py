"""Nothing lost, nothing doubled, nothing sent twice, whatever is killed while letters come and go."""

from __future__ import annotations

import json
import os
import random
import signal
import smtplib
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.mail import Sink, letter, send
from tests.running import Desk, children, wait_until

KILLS = int(os.environ.get("HOSPES_FAULT_KILLS", "16"))  # more: `script/faults`
REPLIES = 40
SENDERS = 4  # connections at once
GROUP = 8  # letters, and at least one kill among them
TRIES = 60  # a mail server tries for days; here for as long as a part needs to come back
SEED = 7
PARTS = ("web", "worker", "doors")
# What dies often rests for up to half a minute before it is started again: a thousand kills would take hours.
IMPATIENT = """
from hospes.config import supervisor
supervisor.MAX_PAUSE_SECONDS = 0.3
from hospes.config.cli import main
raise SystemExit(main())
"""


@pytest.fixture
def sink() -> Iterator[Sink]:
    sink = Sink().start()
    yield sink
    sink.stop()


@pytest.fixture
def desk(tmp_path: Path, sink: Sink) -> Iterator[Desk]:
    settings = {"HOSPES_SMTP_URL": sink.url, "HOSPES_UNDO_SECONDS": "0"}
    desk = Desk(tmp_path / "desk", settings, (sys.executable, "-c", IMPATIENT)).start()
    try:
        desk.python("from tests.cast import gather; gather()")
        yield desk
    finally:
        desk.stop()


def deliver(desk: Desk, number: int) -> None:
    """Hand one letter over as a mail server does: again and again until somebody says 250."""
    from_ = f"customer{number}@example.si"
    body = letter(f"Stranka {number} <{from_}>", subject=f"Vprašanje {number}", text="水漏れ؟")
    pause = threading.Event()
    for _ in range(TRIES):
        with suppress(smtplib.SMTPException, OSError):
            send(desk.smtp_port, body, from_=from_, to="support@kaldera.example")
            return
        pause.wait(0.25)
    raise AssertionError(f"letter {number} was never taken")


@contextmanager
def killing(desk: Desk, *, database_too: bool) -> Iterator[Counter[str]]:
    """Kill a part now and then, without a word, until the block is left; the database seldom. Tell whom how often."""
    chance = random.Random(SEED)
    done, killed = threading.Event(), Counter[str]()

    def kill_now_and_then() -> None:
        count, turn = 0, list[str]()
        while not done.wait(chance.uniform(0.1, 0.5)):
            count += 1
            turn = turn or chance.sample(PARTS, len(PARTS))
            whom = turn.pop()
            pid = desk.part_pids().get(whom)
            if database_too and count % 40 == 4:
                whom, pid = "database", postmaster(desk)
            if pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    killed[whom] += 1

    killer = threading.Thread(target=kill_now_and_then)
    killer.start()
    try:
        yield killed
    finally:
        done.set()
        killer.join()


def postmaster(desk: Desk) -> int | None:
    found = [pid for pid in children(desk.process.pid) if _name(pid) == "postgres"]
    return found[0] if found else None


def _name(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text().strip()
    return ""


def counted(desk: Desk) -> dict[str, object]:
    return json.loads(desk.python(COUNT))


COUNT = """
import json
from collections import Counter
from hospes.conversations.models import Conversation, Message, OutboxEntry
from hospes.events.models import PendingEvent
from hospes.intake.counters import counters
from hospes.search.models import SearchDocument
now = counters()
incoming = Message.objects.filter(direction=Message.Direction.IN)
print(json.dumps({
    "stored": now.stored, "shown": now.shown, "pending": now.pending, "is_balanced": now.is_balanced,
    "subjects": Counter(incoming.values_list("subject", flat=True)),
    "conversations": Conversation.objects.count(),
    "indexed": SearchDocument.objects.values("message_id").distinct().count(),
    "documents": SearchDocument.objects.count(),
    "events": PendingEvent.objects.count(),
    "outbox": dict(OutboxEntry.objects.values_list("message__message_id", "state")),
}))
"""

REPLY = """
from django.utils import timezone
from hospes.conversations.actions.replying import reply
from hospes.conversations.models import Conversation
from hospes.team.models import Agent
mina = Agent.objects.get(email="mina@kaldera.example")
for one in Conversation.objects.order_by("pk")[:%d]:
    reply(one, text="Odgovor", by=mina, at=timezone.now())
"""


def test_f01_f02_f09_letters_come_in_once_while_everything_is_killed_at_random(desk: Desk) -> None:
    count = 0
    with killing(desk, database_too=True) as killed, ThreadPoolExecutor(SENDERS) as pool:
        while killed.total() < KILLS:
            before = killed.total()
            list(pool.map(lambda number: deliver(desk, number), range(count, count + GROUP)))
            count += GROUP
            wait_until(lambda: killed.total() > before, why="somebody is killed")  # noqa: B023

    wait_until(desk.is_ready, why="the desk is whole again")
    wait_until(lambda: not counted(desk)["pending"], why="everything is understood")
    wait_until(lambda: not counted(desk)["events"], why="everything that follows is done")

    now = counted(desk)
    print(f"{count} letters, killed {dict(killed)}: {now['stored']} stored, {now['shown']} shown")
    assert now["is_balanced"]
    assert now["subjects"] == {f"Vprašanje {number}": 1 for number in range(count)}
    assert (now["stored"], now["shown"], now["conversations"]) == (count, count, count)
    assert (now["indexed"], now["documents"]) == (count, count)


def test_f07_no_reply_is_sent_twice_while_the_worker_is_killed(desk: Desk, sink: Sink) -> None:
    for number in range(REPLIES):
        deliver(desk, number)
    wait_until(lambda: counted(desk)["shown"] == REPLIES, why="everything is shown")

    with killing(desk, database_too=False):
        desk.python(REPLY % REPLIES)
        wait_until(lambda: len(sink.letters) > REPLIES // 2, why="letters leave")

    wait_until(lambda: _is_settled(desk), why="every reply is settled", seconds=90)
    outbox = counted(desk)["outbox"]
    sent = Counter(str(one["Message-ID"]) for one in sink.letters)
    assert len(outbox) == REPLIES
    assert set(sent.values()) == {1}
    assert {m for m, state in outbox.items() if state == "accepted"} <= set(sent)
    assert set(outbox.values()) <= {"accepted", "unknown"}


def _is_settled(desk: Desk) -> bool:
    states = set(counted(desk)["outbox"].values())
    return not states & {"queued", "sending"}
