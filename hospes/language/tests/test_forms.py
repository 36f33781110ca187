"""The traps of writing things as each reader does."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from hospes.language import forms
from hospes.language.forms import NotAPhoneNumber, WrongAddress, locale_for

BERLIN = {"street_address": "Hauptstr. 5", "postal_code": "10115", "city": "Berlin"}
TOKYO = {"country_area": "東京都", "street_address": "千代田区千代田1-1", "postal_code": "100-0001"}


def bare(text: str) -> str:
    """The text without the spaces that do not break and the marks of direction."""
    return "".join(
        " " if sign in "\u00a0\u202f" else sign for sign in text if sign not in "\u200e\u200f\u061c"
    )


@pytest.mark.parametrize(
    ("amount", "currency", "language", "country", "shown"),
    [
        (1234, "JPY", "ja", "JP", "￥1,234"),  # a yen has no hundredths
        (123450, "EUR", "de", "DE", "1.234,50 €"),
        (123450, "EUR", "en", "IE", "€1,234.50"),
        (123450, "CHF", "de", "CH", "CHF 1’234.50"),
        (1234567, "KWD", "en", "GB", "KWD 1,234.567"),  # three digits
        (12345678, "INR", "en", "IN", "₹1,23,456.78"),  # lakhs
        (123450, "SAR", "ar", "EG", "١٬٢٣٤٫٥٠ ر.س."),
        (123450, "AED", "ar", "AE", "1,234.50 د.إ."),  # Arabic, in European digits
    ],
)
def test_money_is_written_as_the_reader_writes_it(
    amount: int, currency: str, language: str, country: str, shown: str
) -> None:
    assert bare(forms.money(amount, currency, locale=locale_for(language, country))) == shown


def test_what_is_no_currency_is_refused() -> None:
    with pytest.raises(ValueError, match="XQQ"):
        forms.money(1, "XQQ", locale=locale_for("en"))


def test_thousands_are_grouped_as_the_reader_groups_them() -> None:
    assert forms.number(Decimal("1234567.5"), locale=locale_for("hi", "IN")) == "12,34,567.5"
    assert forms.number(1234567, locale=locale_for("sl", "SI")) == "1.234.567"
    assert bare(forms.number(1234567, locale=locale_for("fr", "FR"))) == "1 234 567"


def test_dates_are_in_the_readers_words_and_digits() -> None:
    when = date(2026, 12, 3)
    assert forms.day(when, locale=locale_for("de", "DE")) == "3. Dezember 2026"
    assert forms.day(when, locale=locale_for("ja", "JP")) == "2026年12月3日"
    assert forms.day(when, locale=locale_for("ar", "EG")) == "٣ ديسمبر ٢٠٢٦"
    assert forms.day(when, locale=locale_for("ar", "AE")) == "3 ديسمبر 2026"


def test_a_moment_is_on_the_clock_of_the_reader() -> None:
    at = datetime(2026, 12, 3, 23, 30, tzinfo=UTC)
    assert "08:30" in forms.moment(at, zone="Asia/Tokyo", locale=locale_for("sv", "SE"))
    assert "4 december 2026" in forms.moment(at, zone="Asia/Tokyo", locale=locale_for("sv", "SE"))


def test_a_language_in_a_country_that_nobody_told_of_is_the_language() -> None:
    assert locale_for("en", "JP").language == "en"
    assert str(locale_for("zh-TW", "")) == "zh_Hant"
    assert str(locale_for("pt-BR", "PT")) == "pt_BR"
    assert str(locale_for("qq", "DE")) == "en"


def test_a_number_is_kept_in_one_form_and_shown_in_the_readers() -> None:
    kept = forms.phone_number("03-1234-5678", country="JP")
    assert kept == "+81312345678"
    assert forms.phone_shown(kept, country="JP") == "03-1234-5678"
    assert forms.phone_shown(kept, country="DE") == "+81 3-1234-5678"
    assert forms.country_of_number(kept) == "JP"
    assert forms.country_code("JP") == "+81"


def test_a_country_code_of_several_countries_is_told_apart_by_the_area() -> None:
    assert forms.country_of_number(forms.phone_number("+1 416 555 0123")) == "CA"
    assert forms.country_of_number(forms.phone_number("+1 415 555 2671")) == "US"


@pytest.mark.parametrize("text", ["", "12", "03-1234-5678", "+81 3", "call me", "+999123456"])
def test_what_cannot_be_called_is_no_phone_number(text: str) -> None:
    with pytest.raises(NotAPhoneNumber):
        forms.phone_number(text)


def test_the_family_name_stands_where_the_language_has_it() -> None:
    assert forms.written_name("Anna", "Nagy", language="hu") == "Nagy Anna"
    assert forms.written_name("愛子", "田中", language="ja") == "田中愛子"
    assert forms.written_name("민수", "김", language="ko") == "김민수"
    assert forms.written_name("Aiko", "Tanaka", language="ja") == "Tanaka Aiko"
    assert forms.written_name("Aiko", "Tanaka", language="en") == "Aiko Tanaka"
    assert (
        forms.written_name("Aiko", "Tanaka", language="en", is_family_first=True) == "Tanaka Aiko"
    )
    assert forms.written_name("Suharto", "", language="id") == "Suharto"


def test_an_address_has_the_lines_of_its_country() -> None:
    assert forms.address_lines(BERLIN, country="DE", name="Jonas Weber") == [
        "Jonas Weber", "Hauptstr. 5", "10115 Berlin",
    ]  # fmt: skip
    assert forms.address_lines(BERLIN, country="DE", country_name="Germany")[-1] == "Germany"
    assert forms.address_lines(TOKYO, country="JP", name="田中愛子 様") == [
        "〒100-0001", "東京都", "千代田区千代田1-1", "田中愛子 様",
    ]  # fmt: skip
    us = {
        "street_address": "1 Main St\nApt 2",
        "city": "San Francisco",
        "country_area": "CA",
        "postal_code": "94103",
    }
    assert forms.address_lines(us, country="US", name="Omar Haddad") == [
        "Omar Haddad", "1 Main St", "Apt 2", "San Francisco, CA 94103",
    ]  # fmt: skip
    hu = {"street_address": "Fő utca 5", "city": "Budapest", "postal_code": "1011"}
    assert forms.address_lines(hu, country="HU", name="Nagy Anna") == [
        "Nagy Anna", "Budapest", "Fő utca 5", "1011",
    ]  # fmt: skip


def test_an_address_written_in_latin_letters_keeps_their_order() -> None:
    latin = {"country_area": "Tokyo", "street_address": "1-1 Chiyoda", "postal_code": "100-0001"}
    assert forms.address_lines(latin, country="JP", name="Aiko Tanaka")[0] == "Aiko Tanaka"


def test_what_is_wrong_with_an_address_is_named() -> None:
    assert forms.checked_address(BERLIN, country="DE") == ("", None)
    assert forms.checked_address({"street_address": "x", "postal_code": "1"}, country="DE") == (
        "", WrongAddress(missing=("city",), wrong=("postal_code",)),
    )  # fmt: skip
    us = {
        "street_address": "1 Main St",
        "city": "Reno",
        "country_area": "Nevada",
        "postal_code": "89501",
    }
    assert forms.checked_address(us, country="US") == ("NV", None)
    assert "JP" in forms.address_countries()
    assert "ZZ" not in forms.address_countries()
