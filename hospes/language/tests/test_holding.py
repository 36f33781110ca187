from __future__ import annotations

import pytest

from hospes.language.holding import is_holding
from hospes.language.phrasebook import phrases_in, table_of
from hospes.language.speaking import CUSTOMER_LANGUAGES

NAMES = {
    "title": "", "surname": "Novak", "first_name": "Aiko", "full_name": "Aiko Novak", "company": "Harbour",
    "agent": "Mina",
}  # fmt: skip


@pytest.mark.parametrize("language", CUSTOMER_LANGUAGES)
def test_what_answers_nothing_is_told_from_what_does(language: str) -> None:
    table = table_of(language)["holding"]
    assert len(table["yes"]) >= 6
    assert len(table["no"]) >= 7
    assert [said for said in table["yes"] if not is_holding(said, language)] == []
    assert [said for said in table["no"] if is_holding(said, language) is not False] == []


@pytest.mark.parametrize("language", CUSTOMER_LANGUAGES)
@pytest.mark.parametrize("form", ["formal", "informal", "unknown"])
def test_our_own_greeting_and_closing_answer_nothing_and_a_dated_promise_does(
    language: str, form: str
) -> None:
    phrases = phrases_in(language)
    assert phrases is not None
    greeting = phrases.texts[f"greeting_{form}"].format(**NAMES)
    closing = phrases.texts["closing_informal" if form == "informal" else "closing_formal"]
    empty = f"{greeting}\n\n{phrases.texts['apology']}\n\n{closing.format(**NAMES)}"
    assert is_holding(empty, language)
    promise = phrases.texts["promise"].format(date="3.12.")
    assert is_holding(f"{empty}\n{promise}", language) is False
    assert is_holding(f"{greeting}\n\n{promise}\n\n{closing.format(**NAMES)}", language) is False


def test_nothing_is_said_of_a_language_without_phrases() -> None:
    assert is_holding("Tutkimme asiaa.", "fi") is None
    assert is_holding("We are looking into it.", "") is None


def test_a_region_reads_as_its_language() -> None:
    assert is_holding("We are looking into it.", "en-GB")
    assert is_holding("我們正在確認。", "zh-TW")


def test_neither_nothing_nor_very_much_is_a_holding_reply() -> None:
    assert is_holding("", "en") is False
    assert is_holding("Hello Aiko,\n\nKind regards,\nMina", "en") is False
    assert is_holding("We are looking into it. " * 100, "en") is False


def test_a_number_of_an_order_is_no_date_and_a_date_is() -> None:
    assert is_holding("We are looking into your order H-2048.", "en")
    assert is_holding("We are looking into your order 48213.", "en")
    assert is_holding("We will get back to you on 3 December.", "en") is False
    assert is_holding("We will get back to you on Friday.", "en") is False


def test_a_sentence_behind_a_greeting_is_no_name() -> None:
    assert is_holding("Hello your refund is approved. We are looking into it.", "en") is False
    assert is_holding("We are looking into it.\nMina\nThe refund is on its way.", "en") is False
