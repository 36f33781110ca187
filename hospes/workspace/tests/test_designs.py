"""What a frame shows of a mail's own design: its pictures, and links that say where they lead."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.utils import translation

from hospes.channels.email.html import clean
from hospes.workspace.designs import MAX_PICTURES, Design, made_ready, pictures_named

NOTE = re.compile(
    r'<span class="hospes-host" lang="en" dir="ltr">leads to <bdi dir="ltr">(.*?)</bdi></span>'
)


def ready(html: str, **files: str) -> Design:
    safe = clean(html)
    assert safe is not None
    return made_ready(safe.shown, files=files)


def notes(html: str) -> list[str]:
    return [unescape(one) for one in NOTE.findall(ready(html).html)]


@pytest.mark.parametrize(
    ("link", "place"),
    [
        ('<a href="https://evil.example/x">https://www.bank.com/login</a>', "evil.example"),
        ('<a href="https://evil.example/x">www.bank.com</a>', "evil.example"),
        ('<a href="https://bank.com.evil.example/">bank.com</a>', "bank.com.evil.example"),
        ('<a href="https://bank.com@evil.example/">https://bank.com</a>', "evil.example"),
        ('<a href="https:\\\\evil.example">bank.com</a>', "evil.example"),
        ('<a href="https://evil.example/"><b>bank</b><i>.com</i></a>', "evil.example"),
        ('<a href="https://evil.example/">bank&#8203;.com</a>', "evil.example"),
        (
            '<a href="https://evil.example/"><img alt="</a>" src="cid:x">bank.com</a>',
            "evil.example",
        ),
        ('<a href="https://evil.example/" title="</a>">bank.com</a>', "evil.example"),
        ('<a href="mailto:eve@evil.example">support@bank.com</a>', "eve@evil.example"),
        ('<a href="https://evil.example/">support@bank.com</a>', "evil.example"),
        ('<a href="https://p\u0430ypal.com/">our shop</a>', "xn--pypal-4ve.com"),
        ('<a href="https://p\u0430ypal.com/">p\u0430ypal.com</a>', "xn--pypal-4ve.com"),
        (f'<a href="https://evil.example/">{"x " * 3000}bank.com</a>', "evil.example"),
    ],
)
def test_a_link_that_says_another_place_has_the_real_one_beside_it(link: str, place: str) -> None:
    assert notes(f"<p>{link} and more</p>") == [place]


@pytest.mark.parametrize(
    "link",
    [
        '<a href="https://www.bank.com/login">bank.com</a>',
        '<a href="https://bank.com/">Log in</a>',
        '<a href="https://bank.com/invoice.pdf">invoice.pdf</a>',
        '<a href="mailto:support@bank.com">Support@Bank.com</a>',
        '<a href="https://bücher.example/">https://bücher.example</a>',
        '<a href="tel:+386123">+386 123</a>',
        "bank.com is our bank",
    ],
)
def test_an_honest_link_has_nothing_beside_it(link: str) -> None:
    assert notes(f"<p>{link}</p>") == []


@pytest.mark.parametrize(
    "halves", [("bank", ".com"), ("www.ba", "nk.com"), ("", "bank.com"), ("ba", "nk", ".com")]
)
def test_a_name_cut_in_two_links_is_still_a_name(halves: tuple[str, ...]) -> None:
    links = "<b></b>".join(f'<a href="https://evil.example/">{half}</a>' for half in halves)

    assert "evil.example" in notes(links)


def test_links_with_words_between_are_two() -> None:
    links = (
        '<a href="https://shop.example/">our shop</a> and <a href="https://shop.example/">.com</a>'
    )

    assert notes(links) == []


def test_mail_cannot_say_what_we_say_of_its_links() -> None:
    forged = '<span class="hospes-host">leads to <bdi dir="ltr">bank.com</bdi></span>'
    shown = ready(f'<p><a href="https://evil.example/">bank.com</a>{forged}</p>').html

    assert shown.count("hospes-host") == 1
    assert NOTE.findall(shown) == ["evil.example"]


def test_what_stands_beside_a_link_is_in_the_readers_language() -> None:
    with translation.override("ar"):
        shown = ready('<a href="https://evil.example/">bank.com</a>').html

    assert '<span class="hospes-host" lang="ar" dir="rtl">' in shown


def test_a_link_says_on_hover_where_it_leads_whatever_it_says_of_itself() -> None:
    shown = ready(
        '<a href="https://bank.com@evil.example/a?b=1&amp;c=2" title="https://bank.com">'
        '<span title="https://bank.com">Log in</span><img title="https://bank.com" alt="x" src="cid:y"></a>'
        '<span title="mine">not a link</span>'
    ).html

    assert re.findall(r'title="([^"]*)"', shown) == [
        "https://evil.example/a?b=1&amp;c=2",
        "mine",
    ]
    link = re.search(r"<a [^>]*>", shown)
    assert link is not None
    assert 'target="_blank"' in link[0]
    assert {"noopener", "noreferrer"} <= set(re.findall(r"\w+", link[0].partition("rel=")[2]))


def test_pictures_from_elsewhere_are_numbered_and_loaded_from_nowhere() -> None:
    shown = ready(
        '<img src="https://a.example/1.png" width="600" height="200" alt="Sale">'
        '<img src="http://b.example/2.gif"><img src="https://a.example/1.png">'
        '<img src="data:image/png;base64,AAAA"><img src="cid:Own%40x">',
        **{"own@x": "/files/7/tank.png?inline"},
    )

    assert shown.pictures == ["https://a.example/1.png", "http://b.example/2.gif"]
    assert "a.example" not in shown.html
    assert re.findall(r'data-picture="(\d+)"', shown.html) == ["0", "1", "0"]
    assert re.findall(r' src="([^"]*)"', shown.html) == [
        "data:image/png;base64,AAAA",
        "/files/7/tank.png?inline",
    ]


@pytest.mark.parametrize(
    "pixel",
    [
        '<img src="https://evil.example/p" width="1" height="1">',
        '<img src="https://evil.example/p" width="0">',
        '<img src="https://evil.example/p" height="1px">',
        '<img src="https://evil.example/p" style="width:1px;height:1px">',
        '<img src="https://evil.example/p" style="color:red; max-height: 0">',
        '<img src="https://evil.example/p" style="display:none">',
        '<img src="ftp://evil.example/p">',
        '<img src="x">',
    ],
)
def test_what_shows_nothing_is_not_there_to_be_loaded(pixel: str) -> None:
    shown = ready(f"<p>hello{pixel}</p>")

    assert shown.pictures == []
    assert "evil" not in shown.html
    assert "data-picture" not in shown.html


def test_a_mail_of_a_thousand_pictures_has_a_hundred() -> None:
    html = "".join(f'<img src="https://a.example/{n}.png">' for n in range(1000))

    assert len(ready(html).pictures) == MAX_PICTURES
    assert pictures_named(clean(html).shown) == ready(html).pictures


def test_everything_else_stays_as_it_was() -> None:
    safe = clean('<p title="a &lt; b" style="color:red">1 &lt; 2 &amp; <b>3</b><br>“x”</p>').shown

    assert made_ready(safe, files={}).html == safe
