"""A question taken apart."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hospes.search.asking import Asked, asked


def day(year: int, month: int = 1, number: int = 1) -> datetime:
    return datetime(year, month, number, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("water tank", Asked("water tank")),
        ("未着", Asked("未着")),
        ("from:aiko tank", Asked("tank", sender="aiko")),
        ('FROM:"佐藤 愛子" tank', Asked("tank", sender="佐藤 愛子")),
        ("market:jp", Asked(market="JP")),
        ("language:ar is:open", Asked(language="ar", state="open")),
        ("before:2026-03 x", Asked("x", before=day(2026, 3))),
        ("after:2025", Asked(after=day(2026))),
        ("after:2025-12", Asked(after=day(2026))),
        ("after:2026-02-28", Asked(after=day(2026, 3))),
        ('"broken cup" now', Asked("broken cup now", phrases=("broken cup",))),
        ("https://kaldera.example at 12:30", Asked("https://kaldera.example at 12:30")),
        ("before:yesterday is:late after:2026-13", Asked(misread=("before:yesterday", "is:late", "after:2026-13"))),
        ("before:0000 after:9999-12-31", Asked(misread=("before:0000", "after:9999-12-31"))),
        ('"open', Asked('"open')),
        ("", Asked()),
    ],
)  # fmt: skip
def test_words_and_operators_are_told_apart(text: str, found: Asked) -> None:
    assert asked(text) == found


def test_words_alone_set_no_condition() -> None:
    assert not asked('"broken cup" now').has_conditions
    assert asked("is:open").has_conditions
