"""The facts that ship, against what their keys allow."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path

import pytest

from hospes.markets import shipped
from hospes.markets.keys import KEYS, Better, Kind
from hospes.markets.resolving import Fact
from hospes.markets.values import WrongValue, checked

PLACES = (*shipped.codes(), "CA-QC", "ES-CT", "US-CA", "US-FL")
PROJECT = Path(__file__).parents[3]


def facts_of(code: str) -> list[Fact]:
    return list(shipped.layers(code)[0].facts.values())


def test_fifty_countries_and_eight_regions_have_facts() -> None:
    assert len(shipped.countries()) == 50
    assert shipped.codes()[-1] == "_global"
    assert len(shipped.codes()) == 59
    parts = [part for country in shipped.countries() for part in shipped.subdivisions(country)]
    assert parts == ["CA-QC", "ES-CT", "US-CA", "US-FL"]


@pytest.mark.parametrize("code", PLACES)
def test_every_fact_is_what_its_key_allows(code: str) -> None:
    assert facts_of(code)
    for fact in facts_of(code):
        assert checked(fact.key, fact.value) == fact.value, fact.key
        assert fact.confidence in {"high", "medium", "low"}
        assert fact.sources, fact.key


@pytest.mark.parametrize("code", PLACES)
def test_every_place_inherits_from_places_that_are_there(code: str) -> None:
    layers = [layer.code for layer in shipped.layers(code)]
    assert set(layers) <= {*shipped.codes(), code}
    assert layers[-1] == "_global"


def test_a_file_says_of_a_fact_what_is_read_and_no_more() -> None:
    folder = resources.files("hospes.markets") / "facts"
    known = {"value", "confidence", "source", "note", "verified"}
    for file in folder.iterdir():
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
        places = [tables, *tables.get("sub", {}).values()]
        for place in places:
            sections = [facts for name, facts in place.items() if name not in {"market", "sub"}]
            assert all(set(fact) <= known for facts in sections for fact in facts.values())


def test_every_key_is_known_somewhere() -> None:
    assert {fact.key for code in PLACES for fact in facts_of(code)} == set(KEYS)


def test_every_key_of_law_says_which_way_is_more_generous() -> None:
    for key in KEYS.values():
        if key.kind is not Kind.LAW:
            assert key.direction is Better.NEITHER, key.name
        if key.ladder:
            assert set(key.ladder) == set(key.choices), key.name
    outdone = {key.name for key in KEYS.values() if key.direction is not Better.NEITHER}
    assert len(outdone) == 24


def test_a_value_that_is_no_value_of_its_key_is_told_apart() -> None:
    with pytest.raises(WrongValue):
        checked("consumer.withdrawal_days", "fourteen")


def test_a_source_that_nobody_described_is_told_by_its_name() -> None:
    with pytest.raises(shipped.UnknownSource, match="no-such-law"):
        shipped._source("no-such-law#art1")


def test_the_facts_come_along_when_the_program_is_packed() -> None:
    packing = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    globs = packing["tool"]["setuptools"]["package-data"]["hospes.markets"]
    folder = PROJECT / "hospes/markets"
    packed = {file for each in globs for file in folder.glob(each)}
    assert packed == {folder / "sources.toml", *(folder / "facts").iterdir()}
