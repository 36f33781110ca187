"""What is worded mildly presses more, where the market's rule says so."""

from __future__ import annotations

import pytest

from hospes.conversations.models import Priority
from hospes.servicelevels.severity import is_mild, raised


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("少し残念です。", "ja"),
        ("Schon wieder zu spät. Etwas enttäuscht bin ich schon.", "de-AT"),
        ("It is fine, but I was hoping for more.", "en"),
    ],
)
def test_understatement_is_known_in_the_language_of_the_letter(text: str, language: str) -> None:
    assert is_mild(text, language)
    assert not is_mild(text, "xx")
    assert not is_mild("Where is my parcel?", language)


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        ("as_stated", Priority.NORMAL, Priority.NORMAL),
        ("raise_one", Priority.NORMAL, Priority.HIGH),
        ("raise_one", Priority.LOW, Priority.NORMAL),
        ("raise_one", Priority.URGENT, Priority.URGENT),
        ("treat_as_serious", Priority.LOW, Priority.HIGH),
        ("treat_as_serious", Priority.URGENT, Priority.URGENT),
    ],
)
def test_the_rule_of_the_market_says_by_how_much(
    rule: str, before: Priority, after: Priority
) -> None:
    assert raised(before, rule) == after
