"""Files with viruses in them, and files that are bombs: the message arrives, and the file does no harm."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from hospes.api.actions.issuing import issue
from hospes.config.doctor.findings import State
from hospes.config.doctor.scanner import look_at_scanner
from hospes.config.reactions import REACTIONS
from hospes.conversations.actions.checking import check_waiting, want_older
from hospes.conversations.models import Attachment, Message
from hospes.events.consuming import consume_batch
from hospes.events.models import Event
from hospes.files import store
from hospes.files.models import FileCheck
from hospes.team.models import Agent
from tests.arriving import shown
from tests.cast import Cast
from tests.elsewhere import png
from tests.mail import letter
from tests.scanner import EICAR, NAME, VERSION, Scanner, scanner

pytestmark = pytest.mark.django_db


@pytest.fixture
def clamd(settings: Settings, tmp_path: Path) -> Iterator[Scanner]:
    settings.DATA_DIR = tmp_path
    with scanner(tmp_path / "clamd.ctl") as running:
        settings.CLAMD = running.place
        yield running


def follow() -> None:
    """Do what follows from what happened."""
    while consume_batch(REACTIONS, at=timezone.now()):
        pass


def mail(cast: Cast, *files: tuple[str, str, bytes], html: str = "") -> Message:
    body = letter("Aiko <aiko@example.jp>", subject="A file", text="see the file", html=html, files=files)  # fmt: skip
    message = shown(cast, body)
    follow()
    return message


VIRUS = ("invoice.exe", "application/octet-stream", b"MZ" + EICAR)
HARMLESS = ("offer.pdf", "application/pdf", b"%PDF-1.7")
PHOTO = ("tank.png", "image/png", png())


def client_of(agent: Agent) -> Client:
    client = Client()
    client.force_login(agent)
    return client


def opens(agent: Agent, address: str) -> tuple[int, bytes]:
    """Ask for a file as this agent's browser does; return the status and what comes."""
    answer = client_of(agent).get(address)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer.status_code, body


def page(cast: Cast, message: Message) -> str:
    address = reverse("conversation", args=[message.conversation.reference])
    return client_of(cast.mina).get(address).content.decode()


def address(message: Message, position: int = 0) -> str:
    one = message.attachments.get(position=position)
    return reverse("attachment", args=[one.pk, one.name])


def test_e13_a_file_with_a_virus_is_held_and_its_message_delivered(
    cast: Cast, clamd: Scanner
) -> None:
    message = mail(cast, VIRUS, HARMLESS)
    assert "see the file" in page(cast, message)

    check_waiting(at=timezone.now())

    shown_page = page(cast, message)
    assert "see the file" in shown_page
    assert f'a virus was found (<bdi dir="ltr">{NAME}</bdi>)' in shown_page
    assert address(message) not in shown_page
    assert address(message, 1) in shown_page
    for agent in (cast.mina, cast.jonas, cast.ana):
        for question in ("", "?inline", "?unchecked"):
            status, body = opens(agent, address(message) + question)
            assert status in {404, 409}
            assert EICAR not in body
    assert opens(cast.mina, address(message, 1)) == (200, HARMLESS[2])


def test_e13_the_raw_mail_with_a_virus_is_for_operators_alone(cast: Cast, clamd: Scanner) -> None:
    message = mail(cast, VIRUS)
    check_waiting(at=timezone.now())
    raw = reverse("message_raw", args=[message.pk])

    assert client_of(cast.mina).get(raw).status_code == 409
    assert client_of(cast.jonas).get(raw).status_code == 409
    assert client_of(cast.ana).get(raw).status_code == 200


def test_e13_programs_do_not_get_it_either(cast: Cast, clamd: Scanner) -> None:
    message = mail(cast, VIRUS, HARMLESS)
    issued = issue(agent=cast.mina, name="x", scopes=["messages:read"], by=None, at=timezone.now())
    client = Client(headers={"authorization": f"Bearer {issued.secret}"})
    first, second = (f"/api/v1/attachments/{one.pk}" for one in message.attachments.all())
    assert client.get(second).json()["code"] == "not_checked"
    assert b"".join(client.get(f"{second}?unchecked=true").streaming_content) == HARMLESS[2]

    check_waiting(at=timezone.now())

    assert client.get(f"{first}?unchecked=true").json()["code"] == "virus_found"
    assert b"".join(client.get(second).streaming_content) == HARMLESS[2]


def test_a_finding_stays_when_the_scanner_is_taken_away(
    cast: Cast, clamd: Scanner, settings: Settings
) -> None:
    message = mail(cast, VIRUS)
    check_waiting(at=timezone.now())
    settings.CLAMD = None

    assert "a virus was found" in page(cast, message)
    assert opens(cast.mina, address(message))[0] == 409


def test_screens_hear_of_what_the_scanner_said(cast: Cast, clamd: Scanner) -> None:
    message = mail(cast, HARMLESS)
    assert "Not checked for viruses yet" in page(cast, message)

    assert check_waiting(at=timezone.now()) == 1

    told = Event.objects.get(kind="FileChecked")
    assert (told.conversation_id, told.data) == (message.conversation_id, {"message_id": message.pk})  # fmt: skip
    assert "Not checked" not in page(cast, message)


