"""F-21: one sender brings thousands of mails at once, and what others write is read within seconds all the same.

HOSPES_FAULT_FLOOD makes the flood larger (`script/faults`: ten thousand).
"""

from __future__ import annotations

import json
import os
import smtplib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mail import letter, send
from tests.running import Desk, wait_until

FLOOD = int(os.environ.get("HOSPES_FAULT_FLOOD", "0"))
AT_ONCE = 4  # connections of the flood
WITHIN_SECONDS = 10.0
TO = "support@kaldera.example"
# Of those who are not the flood: seconds from when it was acknowledged until it was shown.
WAITED = """
import json
from hospes.conversations.models import Message
from hospes.events.models import Event
from hospes.intake.counters import counters
from hospes.intake.models import Raw
now = counters()
written = dict(Event.objects.filter(kind="MessageReceived").values_list("data__message_id", "at"))
others = Message.objects.exclude(from_address="bot@evil.example")
print(json.dumps([now.stored, now.pending, now.is_balanced, [
    (written[pk] - at).total_seconds() for pk, at in others.values_list("pk", "at")
]]))
"""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    if not FLOOD:
        pytest.skip(
            "script/faults floods a desk; every run tests who is read next (test_crowds.py)."
        )
    desk = Desk(tmp_path / "desk").start()
    try:
        desk.python("from tests.cast import gather; gather()")
        yield desk
    finally:
        desk.end()


def flood(desk: Desk, numbers: range) -> None:
    with smtplib.SMTP("127.0.0.1", desk.smtp_port, timeout=60) as client:
        for number in numbers:
            body = letter("bot@evil.example", subject=f"Buy {number}", verified=False)
            client.sendmail("bot@evil.example", [TO], body)


def test_f21_others_are_read_within_seconds_while_one_sender_floods_the_desk(desk: Desk) -> None:
    floods = [
        threading.Thread(target=flood, args=(desk, range(n, FLOOD, AT_ONCE)))
        for n in range(AT_ONCE)
    ]
    for one in floods:
        one.start()
    others, pause = 0, threading.Event()
    while any(one.is_alive() for one in floods):
        from_ = f"customer{others}@example.si"
        send(desk.smtp_port, letter(from_, subject=f"Help {others}"), from_=from_, to=TO)
        others += 1
        pause.wait(0.2)
    for one in floods:
        one.join()

    def done() -> list[float] | None:
        stored, pending, is_balanced, waited = json.loads(desk.python(WAITED))
        assert is_balanced
        return waited if stored == FLOOD + others and not pending else None

    waited = sorted(wait_until(done, why="all is read", seconds=300))
    p95 = waited[int(len(waited) * 0.95)]
    print(
        f"{FLOOD} mails of one sender; {others} others waited {p95:.1f} s (p95), {waited[-1]:.1f} s (most)"
    )
    assert len(waited) == others
    assert p95 < WITHIN_SECONDS
