"""B01: two whole desks that both acknowledge, with a mail server between them, stop after two letters at most."""

from __future__ import annotations

import json
import smtplib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as Server  # noqa: N811 # the standard's name is taken by a policy
from aiosmtpd.smtp import Envelope, Session

from tests.mail import free_port, letter, send
from tests.running import Desk, wait_until

STAGE = """
from tests.cast import gather
cast = gather()
from hospes.channels.models import Channel
for place, domain in {domains!r}.items():
    Channel.objects.create(
        brand=cast.brand, name=place, address=f"{{place}}@{name}.example", reply_domain=domain, acknowledges=True
    )
"""
STATE = """
import json
from hospes.channels.models import Channel
from hospes.conversations.models import Message, OutboxEntry
from hospes.events.models import Event, PendingEvent
from hospes.intake.models import PendingRaw
channel = Channel.objects.get(name={place!r})
moving = OutboxEntry.objects.filter(state__in=["queued", "sending"]).exists()
here = Message.objects.filter(channel=channel)
told = Event.objects.filter(kind="AcknowledgementWithheld", conversation_id__in=here.values("conversation_id"))
print(json.dumps({{
    "is_still": not (moving or PendingEvent.objects.exists() or PendingRaw.objects.exists()),
    "came": here.filter(direction=0).count(),
    "wrote": here.filter(direction=1, is_automatic=True).count(),
    "told": [row.data["reason"] for row in told.order_by("pk")],
}}))
"""
MARKS = (b"auto-submitted:", b"x-auto-response-suppress:", b"x-hospes-loop:")
# Where a case plays: whose letters lose the marks that tell machines from people, as at servers that scan mail; and
# the domain of its signed reply addresses.
CASES = {
    "as-it-is": (frozenset(), "reply.{name}.example"),
    "one-stripped": (frozenset("a"), ""),
    "both-stripped": (frozenset("ab"), "strip.{name}.example"),
}


@dataclass
class Between:
    """A mail server that hands on what the desks send each other, and counts it."""

    doors: dict[str, int] = field(default_factory=dict)
    strips: frozenset[str] = frozenset()
    carried: list[bytes] = field(default_factory=list)
    envelopes: list[str] = field(default_factory=list)

    async def handle_DATA(self, server: Server, session: Session, envelope: Envelope) -> str:
        content, sender = envelope.original_content or b"", ""
        whose = content.partition(b"@")[2][:1].decode()  # From is the first field with an address
        if whose in self.strips:
            content, sender = _without_marks(content), f"srs=1@{whose}.example"
        self.carried.append(content)
        self.envelopes.append(envelope.mail_from or "")
        for recipient in envelope.rcpt_tos:
            port = self.doors[recipient.removesuffix(".example")[-1]]
            # Not on the loop that answers: a letter that leads to another one must not wait for itself.
            threading.Thread(target=_hand_on, args=(port, content, sender, recipient)).start()
        return "250 2.0.0 taken"


def _hand_on(port: int, content: bytes, sender: str, recipient: str) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
        client.sendmail(sender or "<>", [recipient], content)


def _without_marks(content: bytes) -> bytes:
    lines = content.split(b"\r\n")
    return b"\r\n".join(line for line in lines if not line.lower().startswith(MARKS))


@pytest.fixture(scope="module")
def between() -> Iterator[Between]:
    between = Between()
    controller = Controller(between, hostname="127.0.0.1", port=free_port())
    controller.start()
    between.doors["between"] = controller.port
    yield between
    controller.stop()


@pytest.fixture(scope="module")
def desks(new_desk: Callable[..., Desk], between: Between) -> Iterator[dict[str, Desk]]:
    made = {}
    for name in ("a", "b"):
        desk = new_desk({"HOSPES_SMTP_URL": f"smtp://127.0.0.1:{between.doors['between']}?security=none"})  # fmt: skip
        desk.start()
        domains = {place: domain.format(name=name) for place, (_, domain) in CASES.items()}
        desk.python(STAGE.format(name=name, domains=domains))
        between.doors[name] = desk.smtp_port
        made[name] = desk
    yield made
    for desk in made.values():
        desk.end()


@pytest.mark.parametrize("place", CASES)
def test_b01_two_desks_that_acknowledge_each_other_stop_after_two_letters(
    desks: dict[str, Desk], between: Between, place: str
) -> None:
    between.strips, _ = CASES[place]
    before = len(between.carried)
    seed = letter(f"{place}@b.example", to=f"{place}@a.example", verified=False)
    send(desks["a"].smtp_port, seed, from_="x@b.example", to=f"{place}@a.example")

    a, b = wait_until(lambda: at_rest(desks, place), why="nothing more to send")

    assert len(between.carried) - before == a["wrote"] + b["wrote"] <= 2
    assert set(between.envelopes) == {"<>"}
    # Each desk says in words what its own machine did, or why it did nothing.
    told = {
        "as-it-is": (1, [], 0, ["loop"]),
        "one-stripped": (1, ["loop"], 1, []),
        "both-stripped": (1, [], 1, []),
    }
    assert (a["wrote"], a["told"], b["wrote"], b["told"]) == told[place]


def at_rest(desks: dict[str, Desk], place: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return how both are once nothing moves in them and each has the letters of the other."""
    a, b = (json.loads(desks[name].python(STATE.format(place=place))) for name in ("a", "b"))
    has_all = a["wrote"] and a["came"] == 1 + b["wrote"] and b["came"] == a["wrote"]
    return (a, b) if has_all and a["is_still"] and b["is_still"] else None
