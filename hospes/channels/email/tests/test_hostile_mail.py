"""Mails made to harm: whatever comes, something clean is shown or the whole is refused with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields, is_dataclass

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hospes.channels.contract import Inbound, Unreadable
from hospes.channels.email.charset_labels import CODECS
from hospes.channels.email.child import ParserChild
from hospes.channels.email.parsing import parse

SIZE = 300_000


def texts(value: object) -> Iterator[str]:
    """Every text anywhere in a message."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        for each in fields(value):
            yield from texts(getattr(value, each.name))
    elif isinstance(value, tuple):
        for each in value:
            yield from texts(each)


def assert_clean(inbound: Inbound) -> None:
    for text in texts(inbound):
        assert "\0" not in text
        text.encode()  # no lone surrogate
    for line in (inbound.subject, inbound.message_id, *inbound.references, *inbound.loop_ids):
        assert "\n" not in line
        assert "\r" not in line
    assert inbound.sent_at is None or inbound.sent_at.utcoffset() is not None


def read(raw: bytes) -> None:
    with suppress(Unreadable):
        assert_clean(parse(raw))


NAMES = st.sampled_from(
    [
        "From",
        "To",
        "Cc",
        "Reply-To",
        "Subject",
        "Date",
        "Message-ID",
        "In-Reply-To",
        "References",
        "Content-Type",
        "Content-Disposition",
        "Content-Transfer-Encoding",
        "Authentication-Results",
        "Auto-Submitted",
        "Precedence",
        "List-Id",
        "X-Hospes-Loop",
        "Content-ID",
        "Return-Path",
    ]
).map(str.encode)
VALUES = st.one_of(
    st.binary(max_size=60),
    st.text(max_size=40).map(lambda text: text.encode("utf-8", "replace")),
    st.sampled_from(
        [
            b"multipart/mixed; boundary=b",
            b"multipart/alternative; boundary=b",
            b"multipart/report; report-type=delivery-status; boundary=b",
            b"message/rfc822",
            b"text/html; charset=utf-7",
            b"text/plain; charset=iso-2022-jp; format=flowed; delsp=yes",
            b"text/plain; charset=idna",
            b"base64",
            b"quoted-printable",
            b"x-uuencode",
            b"attachment; filename*0*=utf-16''%ff%fe; filename*1=x",
            b"=?utf-7?q?+2AA-?= =?hex?b?AAAA?= =?utf-8?b?gA=?=",
            b'((((<a@b>, "c\\',
            b"<>",
        ]
    ),
)
FIELDS = st.lists(st.tuples(NAMES, VALUES), max_size=8).map(
    lambda pairs: b"".join(name + b": " + value + b"\n" for name, value in pairs)
)
BODIES = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")),
    st.sampled_from(
        [b"<p><img src=cid:x><style>", b"&#xd800;&#0;\xed\xa0\x80", b"> a\nOn 1 Jan a@b wrote:\n"]
    ),
)
MAILS = st.lists(st.tuples(FIELDS, BODIES), min_size=1, max_size=4).map(
    lambda parts: b"\n--b\n".join(head + b"\n" + body for head, body in parts)
)


@settings(max_examples=150, deadline=None)
@given(MAILS)
@example(b"")
@example(b"\xef\xbb\xbfSubject: =?unicode_escape?q?=5Cud800?=\n\n\x00")
@example(b"Content-Type: text/html\n\n&#xd800;&#0;\xed\xa0\x80")
@example(b"Message-ID: <>\nFrom: ((((\nDate: \xff\n\n")
def test_any_mail_is_read_clean_or_refused(raw: bytes) -> None:
    read(raw)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_clean_or_refused(raw: bytes) -> None:
    read(raw)


@pytest.mark.parametrize(
    "charset",
    [
        "x-unknown",
        "idna",
        "undefined",
        "punycode",
        "zip",
        "hex",
        "rot13",
        "unicode_escape",
        "raw_unicode_escape",
        "bz2",
        "uu",
        "base64",
    ],
)
def test_a_charset_no_mail_may_ask_for_is_not_used(charset: str) -> None:
    assert charset not in CODECS
    body = f"Content-Type: text/plain; charset={charset}\n\n\\u0041 Gr\xfc\xdfe 4142".encode(
        "latin-1"
    )
    assert parse(body).text == "\\u0041 Grüße 4142"


SLOW = {
    "nested comments": b"From: " + b"(" * 2000,
    "addresses": b"To: " + b"a@b.example, " * 20_000,
    "no address": b"To: " + b"a" * SIZE,
    "one address and none": b"To: x@y.example " + b"a." * SIZE,
    "one endless address": b"From: <" + b"a" * SIZE + b">",
    "open quotes": b'From: "' + b'\\"' * SIZE,
    "encoded words": b"Subject: " + b"=?utf-8?q?a?= " * (SIZE // 14),
    "half encoded words": b"Subject: " + b"=?" * SIZE,
    "parameters": b"Content-Type: text/plain" + b";a*1=" * (SIZE // 5),
    "verdicts": b"Authentication-Results: x; " + b"dmarc=(" * (SIZE // 7),
    "references": b"References: " + b"<" * SIZE,
    "one long word": b"\n\n" + b"a" * SIZE,
    "blank lines": b"\n\n" + b"\n" * SIZE,
    "quote marks": b"\n\n" + b">" * SIZE,
    "quoted lines": b"\n\n" + b"> \n" * (SIZE // 3),
    "links": b"\n\nhttp://" + b"a." * SIZE + b"!",
    "wrote": b"\n\n" + b"On 1 Jan 2020 a@b.c\n" * (SIZE // 20),
    "header lines": b"\n\n" + b"From: a@b.c 1:00\n" * (SIZE // 17),
    "spaces": b"\n\n" + b" " * SIZE + b"x",
    "tags": b"Content-Type: text/html\n\n" + b"<div>" * (SIZE // 5),
    "open tags": b"Content-Type: text/html\n\n" + b"<a " * (SIZE // 3),
    "style": b'Content-Type: text/html\n\n<p style="' + b"a-" * SIZE + b'">',
    "brackets": b"Content-Type: text/html\n\n" + b"<" * SIZE,
    "entities": b"Content-Type: text/html\n\n" + b"&#" * (SIZE // 2),
    "hints of history": b"Content-Type: text/html\n\n" + b"class=gmail_quote " * (SIZE // 18),
    "jis": b"Content-Type: text/plain; charset=iso-2022-jp\n\n" + b"\x1b$B!\x1b(B" * (SIZE // 8),
}


def test_nothing_of_this_takes_five_seconds_or_half_a_gigabyte() -> None:
    with ParserChild() as child:
        readings = child.parse_all(list(SLOW.values()))
    refused = {
        name: reading.reason
        for name, reading in zip(SLOW, readings, strict=True)
        if isinstance(reading, Unreadable)
    }
    assert refused == {}
