"""E13 again: what agents attach, and what came with mail that is held, is looked into for viruses, too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from hospes.channels.contract import OutboundFile
from hospes.conversations.actions.replying import reply
from hospes.conversations.actions.sending import send, send_due
from hospes.conversations.models import Conversation, DraftFile, OutboxEntry
from hospes.files.models import FileCheck
from hospes.intake.actions.deciding import let_in
from hospes.intake.actions.scanning import MAX_TRIES, check_undecided
from hospes.intake.models import HeldRaw, PendingRaw, QuarantinedRaw
from hospes.team.models import Agent
from tests.arriving import ParserHere, arrive, come_in
from tests.cast import NOON, Cast
from tests.mail import Sink, letter
from tests.scanner import EICAR, NAME, Scanner, scanner

VIRUS = ("invoice.exe", "application/octet-stream", b"MZ" + EICAR)
HARMLESS = ("offer.pdf", "application/pdf", b"%PDF-1.7")
REASON, STATE = OutboxEntry.Reason, OutboxEntry.State
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clamd(settings: Settings, tmp_path: Path) -> Iterator[Scanner]:
    settings.DATA_DIR = tmp_path
    with scanner(tmp_path / "clamd.ctl") as running:
        settings.CLAMD = running.place
        yield running


@pytest.fixture
def sink(settings: Settings) -> Iterator[Sink]:
    sink = Sink().start()
    settings.SMTP_URL, settings.UNDO_SECONDS = sink.url, 0
    yield sink
    sink.stop()


@pytest.fixture
def conversation(cast: Cast) -> Conversation:
    return Conversation.objects.create(
        reference="H-7K3F9", queue=cast.care, brand=cast.brand, channel=cast.channel,
        customer=cast.aiko, opened_at=NOON, last_activity_at=NOON,
    )  # fmt: skip


def client_of(agent: Agent) -> Client:
    client = Client()
    client.force_login(agent)
    return client


def written(cast: Cast, conversation: Conversation, *files: tuple[str, str, bytes]) -> OutboxEntry:
    """A reply that is due, as a program may write it: with files that nobody looked into."""
    attached = [OutboundFile(*one) for one in files]
    message = reply(conversation, text="Attached.", by=cast.mina, at=NOON, files=attached)
    return OutboxEntry.objects.get(message=message)


def became(entry: OutboxEntry) -> tuple[str, str]:
    entry.refresh_from_db()
    return entry.state, entry.reason


# What agents attach -------------------------------------------------------------------------------


def test_e13_a_letter_with_a_virus_leaves_nobody(
    cast: Cast, clamd: Scanner, sink: Sink, conversation: Conversation
) -> None:
    entry = written(cast, conversation, HARMLESS, VIRUS)

    send(entry.pk, at=NOON)

    assert became(entry) == (STATE.FAILED, REASON.VIRUS)
    assert entry.answer == NAME
    assert sink.letters == []
    page = client_of(cast.mina).get(reverse("conversation", args=["H-7K3F9"])).content.decode()
    assert "A virus was found in a file that was to go with it" in page


def test_e13_letters_whose_files_are_clean_leave_and_each_file_is_asked_about_once(
    cast: Cast, clamd: Scanner, sink: Sink, conversation: Conversation
) -> None:
    for _time in range(2):
        send(written(cast, conversation, HARMLESS).pk, at=NOON)
    send(written(cast, conversation).pk, at=NOON)

    assert len(sink.letters) == 3
    assert clamd.seen == [HARMLESS[2]]


def test_e13_while_the_scanner_is_away_letters_with_files_wait_and_say_so(
    cast: Cast,
    clamd: Scanner,
    sink: Sink,
    conversation: Conversation,
    settings: Settings,
    tmp_path: Path,
) -> None:
    settings.CLAMD = str(tmp_path / "nobody.ctl")
    with_file, after_it = written(cast, conversation, HARMLESS), written(cast, conversation)

    send_due(at=NOON)

    assert became(with_file) == (STATE.QUEUED, REASON.UNCHECKED)
    assert with_file.attempts == 0
    assert became(after_it) == (STATE.QUEUED, REASON.UNCHECKED)  # no later word overtakes it
    assert sink.letters == []

    settings.CLAMD = clamd.place
    send_due(at=NOON + timedelta(minutes=1))

    assert became(with_file) == became(after_it) == (STATE.ACCEPTED, "")
    sent = [one["Message-ID"] for one in sink.letters]
    assert sent == [with_file.message.message_id, after_it.message.message_id]


def test_e13_a_file_the_scanner_cannot_look_into_leaves_in_the_end(
    cast: Cast, clamd: Scanner, sink: Sink, conversation: Conversation
) -> None:
    clamd.mood = "garbage"
    entry = written(cast, conversation, HARMLESS)
    for minute in range(3):
        assert sink.letters == []
        send_due(at=NOON + timedelta(minutes=minute))

    assert became(entry) == (STATE.ACCEPTED, "")
    assert len(sink.letters) == 1


def test_e13_whoever_attaches_a_virus_is_told_at_once(
    cast: Cast, clamd: Scanner, conversation: Conversation, tmp_path: Path
) -> None:
    client = client_of(cast.mina)
    address = reverse("draft_files", args=["H-7K3F9"])

    def attach(name: str, content: bytes) -> int:
        path = tmp_path / name
        path.write_bytes(content)
        with path.open("rb") as file:
            return client.post(address, {"files": file}).status_code

    assert attach("offer.pdf", HARMLESS[2]) == 201
    assert attach("invoice.exe", VIRUS[2]) == 409
    assert [one.name for one in DraftFile.objects.all()] == ["offer.pdf"]


def test_e13_files_are_attached_though_the_scanner_is_away(
    cast: Cast, clamd: Scanner, conversation: Conversation, settings: Settings, tmp_path: Path
) -> None:
    settings.CLAMD = str(tmp_path / "nobody.ctl")
    path = tmp_path / "offer.pdf"
    path.write_bytes(HARMLESS[2])

    with path.open("rb") as file:
        answer = client_of(cast.mina).post(
            reverse("draft_files", args=["H-7K3F9"]), {"files": file}
        )

    assert answer.status_code == 201


# What came with mail that is held -----------------------------------------------------------------


def held(cast: Cast, *files: tuple[str, str, bytes]) -> HeldRaw:
    body = letter("Mallory <mina@kaldera.example>", subject="Wire it", verified=False, files=files)
    return HeldRaw.objects.get(raw_id=arrive(cast, body))


def test_e13_a_virus_in_held_mail_is_told_to_whoever_decides_and_saved_by_operators_alone(
    cast: Cast, clamd: Scanner
) -> None:
    bad, good = held(cast, HARMLESS, VIRUS), held(cast, HARMLESS)

    assert check_undecided(at=NOON) == 2

    page = client_of(cast.jonas).get(reverse("settings_mail")).content.decode()
    assert page.count(f"a virus was found ({NAME})") == 1
    raw = {one: reverse("settings_mail_raw", args=[one.pk]) for one in (bad, good)}
    assert client_of(cast.jonas).get(raw[bad]).status_code == 409
    assert client_of(cast.jonas).get(raw[good]).status_code == 200
    assert client_of(cast.ana).get(raw[bad]).status_code == 200


def test_e13_a_virus_in_mail_that_nobody_can_read_is_told_too(cast: Cast, clamd: Scanner) -> None:
    ids = come_in(cast.channel, b"\0" + VIRUS[2], b"\0 nothing of it")
    PendingRaw.objects.all().delete()
    for raw_id in ids:
        QuarantinedRaw.objects.create(raw_id=raw_id, error="It has no parts.", at=NOON)

    assert check_undecided(at=NOON) == 2
    assert check_undecided(at=NOON) == 0

    bad, good = ids
    alone = reverse("settings_mail_decide", args=[bad])
    for page in (reverse("settings_mail") + "?quarantined", alone):
        told = client_of(cast.jonas).get(page).content.decode()
        assert told.count(f"a virus was found ({NAME})") == 1
    raw = {one: reverse("settings_mail_raw", args=[one]) for one in ids}
    assert client_of(cast.jonas).get(raw[bad]).status_code == 409
    assert client_of(cast.jonas).get(raw[good]).status_code == 200
    assert client_of(cast.ana).get(raw[bad]).status_code == 200


def test_e13_what_was_looked_into_while_it_was_held_is_known_when_it_is_let_in(
    cast: Cast, clamd: Scanner
) -> None:
    one = held(cast, VIRUS)
    check_undecided(at=NOON)

    message = let_in(one, parser=ParserHere(), at=NOON, join=False)

    assert FileCheck.objects.get(sha256=message.attachments.get().sha256).state == "found"
    assert check_undecided(at=NOON) == 0
    assert len(clamd.seen) == 1


def test_e13_held_mail_is_asked_about_again_when_the_scanner_was_away_or_said_nothing_of_use(
    cast: Cast, clamd: Scanner, settings: Settings, tmp_path: Path
) -> None:
    one = held(cast, HARMLESS)
    settings.CLAMD = str(tmp_path / "nobody.ctl")
    assert check_undecided(at=NOON) == 0

    settings.CLAMD, clamd.mood = clamd.place, "garbage"
    for _try in range(MAX_TRIES + 1):
        check_undecided(at=NOON)

    one.refresh_from_db()
    assert (len(clamd.seen), one.virus) == (MAX_TRIES, "")
    assert one.checked_at is not None


def test_e13_without_a_scanner_nobody_is_asked_about_held_mail(cast: Cast) -> None:
    one = held(cast, VIRUS)

    assert check_undecided(at=NOON) == 0

    one.refresh_from_db()
    assert one.checked_at is None
    assert not FileCheck.objects.exists()
