"""Takes the pictures of the guides: `script/pictures`."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from docs.pictures.six_markets import complain, take_six  # noqa: E402
from tests.running import Desk  # noqa: E402

CHROMIUM = os.environ.get("HOSPES_CHROMIUM") or "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

LIMIT_BYTES = 200_000
WIDE = {"width": 1280, "height": 760}
PHONE = {"width": 390, "height": 844}
# Conversations of the shop, by their subjects.
CRACKED_TANK = "水タンクのひび割れ"
LEAKING = "Machine leaking"
PHOTO = "Photo de la fissure"
REFUND = "لم يصل المبلغ"
SIX = "six-markets"
LINK = re.compile(r"http://\S+/sign-in/\S+/")


@contextmanager
def shop() -> Iterator[tuple[Desk, str]]:
    """Run the demo; give its desk, and the link that lets its operator in."""
    with tempfile.TemporaryDirectory(prefix="hospes-pictures-") as folder:
        desk = Desk(Path(folder) / "desk").start()
        try:
            told = desk.hospes("demo", "load")
            link = LINK.search(told)
            assert link, told
            yield desk, link[0]
        finally:
            desk.stop()


def enter(browser: Browser, link: str) -> str:
    """Use the link, and return the browser's state for the contexts that follow."""
    context = browser.new_context(viewport=WIDE)
    page = context.new_page()
    page.goto(link)
    page.locator("form button").first.click()
    page.wait_for_url(lambda url: "/sign-in/" not in url)
    state = context.storage_state()
    context.close()
    return state


def speak(page: Page, url: str, language: str) -> None:
    page.goto(f"{url}/me/")
    page.locator("[name=language]").select_option(language)
    page.locator("form:has([name=language]) button").first.click()
    expect(page.locator("html")).to_have_attribute("lang", language)


def show(page: Page, url: str, words: str) -> None:
    """Open the conversation in which these words stand, with the list beside it."""
    page.goto(f"{url}/inbox/open/")
    wanted, rows = page.locator("#list a", has_text=words), page.locator("#list .conv")
    while not wanted.count():  # it stands further down
        known = rows.count()
        page.locator("#list .list-more").scroll_into_view_if_needed()
        expect(rows).not_to_have_count(known)
    wanted.first.click()
    expect(page.locator("#composer")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-live", "on")
    page.mouse.move(0, 0)


def take(page: Page, name: str) -> None:
    path = HERE / f"{name}.png"
    page.screenshot(path=path, animations="disabled", caret="hide")
    tell(path)


def tell(path: Path) -> None:
    size = path.stat().st_size
    assert size < LIMIT_BYTES, f"{path.name} has {size} bytes"
    print(f"{path.relative_to(HERE.parents[1])}: {size // 1000} kB")  # noqa: T201


def main() -> int:
    wanted = set(sys.argv[1:])  # names of pictures; all of them without any
    with shop() as (desk, link), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        url = link.partition("/sign-in/")[0]
        state = enter(browser, link)
        for name, subject, language, options in (
            ("inbox", CRACKED_TANK, "en", {"viewport": WIDE, "color_scheme": "light"}),
            ("dark", LEAKING, "en", {"viewport": WIDE, "color_scheme": "dark"}),
            ("arabic", REFUND, "ar", {"viewport": WIDE, "color_scheme": "light"}),
            ("phone", PHOTO, "en", {"viewport": PHONE, "color_scheme": "light", "has_touch": True}),
        ):
            if wanted and name not in wanted:
                continue
            context = browser.new_context(storage_state=state, **options)
            page = context.new_page()
            speak(page, url, language)
            show(page, url, subject)
            take(page, name)
            context.close()
        if not wanted or SIX in wanted:
            six = HERE / f"{SIX}.png"
            take_six(browser, url, state, complain(desk), six)
            tell(six)
    return 0


if __name__ == "__main__":
    sys.exit(main())
