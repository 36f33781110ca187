"""Desks and browsers for tests of the whole: started once, shared by all that may share them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests import browsing
from tests.browsing import Visitors
from tests.mail import Sink
from tests.running import Desk

STAGE = """
from tests.cast import gather
cast = gather()
cast.channel.reply_domain = "reply.kaldera.example"
cast.channel.save()
from hospes.team.models import Agent
Agent.objects.update(language="en")  # the words that tests look for
"""
UNDO_SECONDS = 5


@pytest.fixture(scope="session")
def new_desk() -> Iterator[Callable[..., Desk]]:
    """Return a function that makes a desk in a folder of its own; it is stopped and gone afterwards."""
    made: list[Desk] = []
    folder = Path(tempfile.mkdtemp(prefix="hospes-desks-"))
    folder.chmod(0o755)  # the database may run as somebody else

    def make(settings: Mapping[str, str] | None = None) -> Desk:
        desk = Desk(folder / f"desk-{len(made)}", settings or {})
        made.append(desk)
        return desk

    yield make
    for desk in made:
        desk.end()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sink() -> Iterator[Sink]:
    """The mail server that takes what the cast's desk sends."""
    sink = Sink().start()
    yield sink
    sink.stop()


@pytest.fixture(scope="session")
def desk(new_desk: Callable[..., Desk], sink: Sink) -> Desk:
    """The desk of the named cast (`tests/cast.py`), as its operator has set it up."""
    desk = new_desk({"HOSPES_SMTP_URL": sink.url, "HOSPES_UNDO_SECONDS": str(UNDO_SECONDS)})
    desk.start()
    desk.python(STAGE)
    return desk


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing.chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def visitors(browser: Browser, desk: Desk) -> Visitors:
    return Visitors(browser, desk)


@pytest.fixture(autouse=True)
def _everybody_goes_home() -> Iterator[None]:
    yield
    browsing.close_all()


@pytest.fixture
def comes(visitors: Visitors) -> Iterator[browsing.Comes]:
    """Let one of the cast come, signed in; at the end nothing may have gone wrong unseen."""
    yield visitors.comes
    found = browsing.faults()
    assert not found, "\n".join(found)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, Any, Any]:
    report = yield
    if report.failed and browsing.OPEN:
        report.sections.append(("pictures", "\n".join(browsing.keep_pictures(item.nodeid))))
    return report
