"""The demo's files, read once into typed rows; no database here."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from typing import Any

PARTS = re.compile(r"(\d+)([dhm])")
VERBS = (
    "says", "replies", "notes", "drafts", "assigns", "snoozes", "closes", "reopens",
)  # fmt: skip
UNITS = {"d": "days", "h": "hours", "m": "minutes"}


@dataclass(frozen=True)
class Place:
    name: str
    zone: str


@dataclass(frozen=True)
class Country:
    code: str
    zone: str
    language: str
    address: str  # the local part of its support address


@dataclass(frozen=True)
class Colleague:
    key: str
    name: str
    role: str
    hub: str
    language: str
    markets: tuple[str, ...]


@dataclass(frozen=True)
class World:
    brand: str
    language: str
    domain: str
    hubs: tuple[Place, ...]
    markets: tuple[Country, ...]
    agents: tuple[Colleague, ...]


@dataclass(frozen=True)
class Turn:
    """One thing that happened, `at` before or after the start of its conversation."""

    after_start: timedelta
    by: str  # an agent's key; "" is the customer
    verb: str  # one of VERBS
    text: str
    files: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    html: str = ""  # the mail as its sender designed it, beside its text
    became: str = ""  # of a reply: waiting, bounced, unknown, failed; "" is sent


@dataclass(frozen=True)
class Story:
    """One conversation as it unfolds."""

    name: str
    address: str
    market: str
    started_ago: timedelta
    subject: str
    turns: tuple[Turn, ...]
    proof: str  # what the mail server in front found: pass, none


@dataclass(frozen=True)
class Stray:
    """A mail that is nobody's conversation yet: held, or impossible to read."""

    name: str
    address: str
    market: str
    ago: timedelta
    subject: str
    text: str
    proof: str
    answers: str  # whose conversation it wants to join; "" is none
    is_nested: bool


def read_strays() -> list[Stray]:
    """Return the mails that wait for a decision."""
    return [
        Stray(
            name=row["name"],
            address=row["address"],
            market=row["market"],
            ago=duration(row["ago"]),
            subject=row["subject"],
            text=row["text"],
            proof=row.get("proof", "none"),
            answers=row.get("answers", ""),
            is_nested=row.get("nested", False),
        )
        for row in _read("strays.toml")["stray"]
    ]


def read_world() -> World:
    """Return who works where, for which markets."""
    data = _read("world.toml")
    return World(
        brand=data["brand"],
        language=data["language"],
        domain=data["domain"],
        hubs=tuple(Place(**row) for row in data["hub"]),
        markets=tuple(Country(**row) for row in data["market"]),
        agents=tuple(
            Colleague(**{**row, "markets": tuple(row["markets"])}) for row in data["agent"]
        ),
    )


def read_stories() -> list[Story]:
    """Return all conversations, the oldest first."""
    folder = files("hospes.demo") / "conversations"
    stories = [
        _story(row)
        for path in sorted(folder.iterdir(), key=lambda p: p.name)
        if path.name.endswith(".toml")
        for row in tomllib.loads(path.read_text(encoding="utf-8"))["conversation"]
    ]
    return sorted(stories, key=lambda story: story.started_ago, reverse=True)


def duration(text: str) -> timedelta:
    """Return `1d 4h` as a duration. Raises ValueError when nothing of it can be read."""
    parts = PARTS.findall(text)
    if not parts:
        raise ValueError(f"not a duration: {text!r}")
    return timedelta(**{UNITS[unit]: int(number) for number, unit in parts})


def _story(row: dict[str, Any]) -> Story:
    turns, moment = [], timedelta(0)
    for turn in row["turns"]:
        moment += duration(turn["after"]) if "after" in turn else timedelta(0)
        turns.append(_turn(turn, moment))
    return Story(
        name=row["name"],
        address=row["address"],
        market=row["market"],
        started_ago=duration(row["started"]),
        subject=row["subject"],
        turns=tuple(turns),
        proof=row.get("proof", "pass"),
    )


def _turn(row: dict[str, Any], after_start: timedelta) -> Turn:
    verb = next(name for name in VERBS if name in row)
    files = row.get("files", [row["file"]] if "file" in row else [])
    return Turn(
        after_start=after_start,
        by=row.get("by", ""),
        verb=verb,
        text=row[verb] if isinstance(row[verb], str) else "",
        files=tuple(files),
        cc=tuple(row.get("cc", ())),
        html=row.get("html", ""),
        became=row.get("became", ""),
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files("hospes.demo") / name).read_text(encoding="utf-8"))
