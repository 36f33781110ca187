from __future__ import annotations

import re

import pytest

from hospes.language import phrasebook
from hospes.language.phrasebook import PhrasesWrong, phrases_in, table_of
from hospes.language.speaking import CUSTOMER_LANGUAGES


@pytest.mark.parametrize("language", CUSTOMER_LANGUAGES)
def test_phrases_keep_to_their_schema_and_pass_their_own_tests(language: str) -> None:
    phrases, table = phrases_in(language), table_of(language)
    assert phrases is not None
    assert "{date}" in phrases.texts["promise"]
    assert "{agent}" in phrases.texts["closing_formal"]
    for said in table["commit_yes"]:
        assert any(one.search(said) for one in phrases.commit), said
    for said in table["commit_no"]:
        assert not any(one.search(said) for one in phrases.commit), said


def test_a_region_says_it_in_its_own_way() -> None:
    portuguese = phrases_in("pt-PT")
    assert portuguese is not None
    assert "Entraremos em contacto" in portuguese.text("promise", region="PT")
    assert "Retornaremos" in portuguese.text("promise", region="BR")
    german = phrases_in("de")
    assert german is not None
    assert "dich" in german.text("empathy", informal=True)
    assert "Unannehmlichkeiten" in german.text("apology", informal=True)  # there is no other


def test_there_are_no_phrases_of_a_language_nobody_wrote_them_for() -> None:
    assert phrases_in("fi") is None
    assert phrases_in("") is None


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"greting_formal": "Hello"}, "greting_formal"),
        ({"promise": "By {moment}."}, "moment"),
        ({"formality": "some"}, "formality"),
        ({"apology": None}, "apology"),
    ],
)
def test_a_file_that_does_not_keep_to_the_schema_is_named(
    change: dict[str, str | None], named: str
) -> None:
    table = {name: text for name, text in {**table_of("en"), **change}.items() if text is not None}
    texts = {name: text for name, text in table.items() if phrasebook._is_text(name)}
    with pytest.raises(PhrasesWrong, match=re.escape(named)):
        phrasebook._check("en", table, texts)
