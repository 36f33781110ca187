"""The doors on real sockets: what is answered with 250 is stored, what is not is answered honestly."""

from __future__ import annotations

import smtplib
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import pytest
from django.db import connection
from pytest_django import Settings

from hospes.channels.models import Channel
from hospes.intake import doors as doors_
from hospes.intake.actions.storing import Delivery
from hospes.intake.doors import serve_doors
from hospes.intake.models import PendingRaw, Raw
from tests import apart
from tests.cast import Cast
from tests.mail import letter
from tests.running import wait_until
from tests.without_room import without_room

pytestmark = pytest.mark.django_db(transaction=True)

SUPPORT = "support@kaldera.example"
FROM = "aiko@example.jp"
BODY = letter(FROM)


@dataclass
class Doors:
    smtp: int  # ports
    lmtp: int

    def bring(self, body: bytes, *to: str, from_: str = FROM) -> dict[str, tuple[int, bytes]]:
        """Hand a mail to the SMTP door; return the recipients it refused."""
        with smtplib.SMTP("127.0.0.1", self.smtp, timeout=10) as client:
            return client.sendmail(from_, to or (SUPPORT,), body, ["SMTPUTF8", "BODY=8BITMIME"])


@contextmanager
def open_doors() -> Iterator[Doors]:
    smtp, lmtp = (socket.create_server(("127.0.0.1", 0)) for _ in range(2))
    stop = threading.Event()
    taking = threading.Thread(target=serve_doors, kwargs={"smtp": smtp, "lmtp": lmtp, "stop": stop})
    taking.start()
    try:
        yield Doors(smtp.getsockname()[1], lmtp.getsockname()[1])
    finally:
        stop.set()
        taking.join()


@pytest.fixture
def doors(cast: Cast) -> Iterator[Doors]:
    with open_doors() as opened:
        yield opened


