"""Which variant a reader gets."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from hospes.texts.choosing import Reader, in_order


@dataclass(frozen=True)
class Form:
    language: str
    market: str = ""
    formality: str = ""
    channel: str = ""


ALL = [
    Form("en"), Form("de"), Form("de", "AT"), Form("de", "", "informal"), Form("de", "AT", "informal"),
    Form("pt"), Form("pt-BR"), Form("zh-Hant"), Form("en", "US-CA"), Form("en", "US"), Form("en", "", "", "email"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("reader", "best"),
    [
        (Reader(["de", "en"]), Form("de")),
        (Reader(["de-CH", "en"]), Form("de")),
        (Reader(["de", "en"], "AT"), Form("de", "AT")),
        (Reader(["de", "en"], "AT", "informal"), Form("de", "AT", "informal")),
        (Reader(["de", "en"], "DE", "informal"), Form("de", "", "informal")),
        (Reader(["de", "en"], "DE", "formal"), Form("de")),
        (Reader(["pt-BR"]), Form("pt-BR")),
        (Reader(["pt-PT"]), Form("pt")),
        (Reader(["zh-TW", "en"]), Form("zh-Hant")),
        (Reader(["zh-CN", "en"]), Form("en")),
        (Reader(["en"], "US-CA"), Form("en", "US-CA")),
        (Reader(["en"], "US-NY"), Form("en", "US")),
        (Reader(["en"], channel="email"), Form("en", "", "", "email")),
        (Reader(["sl", "de"]), Form("de")),
        (Reader(["", "en"]), Form("en")),
    ],
)
def test_the_reader_gets_the_variant_that_is_nearest(reader: Reader, best: Form) -> None:
    assert in_order(ALL, reader)[0] == best


def test_what_is_fallen_back_to_follows_in_order() -> None:
    found = in_order(ALL, Reader(["de-AT", "en"], "AT", "informal"))

    assert found == [
        Form("de", "AT", "informal"), Form("de", "AT"), Form("de", "", "informal"), Form("de"), Form("en"),
    ]  # fmt: skip


def test_nobody_gets_what_is_for_another_market_form_or_channel() -> None:
    assert in_order([Form("de", "AT"), Form("de", "", "formal"), Form("de", "", "", "chat")], Reader(["de"], "DE", "informal", "email")) == []  # fmt: skip
