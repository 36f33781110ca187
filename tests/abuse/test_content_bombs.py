"""Group C: content made to stop whoever reads it. Each ends within seconds, in little memory, keeps what came, and harms nobody behind it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from hospes.channels.email.child import ParserChild
from hospes.config.reactions import REACTIONS
from hospes.conversations.models import Message
from hospes.events.consuming import consume_batch
from hospes.intake.actions.understanding import understand_batch
from hospes.intake.counters import counters
from hospes.intake.desk import load_desk
from hospes.intake.models import QuarantinedRaw, Raw
from hospes.workspace.templatetags.workspace import linked
from tests.arriving import come_in
from tests.cast import NOON, Cast
from tests.mail import letter

SECONDS, MEMORY_BYTES = 5.0, 256 * 2**20
FROM = b"From: eve@evil.example\r\n"
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def parser() -> Iterator[ParserChild]:
    """The process that reads mail, with no more than this group of cases allows."""
    with closing(ParserChild(seconds=SECONDS, memory_bytes=MEMORY_BYTES)) as child:
        child.preload()
        yield child


def reads(parser: ParserChild, cast: Cast, *hostile: bytes) -> list[Message | str]:
    """Let hostile mails come in and a good one behind them; return what became of each: shown, or why not."""
    ids = come_in(cast.channel, *hostile, letter("aiko@example.jp", subject="Behind it"))
    began = time.monotonic()
    while understand_batch(parser=parser, worker_id=1, at=NOON, desk=load_desk()):
        pass
    assert time.monotonic() - began < SECONDS * len(ids)
    now = counters()
    assert (now.is_balanced, now.pending) == (True, 0)
    assert Message.objects.get(raw_id=ids[-1]).subject == "Behind it"
    bodies = dict(Raw.objects.values_list("pk", "body"))
    assert [bytes(bodies[raw_id]) for raw_id in ids[:-1]] == list(hostile)
    return [_outcome(raw_id) for raw_id in ids[:-1]]


def _outcome(raw_id: int) -> Message | str:
    message = Message.objects.filter(raw_id=raw_id).select_related("conversation").first()
    return message or QuarantinedRaw.objects.get(raw_id=raw_id).error


def shown(parser: ParserChild, cast: Cast, body: bytes) -> Message:
    (message,) = reads(parser, cast, body)
    assert isinstance(message, Message), message
    return message


def page(cast: Cast, message: Message) -> str:
    client = Client()
    client.force_login(cast.mina)
    address = reverse("conversation", args=[message.conversation.reference])
    return client.get(address).content.decode()


def nested(depth: int) -> bytes:
    return FROM + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(depth)
    )


def test_c01_parts_nested_a_thousandfold_are_quarantined(parser: ParserChild, cast: Cast) -> None:
    (why,) = reads(parser, cast, nested(3000))

    assert isinstance(why, str)
    assert "too deeply" in why


def test_c01_parts_nested_as_programs_do_are_read(parser: ParserChild, cast: Cast) -> None:
    body = nested(20) + b"Content-Type: text/plain\r\n\r\nInside.\r\n"

    assert shown(parser, cast, body).text.strip() == "Inside."


@pytest.mark.parametrize("field", [b"From", b"To", b"Cc", b"Reply-To", b"Sender"])
def test_c03_nested_remarks_in_an_address_harm_nobody(
    parser: ParserChild, cast: Cast, field: bytes
) -> None:
    body = field + b": " + b"(" * 2000 + b"x" + b")" * 2000 + b" <v@corp.example>\r\n"

    (outcome,) = reads(parser, cast, (b"" if field == b"From" else FROM) + body + b"\r\nHi")

    assert isinstance(outcome, Message)  # not refused either: somebody can be answered
    assert outcome.text == "Hi"


def test_c05_of_twenty_thousand_recipients_a_thousand_are_kept_and_that_is_said(
    parser: ParserChild, cast: Cast
) -> None:
    many = b",\r\n ".join(b"c%d@corp.example" % n for n in range(20_000))

    message = shown(parser, cast, FROM + b"To: " + many + b"\r\n\r\nHi")

    assert len(message.to) + len(message.cc) == 1000
    assert "There are more than are kept here." in page(cast, message)


def test_c05_of_a_few_recipients_nothing_is_said(parser: ParserChild, cast: Cast) -> None:
    message = shown(parser, cast, FROM + b"To: a@corp.example, b@corp.example\r\n\r\nHi")

    assert "There are more" not in page(cast, message)


CHARSETS = [
    "x-unknown", "idna", "undefined", "punycode", "zip", "hex", "rot13", "rot_13", "unicode_escape",
    "raw_unicode_escape", "bz2", "uu", "base64", "utf_7_imap", "mbcs", "oem", "\0", "../../etc/passwd", "a" * 5000,
]  # fmt: skip


def test_c07_a_charset_that_no_mail_may_name_is_not_asked(parser: ParserChild, cast: Cast) -> None:
    text = "\\u0041 Grüße 4142".encode("latin-1")
    bodies = [
        FROM + b"Subject: =?" + name.encode() + b"?q?=5Cu0041?=\r\n"
        b"Content-Type: text/plain; charset=" + name.encode() + b"\r\n\r\n" + text
        for name in CHARSETS
    ]

    outcomes = reads(parser, cast, *bodies)

    for name, one in zip(CHARSETS, outcomes, strict=True):
        assert isinstance(one, Message), (name, one)
        assert one.text == "\\u0041 Grüße 4142", name
        assert one.subject in {"\\u0041", f"=?{name}?q?=5Cu0041?="[:998]} or "\0" in name, name


ENDLESS = {
    "dots": "http://" + "a." * 50_000 + "!",
    "one word": "a" * 1_000_000,
    "quotes": ">" * 100_000,
    "brackets": "http://a.example/" + "(" * 50_000,
    "ends": "www.a.example" + "!" * 100_000,
    "ampersands": "http://a.example/" + "&amp;" * 20_000,
    "at signs": "a@" * 50_000,
}


@pytest.mark.parametrize("name", ENDLESS)
def test_c09_links_are_found_in_a_tenth_of_a_second(name: str) -> None:
    best = min(_seconds(ENDLESS[name]) for _ in range(3))

    assert best < 0.1


def _seconds(text: str) -> float:
    began = time.thread_time()
    linked(text)
    return time.thread_time() - began


def test_c09_such_mail_is_read_and_shown(parser: ParserChild, cast: Cast) -> None:
    bodies = [FROM + b"\r\n" + text.encode() for text in ENDLESS.values()]

    for one in reads(parser, cast, *bodies):
        assert isinstance(one, Message)
        assert page(cast, one)


def test_c13_ten_thousand_parts_are_quarantined_and_a_hundred_read(
    parser: ParserChild, cast: Cast
) -> None:
    head = FROM + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    part = b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n"

    why, fine = reads(parser, cast, head + part * 10_000, head + part * 100)

    assert isinstance(why, str)
    assert "too many parts" in why
    assert isinstance(fine, Message)


GARBAGE = [
    b"Subject: \xed\xa0\x80\xff\xfe\x80",
    b"Subject: =?utf-8?b?7aCA?= =?utf-8?q?=ED=BF=BF?=",
    b"From: \xff\xfe <eve@evil.example>",
    b"To: \xe2\x28\xa1 <a@b.example>",
    b"Content-Type: text/plain; charset=utf-8; name=\xff\xfe",
    b"Message-ID: <\xed\xa0\x80@evil.example>",
    b"Content-Type: text/html\r\n\r\n&#xd800;&#0;\xed\xa0\x80",
]


def test_c15_bytes_that_are_no_text_are_text_everywhere(parser: ParserChild, cast: Cast) -> None:
    bodies = [(b"" if b"From" in one else FROM) + one + b"\r\n\r\n\xff\xed\xa0\x80" for one in GARBAGE]  # fmt: skip

    outcomes = reads(parser, cast, *bodies)
    while consume_batch(REACTIONS, at=NOON):  # to screens, and to what is searched
        pass

    client = Client()
    client.force_login(cast.mina)
    for one in outcomes:
        assert isinstance(one, Message)
        for text in (one.subject, one.text, one.html, one.from_name, one.message_id):
            text.encode()
            assert "\0" not in text
        assert json.dumps([one.subject, one.to, one.extras], ensure_ascii=False).encode()
        assert page(cast, one).encode()
    assert client.get(reverse("inbox", args=["unassigned"])).content.decode()


DATES = {
    "Fri, 31 Dec 9999 23:59:59 -1200": None, "Fri, 31 Dec 9999 23:59:59 +0000": "9999",
    "Thu, 1 Jan 1970 00:00:00 +0000": "1970", "32 Foo": None,
    "Mon, 31 Dec 0000 00:00:00 +0000": None, "Sun, 99 Feb 2026 77:00:00 +9999": None,
    f"{NOON + timedelta(days=3):%a, %d %b %Y %H:%M:%S +0000}": "2026",
}  # fmt: skip


def test_c17_mail_stands_where_it_came_in_whatever_its_date_says(
    parser: ParserChild, cast: Cast
) -> None:
    bodies = [FROM + f"Date: {one}\r\nSubject: {one}\r\n\r\nHi".encode() for one in DATES]

    for date, one in zip(DATES, reads(parser, cast, *bodies), strict=True):
        assert isinstance(one, Message)
        assert one.at == NOON
        assert one.conversation.last_activity_at == NOON
        said = page(cast, one)
        assert ("Written, as it says" in said) is (one.sent_at is not None)
        assert ("This date is wrong" in said) is (one.sent_at is not None)
        if DATES[date]:
            assert one.sent_at is not None
            assert str(one.sent_at.year) == DATES[date]


HIDDEN = "\u202e\u202d\u2066\u200b\ufeff" + "".join(map(chr, range(0xE0041, 0xE005B)))


def test_c19_what_is_hidden_in_a_subject_or_name_is_gone_and_what_turns_text_stays_within(
    parser: ParserChild, cast: Cast
) -> None:
    subject, name = f"Pay{HIDDEN} now", f"Eve{HIDDEN}"
    body = f"From: {name} <eve@evil.example>\r\nSubject: {subject}\r\n\r\nHi{HIDDEN} there".encode()

    message = shown(parser, cast, body)

    assert message.subject == "Pay now"
    assert message.from_name == "Eve"
    assert not set(message.text) & {
        "\u202e",
        "\u202d",
        "\ufeff",
        *map(chr, range(0xE0000, 0xE0080)),
    }
    said = page(cast, message)
    assert "<bdi>Pay now</bdi>" in said or 'dir="auto"' in said
    assert not set(said) & {"\u202e", "\u202d", *map(chr, range(0xE0000, 0xE0080))}
