"""What the desk says by itself is said in every language that we speak to customers in."""

from __future__ import annotations

import re
import unicodedata

import pytest

from hospes.brands.models import Brand
from hospes.channels.models import Channel
from hospes.conversations.acknowledgements import Acknowledgement, acknowledgement
from hospes.language.speaking import CUSTOMER_LANGUAGES

SCRIPTS = {"ar": "ARABIC", "he": "HEBREW", "hi": "DEVANAGARI", "ja": "HIRAGANA", "ko": "HANGUL", "zh-Hans": "CJK", "zh-Hant": "CJK"}  # fmt: skip


def said(language: str, hours: int | None = 72) -> Acknowledgement:
    channel = Channel(brand=Brand(name="Kaldera", language="en"), usual_hours=hours)
    return acknowledgement(reference="H-7K3F9", channel=channel, languages=(language,))


@pytest.mark.parametrize("language", CUSTOMER_LANGUAGES)
def test_every_language_says_all_of_it(language: str) -> None:
    here, english = said(language), said("en")

    assert here.language == language
    assert "H-7K3F9" in here.subject
    assert here.text.count("H-7K3F9") == 1
    assert len(here.text.split("\n")) == len(english.text.split("\n"))
    assert re.search(r"(?<!\d)3(?!\d)", here.text)
    assert "%(" not in here.text
    if language != "en":
        assert not set(english.text.split("\n")[:-1]) & (set(here.text.split("\n")) - {""})


@pytest.mark.parametrize(("language", "script"), SCRIPTS.items())
def test_a_language_is_written_in_its_script(language: str, script: str) -> None:
    for line in said(language).text.split("\n")[:-1]:
        assert not line or any(script in unicodedata.name(sign, "") for sign in line)


@pytest.mark.parametrize("language", ["ar", "he"])
def test_from_right_to_left_every_line_begins_with_a_letter_of_its_script(language: str) -> None:
    """A reader's program turns a line by the first letter in it."""
    for line in [said(language).subject, *said(language).text.split("\n")[:-1]]:
        first = next((sign for sign in line if sign.isalpha()), "")
        assert not first or unicodedata.bidirectional(first) in {"R", "AL"}


@pytest.mark.parametrize("language", CUSTOMER_LANGUAGES)
def test_no_language_promises_a_time_that_nobody_set(language: str) -> None:
    without = said(language, None).text.replace("H-7K3F9", "")
    assert not re.search(r"\d", without)
    assert len(without.split("\n")) == len(said(language).text.split("\n")) - 1


@pytest.mark.parametrize(
    ("language", "hours", "words"),
    [
        ("pl", 2, "2 godziny"), ("pl", 5, "5 godzin"), ("sl", 48, "2 dneva"), ("cs", 72, "3 dny"),
        ("ar", 48, "يومان"), ("de", 1, "1 Stunde"), ("hr", 24, "24 sata"), ("fr", 24, "24 heures"),
    ],
)  # fmt: skip
def test_a_time_is_counted_as_the_language_counts(language: str, hours: int, words: str) -> None:
    assert words in said(language, hours).text.replace("\u00a0", " ")


def test_whoever_is_known_by_name_is_greeted_in_the_language_of_the_letter() -> None:
    asked: list[str] = []

    def greet(language: str) -> str:
        asked.append(language)
        return "佐藤様"

    channel = Channel(brand=Brand(name="Kaldera", language="en"))
    told = acknowledgement(reference="H-7K3F9", channel=channel, languages=("ja",), greet=greet)

    assert told.text.startswith("佐藤様\n\n")
    assert asked == ["ja"]
