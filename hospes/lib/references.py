"""Public references: short, unique, and silent about how many there are."""

from __future__ import annotations

import hashlib
import hmac

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U to misread
SHORT_BITS, LONG_BITS = 25, 35  # 5 characters for the first 33 million, then 7


def reference_of(number: int, key: bytes) -> str:
    """Return the reference of one row, such as `H-7K3F9`.

    A Feistel permutation: different numbers never share a reference, so no look-up and no retry
    is needed, and without the key the next reference cannot be guessed from the last.

    number: the row's id, from 1 to 2**35.
    """
    if number < 1 << SHORT_BITS:
        return "H-" + _encode(_permute(number, key, SHORT_BITS), 5)
    return "H-" + _encode(_permute(number, key, LONG_BITS), 7)


def canonical(given: str) -> str:
    """Return a typed reference as we write it: case, spaces and misread letters forgiven."""
    bare = given.strip().upper().replace(" ", "").removeprefix("#").removeprefix("H-")
    return "H-" + bare.translate(str.maketrans("ILO", "110"))


def _permute(number: int, key: bytes, bits: int) -> int:
    # Halves of unequal width swap places each round, as in an unbalanced Feistel network.
    low_bits = bits // 2
    left, right = number >> low_bits, number & ((1 << low_bits) - 1)
    left_bits, right_bits = bits - low_bits, low_bits
    for turn in range(4):
        mixed = left ^ (_round(right, turn, key) & ((1 << left_bits) - 1))
        left, right = right, mixed
        left_bits, right_bits = right_bits, left_bits
    return left << right_bits | right


def _round(value: int, turn: int, key: bytes) -> int:
    digest = hmac.digest(key, turn.to_bytes(1, "big") + value.to_bytes(8, "big"), hashlib.sha256)
    return int.from_bytes(digest[:4], "big")


def _encode(value: int, length: int) -> str:
    letters = ""
    for _ in range(length):
        letters = ALPHABET[value & 31] + letters
        value >>= 5
    return letters