def test_while_the_scanner_is_away_mail_arrives_and_files_wait(
    cast: Cast, clamd: Scanner, settings: Settings, tmp_path: Path
) -> None:
    settings.CLAMD = str(tmp_path / "nobody.ctl")
    message = mail(cast, HARMLESS, PHOTO)

    assert check_waiting(at=timezone.now()) == 0

    assert page(cast, message).count("Not checked for viruses yet") == 2
    assert "?inline" not in page(cast, message)
    asks = client_of(cast.mina).get(address(message))
    assert (asks.status_code, asks["Content-Type"]) == (409, "text/html; charset=utf-8")
    assert "Open it unchecked" in asks.content.decode()
    assert client_of(cast.mina).get(address(message, 1) + "?inline").status_code == 404
    assert opens(cast.mina, address(message) + "?unchecked") == (200, HARMLESS[2])

    settings.CLAMD = clamd.place
    assert check_waiting(at=timezone.now()) == 2
    assert "Not checked" not in page(cast, message)
    assert "?inline" in page(cast, message)


def test_opening_a_file_asks_the_scanner_at_once(cast: Cast, clamd: Scanner) -> None:
    message = mail(cast, VIRUS, HARMLESS)

    assert opens(cast.mina, address(message))[0] == 409
    assert opens(cast.mina, address(message, 1)) == (200, HARMLESS[2])
    states = dict(FileCheck.objects.values_list("told", "state"))
    assert states == {NAME: "found", "": "clean"}


def test_a_file_the_scanner_chokes_on_lets_the_others_pass_and_is_given_up(
    cast: Cast, clamd: Scanner
) -> None:
    clamd.mood = "garbage"
    message = mail(cast, HARMLESS, VIRUS)
    assert check_waiting(at=timezone.now()) == 1  # the one with the virus
    for _try in range(2):
        check_waiting(at=timezone.now())

    assert "could not look into it" in page(cast, message)
    assert opens(cast.mina, address(message))[0] == 200


def test_a_file_that_is_not_stored_yet_waits_however_often_it_is_looked_for(
    cast: Cast, clamd: Scanner
) -> None:
    mail(cast, HARMLESS)
    path = store.path_of(Attachment.objects.get().sha256)
    path.rename(path.with_name("elsewhere"))
    for _try in range(5):
        assert check_waiting(at=timezone.now()) == 0

    path.with_name("elsewhere").rename(path)

    assert check_waiting(at=timezone.now()) == 1
    assert FileCheck.objects.get().state == FileCheck.State.CLEAN


def test_the_same_file_is_looked_into_once(cast: Cast, clamd: Scanner) -> None:
    for _time in range(3):
        mail(cast, HARMLESS)
        check_waiting(at=timezone.now())

    assert clamd.seen == [HARMLESS[2]]


def test_what_came_before_there_was_a_scanner_is_looked_into_afterwards(
    cast: Cast, clamd: Scanner, settings: Settings
) -> None:
    settings.CLAMD = None
    message = mail(cast, VIRUS)
    assert "Not checked" not in page(cast, message)
    assert not FileCheck.objects.exists()

    settings.CLAMD = clamd.place
    assert "Not checked" in page(cast, message)
    assert want_older(None, at=timezone.now()) == 0
    check_waiting(at=timezone.now())

    assert "a virus was found" in page(cast, message)


def test_a_picture_in_a_design_is_shown_once_it_was_looked_into(cast: Cast, clamd: Scanner) -> None:
    body = (
        b"From: Aiko <aiko@example.jp>\r\nTo: support@kaldera.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n"
        b"<p>hello</p><img src='cid:Tank@x'>\r\n--b\r\nContent-Type: image/png\r\nContent-ID: <Tank@x>\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--b--\r\n"
    )
    message = shown(cast, body)
    follow()
    frame = reverse("frame", args=[message.pk])
    before = client_of(cast.mina).get(frame)
    assert "?inline" not in before.content.decode()
    assert before["Cache-Control"] == "no-store"

    check_waiting(at=timezone.now())

    after = client_of(cast.mina).get(frame)
    assert "?inline" in after.content.decode()
    assert after["Cache-Control"].startswith("private")


def test_without_a_scanner_nothing_is_noted_and_nothing_asked(cast: Cast) -> None:
    message = mail(cast, HARMLESS, PHOTO)

    assert not FileCheck.objects.exists()
    assert "Not checked" not in page(cast, message)
    assert opens(cast.mina, address(message))[0] == 200


def bomb() -> bytes:
    """200 MB of nothing, in a thousand files, in 200 kB."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for number in range(1000):
            archive.writestr(f"{number}.txt", bytes(200 * 2**10))
    return packed.getvalue()


def test_e07_an_archive_is_not_expanded_by_us(cast: Cast, clamd: Scanner) -> None:
    clamd.viruses = {b"PK": "Heuristics.Limits.Exceeded.MaxScanSize"}
    archive = bomb()
    message = mail(cast, ("photos.zip", "application/zip", archive))

    check_waiting(at=timezone.now())

    assert clamd.seen == [archive]
    assert "Not checked: the virus scanner could not look into it" in page(cast, message)
    (kept,) = Attachment.objects.all()
    assert kept.size_bytes == len(archive)
    assert opens(cast.mina, address(message)) == (200, archive)


def test_the_doctor_names_a_scanner_that_does_not_answer(
    cast: Cast, clamd: Scanner, settings: Settings, tmp_path: Path
) -> None:
    (found,) = look_at_scanner(timezone.now())
    assert (found.state, VERSION in found.says) == (State.OK, True)

    settings.CLAMD = str(tmp_path / "nobody.ctl")
    (found,) = look_at_scanner(timezone.now())
    assert found.state == State.FAIL
    assert "nobody.ctl does not answer" in found.says

    settings.CLAMD = None
    assert list(look_at_scanner(timezone.now())) == []
