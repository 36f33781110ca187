"""Letters that leave a whole desk through servers that break: none lost, none twice, and every doubt told in time.

HOSPES_FAULT_LETTERS makes the run longer.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.test_kills import IMPATIENT
from tests.mail import Sink
from tests.running import Desk, wait_until

LETTERS = int(os.environ.get("HOSPES_FAULT_LETTERS", "40"))
SEED = 11
TOLD_WITHIN_SECONDS = 60
ENDS = {"accepted", "unknown"}
# What happens to a letter the first time it comes, by chance; whatever fails before the dot is tried once more.
FATES = ("taken", "greeting", "RCPT", "DATA", "later", "dropped", "dropped", "slow")
MESSAGE_ID = re.compile(rb"(?im)^Message-ID:\s*(<[^>]+>)")


@dataclass
class Breaking:
    """A mail server that takes letters and does what no good one would; it remembers each dot it saw."""

    port: int = 0
    dots: Counter[str] = field(default_factory=Counter)  # letters that it has
    dotted_at: dict[str, float] = field(default_factory=dict)
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))
    met: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fate(self, recipient: str) -> str:
        with self.lock:
            if recipient in self.met:
                return "taken"
            self.met.add(recipient)
            return self.chance.choice(FATES)

    def serve(self, made: socket.socket) -> None:
        with suppress(OSError), made, made.makefile("rb") as lines:
            made.settimeout(60)
            self._talk(made, lines)

    def _talk(self, made: socket.socket, lines: Any) -> None:
        made.sendall(b"220 here\r\n")
        fate = ""
        for line in lines:
            verb = line[:4].upper().strip()
            if verb == b"RCPT":
                fate = self.fate(line.decode().strip())
            if (verb == b"RCPT" and fate == "RCPT") or (verb == b"DATA" and fate == "DATA"):
                return
            if verb == b"DATA":
                made.sendall(b"354 go on\r\n")
                body = _until_dot(lines)
                if fate == "later":
                    made.sendall(b"451 4.3.0 not now\r\n")
                    continue
                self._has(body)
                if fate == "dropped":
                    return
                if fate == "slow":
                    time.sleep(3)
            made.sendall(b"221 bye\r\n" if verb == b"QUIT" else b"250 fine\r\n")
            if verb == b"QUIT":
                return

    def _has(self, body: bytes) -> None:
        found = MESSAGE_ID.search(body)
        assert found is not None
        with self.lock:
            self.dots[found[1].decode()] += 1
            self.dotted_at[found[1].decode()] = time.time()


def _until_dot(lines: Any) -> bytes:
    gathered = b""
    for line in lines:
        if line == b".\r\n":
            return gathered
        gathered += line
    raise OSError("hung up")


@contextmanager
def serving(serve: Any) -> Iterator[int]:
    """Let a function serve each connection on a thread of its own; gives the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made: list[socket.socket] = []

        def accept() -> None:
            with suppress(OSError):
                while True:
                    one, _ = listener.accept()
                    made.append(one)
                    threading.Thread(target=serve, args=(one,), daemon=True).start()

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join(timeout=10)
            for one in made:
                with suppress(OSError):
                    one.close()


@contextmanager
def desk_at(folder: Path, **settings: str) -> Iterator[Desk]:
    command = (sys.executable, "-c", IMPATIENT)
    desk = Desk(folder / "desk", {"HOSPES_UNDO_SECONDS": "0", **settings}, command).start()
    try:
        desk.python("from tests.cast import gather; gather()")
        yield desk
    finally:
        desk.end()


