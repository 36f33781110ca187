"""References given out: never twice the same, silent about how many there are, forgiving when typed."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from hospes.lib.references import ALPHABET, LONG_BITS, SHORT_BITS, canonical, reference_of

KEY = b"k" * 32


def test_different_conversations_never_share_a_reference() -> None:
    edge = 1 << SHORT_BITS
    numbers = [*range(1, 20_000), *range(edge - 10_000, edge + 10_000)]

    assert len({reference_of(number, KEY) for number in numbers}) == len(numbers)


@given(some.integers(1, (1 << LONG_BITS) - 1))
def test_a_reference_is_short_and_holds_no_letter_to_misread(number: int) -> None:
    reference = reference_of(number, KEY)

    assert len(reference) == (7 if number < 1 << SHORT_BITS else 9)
    assert set(reference.removeprefix("H-")) <= set(ALPHABET)
    assert not set("ILOU") & set(reference.removeprefix("H-"))
    assert canonical(reference) == reference


def test_neighbours_look_nothing_alike_and_another_desk_has_others() -> None:
    made = [reference_of(number, KEY) for number in range(1, 1000)]

    assert sum(one[:4] == next_one[:4] for one, next_one in pairwise(made)) < 20
    assert made != sorted(made)
    assert not set(made[:20]) & {reference_of(number, b"o" * 32) for number in range(1, 20)}


@pytest.mark.parametrize(
    "typed", ["H-7K3F9", "h-7k3f9", " 7K3F9 ", "#7k3f9", "#H-7K3F9", "H- 7K3 F9", "7k3f9"]
)
def test_a_reference_may_be_typed_in_many_ways(typed: str) -> None:
    assert canonical(typed) == "H-7K3F9"


@pytest.mark.parametrize(("typed", "meant"), [("H-OIL00", "H-01100"), ("o1l", "H-011")])
def test_letters_that_are_misread_are_forgiven(typed: str, meant: str) -> None:
    assert canonical(typed) == meant


@given(some.text(max_size=40))
def test_anything_may_be_typed(typed: str) -> None:
    assert canonical(typed).startswith("H-")
