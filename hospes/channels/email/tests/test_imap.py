"""The mailbox adapter before a real Dovecot, and before a server that plays what Dovecot will not."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from hospes.channels.email.imap import ImapServer, ImapTalk
from hospes.channels.email.imap_faults import ImapFailed
from hospes.channels.email.tests.servers import Identity, self_signed
from hospes.lib.reaching import reach
from tests.dovecot import DOVECOT, PASSWORD, Dovecot, dovecot
from tests.scripted_imap import Fault, ScriptedImap, Session, says, scripted

HOST = "127.0.0.1"
MAIL = b"From: aiko@example.jp\r\nSubject: one\r\n\r\n\xe6\xb0\xb4\xff\r\n"
needs_dovecot = pytest.mark.skipif(not DOVECOT, reason="no Dovecot on this machine")


def connect(host: str, port: int, seconds: float) -> socket.socket:
    return socket.create_connection((host, port), seconds)


def talk(port: int, *, timeout: float = 5, **options: str) -> ImapTalk:
    given = {"security": "none", "username": "support", "password": PASSWORD, **options}
    return ImapTalk(ImapServer(HOST, port, timeout=timeout, **given), connect=connect)


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Identity]:
    folder = tmp_path_factory.mktemp("identity")
    made = self_signed(folder)
    return folder / "identity.pem", made


@pytest.fixture(scope="module")
def server(identity: tuple[Path, Identity]) -> Iterator[Dovecot]:
    with dovecot(identity=identity[0]) as running:
        yield running


@pytest.fixture
def fake() -> Iterator[ScriptedImap]:
    with scripted() as running:
        yield running


@needs_dovecot
def test_mail_is_listed_and_fetched_byte_for_byte(server: Dovecot) -> None:
    old = time.time() - timedelta(days=5).total_seconds()
    server.deliver("bytes", MAIL, at=old)
    server.deliver("bytes", MAIL.replace(b"one", b"two"))

    with talk(server.port, username="bytes") as mailbox:
        opened = mailbox.open("INBOX")
        uids = mailbox.uids()
        sizes = mailbox.sizes(uids)
        found = mailbox.fetch(uids, size_bytes=200, limit_bytes=1000)
        today = mailbox.uids(since=date.today() - timedelta(days=1))  # noqa: DTZ011

    assert opened.uidvalidity > 0
    assert (opened.count, opened.uidnext) == (2, max(uids) + 1)
    assert sorted(found.values()) == sorted([MAIL, MAIL.replace(b"one", b"two")])
    assert sizes == {uid: len(body) for uid, body in found.items()}
    assert [found[uid] for uid in today] == [MAIL.replace(b"one", b"two")]


@needs_dovecot
def test_what_became_of_mail_on_the_server_touches_no_other_mail(server: Dovecot) -> None:
    for number in range(4):
        server.deliver("after", MAIL + b"%d" % number)

    with talk(server.port, username="after") as mailbox:
        mailbox.open("INBOX")
        one, two, three, marked = mailbox.uids()
        mailbox._flag([marked], r"(\Deleted)")  # by somebody else, who may change their mind
        mailbox.mark_seen([one])
        mailbox.move([two], "Support/Été")
        mailbox.delete([three])
        left = mailbox.uids()
        folders = mailbox.folders()

    assert left == [one, marked]
    assert {"INBOX", "Support/Été"} <= set(folders)
    assert any(path.name.endswith(":2,S") for path in server.files("after"))


@needs_dovecot
def test_waiting_ends_as_soon_as_mail_comes(server: Dovecot) -> None:
    server.deliver("idle", MAIL)
    with talk(server.port, username="idle") as mailbox:
        mailbox.open("INBOX")
        threading.Timer(0.2, server.deliver, args=("idle", MAIL)).start()
        began = time.monotonic()

        assert mailbox.has_idle
        assert mailbox.wait(30, is_over=lambda: False)
        assert time.monotonic() - began < 15
        assert len(mailbox.uids()) == 2


@needs_dovecot
@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_is_believed_or_refused_and_its_end_is_known(
    server: Dovecot, identity: tuple[Path, Identity], security: str
) -> None:
    port = server.tls_port if security == "tls" else server.port
    account = ImapServer(HOST, port, security, "cert", PASSWORD)

    with pytest.raises(ImapFailed) as refused:
        ImapTalk(account, connect=connect)
    with ImapTalk(account, connect=connect, context=identity[1].client) as mailbox:
        ends_at = mailbox.certificate_expires_at

    assert refused.value.kind == "certificate"
    assert ends_at is not None
    assert timedelta(0) < ends_at - datetime.now(UTC) < timedelta(days=2)


@needs_dovecot
def test_a_wrong_password_is_told_from_a_server_that_is_not_there(server: Dovecot) -> None:
    with pytest.raises(ImapFailed) as wrong:
        talk(server.port, password="wrong")
    with pytest.raises(ImapFailed) as nobody:
        talk(1)

    assert (wrong.value.kind, nobody.value.kind) == ("sign_in", "unreachable")


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)", "sign_in"),
        (
            "NO [ALERT] Application-specific password required: https://support.example",
            "app_password",
        ),
        ("NO [UNAVAILABLE] Temporary authentication failure.", "busy"),
        ("NO [ALERT] Too many simultaneous connections. (Failure)", "busy"),
        ("BAD What?", "sign_in"),
    ],
)
def test_why_a_server_lets_nobody_in(fake: ScriptedImap, words: str, kind: str) -> None:
    fake.faults["LOGIN"] = says(words)

    with pytest.raises(ImapFailed) as failed:
        talk(fake.port)

    assert failed.value.kind == kind


def test_a_token_signs_in_and_a_wrong_one_is_told(fake: ScriptedImap) -> None:
    fake.token = "good"

    with talk(fake.port, access_token="good") as mailbox:
        mailbox.check()
    with pytest.raises(ImapFailed) as failed:
        talk(fake.port, access_token="bad")

    assert failed.value.kind == "token"


def test_a_name_with_a_line_break_reaches_no_server(fake: ScriptedImap) -> None:
    with pytest.raises(ImapFailed):
        talk(fake.port, username="a\r\nx DELETE INBOX")

    assert fake.said("LOGIN") == fake.said("DELETE") == 0


def fetch_all(port: int) -> None:
    with talk(port, timeout=1) as mailbox:
        mailbox.open("INBOX")
        mailbox.fetch(mailbox.uids(), size_bytes=500, limit_bytes=1000)


def hangs_up(session: Session, tag: str, rest: str) -> bool:
    return session.hang_up()


def cuts_a_mail(session: Session, tag: str, rest: str) -> bool:
    if "SIZE" in rest:
        return False
    session.say("* 1 FETCH (UID 1 BODY[] {500}\r\nhalf a ma")
    return session.hang_up()


def announces_much(session: Session, tag: str, rest: str) -> bool:
    session.say("* 1 FETCH (UID 1 BODY[] {200000000}\r\n")
    return True


def never_ends(session: Session, tag: str, rest: str) -> bool:
    session.made.settimeout(5)
    while True:
        session.say(b"* OK " + b"x" * 2**20)


def drips(session: Session, tag: str, rest: str) -> bool:
    gone = threading.Event()
    session.say("* ")
    while not gone.wait(0.05):
        session.say("x")
    return True


@pytest.mark.parametrize(
    ("command", "fault", "kind"),
    [
        ("FETCH", cuts_a_mail, "hung_up"),
        ("FETCH", announces_much, "too_much"),
        ("FETCH", says("* \x00\x01garbage {"), "hung_up"),
        ("FETCH", says("NO [SERVERBUG] Internal error"), "answer"),
        ("FETCH", says("BAD Invalid"), "answer"),
        ("FETCH", never_ends, "too_much"),
        ("FETCH", drips, "slow"),
        ("SEARCH", says("NO [UNAVAILABLE] later"), "answer"),
        ("SEARCH", hangs_up, "hung_up"),
        ("SEARCH", says("garbage"), "hung_up"),
        ("SELECT", says("NO [NONEXISTENT] gone"), "folder"),
        ("greeting", hangs_up, "hung_up"),
        ("greeting", says("* SSH-2.0-OpenSSH_9"), "not_imap"),
        ("greeting", says("* BYE full"), "not_imap"),
        ("CAPABILITY", says("BAD what"), "not_imap"),
    ],
)
def test_whatever_the_server_does_is_told_in_time(
    fake: ScriptedImap, command: str, fault: Fault, kind: str
) -> None:
    fake.inbox.add(MAIL)
    fake.faults[command] = fault
    began = time.monotonic()

    with pytest.raises(ImapFailed) as failed:
        fetch_all(fake.port)

    assert failed.value.kind == kind
    assert time.monotonic() - began < 10


def goes_dead(session: Session, tag: str, rest: str) -> bool:
    session.say("+ idling\r\n")
    session.lines.readline()  # DONE, and not a word more
    return True


def test_a_server_that_went_silent_while_we_waited_is_noticed(
    fake: ScriptedImap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hospes.channels.email.imap.DONE_SECONDS", 1)
    fake.faults["IDLE"] = goes_dead

    with talk(fake.port) as mailbox:
        mailbox.open("INBOX")
        with pytest.raises(ImapFailed) as failed:
            mailbox.wait(0.2, is_over=lambda: False)

    assert failed.value.kind == "slow"


def test_whoever_waits_can_be_called_away(fake: ScriptedImap) -> None:
    with talk(fake.port) as mailbox:
        mailbox.open("INBOX")
        began = time.monotonic()

        assert not mailbox.wait(60, is_over=lambda: True)
        mailbox.check()

    assert time.monotonic() - began < 5


def test_private_addresses_are_closed_until_they_are_opened(fake: ScriptedImap) -> None:
    closed: Callable[[str, int, float], socket.socket] = lambda host, port, seconds: reach(  # noqa: E731
        host, port, seconds=seconds, allowed=()
    )
    for host in (HOST, "localhost", "::1", "10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1"):
        with pytest.raises(ImapFailed) as failed:
            ImapTalk(ImapServer(host, fake.port, "none", "a", "b"), connect=closed)
        assert failed.value.kind in {"private", "unreachable"}, host

    assert fake.sessions == 0
