"""Mail that came as HTML alone, as text: where its links lead, and tables of any size."""

from __future__ import annotations

import time

import pytest

from hospes.channels.contract import Address, Inbound
from hospes.channels.email import html_text
from hospes.channels.email.html import clean
from hospes.channels.email.parsing import parse

MAX_SECONDS = 1.0  # for what a library alone takes three for


def read(html: str, *, subject: str = "Hi") -> Inbound:
    head = f"From: Mina <mina@kunde.example>\nSubject: {subject}\n"
    return parse(f"{head}Content-Type: text/html; charset=utf-8\n\n{html}".encode())


def text(html: str) -> str:
    return read(html).text


TARGETS = {
    '<a href="https://shop.example/f/7?k=1">Ver su factura</a>.': "Ver su factura <https://shop.example/f/7?k=1>.",
    '<a href="https://shop.example/7"><b>Ver </b> <i>aquí</i> </a>': "Ver aquí <https://shop.example/7>",
    '<a href="https://shop.example/7"><div>Ver</div></a>': "Ver <https://shop.example/7>",
    # Words that say it, in any of the ways people write an address.
    '<a href="https://www.shop.example/">shop.example</a>': "shop.example",
    '<a href="http://shop.example/a%20b">HTTPS://Shop.example/a b/</a>': "HTTPS://Shop.example/a b/",
    '<a href="https://shop.example/7">see https://shop.example/7</a>': "see https://shop.example/7",
    # Words that say another one: what a deceiver writes.
    '<a href="https://evil.example/">bank.example</a>': "bank.example <https://evil.example/>",
    # Addresses and telephones are told as such.
    '<a href="mailto:mina@kunde.example?subject=x">Mina</a>': "Mina <mina@kunde.example>",
    '<a href="mailto:Mina@kunde.example">mina@kunde.example</a>': "mina@kunde.example",
    '<a href="tel:+49-30-1234">Call us</a>': "Call us <+49-30-1234>",
    '<a href="tel:+49301234">+49 (30) 12-34</a>': "+49 (30) 12-34",
    # What leads nowhere, or says nothing.
    '<a href="#top">Up</a> <a>here</a> <a href="javascript:x()">run</a>': "Up here run",
    'A <a href="https://shop.example/7"><img src="cid:logo" alt="Logo"></a>': "A [Logo]",
    # Twice the same is told once.
    '<a href="https://s.example/1">One</a> <a href="https://s.example/1">again</a>': "One <https://s.example/1> again",
    '<a href="https://s.example/<b>?a&amp;b">One</a>': "One <https://s.example/%3Cb%3E?a&b>",
}  # fmt: skip


@pytest.mark.parametrize("html", TARGETS)
def test_a_link_tells_where_it_leads_unless_its_words_do(html: str) -> None:
    assert text(html) == TARGETS[html]


def test_of_a_long_target_as_much_is_told_as_leads_somewhere() -> None:
    counted = f'<a href="https://click.example/c?{"x" * 900}">Pay</a>'
    assert text(counted) == "Pay <https://click.example/c>…"
    assert (
        text(f'<a href="https://click.example/{"x" * 900}">Pay</a>')
        == "Pay <https://click.example>…"
    )
    odd = text(f'<a href="https://{"x" * 900}">Pay</a>')
    assert len(odd) == len("Pay <>…") + html_text.MAX_TARGET_CHARS


def test_of_many_links_the_first_tell_where_they_lead() -> None:
    told = text("".join(f'<p><a href="https://s.example/{n}">No</a></p>' for n in range(2000)))
    assert told.count("No") == 2000
    assert told.count("<https") == html_text.MAX_LINKS


def test_a_mail_that_says_it_in_plain_words_too_is_left_as_it_is() -> None:
    raw = (
        b"Content-Type: multipart/alternative; boundary=b\n\n--b\n\nSee your bill\n--b\n"
        b"Content-Type: text/html\n\n<a href='https://shop.example/7'>See your bill</a>\n--b--\n"
    )
    assert parse(b"From: mina@kunde.example\n" + raw).text == "See your bill"


