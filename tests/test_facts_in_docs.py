"""What the guide says of each fact: all of them are listed, and those that act are shown to act."""

from __future__ import annotations

import re
from pathlib import Path

from hospes.markets.keys import KEYS
from hospes.markets.labels import label_of

PROJECT = Path(__file__).parents[1]
ROW = re.compile(r"^\| `([a-z]+\.[a-z_]+)` \| (.+?) \| (.+?) \|$", re.MULTILINE)
MARK = re.compile(r"@pytest\.mark\.acts\(\"([a-z]+\.[a-z_]+)\"\)")


def rows() -> list[tuple[str, str, str]]:
    return ROW.findall((PROJECT / "docs/operators/markets.md").read_text(encoding="utf-8"))


def test_every_key_is_listed_once_in_order_and_called_as_on_its_page() -> None:
    assert [(key, label) for key, label, _ in rows()] == [(key, label_of(key)) for key in KEYS]


def test_every_key_acts_is_shown_or_waits_for_something() -> None:
    known = re.compile(r"acts here: .+|shown only(; .+)?|waits for .+")
    assert [key for key, _, status in rows() if not known.fullmatch(status)] == []


def test_every_key_that_acts_has_a_test_that_changes_it_and_sees_it_act() -> None:
    tests = [*PROJECT.glob("hospes/*/tests/test_*.py"), *PROJECT.glob("tests/**/test_*.py")]
    proven = {key for test in tests for key in MARK.findall(test.read_text(encoding="utf-8"))}
    assert proven == {key for key, _, status in rows() if status.startswith("acts here")}
