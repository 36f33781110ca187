"""What the doctor sees when one thing is wrong, and what it mends."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from hospes.brands.models import Site
from hospes.channels.models import OutgoingServer
from hospes.config.doctor import database, machine, mail, rows
from hospes.config.doctor.findings import Finding, State
from hospes.config.serving import Serving
from hospes.conversations.actions.closing import close
from hospes.conversations.actions.replying import reply
from hospes.conversations.models import Conversation, InboxRow, Message, OutboxEntry
from hospes.events.models import PendingEvent
from hospes.files import store
from hospes.intake.models import HeldRaw, PendingRaw, QuarantinedRaw, Raw
from hospes.search.indexing import index
from hospes.team.models import Agent
from tests.arriving import arrive, shown
from tests.cast import NOON, Cast
from tests.mail import Sink, free_port, letter


@pytest.fixture
def parcel(cast: Cast) -> Conversation:
    """Aiko asks about her parcel; everything has followed from it."""
    message = shown(cast, letter("aiko@example.jp", files=[("a.txt", "text/plain", b"a file")]))
    Message.objects.update(at=NOON)
    index([message.pk])
    PendingEvent.objects.all().delete()
    return message.conversation


def bad(findings: Iterable[Finding] | Finding) -> list[Finding]:
    every = [findings] if isinstance(findings, Finding) else list(findings)
    assert every, "it looked at nothing"
    return [one for one in every if one.state is not State.OK]


def only(findings: Iterable[Finding] | Finding) -> Finding:
    (found,) = bad(findings)
    return found


def test_a_healthy_desk_has_nothing(cast: Cast, parcel: Conversation) -> None:
    now = timezone.now()
    for findings in (
        database.look_at_server(), database.look_at_schema(), database.look_at_clocks(),
        mail.look_at_intake(now), mail.look_at_outbox(now), mail.look_at_events(),
        mail.look_at_jobs(), rows.look_at_inbox(), rows.look_at_search(),
        rows.look_at_files(thorough=True), rows.look_at_team(),
    ):  # fmt: skip
        assert [one for one in bad(findings) if one.about != "durability"] == []


def test_an_open_conversation_without_its_row_is_seen_and_mended(
    cast: Cast, parcel: Conversation
) -> None:
    kept = InboxRow.objects.values().get()
    InboxRow.objects.all().delete()

    finding = only(rows.look_at_inbox())

    assert "Open conversations that do not stand in it as they are: 1." in finding.says
    assert finding.mender is not None
    finding.mender()
    assert bad(rows.look_at_inbox()) == []
    assert InboxRow.objects.values().get() == kept


def test_a_row_that_says_something_else_is_seen_and_mended(
    cast: Cast, parcel: Conversation
) -> None:
    InboxRow.objects.update(assignee_id=cast.mina.pk)

    finding = only(rows.look_at_inbox())

    assert finding.mender is not None
    finding.mender()
    assert InboxRow.objects.get().assignee_id == 0


def test_a_row_of_a_closed_conversation_is_seen_and_mended(
    cast: Cast, parcel: Conversation
) -> None:
    row = InboxRow.objects.get()
    close(parcel, by=cast.ana, at=NOON)
    row.save(force_insert=True)

    finding = only(rows.look_at_inbox())

    assert "Closed conversations that stand in it: 1." in finding.says
    assert finding.mender is not None
    finding.mender()
    assert not InboxRow.objects.exists()


def test_a_message_that_cannot_be_found_is_seen_and_mended(
    cast: Cast, parcel: Conversation
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM search_document")

    finding = only(rows.look_at_search())

    assert finding.mender is not None
    finding.mender()
    assert bad(rows.look_at_search()) == []


def test_missing_and_damaged_files_are_named(cast: Cast, parcel: Conversation) -> None:
    message = Message.objects.get()
    sha256 = message.attachments.get().sha256
    path = store.path_of(sha256)
    whole = path.read_bytes()
    try:
        path.write_bytes(b"b file")
        assert bad(rows.look_at_files(thorough=False)) == []
        assert "Damaged: 1" in only(rows.look_at_files(thorough=True)).says
        path.unlink()
        finding = only(rows.look_at_files(thorough=False))
        assert f"{sha256} (message {message.pk})" in finding.says
    finally:
        path.write_bytes(whole)


def test_mail_that_vanished_is_seen(cast: Cast, parcel: Conversation) -> None:
    raw_id = arrive(cast, b"Subject: nobody\n\nx\n")
    HeldRaw.objects.filter(pk=raw_id).delete()

    assert "does not add up: 2 stored = 1 shown" in only(mail.look_at_intake(NOON)).says


def test_mail_that_waits_too_long_is_seen(cast: Cast, parcel: Conversation) -> None:
    raw = Raw.objects.create(
        channel=cast.channel, transport_key="1", received_at=timezone.now() - timedelta(hours=1),
        body=b"x",
    )  # fmt: skip
    PendingRaw.objects.create(raw=raw)

    assert only(mail.look_at_intake(timezone.now())).about == "pending mail"


def test_what_people_have_to_decide_is_told(cast: Cast, parcel: Conversation) -> None:
    raws = [
        Raw.objects.create(channel=cast.channel, transport_key=str(n), received_at=NOON, body=b"x")
        for n in range(2)
    ]
    QuarantinedRaw.objects.create(raw=raws[0], error="Too deep.", at=NOON)
    HeldRaw.objects.create(raw=raws[1], reason="no_sender", at=NOON)

    assert [one.about for one in bad(mail.look_at_intake(NOON))] == ["quarantine"]
    later = bad(mail.look_at_intake(NOON + timedelta(days=2)))
    assert [one.about for one in later] == ["quarantine", "held mail"]


def test_events_whose_reactions_failed_for_good_are_tried_again(
    cast: Cast, parcel: Conversation
) -> None:
    reply(parcel, text="Soon.", by=cast.ana, at=NOON)
    pending = PendingEvent.objects.order_by("pk")[0]
    PendingEvent.objects.filter(pk=pending.pk).update(attempts=6, error="KeyError: x")

    finding = next(one for one in bad(mail.look_at_events()) if one.state is State.FAIL)

    assert "KeyError: x" in finding.says
    assert finding.mender is not None
    finding.mender()
    pending.refresh_from_db()
    assert (pending.attempts, pending.retry_at) == (0, None)


def test_replies_that_are_stuck_or_unknown_are_told(cast: Cast, parcel: Conversation) -> None:
    entry = reply(parcel, text="Soon.", by=cast.ana, at=NOON).outbox_entry
    assert bad(mail.look_at_outbox(NOON)) == []
    later = NOON + timedelta(hours=1)
    assert only(mail.look_at_outbox(later)).state is State.FAIL

    OutboxEntry.objects.filter(pk=entry.pk).update(state="unknown")
    assert "do not know if they were sent: 1" in only(mail.look_at_outbox(later)).says

    OutboxEntry.objects.filter(pk=entry.pk).update(state="queued", reason="held")
    Site.objects.update(sending_held_since=NOON)
    assert "hospes resume" in only(mail.look_at_outbox(later)).mend


def test_the_outgoing_server_is_talked_to(cast: Cast, settings: Settings) -> None:
    settings.SMTP_URL = ""
    assert "None is set" in only(mail.look_at_outgoing()).says
    sink = Sink().start()
    try:
        settings.SMTP_URL = f"{sink.url}?security=none"
        assert bad(mail.look_at_outgoing()) == []
        OutgoingServer.objects.create(host="127.0.0.1", port=free_port(), security="none")
        assert only(mail.look_at_outgoing()).state is State.FAIL
    finally:
        sink.stop()


def test_nobody_at_work_is_told(db: None) -> None:
    assert len(bad(mail.look_at_workers())) == 3


def test_missing_migrations_are_named(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'search'")

    assert "search.0001_initial" in only(database.look_at_schema()).says


def test_a_desk_without_operators_is_told(cast: Cast) -> None:
    Agent.objects.filter(role="operator").update(is_active=False)

    assert "no operator" in only(rows.look_at_team()).says


def test_a_key_that_others_can_read_is_locked_up(tmp_path: Path) -> None:
    key = tmp_path / "secret_key"
    key.write_text("key")
    key.chmod(0o644)

    finding = only(machine.look_at_folder(tmp_path))

    assert finding.mender is not None
    finding.mender()
    assert key.stat().st_mode & 0o777 == 0o600
    assert bad(machine.look_at_folder(tmp_path)) == []


def test_a_disk_nearly_full_is_told(tmp_path: Path) -> None:
    assert only(machine.look_at_space(tmp_path, 101)).state is State.FAIL


def test_ports_that_do_not_answer_are_told() -> None:
    dead = Serving(1, free_port(), "http://localhost", free_port(), free_port())

    assert [one.about for one in bad(machine.look_at_ports(dead))] == [
        "pages", "SMTP door", "LMTP door",
    ]  # fmt: skip
