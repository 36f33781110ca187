"""What mail programs wrap as a whole: Outlook's winmail.dat, signed and sealed mail, meetings."""

from __future__ import annotations

import base64
import json
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from hospes.channels.contract import Address, Inbound, Protection
from hospes.channels.email import tnef, wire
from hospes.channels.email.parsing import parse

HEAD = b"From: Mina <mina@kunde.example>\nTo: support@kaldera.example\nSubject: Hi\nMIME-Version: 1.0\n"


def attribute(level: int, number: int, value: bytes) -> bytes:
    """Return one attribute of a winmail.dat (MS-OXTNEF 2.1.3)."""
    return (
        struct.pack("<BHHI", level, number, 6, len(value))
        + value
        + struct.pack("<H", sum(value) & 0xFFFF)
    )


def texts(**named: str) -> bytes:
    """Return MAPI properties, each a text in UTF-16."""
    numbers = {"body": 0x1000, "long_name": 0x3707, "type": 0x370E, "content_id": 0x3712}
    out = struct.pack("<I", len(named))
    for name, text in named.items():
        raw = (text + "\0").encode("utf-16-le")
        out += (
            struct.pack("<HHII", 0x1F, numbers[name], 1, len(raw)) + raw + b"\0" * (-len(raw) % 4)
        )
    return out


def winmail(*, body: str = "", name: str = "Rechnung – März.pdf") -> bytes:
    made = tnef.SIGNATURE + b"\x01\x00" + attribute(1, 0x9007, struct.pack("<II", 1252, 0))
    if body:
        made += attribute(1, 0x9003, texts(body=body))
    made += attribute(2, 0x9002, b"\0" * 14) + attribute(2, 0x8010, b"RECHNU~1.PDF\0")
    made += attribute(2, 0x800F, b"%PDF-1.4 the file")
    return made + attribute(2, 0x9005, texts(long_name=name, type="application/pdf"))


def mail_with(content: bytes, *, content_type: str, words: str = "See the file.") -> Inbound:
    text = f"--edge\nContent-Type: text/plain; charset=utf-8\n\n{words}\n" if words else ""
    file = f"--edge\nContent-Type: {content_type}\nContent-Transfer-Encoding: base64\n\n"
    body = text.encode() + file.encode() + base64.encodebytes(content) + b"--edge--\n"
    return parse(HEAD + b"Content-Type: multipart/mixed; boundary=edge\n\n" + body)


WINMAIL = "application/ms-tnef; name=winmail.dat"


def test_the_files_in_a_winmail_are_files_of_the_mail() -> None:
    inbound = mail_with(winmail(body="See the file."), content_type=WINMAIL)
    [file] = inbound.files
    assert (file.name, file.content_type) == ("Rechnung – März.pdf", "application/pdf")
    assert file.content == b"%PDF-1.4 the file"
    assert inbound.text == "See the file."  # not twice


def test_words_that_stand_only_in_a_winmail_are_read() -> None:
    inbound = mail_with(winmail(body="Grüße aus Köln"), content_type=WINMAIL, words="")
    assert inbound.text == "Grüße aus Köln"


def test_a_winmail_is_known_by_its_name_too() -> None:
    inbound = mail_with(winmail(), content_type="application/octet-stream; name=winmail.dat")
    assert [file.content_type for file in inbound.files] == ["application/pdf"]


@pytest.mark.parametrize("cut", [1, 7, 40, 90, 150, 200])
def test_a_winmail_that_breaks_off_costs_nothing_but_itself(cut: int) -> None:
    inbound = mail_with(winmail(body="Hello")[:-cut], content_type=WINMAIL)
    assert inbound.text == "See the file."
    assert inbound.files


def test_packed_rtf_is_unpacked() -> None:
    # The example of MS-OXRTFCP 4.1.1.
    packed = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a00726370673132354232"
        "0af32068656c090020627705b06c647d0a800fa0"
    )
    assert tnef.decompressed(packed) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"


CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
METHOD:{method}
BEGIN:VTIMEZONE
TZID:Ljubljana
BEGIN:STANDARD
DTSTART:19701025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:1@kunde.example
SUMMARY:Servis kavnega aparata
DTSTART;TZID=Ljubljana:20261201T100000
DTEND;TZID=Ljubljana:20261201T110000
LOCATION:Trg 1\\, Ljubljana
ORGANIZER;CN=Ana Žagar:mailto:ana@kunde.example
ATTENDEE;PARTSTAT=ACCEPTED:mailto:support@kaldera.example
END:VEVENT
END:VCALENDAR
"""


def test_a_meeting_is_told_with_its_moment_in_utc() -> None:
    inbound = mail_with(
        CALENDAR.format(method="REQUEST").encode(), content_type="text/calendar; charset=utf-8"
    )
    [meeting] = inbound.invitations
    assert (meeting.method, meeting.summary) == ("request", "Servis kavnega aparata")
    assert (meeting.starts, meeting.ends) == ("2026-12-01T09:00+00:00", "2026-12-01T10:00+00:00")
    assert meeting.place == "Trg 1, Ljubljana"
    assert meeting.organizer == Address("Ana Žagar", "ana@kunde.example")
    assert [file.name for file in inbound.files] == ["calendar.ics"]


@pytest.mark.parametrize(
    ("written", "zone"),
    [
        (";TZID=Asia/Tokyo:20261201T100000", "Asia/Tokyo"),
        (";TZID=W. Europe Standard Time:20261201T100000", "Europe/Berlin"),
        (";TZID=Ljubljana:20261201T100000", ""),
        (":20261201T100000Z", ""),
        (":20261201T100000", ""),
        (";VALUE=DATE:20261201", ""),
    ],
)
def test_a_meeting_names_the_zone_it_was_written_in(written: str, zone: str) -> None:
    said = CALENDAR.replace(";TZID=Ljubljana:20261201T100000", written)
    said = said.replace("DTEND;TZID=Ljubljana:20261201T110000\n", "")
    inbound = mail_with(said.format(method="REQUEST").encode(), content_type="text/calendar")
    assert [one.zone for one in inbound.invitations] == [zone]
    meta, contents = wire.pack(inbound)
    assert wire.unpack(meta, b"".join(contents)).invitations == inbound.invitations


def test_a_meeting_that_says_how_long_it_lasts_has_an_end() -> None:
    said = CALENDAR.replace("DTEND;TZID=Ljubljana:20261201T110000", "DURATION:PT1H30M")
    [meeting] = mail_with(
        said.format(method="REQUEST").encode(), content_type="text/calendar"
    ).invitations
    assert meeting.ends == "2026-12-01T10:30+00:00"


@pytest.mark.parametrize(
    ("method", "told"),
    [("REPLY", ("reply", "accepted")), ("CANCEL", ("cancel", "")), ("NONSENSE", ("publish", ""))],
)
def test_what_a_calendar_wants_is_told(method: str, told: tuple[str, str]) -> None:
    inbound = mail_with(CALENDAR.format(method=method).encode(), content_type="text/calendar")
    [meeting] = inbound.invitations
    assert (meeting.method, meeting.answer) == told


def test_a_broken_calendar_is_a_file_and_no_more() -> None:
    inbound = mail_with(b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:99", content_type="text/calendar")
    assert (inbound.invitations, len(inbound.files)) == ((), 1)


def openssl(folder: Path, *words: str) -> bytes:
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("openssl is not installed")
    return subprocess.run([program, *words], cwd=folder, check=True, capture_output=True).stdout


@pytest.fixture
def signed_with(tmp_path: Path) -> Path:
    words = "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=Mina"
    openssl(tmp_path, *words.split())
    (tmp_path / "in").write_bytes(
        "Content-Type: text/plain; charset=utf-8\r\n\r\nŽivjo\r\n".encode()
    )
    return tmp_path


@pytest.mark.parametrize("how", [["-nodetach"], ["-nodetach", "-stream"], []])
def test_signed_mail_is_read_and_shown_as_signed(signed_with: Path, how: list[str]) -> None:
    words = ["cms", "-sign", *how, "-in", "in", "-signer", "cert.pem", "-inkey", "key.pem"]
    inbound = parse(HEAD + openssl(signed_with, *words).replace(b"MIME-Version: 1.0\n", b""))
    assert inbound.text == "Živjo"
    assert inbound.protection == Protection("smime", is_sealed=False)


def test_sealed_mail_is_shown_as_sealed(signed_with: Path) -> None:
    sealed = openssl(signed_with, "cms", "-encrypt", "-in", "in", "cert.pem")
    inbound = parse(HEAD + sealed.replace(b"MIME-Version: 1.0\n", b""))
    assert inbound.protection == Protection("smime", is_sealed=True)
    assert [file.name for file in inbound.files] == ["smime.p7m"]


@pytest.mark.parametrize(
    ("body", "is_sealed"),
    [
        (b"Content-Type: text/plain\n\n-----BEGIN PGP MESSAGE-----\n\nhQEMA\n", True),
        (
            b"Content-Type: text/plain\n\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHi\n",
            False,
        ),
        (
            b"Content-Type: multipart/encrypted; boundary=e; protocol=application/pgp-encrypted\n\n"
            b"--e\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--e\n"
            b"Content-Type: application/octet-stream\n\nx\n--e--\n",
            True,
        ),
        (
            b"Content-Type: multipart/signed; boundary=e\n\n--e\nContent-Type: text/plain\n\nHi\n--e\n"
            b"Content-Type: application/pgp-signature\n\nx\n--e--\n",
            False,
        ),
    ],
)
def test_pgp_is_recognised(body: bytes, is_sealed: bool) -> None:
    assert parse(HEAD + body).protection == Protection("pgp", is_sealed=is_sealed)


def test_what_pgp_tells_programs_is_no_file() -> None:
    sealed = parse(
        HEAD
        + b"Content-Type: multipart/encrypted; boundary=e; protocol=application/pgp-encrypted\n\n"
        b"--e\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--e\n"
        b"Content-Type: application/octet-stream; name=encrypted.asc\n\nx\n--e--\n"
    )

    assert [file.name for file in sealed.files] == ["encrypted.asc"]
    assert "Version" not in sealed.text


def test_what_a_mail_has_beside_words_comes_over_the_wire() -> None:
    inbound = mail_with(CALENDAR.format(method="REQUEST").encode(), content_type="text/calendar")
    meta, contents = wire.pack(inbound)
    assert wire.unpack(meta, b"".join(contents)).invitations == inbound.invitations
    sealed = parse(HEAD + b"Content-Type: text/plain\n\n-----BEGIN PGP MESSAGE-----\n")
    assert wire.unpack(*[wire.pack(sealed)[0], b""]).protection == sealed.protection


def test_plain_mail_is_neither_signed_nor_sealed() -> None:
    inbound = parse(HEAD + b"\nWhere is my parcel?")
    assert (inbound.protection, inbound.invitations) == (None, ())


@pytest.mark.parametrize("files", [b"", b"--in\nContent-Type: image/png\n\nleaking\n"])
def test_a_mail_that_came_as_a_file_comes_over_the_wire_with_its_own(files: bytes) -> None:
    theirs = (
        b"From: Vic <vic@corp.example>\nSubject: Pump\n"
        b"Content-Type: multipart/mixed; boundary=in\n\n"
        b"--in\nContent-Type: text/html\n\n<p>It leaks.</p>\n" + files + b"--in--\n"
    )
    inbound = mail_with(theirs, content_type="message/rfc822")

    meta, contents = wire.pack(inbound)
    there = wire.unpack(meta, b"".join(contents))

    assert there == inbound
    assert there.forwarded is not None
    assert (there.forwarded.is_whole, there.forwarded.html) == (True, "<p>It leaks.</p>")
    assert [one.content for one in there.forwarded.files] == [b"leaking"] * bool(files)
    assert [one.content_type for one in there.files] == ["message/rfc822"]


@pytest.mark.parametrize("whole", [[None, 2], [None, -1], [None], [], 7, [7, 0], [None, "1"]])
def test_what_a_broken_reader_says_of_a_mail_inside_is_not_believed(whole: object) -> None:
    inbound = mail_with(b"From: vic@corp.example\n\nIt leaks.", content_type="message/rfc822")
    meta, contents = wire.pack(inbound)
    fields = json.loads(meta)
    assert fields[20][3] == [None, 0]
    fields[20][3] = whole
    with pytest.raises(wire.Garbled):
        wire.unpack(json.dumps(fields).encode(), b"".join(contents))
