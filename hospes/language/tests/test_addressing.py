"""How letters begin and end: as the customer told us, else as is usual, and never with a guessed gender."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from hospes.language.addressing import Person, address
from hospes.language.phrasebook import table_of
from hospes.language.speaking import CUSTOMER_LANGUAGES
from hospes.markets.profiles import Profile, shipped_profile

ANNA = Person("Anna Weber", "Anna", "Weber")
AIKO = Person("佐藤 愛子", "愛子", "佐藤")


def begins(person: Person, language: str, market: str) -> str:
    profile = shipped_profile(market)
    return address(person, language=language, profile=profile, agent="Mina", company="Harbour").salutation  # fmt: skip


@pytest.mark.parametrize(
    ("language", "market", "person", "salutation"),
    [
        ("de", "DE", replace(ANNA, honorific="female"), "Sehr geehrte Frau Weber,"),
        ("de", "DE", replace(ANNA, honorific="female", academic_title="Dr."), "Sehr geehrte Frau Dr. Weber,"),
        ("de", "DE", ANNA, "Guten Tag Anna Weber,"),
        ("de", "DE", replace(ANNA, academic_title="Dr."), "Guten Tag Dr. Weber,"),
        ("de", "DE", replace(ANNA, form="informal"), "Hallo Anna,"),
        ("en", "US", ANNA, "Hello Anna,"),
        ("en", "US", replace(ANNA, form="formal", honorific="neutral"), "Dear Mx Weber,"),
        ("en", "ZA", ANNA, "Good day Anna Weber,"),
        ("en-GB", "JP", Person("Aiko Sato", "Aiko", "Sato", honorific="female"), "Dear Ms Sato,"),
        ("es", "ES", replace(ANNA, form="formal", honorific="female"), "Estimada Sra. Weber:"),
        ("es", "MX", replace(ANNA, honorific="female"), "Estimada Sra. Anna:"),
        ("fr", "FR", replace(ANNA, honorific="female", academic_title="Dr"), "Bonjour Madame Weber,"),
        ("pt", "BR", replace(ANNA, honorific="female"), "Prezada Sra. Anna,"),
        ("pt", "PT", replace(ANNA, honorific="female"), "Exma. Senhora D. Anna,"),
        ("sl", "SI", replace(ANNA, honorific="male"), "Spoštovani gospod Weber,"),
        ("cs", "CZ", replace(ANNA, honorific="male"), "Vážený pane,"),
        ("pl", "PL", replace(ANNA, form="informal"), "Cześć,"),
        ("sv", "SE", ANNA, "Hej Anna!"),
        ("tr", "TR", ANNA, "Sayın Anna Weber,"),
        ("ar", "EG", Person("عمر الحربي", "عمر", "الحربي", honorific="male"),
         "السلام عليكم ورحمة الله وبركاته، الأستاذ عمر المحترم،"),
        ("ja", "JP", AIKO, "佐藤様\n\nいつもお世話になっております。HarbourのMinaでございます。"),
        ("ja", "JP", replace(AIKO, academic_title="先生"), "佐藤先生\n\nいつもお世話になっております。HarbourのMinaでございます。"),
        ("ko", "KR", Person("김민수", "민수", "김"), "안녕하십니까, 김민수 고객님. Harbour Mina입니다."),
        ("zh-TW", "TW", Person("王小明", "小明", "王", honorific="female"), "王小姐您好："),
        ("zh-Hans", "CN", Person("王小明", "小明", "王", honorific="female"), "尊敬的王女士：\n您好！"),
        ("fi", "FI", replace(ANNA, form="neutral"), "Hello Anna,"),
    ],
)  # fmt: skip
def test_a_letter_begins_as_they_are_addressed_there(
    language: str, market: str, person: Person, salutation: str
) -> None:
    assert begins(person, language, market) == salutation


@pytest.mark.parametrize("language", CUSTOMER_LANGUAGES)
@pytest.mark.parametrize("form", ["formal", "informal", "neutral", ""])
def test_without_an_honorific_of_theirs_nothing_tells_a_gender(language: str, form: str) -> None:
    table = table_of(language)["salutation"]
    kinds = [table, *(one for one in table.values() if isinstance(one, dict))]
    gendered = {one for kind in kinds for one in (kind.get("honorifics") or {}).values()}
    honorifics = table["honorifics"]
    tells = {honorifics.get("male"), honorifics.get("female")} - {honorifics.get("neutral"), None}
    assert tells <= gendered
    for market in ("_global", "DE", "JP", "SA", "ES", "BR"):
        said = begins(replace(ANNA, form=form), language, market)
        words = set(re.findall(r"[^\s,:،/]+", said.replace("Bapak/Ibu", "")))
        assert not words & tells
        assert not re.search(r"/[aoàr]\b|\([aoa]\)", said)


@pytest.mark.parametrize("language", CUSTOMER_LANGUAGES)
def test_a_letter_to_nobody_by_name_and_to_whom_we_know_only_by_address_begins_all_the_same(
    language: str,
) -> None:
    profile = shipped_profile("_global")
    made = address(Person("aiko@example.jp"), language=language, profile=profile, agent="Mina", company="Harbour")  # fmt: skip
    assert "@" not in made.salutation
    assert "{" not in made.salutation + made.closing
    assert "Mina" in made.closing


def test_what_they_want_to_be_called_goes_before_all_the_rest() -> None:
    erna = replace(ANNA, called="Tante Erna", honorific="female", academic_title="Dr.")
    assert begins(erna, "de", "DE") == "Guten Tag Tante Erna,"
    assert begins(replace(ANNA, called="Anno"), "pl", "PL") == "Dzień dobry, Anno,"


def test_their_own_form_of_address_goes_before_the_custom_of_the_market() -> None:
    profile = shipped_profile("DE")
    usual = address(ANNA, language="de", profile=profile, agent="Mina", company="Harbour")
    assert (usual.form, usual.is_form_told) == ("formal", False)
    assert usual.closing == "Mit freundlichen Grüßen\nMina"
    own = address(replace(ANNA, form="informal"), language="de", profile=profile, agent="Mina", company="Harbour")  # fmt: skip
    assert (own.form, own.is_form_told) == ("informal", True)
    assert own.closing == "Viele Grüße\nMina"


@pytest.mark.acts("address.default_form")
@pytest.mark.acts("address.name_use")
@pytest.mark.acts("address.academic_titles")
@pytest.mark.acts("address.neutral_fallback")
@pytest.mark.acts("address.name_order")
@pytest.mark.parametrize(
    ("key", "value", "person", "language", "market", "salutation"),
    [
        ("address.default_form", "informal", ANNA, "de", "DE", "Hallo Anna,"),
        ("address.name_use", "full_name", replace(ANNA, honorific="female"), "de", "DE", "Sehr geehrte Frau Anna Weber,"),
        ("address.academic_titles", "rare", replace(ANNA, honorific="female", academic_title="Dr."), "de", "DE", "Sehr geehrte Frau Weber,"),
        ("address.neutral_fallback", "Moin {full_name}", ANNA, "de", "DE", "Moin Anna Weber,"),
        ("address.name_order", "family_given", ANNA, "de", "DE", "Guten Tag Weber Anna,"),
    ],
)  # fmt: skip
def test_a_fact_of_the_market_changes_how_a_letter_begins(  # each of them acts
    key: str, value: str, person: Person, language: str, market: str, salutation: str
) -> None:
    shipped = shipped_profile(market)
    fact = shipped[key]
    assert fact is not None
    changed = Profile(shipped.code, {**shipped.facts, key: replace(fact, value=value)})
    made = address(person, language=language, profile=changed, agent="Mina", company="Harbour")
    assert made.salutation == salutation
    assert begins(person, language, market) != salutation


def test_a_name_with_braces_is_a_name() -> None:
    assert begins(Person("{agent} {surname}"), "de", "DE") == "Guten Tag Mina {surname},"
