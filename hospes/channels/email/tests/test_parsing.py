"""Which of a mail's parts are words, which are files, and what its fields say."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from hospes.channels.contract import Address, Inbound, Unreadable
from hospes.channels.email.parsing import parse

HEAD = b"From: Mina <mina@kunde.example>\nTo: support@kaldera.example\nSubject: Hi\n"


def multipart(subtype: str, *parts: bytes, boundary: bytes = b"edge") -> bytes:
    """Return the fields and the body of a multipart."""
    head = b'Content-Type: multipart/%s; boundary="%s"\n\n' % (subtype.encode(), boundary)
    return (
        head + b"".join(b"--%s\n%s\n" % (boundary, part) for part in parts) + b"--%s--\n" % boundary
    )


def mail(body: bytes) -> Inbound:
    return parse(HEAD + body)


PLAIN = b"Content-Type: text/plain; charset=utf-8\n\nWhere is my parcel?"
HTML = b"Content-Type: text/html; charset=utf-8\n\n<p>Where is <b>my</b> parcel?</p>"
PICTURE = b"Content-Type: image/png\nContent-ID: <pic@1>\nContent-Transfer-Encoding: base64\n\nAAEC"


def test_a_simple_letter_is_read_whole() -> None:
    inbound = parse(
        b"From: =?utf-8?q?J=C3=BCrgen?= <J.Gross@Kunde.Example>\r\n"
        b"To: support@kaldera.example, Other <other@kaldera.example>\r\n"
        b"Cc: third@kunde.example\r\n"
        b"Reply-To: elsewhere@kunde.example\r\n"
        b"Subject: Meine\r\n Bestellung\r\n"
        b"Date: Thu, 1 Jan 2026 09:30:00 +0900\r\n"
        b"Message-ID: <1@kunde.example>\r\n"
        b"In-Reply-To: <c@desk.example>\r\n"
        b"References: <a@desk.example> <b@desk.example>\r\n\r\n"
        b"Guten Tag, wo bleibt meine Bestellung von letzter Woche?\r\n\r\n-- \r\nJ. Gross\r\n"
    )
    assert inbound.senders == (Address("Jürgen", "J.Gross@kunde.example"),)
    assert [each.address for each in inbound.to] == [
        "support@kaldera.example",
        "other@kaldera.example",
    ]
    assert inbound.cc == (Address("", "third@kunde.example"),)
    assert inbound.reply_to == (Address("", "elsewhere@kunde.example"),)
    assert inbound.subject == "Meine Bestellung"
    assert inbound.sent_at == datetime(2026, 1, 1, 0, 30, tzinfo=UTC)
    assert inbound.references == ("<c@desk.example>", "<b@desk.example>", "<a@desk.example>")
    assert inbound.reply_text == "Guten Tag, wo bleibt meine Bestellung von letzter Woche?"
    assert inbound.text.endswith("J. Gross")
    assert (inbound.html, inbound.language, inbound.automatic) == (None, "de", False)


def test_of_two_versions_the_plain_one_is_read_and_the_html_shown() -> None:
    inbound = mail(multipart("alternative", PLAIN, HTML))
    assert inbound.text == "Where is my parcel?"
    assert inbound.html == "<p>Where is <b>my</b> parcel?</p>"
    assert inbound.files == ()


def test_an_empty_plain_version_gives_way_to_the_html() -> None:
    inbound = mail(multipart("alternative", b"Content-Type: text/plain\n\n \n", HTML))
    assert inbound.text == "Where is my parcel?"


def test_html_alone_becomes_text_without_script_or_style() -> None:
    inbound = mail(
        b"Content-Type: text/html\n\n<style>p{}</style><script>alert(1)</script><p>One</p><p>Two</p>"
    )
    assert inbound.text.split() == ["One", "Two"]
    assert "script" not in (inbound.html or "")


def test_text_around_a_picture_stays_in_reading_order() -> None:
    inbound = mail(multipart("mixed", b"\nBefore", PICTURE, b"\nAfter"))
    assert inbound.text == "Before\n\nAfter"
    assert [file.content for file in inbound.files] == [b"\x00\x01\x02"]


def test_a_footer_beside_html_is_shown_too_and_made_safe() -> None:
    inbound = mail(multipart("mixed", HTML, b"\nlist footer <b>"))
    assert inbound.html is not None
    assert inbound.html.endswith("<p>list footer &lt;b&gt;</p>")


def test_a_picture_the_html_shows_is_inline_and_another_is_not() -> None:
    shown = b'Content-Type: text/html\n\n<img src="cid:pic@1">'
    other = PICTURE.replace(b"pic@1", b"pic@2")
    inbound = mail(multipart("related", shown, PICTURE, other))
    assert [(file.content_id, file.inline) for file in inbound.files] == [
        ("pic@1", True),
        ("pic@2", False),
    ]


def test_remote_pictures_wait_to_be_asked_for() -> None:
    inbound = mail(b'Content-Type: text/html\n\n<img src="https://spy.example/1.gif">')
    assert inbound.html == '<img data-remote-src="https://spy.example/1.gif">\n'.strip()


def test_an_address_without_its_scheme_is_one_all_the_same() -> None:
    html = '<img src="//x.example/p.png"> <a href=" //x.example/a">a</a> <img src="p.png"> <a href="a">b</a> <a href="java&#9;script:1">c</a>'
    shown = mail(b"Content-Type: text/html\n\n" + html.encode()).html or ""
    assert 'data-remote-src="https://x.example/p.png"' in shown
    assert 'href="https://x.example/a"' in shown
    assert (shown.count("src"), shown.count("href")) == (1, 1)


def test_an_attached_message_stays_byte_for_byte() -> None:
    attached = b"Subject: inner\r\nX-Odd:   spaces \r\n\r\nbody\r\n"
    inbound = mail(multipart("mixed", PLAIN, b"Content-Type: message/rfc822\n\n" + attached))
    [file] = inbound.files
    assert (file.name, file.content_type) == ("inner.eml", "message/rfc822")
    assert file.content == attached


def test_a_text_that_came_as_a_file_is_a_file() -> None:
    note = b"Content-Type: text/plain\nContent-Disposition: attachment; filename=note.txt\n\nsecret"
    inbound = mail(multipart("mixed", PLAIN, note))
    assert (inbound.text, [file.name for file in inbound.files]) == (
        "Where is my parcel?",
        ["note.txt"],
    )


def test_a_name_alone_does_not_make_the_first_text_a_file() -> None:
    assert mail(b'Content-Type: text/plain; name="body.txt"\n\nHello').text == "Hello"


def test_a_calendar_and_a_winmail_that_nobody_can_read_stay_as_they_are() -> None:
    calendar = b"Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR"
    winmail = b"Content-Type: application/ms-tnef; name=winmail.dat\n\n\x78\x9f"
    inbound = mail(
        multipart("mixed", multipart("alternative", PLAIN, calendar, boundary=b"in"), winmail)
    )
    assert inbound.text == "Where is my parcel?"
    assert [(file.content_type, file.name) for file in inbound.files] == [
        ("text/calendar", "calendar.ics"),
        ("application/ms-tnef", "winmail.dat"),
    ]


@pytest.mark.parametrize(
    ("field", "name"),
    [
        (b'filename="=?utf-8?b?UmVjaG51bmcgw7wucGRm?="', "Rechnung ü.pdf"),
        (b"filename*=utf-8''Rechnung%20%C3%BC.pdf", "Rechnung ü.pdf"),
        (b"filename*0*=utf-8''Rech; filename*1*=nung%20%C3%BC.pdf", "Rechnung ü.pdf"),
        (b"filename=Rechnung%20%C3%BC.pdf", "Rechnung ü.pdf"),
        (b"filename=100%25.pdf", "100%.pdf"),
        (b"filename=100%.pdf", "100%.pdf"),
        (b'filename="../../etc/passwd"', "passwd"),
        (b'filename="C:\\\\Temp\\\\a.txt"', "a.txt"),
        ('filename="gpj.\u202ecod.exe"'.encode(), "gpj.cod.exe"),
        (b'filename="../../etc/x\x00.htaccess"', "x .htaccess"),
        ('filename="\u200b.htaccess"'.encode(), "htaccess"),
        ('filename="x.php\u200b"'.encode(), "x.php"),
        (b'filename="' + b"a" * 5000 + b'.pdf"', "a" * 180 + ".pdf"),
        (b'filename=".."', "file.pdf"),
        ("filename=Nicolà".encode(), "Nicolà"),
    ],
)
def test_e05_a_files_name_is_a_label_and_nothing_more(field: bytes, name: str) -> None:
    part = b"Content-Type: application/pdf\nContent-Disposition: attachment; " + field + b"\n\nx"
    assert mail(multipart("mixed", PLAIN, part)).files[0].name == name


def test_wrapped_paragraphs_flow_together_again() -> None:
    body = b"One \nparagraph.\n\n> quoted \n> text\n-- \nMina\n"
    inbound = mail(b"Content-Type: text/plain; format=flowed\n\n" + body)
    assert inbound.text == "One paragraph.\n\n> quoted text\n-- \nMina"
    assert inbound.reply_text == "One paragraph."


def test_a_multipart_without_its_parts_shows_what_is_there() -> None:
    assert (
        mail(b"Content-Type: multipart/mixed; boundary=none\n\nHello there").text == "Hello there"
    )


@pytest.mark.parametrize(
    "date", [b"32 Foo 2026", b"", b"Mon, 1 Jan 99999 00:00:00", b"now", b"\xff"]
)
def test_a_broken_date_costs_the_date_alone(date: bytes) -> None:
    inbound = parse(HEAD + b"Date: " + date + b"\n\nHello")
    assert (inbound.sent_at, inbound.text) == (None, "Hello")


@pytest.mark.parametrize(
    "date",
    [
        b"2026-01-01T09:30:00Z",
        b"2026-01-01 10:30:00 +0100",
        b"Thu, 01 Jan 2026 10:30:00 +01:00",
        b"Thu, 1 Jan 2026 10:30:00 GMT+0100",
        b'Thu, 1 Jan 26 09:30 "GMT"',
    ],
)
def test_a_date_is_read_as_programs_write_it_against_the_rule(date: bytes) -> None:
    assert parse(b"Date: " + date + b"\n\nHello").sent_at == datetime(2026, 1, 1, 9, 30, tzinfo=UTC)


def test_a_second_too_many_costs_no_date() -> None:
    inbound = parse(b"Date: Wed, 31 Dec 2025 23:59:60 +0000\n\nHello")
    assert inbound.sent_at == datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC)


def test_a_date_without_a_zone_is_taken_for_utc() -> None:
    inbound = parse(b"Date: Thu, 1 Jan 2026 09:30:00\n\nHello")
    assert inbound.sent_at == datetime(2026, 1, 1, 9, 30, tzinfo=UTC)


def test_a_line_break_hidden_in_a_subject_begins_no_field() -> None:
    inbound = parse(b"Subject: =?utf-8?q?x=0d=0aBcc=3a_v=40e.example?=\n\nHello")
    assert inbound.subject == "x Bcc: v@e.example"


def test_every_sender_is_named_so_that_two_can_be_doubted() -> None:
    inbound = parse(b"From: a@b.example, <c@d.example>\nFrom: e@f.example\n\nHello")
    assert [each.address for each in inbound.senders] == [
        "a@b.example",
        "c@d.example",
        "e@f.example",
    ]


def test_too_many_recipients_are_cut_and_the_cut_is_told() -> None:
    many = b", ".join(b"c%d@kunde.example" % number for number in range(3000))
    inbound = parse(b"To: " + many + b"\nCc: " + many + b"\n\nHello")
    assert (len(inbound.to) + len(inbound.cc), inbound.addresses_cut) == (1000, True)


def test_loops_and_lists_are_named() -> None:
    inbound = parse(
        b"X-Hospes-Loop: here\nX-Hospes-Loop: there\nList-Unsubscribe: <mailto:u@l.example>\n\nx"
    )
    assert inbound.loop_ids == ("here", "there")
    assert inbound.list_unsubscribe == "<mailto:u@l.example>"
    assert inbound.automatic_reason == "mailing-list"


def test_the_language_expected_decides_where_a_text_is_short() -> None:
    body = b"Content-Type: text/plain; charset=utf-8\n\nHvor er pakken? Jeg venter."
    assert parse(body, priors=["nb", "en"]).language == "nb"
    assert parse(body, priors=["da", "en"]).language == "da"


@pytest.mark.parametrize("text", ["", "12345", ":-)"])
def test_what_holds_no_word_is_in_no_language(text: str) -> None:
    assert parse(b"Subject: 17\n\n" + text.encode(), priors=["ja"]).language is None


def test_parts_nested_to_harm_are_refused_with_a_reason() -> None:
    nested = b"".join(
        b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (depth, depth + 1)
        for depth in range(3000)
    )
    with pytest.raises(Unreadable, match="too deeply"):
        mail(b"Content-Type: multipart/mixed; boundary=b0\n\n" + nested)


def test_parts_without_end_are_refused_with_a_reason() -> None:
    with pytest.raises(Unreadable, match="too many parts"):
        mail(multipart("mixed", *([b"\nx"] * 10_000)))


def test_a_field_broken_without_a_fold_ends_no_head() -> None:
    read = parse(
        b"From: a@b.example\nX-Diagnostics: 1;AAAA\nBBBB+CCCC==\nX-Spam: no\n"
        b"Content-Type: text/plain\n\nThe words.\n"
    )

    assert read.text == "The words."


def test_a_letter_without_a_blank_line_keeps_its_words() -> None:
    read = parse(b"From: a@b.example\nSubject: Hi\nDear all\nNote: this is text.\n")

    assert read.text == "Dear all\nNote: this is text."


def test_a_report_that_says_why_before_its_parts_is_read() -> None:
    read = parse(
        b"From: mailer-daemon@b.example\nContent-Type: multipart/report; boundary=xx\n\n"
        b"Nobody here goes by this name.\n\n--xx\nContent-Type: message/delivery-status\n\n"
        b"Reporting-MTA: dns; b.example\n\nFinal-Recipient: rfc822; c@b.example\nAction: failed\n\n--xx--\n"
    )

    assert read.text == "Nobody here goes by this name."
    assert read.report is not None


def test_a_head_under_blank_lines_is_a_head() -> None:
    inbound = parse(b"\r\n\r\nFrom: mina@shop.example\r\nSubject: Pump\r\n\r\nHello")
    assert (inbound.subject, inbound.text) == ("Pump", "Hello")


@pytest.mark.parametrize("said", [b"", b"; boundary=wrong"])
def test_parts_are_found_though_the_head_does_not_know_their_boundary(said: bytes) -> None:
    whole = multipart("mixed", PLAIN, b"Content-Type: application/pdf; name=a.pdf\n\nx")
    head, _, body = whole.partition(b"\n\n")
    inbound = mail(head.partition(b";")[0] + said + b"\n\n" + body)
    assert [file.name for file in inbound.files] == ["a.pdf"]
    assert "Content-Type" not in inbound.text


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (b"Content-Type: plain/text", b"Hello"),
        (b"Content-Transfer-Encoding: quoted-printable ; x", b"Hel=6Co"),
        (b"Content-Type: text/enriched", b"<bold>Hel</bold><param>x</param>lo"),
        (b"X-Nothing: of it", b"<!DOCTYPE html>\n<html><body><p>Hello</p></body></html>"),
        (b"Content-Disposition: inline; filename=message.txt", b"Hello"),
    ],
)
def test_words_are_read_whatever_their_head_calls_them(head: bytes, body: bytes) -> None:
    assert mail(head + b"\n\n" + body).text == "Hello"


def test_files_in_the_middle_of_a_text_are_files() -> None:
    block = b"begin 644 pump report.txt\n#0V%T\n`\nend"
    inbound = mail(b"\nHello\n\n" + block + b"\n\nand\n" + block + b"\nBye\n")
    assert inbound.text == "Hello\n\nand\n\nBye"
    assert [(file.name, file.content) for file in inbound.files] == [
        ("pump report.txt", b"Cat")
    ] * 2


def test_who_speaks_of_beginnings_and_ends_sends_no_file() -> None:
    text = "We\nbegin 644 steps from here\nand walk to the\nend"
    assert mail(b"\n" + text.encode()).text == text


def test_a_line_that_is_no_field_ends_no_head() -> None:
    inbound = parse(b"From: mina@shop.example\nno field at all\nSubject: Pump\n\nHello")
    assert (inbound.subject, inbound.text) == ("Pump", "Hello")


def test_parts_that_hold_nothing_say_nothing() -> None:
    assert mail(b"Content-Type: multipart/mixed; boundary=x\n\n--x--\n").text == ""


def test_a_name_whose_quotes_never_end_loses_nothing() -> None:
    part = b'Content-Type: application/pdf\nContent-Disposition: attachment; filename="a b.pdf\n\nx'
    assert mail(multipart("mixed", PLAIN, part)).files[0].name == "a b.pdf"


def test_a_text_without_end_is_shown_from_its_beginning_and_kept_whole() -> None:
    raw = (
        b"From: ana@b.example\n\nWhere is it?\n\nOn Mon, 2 Nov 2026, Mina wrote:\n"
        + (b"> " + b"quoted for ever " * 6 + b"\n") * 12_000
    )

    mail = parse(raw)

    assert mail.text.startswith("Where is it?\n\nOn Mon")
    assert len(mail.text) < 1024 * 1024
    assert mail.reply_text == "Where is it?"
    assert [len(file.content) for file in mail.files] == [
        len(raw) - len(b"From: ana@b.example\n\n")
    ]


@pytest.mark.parametrize(
    "head",
    [
        b" From: ana@b.example\n",
        b"From : ana@b.example\n",
        b'From: ana@b.example\nContent-Transfer-Encoding: "8bit"\n',
    ],
)
def test_a_head_written_a_little_wrongly_is_a_head(head: bytes) -> None:
    mail = parse(head + b"Subject: Hello\n\nHow are you?")

    assert mail.senders[0].address == "ana@b.example"
    assert (mail.subject, mail.text) == ("Hello", "How are you?")


def test_the_footer_that_a_list_appends_to_base64_stays_as_it_is() -> None:
    raw = (
        b"From: ana@b.example\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
        + base64.encodebytes("Čakam že tri tedne.".encode())
        + b"\n_____________\nA list of ours\nlist@b.example\n"
    )

    assert parse(raw).text == "Čakam že tri tedne.\n\n_____________\nA list of ours\nlist@b.example"
