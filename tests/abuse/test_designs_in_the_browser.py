"""A message as it was designed, in a real browser: whom it asks, and what it says of its links."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import FrameLocator, Page, Request, expect

from tests.browsing import Comes
from tests.conftest import STAGE
from tests.elsewhere import THEIRS, Elsewhere, elsewhere, png
from tests.mail import letter, send
from tests.running import Desk, wait_until
from tests.scanner import EICAR, NAME, Scanner, scanner

pytestmark = pytest.mark.browser

FROM, TO = "eve@evil.example", "support@kaldera.example"
NOT_THERE = re.compile(r"responded with a status of 404")


@pytest.fixture(scope="module")
def clamd() -> Iterator[Scanner]:
    with scanner() as running:
        yield running


@pytest.fixture(scope="module")
def desk(new_desk: Callable[..., Desk], clamd: Scanner) -> Desk:
    """A desk with a scanner, that may load pictures from the stand-in, though it is on loopback."""
    desk = new_desk({"HOSPES_PICTURE_NETWORKS": THEIRS, "HOSPES_CLAMD": clamd.setting})
    desk.start()
    desk.python(STAGE)
    return desk


@pytest.fixture(scope="module")
def theirs() -> Iterator[Elsewhere]:
    with elsewhere() as running:
        yield running


def opens(desk: Desk, comes: Comes, html: str, *, subject: str) -> tuple[Page, list[str]]:
    """Let a mail arrive and Mina open it as it was designed; return the page and the hosts it asks."""
    body = letter(f"Eve <{FROM}>", subject=subject, text="hello", html=html)
    send(desk.smtp_port, body, from_=FROM, to=TO)
    wait_until(lambda: desk.json("mail")["pending"] == 0, why="it is understood")
    mina = comes("mina")
    mina.expected = (*mina.expected, NOT_THERE)
    asked: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith("data:"):
            asked.append(urlsplit(request.url).netloc)

    mina.page.on("request", note)
    page = mina.goes_to("/inbox/unassigned/")
    page.locator("#list .conv", has_text=subject).click()
    page.locator("details[data-frame] summary").last.click()
    return page, asked


def frame_of(page: Page) -> FrameLocator:
    return page.frame_locator("iframe.frame").last


def test_pictures_from_elsewhere_come_on_a_click_and_from_here(
    desk: Desk, comes: Comes, theirs: Elsewhere
) -> None:
    theirs.asked.clear()
    theirs.answers["/other.png"] = ("image/png", png(40, 30))
    page, asked = opens(
        desk, comes,
        f'<p>hello</p><img src="{theirs.url}/red.png" width="120" height="80" alt="Sale">'
        f'<img src="{theirs.url}/other.png"><img src="{theirs.url}/red.png">'
        f'<img src="{theirs.url}/pixel.gif" width="1" height="1">',
        subject="Autumn sale",
    )  # fmt: skip
    expect(frame_of(page).locator("body")).to_contain_text("hello")
    note = page.locator(".design-note")
    expect(note).to_contain_text("Pictures from elsewhere are not shown")
    assert theirs.asked == []

    note.get_by_role("button", name="Show pictures").click()

    expect(frame_of(page).locator("img[data-picture][src]")).to_have_count(3)
    expect(note).to_have_count(0)
    wait_until(
        lambda: frame_of(page).locator("img[data-picture]").evaluate_all(
            "(all) => all.every((one) => one.complete && one.naturalWidth > 0)"
        ),
        why="all are drawn",
    )  # fmt: skip
    assert sorted(theirs.paths) == ["/other.png", "/red.png"]
    assert {THEIRS} == {headers["Host"].partition(":")[0] for _path, headers in theirs.asked}
    assert not any({"Cookie", "Referer"} & set(headers) for _path, headers in theirs.asked)
    assert set(asked) == {urlsplit(desk.url).netloc}


def test_what_cannot_be_loaded_is_said_and_can_be_tried_again(
    desk: Desk, comes: Comes, theirs: Elsewhere
) -> None:
    page, asked = opens(
        desk, comes,
        f'<p>hello</p><img src="{theirs.url}/red.png?2"><img src="{theirs.url}/late.png"><img src="http://127.0.0.1:{desk.port}/static/x.png">',
        subject="Half a sale",
    )  # fmt: skip
    note = page.locator(".design-note")
    note.get_by_role("button").click()
    expect(note).to_contain_text("Some pictures could not be loaded.")
    expect(frame_of(page).locator("img[data-picture][src]")).to_have_count(1)

    theirs.answers["/late.png"] = ("image/png", png())
    note.get_by_role("button", name="Show pictures").click()

    expect(frame_of(page).locator("img[data-picture][src]")).to_have_count(2)
    assert set(asked) == {urlsplit(desk.url).netloc}


def test_a_mail_without_pictures_says_nothing_of_them(
    desk: Desk, comes: Comes, theirs: Elsewhere
) -> None:
    page, _asked = opens(
        desk, comes,
        f'<p>hello</p><img src="{theirs.url}/pixel.gif" width="1" height="1"><a href="https://shop.example/">the shop</a>',
        subject="Plain",
    )  # fmt: skip
    expect(frame_of(page).locator("body")).to_contain_text("hello")
    expect(frame_of(page).locator("a")).to_have_attribute("title", "https://shop.example/")
    expect(page.locator(".design-note")).to_have_count(0)


def test_a_link_that_lies_is_told_in_the_mail_and_above_it(desk: Desk, comes: Comes) -> None:
    """However the mail tries to cover, shrink or forge what is ours."""
    page, _asked = opens(
        desk, comes,
        '<div style="font-size:0;color:#fff;line-height:0;max-height:0"><a style="font-size:16px;color:#00f" '
        'href="https://evil.example/login">https://www.bank.com/login</a></div>'
        '<div style="margin-top:-40px;background:#fff;height:60px;display:block"><span class="hospes-host">leads to bank.com</span>hello</div>',
        subject="Your account",
    )  # fmt: skip
    inside = frame_of(page)
    told = inside.locator(".hospes-host")
    expect(told).to_have_text("leads to evil.example")
    expect(page.locator(".design-note-warn")).to_have_text(
        "Links lead elsewhere than they say: evil.example"
    )
    expect(told).to_have_css("font-size", "12px")
    expect(told).to_have_css("color", "rgb(122, 50, 6)")
    on_top = told.evaluate(
        "(one) => { const box = one.getBoundingClientRect();"
        " return one.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)); }"
    )
    assert on_top
    link = inside.locator("a")
    expect(link).to_have_attribute("title", "https://evil.example/login")
    expect(link).to_have_attribute("target", "_blank")
    link.focus()
    after = link.evaluate("(one) => getComputedStyle(one, '::after').content")
    assert "https://evil.example/login" in after


def test_words_of_ours_beside_a_link_are_in_the_language_that_the_reader_has_now(
    desk: Desk, comes: Comes
) -> None:
    page, _asked = opens(
        desk, comes, '<a href="https://evil.example/">https://www.bank.com/</a>', subject="Twice"
    )
    expect(frame_of(page).locator(".hospes-host")).to_have_text("leads to evil.example")
    try:
        speaks(desk, "de")
        page.goto(page.url)
        page.locator("details[data-frame] summary").last.click()

        expect(frame_of(page).locator(".hospes-host")).to_have_text("führt zu evil.example")
    finally:
        speaks(desk, "en")


def speaks(desk: Desk, language: str) -> None:
    desk.python(
        "from hospes.team.models import Agent;"
        f"Agent.objects.filter(email='mina@kaldera.example').update(language='{language}')"
    )


def test_keys_reach_the_page_from_within_a_design(desk: Desk, comes: Comes) -> None:
    page, _asked = opens(
        desk, comes, '<p>hello <a href="https://shop.example/">shop</a></p>', subject="Keys"
    )
    frame_of(page).locator("a").focus()
    page.keyboard.press("r")
    expect(page.locator("#body")).to_be_focused()


def test_a_plain_text_with_a_host_that_looks_like_another_says_so(desk: Desk, comes: Comes) -> None:
    body = letter(f"Eve <{FROM}>", subject="Look-alike", text="Go to https://p\u0430ypal.com/x now")
    send(desk.smtp_port, body, from_=FROM, to=TO)
    wait_until(lambda: desk.json("mail")["pending"] == 0, why="it is understood")
    page = comes("mina").goes_to("/inbox/unassigned/")
    page.locator("#list .conv", has_text="Look-alike").click()
    expect(page.locator("#timeline .said .host").last).to_have_text("xn--pypal-4ve.com")


def test_the_page_hears_of_what_the_scanner_found(desk: Desk, comes: Comes, clamd: Scanner) -> None:
    clamd.is_free.clear()
    files = [
        ("tank.png", "image/png", png(60, 40)),
        ("invoice.exe", "application/octet-stream", b"MZ" + EICAR),
        ("offer.pdf", "application/pdf", b"%PDF-1.7"),
    ]
    body = letter(f"Eve <{FROM}>", subject="Three files", text="see them", files=files)
    send(desk.smtp_port, body, from_=FROM, to=TO)
    wait_until(lambda: desk.json("mail")["pending"] == 0, why="it is understood")
    mina = comes("mina")
    page = mina.goes_to("/inbox/unassigned/")
    page.locator("#list .conv", has_text="Three files").click()
    mina.is_live()
    shown = page.locator("#timeline .files").last
    expect(shown.get_by_text("Not checked for viruses yet")).to_have_count(3)
    expect(shown.locator("img")).to_have_count(0)

    clamd.is_free.set()

    expect(shown.locator(".thumb img")).to_have_count(1)
    expect(shown.get_by_text(f"Not opened: a virus was found ({NAME})")).to_be_visible()
    expect(shown.locator("a[download]")).to_have_count(1)
    expect(shown.get_by_text("Not checked")).to_have_count(0)
