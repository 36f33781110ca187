"""Every promise about faults, and every abuse that peers suffered, has a test that carries its number."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
FAULTS = (*range(1, 9), *range(9, 14), *range(16, 22), 32)
ABUSES = {"A": range(1, 26, 2), "B": range(1, 16, 2), "C": range(1, 24, 2), "D": range(1, 20, 2), "E": range(1, 16, 2)}  # fmt: skip
NAME = re.compile(r"(?m)^(?:    )?(?:async )?(?:def|class) ([Tt]est\w+)")


def names(*patterns: str) -> str:
    """Return the names of all tests in these files."""
    found = [path for one in patterns for path in sorted(PROJECT.glob(one))]
    return "\n".join(name for path in found for name in NAME.findall(path.read_text("utf-8")))


@pytest.mark.parametrize("number", FAULTS, ids=lambda number: f"F-{number:02}")
def test_each_fault_is_proven_by_a_test_of_its_number(number: int) -> None:
    told = names("tests/faults/test_*.py", "hospes/**/tests/test_*.py")

    assert re.search(rf"(?m)^test(_f\d\d)*_f{number:02}_", told)
    assert f"F-{number:02}" in (PROJECT / "docs/developers/reliability.md").read_text("utf-8")


@pytest.mark.parametrize("row", [f"{group}{n:02}" for group, rows in ABUSES.items() for n in rows])
def test_each_abuse_is_proven_by_a_test_of_its_number(row: str) -> None:
    told = names("tests/abuse/test_*.py", "hospes/**/tests/test_*.py")

    alone = rf"(?m)^test(_[a-e]\d\d)*_{row.lower()}_"
    assert re.search(rf"{alone}|^Test\w*{row}\b|^Test{row}And", told, re.MULTILINE)
