"""A running desk, its agents in real browsers, and the mail server that takes its letters."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.cast import PASSWORD
from tests.mail import Sink
from tests.running import Desk

CHROMIUM = os.environ.get("HOSPES_CHROMIUM") or shutil.which("chromium") or ""
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
GATHER = "from tests.cast import gather; gather()"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One desk with one browser is enough at a time: a module's tests run one after the other."""
    for item in items:
        if "/journeys/" in item.nodeid:
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("There is no Chromium here (apt-get install chromium).")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    """The mail server of the world outside."""
    sink = Sink().start()
    yield sink
    sink.stop()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, sink: Sink) -> Iterator[Desk]:
    """A desk with the cast on stage, whose letters go to the sink."""
    folder = tmp_path_factory.mktemp("journey") / "desk"
    desk = Desk(folder, {"HOSPES_SMTP_URL": sink.url, "HOSPES_UNDO_SECONDS": "3"}).start()
    try:
        desk.python(GATHER)
        yield desk
    finally:
        desk.stop()


@pytest.fixture
def agent(
    browser: Browser, desk: Desk, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[..., Page]]:
    """Sign somebody of the cast in, in a browser of their own: `agent("mina", language="ar")`."""
    contexts: list[BrowserContext] = []

    def sign_in(name: str, *, language: str = "en", **screen: object) -> Page:
        desk.python(
            "from hospes.team.models import Agent;"
            f"Agent.objects.filter(email='{name}@kaldera.example').update(language='{language}')"
        )
        context = browser.new_context(base_url=desk.url, **{"viewport": WIDE, **screen})
        contexts.append(context)
        page = context.new_page()
        page.faults = faults = []
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda asked: _note_foreign(asked.url, desk, faults))
        page.goto("/account/login/")
        page.get_by_role("textbox").first.fill(f"{name}@kaldera.example")
        page.locator("input[type=password]").fill(PASSWORD)
        page.locator("input[type=password]").press("Enter")
        page.wait_for_url("**/inbox/**")
        return page

    yield sign_in
    for number, context in enumerate(contexts):
        for page in context.pages:
            if getattr(request.node, "has_failed", False):
                page.screenshot(path=tmp_path / f"{number}.png")
        context.close()


WIDE = {"width": 1440, "height": 900}


def _note_foreign(url: str, desk: Desk, faults: list[str]) -> None:
    if not url.startswith((desk.url, "data:", "blob:", "about:")):
        faults.append(f"asked another host: {url}")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome = yield
    if outcome.get_result().failed:
        item.has_failed = True
