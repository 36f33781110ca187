"""Which language a customer is written to in."""

from __future__ import annotations

import pytest

from hospes.language.speaking import spoken


@pytest.mark.parametrize(
    ("wished", "language"),
    [
        (("ja",), "ja"),
        (("pt-BR",), "pt"),
        (("zh-TW",), "zh-Hant"),
        (("zh",), "zh-Hans"),
        (("iw",), "he"),
        (("ka", "sl"), "sl"),
        (("", "fr"), "fr"),
        (("ka",), "en"),
        ((), "en"),
    ],
)
def test_the_first_wish_we_can_speak_is_taken(wished: tuple[str, ...], language: str) -> None:
    assert spoken(*wished) == language
