"""How letters that no person writes name a customer: only as colleagues wrote the name down."""

from __future__ import annotations

import pytest

from hospes.people.addressed import salutation_of_ours
from hospes.people.models import Customer
from hospes.people.whereabouts import By, Whereabouts

pytestmark = pytest.mark.django_db


def greeted(language: str, market: str, **known: str) -> str:
    customer = Customer(display_name="BUY NOW at evil.example", **known)
    where = Whereabouts(market=market, market_by=By.CHOICE)
    return salutation_of_ours(customer, where, language=language, company="Kaldera")


@pytest.mark.parametrize(
    ("language", "market", "known", "salutation"),
    [
        ("de", "DE", {"family_name": "Krüger", "honorific": "female"}, "Sehr geehrte Frau Krüger,"),
        ("ja", "JP", {"family_name": "佐藤", "given_name": "愛子"}, "佐藤様"),
        ("en", "US", {"given_name": "Megan", "family_name": "Ross"}, "Hello Megan,"),
        ("es", "ES", {"address_as": "Doña Carmen"}, None),
        ("ar", "SA", {"given_name": "نورة", "family_name": "القحطاني", "honorific": "female"}, None),
    ],
)  # fmt: skip
def test_a_name_that_was_written_down_is_used_by_the_customs_of_the_market(
    language: str, market: str, known: dict[str, str], salutation: str | None
) -> None:
    told = greeted(language, market, **known)
    if salutation is not None:
        assert told == salutation
    assert any(part in told for part in known.values())
    assert "{" not in told
    assert "\n" not in told


def test_a_name_that_only_came_with_a_mail_is_not_used() -> None:
    assert greeted("de", "DE") == ""
    assert greeted("de", "DE", honorific="female") == ""
    assert "evil" not in greeted("de", "DE", family_name="Krüger")