REPLY = """
from django.utils import timezone
from hospes.channels.models import Channel
from hospes.conversations.actions.replying import reply
from hospes.conversations.models import Conversation
from hospes.people.actions.recognising import Sender, recognise_all
from hospes.team.models import Agent
from tests.cast import NOON
mina = Agent.objects.get(email="mina@kaldera.example")
now = timezone.now()
channel = Channel.objects.get(address=%r)
first = Conversation.objects.count()
for number in range(first, first + %d):
    address = f"customer{number}@example.si"
    whose = recognise_all([Sender(address, "", "sl", True)], at=now)[address]
    made = Conversation.objects.create(
        reference=f"H-T{number:04}", queue=mina.queue_members.get().queue, brand=channel.brand, channel=channel,
        customer_id=whose.customer_id, opened_at=now, last_activity_at=now,
    )
    reply(made, text="Odgovor", by=mina, at=now)
"""
# What waits for its next attempt is tried at once.
HURRY = """
from django.utils import timezone
from hospes.conversations.jobs import send_letter
from hospes.conversations.models import OutboxEntry
waiting = OutboxEntry.objects.filter(state="queued")
waiting.update(due_at=timezone.now())
for pk in waiting.values_list("pk", flat=True):
    send_letter.defer(outbox_id=pk)
"""
OUTBOX = """
import json
from hospes.conversations.models import OutboxEntry
print(json.dumps([
    {"id": one.message.message_id, "state": one.state, "reason": one.reason, "at": one.changed_at.timestamp()}
    for one in OutboxEntry.objects.select_related("message")
]))
"""


def outbox(desk: Desk, *, hurry: bool = False) -> list[dict[str, Any]]:
    return list(json.loads(desk.python((HURRY if hurry else "") + OUTBOX)))


def test_f07_none_is_lost_none_goes_twice_and_every_doubt_is_told_within_a_minute(
    tmp_path: Path,
) -> None:
    server = Breaking()
    with (
        serving(server.serve) as port,
        desk_at(tmp_path, HOSPES_SMTP_URL=f"smtp://127.0.0.1:{port}") as desk,
    ):
        done = threading.Event()
        killer = threading.Thread(target=_kill_workers, args=(desk, done))
        killer.start()
        try:
            desk.python(REPLY % ("support@kaldera.example", LETTERS))
            wait_until(
                lambda: len(server.dots) > LETTERS // 3, why="letters leave", seconds=60 + LETTERS
            )
        finally:
            done.set()
            killer.join()
        wait_until(
            lambda: all(one["state"] in ENDS for one in outbox(desk, hurry=True)),
            why="every letter came to an end",
            seconds=240 + LETTERS,
        )
        found = outbox(desk)

    print(
        f"{LETTERS} letters: {Counter(one['state'] for one in found)}, {len(server.dots)} at the server"
    )
    assert len(found) == LETTERS
    assert max(server.dots.values()) == 1  # nobody got one twice
    states = Counter(one["state"] for one in found)
    assert states["unknown"] > 0  # the server dropped some
    for one in found:
        if one["state"] == "accepted":
            assert server.dots[one["id"]] == 1
        elif one["id"] in server.dots:
            assert one["at"] - server.dotted_at[one["id"]] < TOLD_WITHIN_SECONDS


def _kill_workers(desk: Desk, done: threading.Event) -> None:
    chance = random.Random(SEED)
    while not done.wait(chance.uniform(0.5, 2.0)):
        pid = desk.part_pids().get("worker")
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


ROADS = """
from hospes.channels.models import Channel, OutgoingServer
first = Channel.objects.get(address="support@kaldera.example")
first.outgoing_server = OutgoingServer.objects.create(host="127.0.0.1", port=%d, security="none")
first.save()
Channel.objects.create(
    kind="email", name="Sales", address="sales@kaldera.example", brand=first.brand,
    outgoing_server=OutgoingServer.objects.create(host="127.0.0.1", port=%d, security="none"),
)
"""


def test_f19_a_server_that_says_nothing_holds_up_no_letters_of_others(tmp_path: Path) -> None:
    def silent(made: socket.socket) -> None:
        with suppress(OSError):
            made.recv(1)  # nobody speaks before the server does

    sink = Sink().start()
    try:
        with serving(silent) as port, desk_at(tmp_path) as desk:
            desk.python(ROADS % (port, sink.port))
            desk.python(REPLY % ("support@kaldera.example", 10))
            began = time.monotonic()
            desk.python(REPLY % ("sales@kaldera.example", 5))
            wait_until(lambda: len(sink.letters) == 5, why="the others leave", seconds=25)
            seconds = time.monotonic() - began
            waiting = [one for one in outbox(desk) if one["state"] in {"queued", "sending"}]
    finally:
        sink.stop()

    assert seconds < 20
    assert len(waiting) == 10  # and none of the first is lost
