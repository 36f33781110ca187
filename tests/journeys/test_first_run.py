"""The first run: from the link a new desk prints to the first letter answered, and the demo instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import Visitor, Visitors
from tests.journeys.looking import too_wide, violations
from tests.mail import Sink, free_port, letter, send
from tests.running import Desk, wait_until

pytestmark = pytest.mark.browser

PASSWORD = "seven cups of coffee"


@pytest.fixture(scope="module")
def desk(new_desk: Callable[..., Desk]) -> Iterator[Desk]:
    desk = new_desk({"HOSPES_UNDO_SECONDS": "0"}).start()
    yield desk
    desk.end()


@pytest.fixture(scope="module")
def other_desk(new_desk: Callable[..., Desk]) -> Iterator[Desk]:
    desk = new_desk().start()
    yield desk
    desk.end()


def printed_link(desk: Desk) -> str:
    found = re.search(r"^http://\S+(/sign-in/\S+)$", Path(desk.log.name).read_text(), re.MULTILINE)
    assert found, "no link was printed"
    return found[1]


def continues(page: Page, *, to: str = "") -> None:
    page.locator("main form button:not([name])").last.click()
    if to:
        page.wait_for_url(f"**{to}")


def is_refused(page: Page, words: str, **kept: str) -> None:
    """Fill in something wrong, past what the browser itself would stop; what was typed stays."""
    for name, value in kept.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("main form:has([name=csrfmiddlewaretoken])").last.evaluate("(one) => { one.noValidate = true; }")  # fmt: skip
    continues(page)
    expect(page.locator("main .errorlist, main .notice-bad").first).to_contain_text(words)
    for name, value in kept.items():
        if name != "password":
            expect(page.locator(f"[name={name}]")).to_have_value(value)


def check(visitor: Visitor) -> None:
    found = violations(visitor.page) + too_wide(visitor.page) + visitor.faults
    assert not found, "\n".join([visitor.page.url, *found])


def test_from_the_printed_link_to_the_first_letter_answered(
    desk: Desk, browser: Browser, sink: Sink
) -> None:
    ana = Visitors(browser, desk).opens("ana", locale="en", timezone_id="Europe/Ljubljana")
    page = ana.goes_to(printed_link(desk))
    check(ana)
    page.get_by_role("button", name="Come in").click()
    page.wait_for_url("**/setup/")
    check(ana)
    page.get_by_role("link", name="Set up my desk").click()

    page.wait_for_url("**/setup/you/")
    expect(page.locator("[name=zone]")).to_have_value("Europe/Ljubljana")
    is_refused(page, "at least 10 characters", name="Ana Kovač", email="ana@kaldera.example", password="short")  # fmt: skip
    is_refused(page, "mail address", email="nobody", password=PASSWORD)
    check(ana)
    page.locator("[name=email]").fill("ana@kaldera.example")
    page.locator("[name=password]").fill(PASSWORD)
    continues(page, to="/setup/brand/")

    is_refused(page, "required", name="", signature="Ana from Kaldera")
    check(ana)
    page.locator("[name=name]").fill("Kaldera")
    continues(page, to="/setup/market/")
    check(ana)
    page.locator("[name=code]").select_option("JP")
    page.locator("[name=zone]").select_option("Asia/Tokyo")
    page.locator("[name=language]").select_option("ja")
    continues(page, to="/setup/address/")

    is_refused(page, "mail address", address="no address", trusted_hop="mx.kaldera.example")
    check(ana)
    page.locator("[name=address]").fill("help@kaldera.example")
    continues(page, to="/setup/outgoing/")

    page.locator("[name=security]").select_option("none")
    is_refused(page, "", host="127.0.0.1", port=str(free_port()))
    check(ana)
    page.locator("[name=port]").fill(str(sink.port))
    continues(page)
    expect(page.locator(".notice-ok").first).to_contain_text("answers and lets us in")
    check(ana)
    page.get_by_role("button", name="Send me a letter").click()
    expect(page.locator("main")).to_contain_text("on its way to ana@kaldera.example")
    wait_until(lambda: any("ana@kaldera.example" in str(one["To"]) for one in sink.letters), why="the letter to try it")  # fmt: skip
    page.get_by_role("link", name="Finish").click()

    page.wait_for_url("**/inbox/mine/")
    page.get_by_role("link", name=re.compile("^Unassigned")).first.click()
    ana.is_live()
    body = letter("佐藤 愛子 <aiko@example.jp>", to="help@kaldera.example", subject="はじめまして", text="注文できますか。")  # fmt: skip
    send(desk.smtp_port, body, from_="aiko@example.jp", to="help@kaldera.example")
    page.locator("#list .conv", has_text="はじめまして").click()
    page.locator("#body").fill("はい、できます。")
    page.locator("#body").press("Control+Enter")
    ours = wait_until(lambda: next((one for one in sink.letters if "はじめまして" in str(one["Subject"])), None), why="the answer leaves")  # fmt: skip
    assert "help@kaldera.example" in str(ours["From"])
    assert "Ana from Kaldera" in str(ours.get_payload(decode=True), "utf-8")
    assert ana.goes_to("/setup/").locator("h1").inner_text() != "Welcome to Hospes"
    assert not [one for one in ana.faults if "404" not in one]


def test_the_link_works_once_and_set_up_is_over(desk: Desk, browser: Browser) -> None:
    eve = Visitors(browser, desk).opens("eve", locale="en")
    page = eve.goes_to(printed_link(desk))
    expect(page.locator("[role=alert]")).to_contain_text("used already")
    expect(page.get_by_role("button")).to_have_count(0)
    for path in ("/setup/", "/setup/you/", "/setup/brand/"):
        response = page.goto(desk.url + path)
        assert response is not None
        assert response.status == 404
    with_mail = desk.python("from hospes.team.models import Agent; print(Agent.objects.count())")
    assert with_mail.strip() == "1"


def test_the_demo_is_loaded_from_the_first_page(other_desk: Desk, browser: Browser) -> None:
    visitor = Visitors(browser, other_desk).opens("visitor", locale="en")
    page = visitor.goes_to("/")
    page.wait_for_url("**/setup/")
    page.get_by_role("button", name="Look around in a demo").click(timeout=120_000)
    page.wait_for_url("**/inbox/**")
    page.get_by_role("link", name=re.compile("^All open")).first.click()
    expect(page.locator("#list .conv").nth(20)).to_be_attached()
    assert not visitor.faults
