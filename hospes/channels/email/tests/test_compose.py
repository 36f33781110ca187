"""Letters as they leave: nothing in a name or a text may become a field, and everything arrives whole."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hospes.channels.contract import Address, DeliveryFailed, Outbound, OutboundFile
from hospes.channels.email.compose import compose
from hospes.channels.email.headers import clean_body, clean_line
from hospes.channels.email.parsing import parse

LETTER = Outbound(
    message_id="<1.abc@mail.desk.example>",
    from_=Address("Jonas at Kaldera", "support@kaldera.example"),
    to=(Address("Mina", "mina@kunde.example"),),
    subject="Re: Your parcel",
    text="It is on its way.",
    date=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
)
PDF = OutboundFile("Rechnung.pdf", "application/pdf", b"%PDF\x00\xff" * 500)
ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=300)


def names(raw: bytes) -> list[str]:
    """The names of the outermost fields, as the standard library sees them."""
    return email.message_from_bytes(raw, policy=email.policy.default).keys()


def test_a_plain_letter_is_the_same_at_every_attempt() -> None:
    raw = compose(LETTER)
    assert raw == compose(LETTER)
    assert raw.decode().split("\r\n") == [
        "Date: Fri, 02 Jan 2026 03:04:05 +0000",
        "From: Jonas at Kaldera <support@kaldera.example>",
        "To: Mina <mina@kunde.example>",
        "Subject: Re: Your parcel",
        "Message-ID: <1.abc@mail.desk.example>",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 7bit",
        "",
        "It is on its way.",
        "",
    ]


def _bare(name: str) -> list[str]:
    """The words of a name; quotes around all of it are read as somebody's program's, not as part of it."""
    return name.strip().strip("'").split()


@settings(max_examples=150, deadline=None)
@given(subject=ANY_TEXT, name=ANY_TEXT, text=ANY_TEXT, file_name=ANY_TEXT)
@example("x\r\nBcc: v@e.example", 'a" <b@c.d>, "', "\r\n.\r\nFrom me\n--=_1_", '"\r\n\r\n')
@example("=?utf-8?q?x=0d=0aBcc=3a_v=40e?=", "=?utf-8?q?x?=", "x" * 5000 + "\u2028", "%0d%0a")
@example("a" * 2000, "b" * 2000, "\ud800\0", "\u202e.pdf" + "ü" * 500)
def test_whatever_is_written_arrives_and_begins_no_field(
    subject: str, name: str, text: str, file_name: str
) -> None:
    file = OutboundFile(file_name, "application/pdf", b"\r\n\r\n\0")
    raw = compose(
        replace(
            LETTER,
            subject=subject,
            from_=Address(name, "support@kaldera.example"),
            text=text,
            headers={"X-Hospes-Loop": subject},
            files=(file,),
        )
    )
    assert names(raw) == [
        "Date", "From", "To", "Subject", "Message-ID", "X-Hospes-Loop", "MIME-Version", "Content-Type",
    ]  # fmt: skip
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    back = parse(raw)
    assert back.subject.split() == clean_line(subject).split()
    assert [each.address for each in back.senders] == ["support@kaldera.example"]
    assert _bare(back.senders[0].name) == _bare(clean_line(name, 200))
    assert [each.content for each in back.files] == [file.content]
    assert back.text.split() == clean_body(text).encode("utf-8", "replace").decode().split()


def test_text_html_pictures_and_files_are_nested_as_readers_expect() -> None:
    logo = OutboundFile("logo.png", "image/png", b"\x89PNG", content_id="logo@desk")
    raw = compose(
        replace(LETTER, html='<p>On its way<img src="cid:logo@desk"></p>', files=(PDF, logo))
    )
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "application/pdf",
    ]
    assert [(file.name, file.inline) for file in parse(raw).files] == [
        ("logo.png", True),
        ("Rechnung.pdf", False),
    ]


@pytest.mark.parametrize(
    "name", ["Rechnung für März.pdf", "請求書" * 40 + ".pdf", 'a"b;c\\d.pdf', "a'b%20.pdf"]
)
def test_a_files_name_arrives_in_the_standard_librarys_eyes_too(name: str) -> None:
    raw = compose(replace(LETTER, files=(replace(PDF, name=name),)))
    [part] = email.message_from_bytes(raw, policy=email.policy.default).iter_attachments()
    assert part.get_filename() == name
    assert part.get_content() == PDF.content


def test_an_attached_message_travels_unencoded_or_as_a_plain_file() -> None:
    fit = OutboundFile("a.eml", "message/rfc822", b"Subject: a\r\n\r\nx\r\n")
    unfit = OutboundFile("b.eml", "message/rfc822", b"Subject: b\r\n\r\n\xff\r\n")
    files = parse(compose(replace(LETTER, files=(fit, unfit)))).files
    assert [(file.content_type, file.content) for file in files] == [
        ("message/rfc822", fit.content),
        ("application/octet-stream", unfit.content),
    ]


def test_references_stay_whole_however_long() -> None:
    ids = tuple(f"<{'r' * 120}.{number}@desk.example>" for number in range(20))
    raw = compose(replace(LETTER, references=ids, in_reply_to=ids[-1]))
    message = email.message_from_bytes(raw, policy=email.policy.compat32)
    assert message["References"].split() == list(ids)
    assert message["In-Reply-To"] == ids[-1]


def test_what_is_no_message_id_is_left_out_of_the_references() -> None:
    hostile = ("<a@b>\r\nBcc: v@e.example", "<a b@c>", "x", "<ü@b>", "<fine@b>")
    assert (
        email.message_from_bytes(compose(replace(LETTER, references=hostile)))["References"]
        == "<fine@b>"
    )


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("mina@bücher.example", "mina@xn--bcher-kva.example"),
        ("mina@straße.example", "mina@xn--strae-oqa.example"),
        ("mina@例え.テスト", "mina@xn--r8jz45g.xn--zckzah"),
        ("Mina+tag@KUNDE.example", "Mina+tag@kunde.example"),
    ],
)
def test_a_domain_beyond_ascii_is_written_as_punycode(address: str, written: str) -> None:
    raw = compose(replace(LETTER, to=(Address("", address),)))
    assert email.message_from_bytes(raw)["To"] == written


THEIR_ID = "<brief.ä@kunde.example>"


@pytest.mark.parametrize(
    ("address", "utf8", "goes"),
    [
        ("björn@kunde.example", True, True),  # only servers with SMTPUTF8 hand such a letter on
        ("mina@kunde.example", True, False),  # any other would have to send it back
        ("mina@kunde.example", False, False),
    ],
)
def test_a_message_id_beyond_ascii_goes_only_where_an_address_does_too(
    address: str, utf8: bool, goes: bool
) -> None:
    ours = "<7.abc@mail.desk.example>"
    answer = replace(LETTER, to=(Address("", address),), in_reply_to=THEIR_ID)
    raw = compose(replace(answer, references=(THEIR_ID, ours)), utf8_addresses=utf8)

    assert raw.isascii() is not goes
    assert set(parse(raw).references) == ({THEIR_ID, ours} if goes else {ours})


@pytest.mark.parametrize("damaged", ["<brief.\ufffd@kunde.example>", f"<{'ä' * 500}@k.example>"])
def test_a_message_id_that_was_not_read_as_it_was_written_goes_nowhere(damaged: str) -> None:
    answer = replace(LETTER, to=(Address("", "björn@kunde.example"),), in_reply_to=damaged)
    assert b"In-Reply-To" not in compose(answer, utf8_addresses=True)


def test_a_local_part_beyond_ascii_needs_a_server_that_takes_it() -> None:
    letter = replace(LETTER, to=(Address("", "jürgen@kunde.example"),))
    assert "To: jürgen@kunde.example" in compose(letter, utf8_addresses=True).decode()
    with pytest.raises(DeliveryFailed, match="jürgen@kunde") as failure:
        compose(letter)
    assert failure.value.permanent


@pytest.mark.parametrize(
    "address",
    [
        "",
        "mina",
        "a b@c.example",
        "a@b.example>\r\nBcc: x",
        "a@",
        "@b",
        "a@b..ü",
        "a,b@c.example",
        "a@-",
    ],
)
def test_what_is_no_address_is_never_written(address: str) -> None:
    with pytest.raises(DeliveryFailed) as failure:
        compose(replace(LETTER, to=(Address("Mina", address),)))
    assert failure.value.permanent


@pytest.mark.parametrize("name", ["Bcc", "To", "content-type", "X y", "X\r\nBcc", "", "X:"])
def test_a_field_of_ours_or_none_at_all_cannot_be_set(name: str) -> None:
    with pytest.raises(ValueError, match="field"):
        compose(replace(LETTER, headers={name: "x"}))


def test_a_letter_to_nobody_in_sight_says_so() -> None:
    assert (
        email.message_from_bytes(compose(replace(LETTER, to=())))["To"]
        == "undisclosed-recipients:;"
    )


def test_the_language_is_named_only_when_it_is_one() -> None:
    assert (
        email.message_from_bytes(compose(replace(LETTER, language="pt-BR")))["Content-Language"]
        == "pt-BR"
    )
    assert "Content-Language" not in names(compose(replace(LETTER, language="pt\r\nBcc: x")))


JAPANESE = "お世話になっております。水タンクにひびが入りました。写真をお送りします。\r\n"
RUSSIAN = "Здравствуйте, посылка пришла разбитой, пришлите другую.\n"


@pytest.mark.parametrize(
    ("content", "charset"),
    [
        (JAPANESE.encode("utf-8"), "utf-8"),
        (JAPANESE.encode("cp932"), "shift_jis"),
        (JAPANESE.encode("euc-jp"), "euc-jp"),
        (JAPANESE.encode("iso2022_jp"), "iso-2022-jp"),
        (JAPANESE.encode("utf-16"), "utf-16"),
        (JAPANESE.encode("utf-8-sig"), "utf-8"),
        (RUSSIAN.encode("cp1251"), "windows-1251"),
        (RUSSIAN.encode("koi8-r"), "koi8-r"),
        (b"plain\n", "us-ascii"),
        (b"", "us-ascii"),
        ("Čaj, žal, šel".encode("cp1250"), "windows-1250"),
        ("ø".encode("cp1252"), None),  # or ř, or a Cyrillic letter: nobody can tell
        (b"\xff\x98\xff\x98\x81 abc", None),
    ],
)
def test_a_text_file_says_its_charset_and_keeps_every_byte(
    content: bytes, charset: str | None
) -> None:
    for content_type in ("text/plain", "Text/CSV; charset=klingon"):
        file = OutboundFile("おしらせ.txt", content_type, content)

        raw = compose(replace(LETTER, files=(file,)))

        part = email.message_from_bytes(raw).get_payload()[1]
        assert part.get_content_type() == content_type.lower().partition(";")[0]
        assert part.get_content_charset() == charset
        assert part.get_payload(decode=True) == content


@pytest.mark.parametrize("content_type", ["text/html", "text/xml", "application/json", "image/png"])
def test_what_says_its_charset_itself_or_has_none_is_told_none(content_type: str) -> None:
    file = OutboundFile("x", content_type, JAPANESE.encode())

    part = email.message_from_bytes(compose(replace(LETTER, files=(file,)))).get_payload()[1]

    assert (part.get_content_type(), part.get_content_charset()) == (content_type, None)
