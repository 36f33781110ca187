"""F-21: one sender brings thousands of mails at once, and what others write is read within seconds all the same.

HOSPES_FAULT_FLOOD makes the flood larger (`script/faults`: ten thousand).
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mail import letter, send
from tests.running import Desk, wait_until

FLOOD = int(os.environ.get("HOSPES_FAULT_FLOOD", "0"))
WITHIN_SECONDS = 10.0
TO = "support@kaldera.example"
# As fast as they can be stored, which is a lot faster than anybody reads.
STORE = """
from django.utils import timezone
from hospes.channels.models import Channel
from hospes.intake.actions.storing import Delivery, store_all
from tests.mail import letter
channel = Channel.objects.get(address="support@kaldera.example")
for start in range(0, %d, 200):
    store_all([
        Delivery(channel.pk, letter("bot@evil.example", subject=f"Buy {start + n}", verified=False),
            "bot@evil.example", channel.address)
        for n in range(200)
    ], at=timezone.now())
"""
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


def test_f21_others_are_read_within_seconds_while_one_sender_floods_the_desk(desk: Desk) -> None:
    flood = threading.Thread(target=desk.python, args=(STORE % FLOOD,))
    flood.start()
    others = 0

    def all_is_read() -> list[float] | None:
        nonlocal others
        from_ = f"customer{others}@example.si"
        send(desk.smtp_port, letter(from_, subject=f"Help {others}"), from_=from_, to=TO)
        others += 1
        stored, pending, is_balanced, waited = json.loads(desk.python(WAITED))
        assert is_balanced
        return waited if stored == FLOOD + others and not pending else None

    waited = sorted(wait_until(all_is_read, why="all is read", seconds=300))
    flood.join()
    p95 = waited[int(len(waited) * 0.95)]
    print(
        f"{FLOOD} mails of one sender; of {others} others 95 % waited {p95:.1f} s, the last {waited[-1]:.1f} s"
    )
    assert len(waited) == others
    assert p95 < WITHIN_SECONDS