class Talk:
    """A connection on which every byte is ours."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.file = self.socket.makefile("rb")

    def say(self, what: bytes) -> None:
        self.socket.sendall(what)

    def hear(self) -> bytes:
        """Return one answer, its last line when it has several."""
        while (line := self.file.readline())[3:4] == b"-":
            pass
        return line.rstrip()

    def ask(self, what: bytes) -> bytes:
        self.say(what + b"\r\n")
        return self.hear()

    def envelope(self, *to: str, hello: bytes = b"EHLO mx", options: bytes = b"") -> None:
        """Say everything up to the text."""
        self.hear()
        assert self.ask(hello).startswith(b"250")
        assert self.ask(b"MAIL FROM:<aiko@example.jp>" + options).startswith(b"250")
        for one in to or (SUPPORT,):
            self.ask(f"RCPT TO:<{one}>".encode())

    def close(self) -> None:
        self.file.close()
        self.socket.close()


@contextmanager
def talk(port: int) -> Iterator[Talk]:
    with closing(Talk(port)) as opened:
        yield opened


def stored() -> list[Raw]:
    return list(Raw.objects.order_by("pk"))


# What is stored ------------------------------------------------------------------------------


def test_a_mail_is_stored_byte_for_byte_when_it_is_acknowledged(doors: Doors, cast: Cast) -> None:
    body = b"Subject: \xff\xfe\r\n\r\n.a dot\r\n..two\r\n\x00\x01\x80 \tblank \r\n\r\n\r\n"

    assert doors.bring(body) == {}

    (raw,) = stored()
    assert bytes(raw.body) == body
    assert (raw.channel_id, raw.envelope_from, raw.envelope_to) == (cast.channel.pk, FROM, SUPPORT)
    assert PendingRaw.objects.filter(raw=raw, attempts=0, claimed_by=None).exists()


def test_f02_a_sender_who_did_not_hear_the_answer_may_bring_the_mail_again(doors: Doors) -> None:
    doors.bring(BODY)
    doors.bring(BODY)

    assert len(stored()) == 1
    assert PendingRaw.objects.count() == 1


def test_the_same_text_for_another_address_is_another_mail(doors: Doors, cast: Cast) -> None:
    Channel.objects.create(brand=cast.brand, name="Returns", address="returns@kaldera.example")

    doors.bring(BODY, SUPPORT, "returns@kaldera.example")

    assert len({raw.channel_id for raw in stored()}) == 2


def test_a_mail_to_two_names_of_one_mailbox_is_stored_once_under_the_one_that_tells_more(
    doors: Doors,
) -> None:
    tagged = "support+r.1.1.abc@kaldera.example"

    doors.bring(BODY, SUPPORT, tagged, SUPPORT.upper())

    assert [raw.envelope_to for raw in stored()] == [tagged]


@pytest.mark.parametrize("options", [b"", b" BODY=8BITMIME", b" SMTPUTF8 BODY=8BITMIME"])
def test_eight_bit_mail_is_taken(doors: Doors, options: bytes) -> None:
    with talk(doors.smtp) as client:
        client.envelope(options=options)
        client.ask(b"DATA")
        assert client.ask("Subject: 水漏れ\r\n\r\nタンク\r\n.".encode()) == b"250 2.0.0 Stored."

    assert bytes(stored()[0].body) == "Subject: 水漏れ\r\n\r\nタンク\r\n".encode()


def test_addresses_in_other_scripts_are_taken(doors: Doors, cast: Cast) -> None:
    Channel.objects.create(brand=cast.brand, name="ヘルプ", address="ヘルプ@例え.jp")

    assert doors.bring(BODY, "ヘルプ@例え.jp", from_="愛子@例え.jp") == {}
    assert doors.bring(BODY + b"2", "ヘルプ@xn--r8jz45g.jp") == {}

    assert [raw.envelope_from for raw in stored()] == ["愛子@例え.jp", FROM]


def test_a_report_without_a_sender_is_taken(doors: Doors) -> None:
    with talk(doors.smtp) as client:
        client.hear()
        client.ask(b"EHLO mx")
        assert client.ask(b"MAIL FROM:<>").startswith(b"250")
        assert client.ask(f"RCPT TO:<{SUPPORT}>".encode()).startswith(b"250")
        client.ask(b"DATA")
        assert client.ask(b"Subject: Undelivered\r\n\r\n.").startswith(b"250")

    assert stored()[0].envelope_from == ""


def test_everything_may_come_in_one_go(doors: Doors) -> None:
    mail = f"MAIL FROM:<{FROM}>\r\nRCPT TO:<{SUPPORT}>\r\nDATA\r\n".encode()
    with talk(doors.smtp) as client:
        client.hear()
        client.say(b"EHLO mx\r\n" + mail)
        answers = [client.hear()[:3] for _ in range(4)]
        client.say(b"Subject: one\r\n\r\n.\r\n" + mail)
        answers += [client.hear()[:3] for _ in range(4)]
        client.say(b"Subject: two\r\n\r\n.\r\nQUIT\r\n")
        answers += [client.hear()[:3] for _ in range(2)]

    assert answers == [
        b"250",
        b"250",
        b"250",
        b"354",
        b"250",
        b"250",
        b"250",
        b"354",
        b"250",
        b"221",
    ]
    assert [bytes(raw.body) for raw in stored()] == [
        b"Subject: one\r\n\r\n",
        b"Subject: two\r\n\r\n",
    ]


def test_a_text_in_one_endless_line_is_taken(doors: Doors) -> None:
    body = b"Subject: long\r\n\r\n" + b"a" * 200_000 + b"\r\n"

    doors.bring(body)

    assert bytes(stored()[0].body) == body


def test_who_hangs_up_in_the_middle_leaves_nothing(doors: Doors) -> None:
    with talk(doors.smtp) as client:
        client.envelope()
        client.ask(b"DATA")
        client.say(b"Subject: half a mail\r\n\r\nand then")

    doors.bring(BODY)

    assert [bytes(raw.body) for raw in stored()] == [BODY]


def test_a_crowd_is_served_at_once(doors: Doors) -> None:
    crowd = [
        threading.Thread(target=doors.bring, args=(letter(FROM, subject=str(number)),))
        for number in range(40)
    ]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()

    assert len(stored()) == 40


@pytest.mark.parametrize(
    "end",
    [
        b"\n.\n",
        b"\r\n.\n",
        b"\n.\r\n",
        b"\r.\r",
        b"\r\n\0.\r\n",
        b"\r.\r\n",
        b"\r\n.\r",
        b"\n\n.\r\n",
    ],
)
def test_nothing_but_the_real_end_of_a_mail_smuggles_in_another(doors: Doors, end: bytes) -> None:
    second = b"MAIL FROM:<ana@kaldera.example>\r\nRCPT TO:<support@kaldera.example>\r\nDATA\r\nSubject: b\r\n\r\n"
    with talk(doors.smtp) as client:
        client.envelope()
        client.ask(b"DATA")
        assert client.ask(b"Subject: a\r\n\r\nx" + end + second + b"\r\n.").startswith(b"250")
        assert client.ask(b"NOOP").startswith(b"250")

    (raw,) = stored()
    assert b"Subject: b" in bytes(raw.body)
    assert raw.envelope_from == FROM


# What is refused -----------------------------------------------------------------------------


def test_a_nearly_full_disk_is_said_before_the_mail_comes(doors: Doors, settings: Settings) -> None:
    settings.DISK_RESERVE_PERCENT = 101

    with pytest.raises(smtplib.SMTPSenderRefused) as refused:
        doors.bring(BODY)

    assert refused.value.smtp_code == 452
    assert stored() == []


def test_a_disk_that_fills_while_a_mail_comes_in_is_no_acknowledgement(
    doors: Doors, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors_, "DISK_CHECK_SECONDS", 0)
    with talk(doors.smtp) as client:
        client.envelope()
        settings.DISK_RESERVE_PERCENT = 101
        client.ask(b"DATA")
        assert client.ask(b"Subject: a\r\n\r\n.").startswith(b"452 4.3.1")

        settings.DISK_RESERVE_PERCENT = 0
        assert client.ask(b"MAIL FROM:<aiko@example.jp>").startswith(b"250")
    assert stored() == []


def test_the_size_limit_is_advertised_and_held(cast: Cast, settings: Settings) -> None:
    settings.MAIL_SIZE_LIMIT_BYTES = 10_000
    with open_doors() as doors, talk(doors.smtp) as client:
        with smtplib.SMTP("127.0.0.1", doors.smtp) as polite:
            polite.ehlo()
            assert polite.esmtp_features["size"] == "10000"
        client.hear()
        client.ask(b"EHLO mx")
        assert client.ask(b"MAIL FROM:<aiko@example.jp> SIZE=10001").startswith(b"552")
        client.ask(b"MAIL FROM:<aiko@example.jp>")
        client.ask(f"RCPT TO:<{SUPPORT}>".encode())
        client.ask(b"DATA")
        assert client.ask(b"a" * 70 + b"\r\n" + (b"b" * 70 + b"\r\n") * 200 + b".").startswith(
            b"552"
        )

        client.ask(b"MAIL FROM:<aiko@example.jp>")
        client.ask(f"RCPT TO:<{SUPPORT}>".encode())
        client.ask(b"DATA")
        assert client.ask(b"Subject: small\r\n\r\n.").startswith(b"250")

    assert [bytes(raw.body) for raw in stored()] == [b"Subject: small\r\n\r\n"]


@pytest.mark.parametrize(
    "address",
    ["nobody@kaldera.example", "support@elsewhere.example", "supports@kaldera.example", "support@kaldera.example.evil.example"],
)  # fmt: skip
def test_nobody_goes_by_an_address_that_is_not_ours(doors: Doors, address: str) -> None:
    refused = doors.bring(BODY, SUPPORT, address)

    assert refused[address][0] == 550
    assert [raw.envelope_to for raw in stored()] == [SUPPORT]


def test_a_desk_without_an_address_takes_mail_for_anybody(cast: Cast) -> None:
    Channel.objects.all().delete()
    any_ = Channel.objects.create(brand=cast.brand, name="Any", is_catch_all=True)

    with open_doors() as doors:
        assert doors.bring(BODY, "whoever@anywhere.example") == {}

    assert [raw.channel_id for raw in stored()] == [any_.pk]


def test_the_first_address_ends_that_anybody_is_known(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors_, "FRESH_SECONDS", 0)
    Channel.objects.all().delete()
    Channel.objects.create(brand=cast.brand, name="Any", is_catch_all=True)
    with open_doors() as doors:
        doors.bring(BODY, "whoever@anywhere.example")
        Channel.objects.create(brand=cast.brand, name="Support", address=SUPPORT)

        with pytest.raises(smtplib.SMTPRecipientsRefused):
            doors.bring(BODY + b"2", "whoever@anywhere.example")
        assert doors.bring(BODY + b"3", SUPPORT) == {}


def test_the_hundred_and_first_recipient_is_asked_to_come_again(doors: Doors) -> None:
    with talk(doors.smtp) as client:
        client.envelope(*(f"support+{number}@kaldera.example" for number in range(100)))
        answer = client.ask(b"RCPT TO:<support+100@kaldera.example>")

    assert answer.startswith(b"452 4.5.3")


@pytest.mark.parametrize("port", ["smtp", "lmtp"])
def test_c11_more_than_there_is_memory_for_is_asked_to_come_again(
    doors: Doors, port: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors_, "MAX_COMING_IN_BYTES", 1000)
    hello = b"EHLO mx" if port == "smtp" else b"LHLO mx"
    number = getattr(doors, port)
    with talk(number) as first, talk(number) as second:
        first.envelope(hello=hello, options=b" SIZE=5000")  # alone, it may be larger
        assert first.ask(b"DATA").startswith(b"354")
        second.envelope(hello=hello, options=b" SIZE=10")
        assert second.ask(b"DATA").startswith(b"452 4.3.1")
        assert first.ask(b"Subject: one\r\n\r\n.").startswith(b"250")

        assert second.ask(b"DATA").startswith(b"354")
        assert second.ask(b"Subject: two\r\n\r\n.").startswith(b"250")
    assert len(stored()) == 2


def test_who_hangs_up_makes_room(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors_, "MAX_COMING_IN_BYTES", 1000)
    with talk(doors.smtp) as client:
        client.envelope(options=b" SIZE=5000")
        client.ask(b"DATA")

    def is_taken() -> bool:
        with talk(doors.smtp) as other:
            other.envelope()
            return other.ask(b"DATA").startswith(b"354")

    wait_until(is_taken, why="there is room again", seconds=10)


# LMTP ----------------------------------------------------------------------------------------


def test_lmtp_answers_once_for_each_recipient_it_took(doors: Doors, cast: Cast) -> None:
    Channel.objects.create(brand=cast.brand, name="Returns", address="returns@kaldera.example")
    with talk(doors.lmtp) as client:
        client.envelope(
            SUPPORT, "nobody@kaldera.example", "returns@kaldera.example", hello=b"LHLO mx"
        )
        client.ask(b"DATA")
        first = client.ask(b"Subject: a\r\n\r\n.")
        second = client.hear()
        assert client.ask(b"NOOP").startswith(b"250")

    assert (first, second) == (b"250 2.0.0 Stored.", b"250 2.0.0 Stored.")
    assert len(stored()) == 2


def test_lmtp_says_for_whom_it_was_not_stored(
    doors: Doors, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors_, "FRESH_SECONDS", 0)
    gone = Channel.objects.create(
        brand=cast.brand, name="Returns", address="returns@kaldera.example"
    )
    with talk(doors.lmtp) as client:
        client.envelope("returns@kaldera.example", SUPPORT, hello=b"LHLO mx")
        gone.delete()
        client.ask(b"DATA")
        answers = [client.ask(b"Subject: a\r\n\r\n."), client.hear()]

    assert [answer[:3] for answer in answers] == [b"451", b"250"]
    assert [raw.envelope_to for raw in stored()] == [SUPPORT]


# When the database or the process dies -------------------------------------------------------


def cut_connections() -> None:
    """End every other connection to this database, as a restart of it does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.mark.parametrize("port", ["smtp", "lmtp"])
