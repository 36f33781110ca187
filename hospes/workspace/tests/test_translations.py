"""Whoever reads the workspace in another language reads all of it in that language."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext, ngettext

from hospes.workspace.faults import in_words
from hospes.workspace.tests.stage import set_stage
from tests.cast import Cast

LANGUAGES = ("es", "sl", "de", "fr", "ar", "ja")
PAGES = (
    "/inbox/mine/", "/inbox/open/", "/inbox/snoozed/", "/inbox/closed/", "/inbox/waiting/", "/me/",
    "/settings/mail/", "/settings/team/", "/settings/channels/", "/settings/markets/",
    "/settings/hubs/", "/settings/outgoing/", "/settings/brand/", "/settings/api/", "/account/2fa/",
    "/account/password/change/", "/account/logout/", "/me/api/", "/nothing/here/",
)  # fmt: skip
STRANGERS_PAGES = ("/account/login/", "/sign-in/used/")


class Words(HTMLParser):
    """What a page says to its reader: its texts, and what its controls are called."""

    def __init__(self) -> None:
        super().__init__()
        self.said: set[str] = set()
        self.html: dict[str, str | None] = {}
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "html":
            self.html = given
        if tag in {"script", "style"}:
            self._silent += 1
        for name in ("aria-label", "title", "placeholder"):
            self.said.add((given.get(name) or "").strip())

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self._silent -= 1

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.said.add(" ".join(data.split()))


def read(client: Client, path: str, **headers: str) -> Words:
    words = Words()
    words.feed(client.get(path, headers=headers).content.decode())
    return words


def telling(language: str) -> set[str]:
    """Return the English sentences that this language says differently."""
    path = Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"
    with path.open("rb") as file:
        catalog = read_po(file, locale=language)
    return {
        message.id
        for message in catalog
        if isinstance(message.id, str) and message.id and message.string != message.id
        if "%(" not in message.id
    }


def pages_of(client: Client, cast: Cast) -> dict[str, Words]:
    stage = set_stage(cast)
    client.force_login(cast.ana)
    one = (f"/c/{stage.conversation.reference}/", f"/customers/{cast.aiko.pk}/")
    more = (f"/c/{stage.conversation.reference}/snooze/", f"/settings/team/{cast.mina.pk}/")
    return {path: read(client, path) for path in (*PAGES, *one, *more)}


def test_english_pages_are_what_the_others_are_compared_with(client: Client, cast: Cast) -> None:
    pages = pages_of(client, cast)
    said = set().union(*(page.said for page in pages.values()))
    assert len(said & telling("ja")) > 150
    silent = [path for path, page in pages.items() if not page.said & telling("ja")]
    assert not silent


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_in_its_readers_language_and_direction(
    client: Client, cast: Cast, language: str
) -> None:
    cast.ana.language = language
    cast.ana.save()
    english = telling(language)
    with translation.override(language):  # what another English word becomes in this language
        english -= {gettext(sentence) for sentence in english}
    left: dict[str, set[str]] = {}
    for path, page in pages_of(client, cast).items():
        left |= {path: page.said & english} if page.said & english else {}
        if page.html:  # parts of pages have no such element
            direction = "rtl" if language == "ar" else "ltr"
            assert (path, page.html["lang"], page.html["dir"]) == (path, language, direction)
    assert left == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_strangers_are_met_in_the_language_of_their_browser(
    client: Client, db: None, language: str
) -> None:
    for path in STRANGERS_PAGES:
        page = read(client, path, accept_language=f"{language},en;q=0.5")
        assert page.html["lang"] == language
        assert not page.said & telling(language)


@pytest.mark.parametrize(
    ("language", "numbers", "distinct"),
    [
        ("sl", (1, 2, 3, 5), 4),
        ("ar", (0, 1, 2, 3, 11, 100), 5),  # none and a hundred look alike here
        ("ja", (1, 2, 5), 1),
    ],
)
def test_every_plural_form_of_a_language_has_its_words(
    language: str, numbers: tuple[int, ...], distinct: int
) -> None:
    one, many = "%(waiting)s reply waits", "%(waiting)s replies wait"
    with translation.override(language):
        said = {ngettext(one, many, number) for number in numbers}
    assert len(said) == distinct
    assert not said & {one, many}


def test_slovene_has_a_dual() -> None:
    one, many = "%(waiting)s reply waits", "%(waiting)s replies wait"
    with translation.override("sl"):
        said = [
            ngettext(one, many, number) % {"waiting": number} for number in (1, 2, 4, 5, 101, 102)
        ]
    assert said == [
        "1 odgovor čaka", "2 odgovora čakata", "4 odgovori čakajo", "5 odgovorov čaka",
        "101 odgovor čaka", "102 odgovora čakata",
    ]  # fmt: skip


def test_why_a_mail_cannot_be_read_is_said_in_the_readers_language() -> None:
    project = Path(settings.LOCALE_PATHS[0]).parent
    sources = [*(project / "channels" / "email").glob("*.py"), *(project / "intake").rglob("*.py")]
    told = {
        sentence
        for path in sources
        if "tests" not in path.parts
        for sentence in re.findall(r'(?:Unreadable|_Died)\("([^"]+)"', path.read_text())
    }
    assert len(told) > 5
    told |= {"It took longer than 20 seconds to read.", "It could not be stored: DataError."}
    with translation.override("de"):
        assert {sentence for sentence in told if in_words(sentence) == sentence} == set()
        assert in_words("It took longer than 20 seconds to read.").endswith("20 Sekunden.")
    assert in_words("Words of another adapter.") == "Words of another adapter."
