"""What holds the house together and no linter sees."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from hospes.config.reactions import REACTIONS
from hospes.events.recording import Happening, HappeningAtDesk

PROJECT = Path(__file__).resolve().parents[1]
HOSPES = PROJECT / "hospes"
ROOMS = sorted(path.parent.name for path in HOSPES.glob("*/__init__.py"))
SURFACES = ("workspace", "api")
# A module of this name takes anything in, so it says nothing.
DRAWERS = {"utils", "util", "helpers", "helper", "services", "service", "common", "misc", "manager"}
PLACE = re.compile("country|market|code|region|territory", re.IGNORECASE)
WRITES = {"create", "bulk_create", "get_or_create", "update_or_create", "update", "delete", "save"}


def modules(*rooms: str) -> Iterator[tuple[Path, ast.Module]]:
    for room in rooms or ROOMS:
        for path in sorted((HOSPES / room).rglob("*.py")):
            if not {"tests", "migrations"} & set(path.parts):
                yield path, ast.parse(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_says_what_it_is_for(room: str) -> None:
    assert import_module(f"hospes.{room}").__doc__
    assert f"`hospes/{room}/`" in (PROJECT / "docs" / "map.md").read_text(encoding="utf-8")


def test_every_module_says_what_it_holds() -> None:
    silent = [
        str(path.relative_to(PROJECT))
        for path, tree in modules()
        if tree.body and not ast.get_docstring(tree) and path.stem != "__main__"
    ]

    assert silent == []


def test_no_module_is_a_drawer() -> None:
    assert [str(path) for path, _ in modules() if path.stem in DRAWERS] == []


def test_surfaces_change_rows_only_through_actions() -> None:
    """Writes on a manager or a QuerySet; a model's own `save` is looked for by its receiver."""
    found = [
        f"{path.relative_to(PROJECT)}:{node.lineno}"
        for path, tree in modules(*SURFACES)
        if "actions" not in path.parts
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in WRITES
        and _stands_on_rows(node.func.value)
    ]

    assert found == []


def _stands_on_rows(node: ast.expr) -> bool:
    """Whether this is `Model.objects` or something asked of it."""
    while isinstance(node, ast.Call | ast.Attribute):
        if isinstance(node, ast.Attribute) and node.attr == "objects":
            return True
        node = node.func if isinstance(node, ast.Call) else node.value
    return False


def test_every_event_has_its_place_among_the_reactions() -> None:
    kinds = {kind for kind in _kinds(Happening) if ".tests." not in kind.__module__}
    kinds -= {HappeningAtDesk}  # what some of them have in common

    assert set(REACTIONS) == kinds


def _kinds(base: type[Happening]) -> set[type[Happening]]:
    direct = set(base.__subclasses__())
    return direct | {each for one in direct for each in _kinds(one)}


def test_no_rule_names_a_country() -> None:
    """Markets are data: a comparison with the code of one country belongs into the data."""
    from babel import Locale

    countries = {code for code in Locale("en").territories if len(code) == 2 and code.isalpha()}
    found = [
        f"{path.relative_to(PROJECT)}:{node.lineno}"
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare) and PLACE.search(ast.unparse(node))
        for side in (node.left, *node.comparators)
        if isinstance(side, ast.Constant) and side.value in countries
    ]

    assert found == []


def test_no_marked_string_stands_in_an_f_string() -> None:
    """What gathers strings to translate does not look into those, and would drop their translations."""
    marks = {"_", "gettext", "ngettext", "pgettext", "npgettext"}
    found = [
        f"{path.relative_to(PROJECT)}:{call.lineno}"
        for path, tree in modules()
        for text in ast.walk(tree)
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in marks
    ]

    assert found == []
