"""Mail addresses as we compare them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from hospes.lib.addresses import canonical, is_mail_address


@pytest.mark.parametrize(
    ("given_", "wanted"),
    [
        (" Aiko@Example.JP ", "aiko@example.jp"),
        ("a@xn--r8jz45g.jp", "a@例え.jp"),
        ("a@例え.jp", "a@例え.jp"),
        ("a@xn--\N{PILE OF POO}.jp", "a@xn--\N{PILE OF POO}.jp"),
        ("a@xn--a.jp", "a@xn--a.jp"),
        ("nobody", "nobody"),
        ("", ""),
    ],
)
def test_addresses_compare_by_what_they_mean(given_: str, wanted: str) -> None:
    assert canonical(given_) == wanted


@given(some.text(max_size=100))
def test_comparing_twice_changes_nothing_and_never_fails(text: str) -> None:
    once = canonical(text)

    assert canonical(once) == once or "xn--" in once


@pytest.mark.parametrize(
    "address", ["a@b", "愛子@例え.jp", "o'neil+tag@example.com", "a.b-c_d@x.example"]
)
def test_these_are_addresses(address: str) -> None:
    assert is_mail_address(address)


@pytest.mark.parametrize(
    "address",
    ["", "a", "a@", "@b", "a@b@c", "a b@c", "a@b\r\nBcc: eve@evil.example", "a@b, c@d", '"x" <a@b>', "a@b;c@d",
     "a" * 65 + "@b", "a@" + "b" * 256, "a\0@b", "(x)a@b", "a@[127.0.0.1]"],
)  # fmt: skip
def test_these_are_none(address: str) -> None:
    assert not is_mail_address(address)
