"""What may be known about a market: each key with its type, unit, allowed values, kind and meaning.

The one place that says so: facts that ship are checked against it by a test, and what an operator sets by
`values.py` before it is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hospes.markets.keys import law, manners, serving
from hospes.markets.keys.key import Better, Key, Kind, Type

__all__ = ["KEYS", "Better", "Key", "Kind", "Type"]

KEYS: Mapping[str, Key] = MappingProxyType(
    {key.name: key for key in (*manners.KEYS, *serving.KEYS, *law.KEYS)}
)
