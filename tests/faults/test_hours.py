"""F-18: a mail server that is away for six hours, on a clock that runs ahead for the sending process alone."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from hospes.channels.models import Channel, OutgoingServer
from hospes.conversations.actions.replying import reply
from hospes.conversations.models import Conversation, OutboxEntry
from tests import apart
from tests.cast import Cast
from tests.mail import Sink, free_port

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)
# The clock is that of the process: it reads how far ahead it is from a file, anew each time.
SEND = """
import json, os, sys
from pathlib import Path
from django.utils import timezone
from hospes.conversations.actions.sending import send_due
from hospes.conversations.models import OutboxEntry
told = []
for hour in %s:
    Path(os.environ["FAKETIME_TIMESTAMP_FILE"]).write_text(f"+{hour}h")
    send_due(at=timezone.now())
    rows = OutboxEntry.objects.order_by("pk").values_list("channel__name", "state", "reason")
    told.append([timezone.now().isoformat(), list(rows)])
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def faketime() -> str:
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    if not found:
        pytest.skip("There is no libfaketime here.")
    return str(found[0])


def later(faketime: str, file: Path, hours: list[int]) -> list[tuple[str, list[list[str]]]]:
    """Send what is due in these hours from now, in a process of its own; return the moment and all states each time."""
    sender = apart.start(
        SEND % hours, LD_PRELOAD=faketime, FAKETIME_TIMESTAMP_FILE=str(file), FAKETIME_NO_CACHE="1",
        FAKETIME_DONT_FAKE_MONOTONIC="1", DONT_FAKE_MONOTONIC="1",
    )  # fmt: skip
    told, _ = sender.communicate(timeout=60)
    assert sender.returncode == 0
    return list(json.loads(told))


def begun(cast: Cast, channel: Channel, reference: str) -> Conversation:
    return Conversation.objects.create(
        reference=reference, queue=cast.care, brand=cast.brand, channel=channel,
        customer=cast.aiko, opened_at=timezone.now(), last_activity_at=timezone.now(),
    )  # fmt: skip


def test_f18_while_a_server_is_away_for_hours_its_letters_wait_in_order_and_others_leave(
    cast: Cast, settings: Settings, faketime: str, tmp_path: Path
) -> None:
    settings.UNDO_SECONDS = 0
    began = timezone.now()
    theirs = Sink().start()
    away = OutgoingServer.objects.create(host="127.0.0.1", port=free_port(), security="none")
    there = OutgoingServer.objects.create(host="127.0.0.1", port=theirs.port, security="none")
    Channel.objects.filter(pk=cast.channel.pk).update(outgoing_server=away)
    cast.channel.refresh_from_db()
    other = Channel.objects.create(
        brand=cast.brand, name="Other", address="other@kaldera.example", outgoing_server=there
    )
    waiting, normal = begun(cast, cast.channel, "H-7K3F9"), begun(cast, other, "H-7K3FA")
    for hour in range(6):
        reply(waiting, text=f"waits {hour}", by=cast.mina, at=began + hour * HOUR)
        reply(normal, text=f"leaves {hour}", by=cast.mina, at=began + hour * HOUR)

    try:
        told = later(faketime, tmp_path / "ahead", list(range(6)))
        client = Client()
        client.force_login(cast.mina)
        page = client.get(reverse("conversation", args=["H-7K3F9"])).content.decode()
        ours = Sink().start()
        OutgoingServer.objects.filter(pk=away.pk).update(port=ours.port)  # it is back
        try:
            later(faketime, tmp_path / "ahead", [6, 6])
        finally:
            ours.stop()
    finally:
        theirs.stop()

    for hour, (moment, rows) in enumerate(told):
        ahead = datetime.fromisoformat(moment) - began
        assert hour * HOUR <= ahead < (hour + 1) * HOUR  # the clock did run ahead
        accepted = [name for name, state, _ in rows if state == "accepted"]
        assert accepted == ["Other"] * (hour + 1)
        assert {state for name, state, _ in rows if name != "Other"} == {"queued"}
    assert "could not be reached" in page
    assert "Fails since" in page
    assert [str(one.get_payload()).split("\n")[0].strip() for one in ours.letters] == [f"waits {n}" for n in range(6)]  # fmt: skip
    assert set(OutboxEntry.objects.values_list("state", flat=True)) == {"accepted"}
    assert len(theirs.letters) == 6
