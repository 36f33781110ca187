"""The guides name what there is: files, commands, keys, figures."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from hospes.config.cli import make_parser
from hospes.config.health import registry
from hospes.workspace.commands import COMMANDS
from tests.cast import Cast

PROJECT = Path(__file__).resolve().parents[1]
GUIDES = [PROJECT / "README.md", *sorted((PROJECT / "docs").rglob("*.md"))]
LINK = re.compile(r'\]\(([^)#]+?)(?:#[^)]*)?\)|src="([^"]+)"')
BLOCK = re.compile(r"^```\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^(?:\.venv/bin/)?hospes (.+?)(?:\s{2,}#.*)?$", re.MULTILINE)
WAY = re.compile(r" {2,}((?:\w+/)+\w+\.py|\w+/)(?:\s|$)")


def name_of(path: Path) -> str:
    return str(path.relative_to(PROJECT))


def commands() -> Iterator[str]:
    for guide in GUIDES:
        for block in BLOCK.findall(guide.read_text(encoding="utf-8")):
            yield from COMMAND.findall(block)


@pytest.mark.parametrize("guide", GUIDES, ids=name_of)
def test_links_lead_somewhere(guide: Path) -> None:
    links = [a or b for a, b in LINK.findall(guide.read_text(encoding="utf-8"))]
    inside = [link for link in links if "://" not in link]
    assert [link for link in inside if not (guide.parent / link).exists()] == []


@pytest.mark.parametrize("words", sorted(set(commands())))
def test_a_command_in_a_guide_can_be_said(words: str) -> None:
    if "--help" in words:
        return
    assert callable(make_parser().parse_args(shlex.split(words)).run)


def test_the_way_of_a_message_names_files_that_are_there() -> None:
    guide = (PROJECT / "docs" / "developers" / "README.md").read_text(encoding="utf-8")
    named = [path for block in BLOCK.findall(guide) for path in WAY.findall(block)]
    assert len(named) > 10
    assert [path for path in named if not (PROJECT / "hospes" / path).exists()] == []


def test_the_agents_guide_names_the_keys_there_are() -> None:
    guide = (PROJECT / "docs" / "agents" / "README.md").read_text(encoding="utf-8")
    rows = [line for line in guide.splitlines() if line.startswith("| `")]
    told = {key for row in rows for key in re.findall(r"`([^`]+)`", row)} - {"G"}
    known = {"+".join(command.key_names) for command in COMMANDS if " " not in command.keys}
    known |= {command.keys[2:].upper() for command in COMMANDS if command.keys.startswith("g ")}
    assert told - known == set()


def test_the_guide_to_upkeep_names_figures_there_are(cast: Cast) -> None:
    guide = (PROJECT / "docs" / "operators" / "upkeep.md").read_text(encoding="utf-8")
    figures = generate_latest(registry).decode()
    named = set(re.findall(r"`(hospes_\w+)", guide))
    assert named
    assert {name for name in named if f"# HELP {name} " not in figures} == set()


def test_pictures_are_light_enough_to_be_read_on_a_slow_line() -> None:
    pictures = list((PROJECT / "docs" / "pictures").glob("*.png"))
    assert len(pictures) >= 4
    assert [picture.name for picture in pictures if picture.stat().st_size > 200_000] == []
