"""People in real browsers: each has a context of its own, and whatever goes wrong on their pages is kept."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.cast import PASSWORD
from tests.running import PATIENCE_SECONDS, Desk

CHROMIUM = os.environ.get("HOSPES_CHROMIUM") or "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
# A refusal is an answer we look for on the page; the browser also notes it as an error of the network.
REFUSED = re.compile(r"(responded with a status of|Response Status Error Code) 4(01|09|10|29)\b")
# Whoever opens the next row before the first has come, does not wait for it.
OVERTAKEN = re.compile(r"htmx:(sendAbort|afterRequest), ")
ABSENT = (re.compile(r"responded with a status of 4(04|10)"),)

expect.set_options(timeout=PATIENCE_SECONDS * 1000 / 3)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a browser; skip the test where there is none."""
    if not Path(CHROMIUM).exists():
        pytest.skip("No Chromium; HOSPES_CHROMIUM says where to look.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass(eq=False)
class Visitor:
    """Somebody at a browser, and what went wrong there that nobody could see on the page."""

    name: str
    desk: Desk
    context: BrowserContext
    faults: list[str] = field(default_factory=list)
    # What a test brings about on purpose.
    expected: Sequence[re.Pattern[str]] = (REFUSED, OVERTAKEN)

    def __post_init__(self) -> None:
        self.context.set_default_timeout(PATIENCE_SECONDS * 1000 / 2)
        self.context.on("console", lambda message: self._heard(message.type, message.text))
        self.context.on("weberror", lambda error: self.faults.append(f"error: {error.error}"))
        self.context.on("request", lambda request: self._asked_for(request.url))
        self.page: Page = self.context.new_page()

    def _heard(self, kind: str, text: str) -> None:
        if kind == "error" and not any(one.search(text) for one in self.expected):
            self.faults.append(f"console: {text}")

    def _asked_for(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in {"http", "https"} and parts.netloc != urlsplit(self.desk.url).netloc:
            self.faults.append(f"asked another host: {url}")

    def goes_to(self, path: str) -> Page:
        self.page.goto(self.desk.url + path)
        return self.page

    def signs_in(self, email: str, *, password: str = PASSWORD) -> Visitor:
        """Come in as a person does."""
        page = self.goes_to("/account/login/")
        page.locator("[name=login]").fill(email)
        page.locator("[name=password]").fill(password)
        page.locator("form:has([name=password]) [type=submit]").click()
        page.wait_for_url(lambda url: "/account/login/" not in url)
        return self

    def is_live(self) -> Visitor:
        """Wait until the page hears of what changes."""
        expect(self.page.locator("html")).to_have_attribute("data-live", "on")
        return self

    def leaves(self) -> None:
        OPEN.discard(self)
        self.context.close()


OPEN: set[Visitor] = set()


@dataclass
class Visitors:
    """The browsers of one module's tests on one desk; who signed in once stays signed in."""

    browser: Browser
    desk: Desk
    states: dict[str, Any] = field(default_factory=dict)

    def opens(self, name: str, **options: Any) -> Visitor:
        """Open a browser of somebody who has not signed in."""
        context = self.browser.new_context(
            viewport=options.pop("viewport", {"width": 1366, "height": 768}), **options
        )
        visitor = Visitor(name, self.desk, context)
        OPEN.add(visitor)
        return visitor

    def comes(self, name: str, **options: Any) -> Visitor:
        """Open a browser of somebody of the cast who is signed in."""
        email = f"{name}@kaldera.example"
        if email not in self.states:
            first = self.opens(name).signs_in(email)
            self.states[email] = first.context.storage_state()
            first.leaves()
        return self.opens(name, storage_state=self.states[email], **options)


def close_all() -> None:
    for visitor in list(OPEN):
        visitor.leaves()


def faults() -> list[str]:
    """Return what went wrong in all open browsers."""
    return [f"{one.name}: {fault}" for one in OPEN for fault in one.faults]


def keep_pictures(test: str) -> list[str]:
    """Take a picture of every open page and return where they lie."""
    folder = Path(tempfile.gettempdir()) / "hospes-pictures"
    folder.mkdir(exist_ok=True)
    name = re.sub(r"\W+", "-", test)[:120]
    kept = []
    for visitor in OPEN:
        for number, page in enumerate(visitor.context.pages):
            path = folder / f"{name}-{visitor.name}-{number}.png"
            try:
                page.screenshot(path=path, timeout=5000)
            except Exception as error:  # noqa: BLE001 # the test's own failure is what counts
                kept.append(f"{path}: {type(error).__name__}")
            else:
                kept.append(f"{path} ({page.url})")
    return kept


Comes = Callable[..., Visitor]