def test_without_a_database_nothing_is_acknowledged(
    doors: Doors, port: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hello = b"EHLO mx" if port == "smtp" else b"LHLO mx"
    with talk(getattr(doors, port)) as client:
        client.envelope(SUPPORT, SUPPORT, hello=hello)
        monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")  # all threads share it
        cut_connections()
        client.ask(b"DATA")
        answers = [client.ask(b"Subject: a\r\n\r\n.")]
        if port == "lmtp":
            answers.append(client.hear())
        assert client.ask(b"MAIL FROM:<aiko@example.jp>").startswith(b"250")
        monkeypatch.undo()

    assert all(answer.startswith(b"451") for answer in answers)
    assert stored() == []


def test_the_door_goes_on_when_the_database_is_back(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    doors.bring(BODY)
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")
    cut_connections()
    with pytest.raises(smtplib.SMTPResponseException):
        doors.bring(BODY + b"2")
    monkeypatch.undo()

    assert doors.bring(BODY + b"2") == {}
    assert len(stored()) == 2


def test_f10_a_database_without_room_is_told_as_no_room(doors: Doors) -> None:
    with without_room("intake_raw"), pytest.raises(smtplib.SMTPDataError) as refused:
        doors.bring(BODY)

    assert refused.value.smtp_code == 452
    assert doors.bring(BODY) == {}
    assert len(stored()) == 1


def test_a_delivery_that_cannot_be_stored_spoils_no_other_of_its_group(cast: Cast) -> None:
    good, bad = (
        Delivery(channel_id, BODY, FROM, SUPPORT) for channel_id in (cast.channel.pk, 32_000)
    )

    assert doors_._commit([good, bad]) == [doors_.STORED, doors_.NOT_STORED]
    assert len(stored()) == 1


OPEN = """
import socket, threading
from hospes.intake.doors import serve_doors
door = socket.create_server(("127.0.0.1", 0))
print(door.getsockname()[1], flush=True)
serve_doors(smtp=door, lmtp=None, stop=threading.Event())
"""


@pytest.mark.parametrize(
    ("crash_at", "kept"), [("doors.before_commit", 0), ("doors.after_commit", 1)]
)
def test_f02_a_door_that_is_killed_has_acknowledged_nothing_it_did_not_store(
    cast: Cast, crash_at: str, kept: int
) -> None:
    killed = apart.start(OPEN, crash_at=crash_at)
    assert killed.stdout is not None
    port = int(killed.stdout.readline())
    with pytest.raises(smtplib.SMTPServerDisconnected):
        Doors(port, 0).bring(BODY)
    assert killed.wait(timeout=10) == -9
    killed.stdout.close()
    assert len(stored()) == kept

    with open_doors() as doors:
        doors.bring(BODY)  # as a mail server does that heard no answer

    assert len(stored()) == 1
