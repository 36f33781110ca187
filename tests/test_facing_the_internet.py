"""A desk whose SMTP door faces the internet finds out who sent a mail: the whole way, from the socket to the page."""

from __future__ import annotations

import json
import smtplib
from collections.abc import Iterator

import pytest

from tests.mail import letter
from tests.running import Desk, wait_until
from tests.zone import Zone, domain, signed

SUPPORT = "support@kaldera.example"
SET_UP = f"""
from hospes.channels.models import Channel
from hospes.events.hints import tell_desk_changed
Channel.objects.update(address={SUPPORT!r}, is_catch_all=False, receives_itself=True)
tell_desk_changed()
"""
ASK = """
import json
from hospes.conversations.models import Message
from hospes.intake.models import HeldRaw, PendingRaw
shown = {m.subject: [m.is_verified, m.verdict] for m in Message.objects.all()}
held = {h.subject: [h.reason, h.verdict] for h in HeldRaw.objects.all()}
print(json.dumps([PendingRaw.objects.count(), shown, held]))
"""


@pytest.fixture(scope="module")
def zone() -> Iterator[Zone]:
    with Zone(
        {**domain("example.jp"), **domain("other.example", sends_from=["192.0.2.1"])}
    ) as zone:
        yield zone


@pytest.fixture(scope="module")
def desk(zone: Zone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    desk = Desk(tmp_path_factory.mktemp("mx") / "desk", {"HOSPES_RESOLVER": zone.address}).start()
    desk.python(SET_UP)
    yield desk
    desk.stop()


def test_who_brought_it_and_who_signed_it_decide(desk: Desk, zone: Zone) -> None:
    mails = {
        "By its own machine": ("a@example.jp", letter("a@example.jp", subject="By its own machine")),
        "By a stranger": ("a@other.example", letter("a@other.example", subject="By a stranger")),
        "Signed": ("x@list.example", signed(letter("a@other.example", subject="Signed"), "other.example")),
        "Unknown domain": ("a@nobody.example", letter("a@nobody.example", subject="Unknown domain")),
    }  # fmt: skip
    with smtplib.SMTP("127.0.0.1", desk.smtp_port, "mail.example.jp", timeout=20) as client:
        for envelope_from, body in mails.values():
            client.sendmail(envelope_from, [SUPPORT], body)

    shown, held = wait_until(lambda: _settled(desk, len(mails)), why="all are understood")

    assert {name: verified for name, (verified, _) in shown.items()} == {
        "By its own machine": True, "Signed": True, "Unknown domain": False,
    }  # fmt: skip
    assert held["By a stranger"][0] == "failed_proof"
    assert held["By a stranger"][1]["spf"] == "fail"
    assert shown["By its own machine"][1]["spf_domain"] == "example.jp"
    assert shown["Signed"][1]["dkim_domains"] == ["other.example"]


def _settled(desk: Desk, count: int) -> tuple[dict, dict] | None:
    pending, shown, held = json.loads(desk.python(ASK))
    return (shown, held) if not pending and len(shown) + len(held) == count else None