def test_links_in_a_quotation_hide_none_of_it() -> None:
    said = (
        "<div>Thank you</div><br><div>On Mon, 5 Jan 2026 at 09:30 "
        '<a href="https://kaldera.example">Kaldera</a> &lt;<a href="mailto:support@kaldera.example">'
        "support@kaldera.example</a>&gt; wrote:<br></div><blockquote>It comes.</blockquote>"
    )
    assert read(said).reply_text == "Thank you"


@pytest.mark.parametrize(
    "signature",
    [
        '<a href="https://aka.ms/o0ukef">Get Outlook for iOS</a>',
        f'Sent from <a href="https://mail.example/{"x" * 150}">Yahoo Mail for iPhone</a>',
        f'Regards,<br>Mina Ortega<br><a href="https://k.example/{"x" * 150}">Our shop</a>',
    ],
)
def test_links_in_a_signature_make_it_no_sentence(signature: str) -> None:
    read_mail = read(f"<p>Where is it?</p><div>{signature}</div>")
    assert read_mail.reply_text == "Where is it?"
    assert "<https://" in read_mail.text


def test_a_forward_names_the_person_behind_a_link() -> None:
    forwarded = read(
        "<p>---------- Forwarded message ---------<br>From: "
        '<a href="mailto:vic@corp.example">Vic Corp</a><br>Subject: Pump<br></p><p>It leaks.</p>',
        subject="Fwd: Pump",
    ).forwarded
    assert forwarded is not None
    assert forwarded.sender == Address("Vic Corp", "vic@corp.example")


# Size -------------------------------------------------------------------------------------------


def test_a_table_stands_in_columns() -> None:
    table = "<table><tr><td>Pump<td>1<tr><td>A screw<td>20</table>"
    assert text(table) == "Pump     1\nA screw  20"


HUGE = {
    "ten cells a row": "<table>" + ("<tr>" + "<td>a" * 10) * 10_000 + "</table>",
    "one row": "<table><tr>" + "<td>a" * 100_000 + "</table>",
    "closed": "<table>" + ("<tr>" + "<td>a</td>" * 10 + "</tr>") * 8_000 + "</table>",
    "one wide cell": f"<table><tr><td>{'x ' * 50_000}<td>b" + "<tr><td>a<td>b" * 1000 + "</table>",
    "paragraphs": "<table></table>" + "<p>x" * 90_000,
    "items": "<table></table><ul>" + "<li>x" * 90_000,
    "nested": "<table><tr><td>" * 200 + "a " * 1000 + "</table>" * 200,
}


@pytest.mark.parametrize("name", HUGE)
def test_a_huge_page_is_read_at_once_and_loses_nothing(name: str) -> None:
    began = time.process_time()
    told = text(HUGE[name])

    assert time.process_time() - began < MAX_SECONDS
    assert [told.count(letter) for letter in "axb"] == [
        HUGE[name].replace("table", "").count(letter) for letter in "axb"
    ]
    assert len(told) < 4 * len(HUGE[name])


def test_a_page_too_large_to_be_set_out_keeps_its_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html_text, "MAX_CELLS", 3)
    rows = "<tr><td>Pump &amp;\nseal</td><td>1</td></tr><tr><th>A screw</th><td><b>20</b></td></tr>"
    told = text(f"<p>Yours:</p><table><tbody>{rows}</tbody></table>all<br>of<hr>it")
    assert told == "Yours:\n\nPump & seal  1\n\nA screw  20\n\nall\nof\nit"


def test_what_the_tree_builder_loses_is_read_all_the_same() -> None:
    deep = clean("<table><tr><td>" * 600 + "hello" + "</table>" * 600)
    assert deep is not None
    assert deep.as_text()[0] == "hello"


def test_a_picture_stands_there_in_the_words_its_sender_gave_it() -> None:
    page = '<p>Bild: <img src="cid:a@b" alt="Ein &lt;Foto&gt;"></p><p><img src="cid:c@d" alt="">Ende</p>'

    assert text(page) == "Bild: [Ein <Foto>]\n\nEnde"
