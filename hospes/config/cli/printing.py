"""What every command prints with: JSON for programs, plain lines for people."""

from __future__ import annotations

import argparse
import json
import sys
import unicodedata
from datetime import UTC, datetime, tzinfo
from typing import Any


def add_json(parser: argparse.ArgumentParser) -> None:
    """Let the command print JSON; also where a word before it was asked to (`hospes mail --json held`)."""
    parser.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help="print JSON, for programs"
    )


def wants_json(args: argparse.Namespace) -> bool:
    return bool(getattr(args, "json", False))


def print_json(value: Any) -> None:
    """Print one line of JSON: as it reads where the terminal can, escaped where it cannot."""
    line = json.dumps(value, ensure_ascii=False, default=str)
    try:
        line.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        line = json.dumps(value, default=str)
    sys.stdout.write(line + "\n")


def print_line(text: str) -> None:
    """Print one line for a person. What customers wrote cannot steer the terminal."""
    line = plain(text)
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def plain(text: str) -> str:
    """Return one line without control characters; directions of writing end where the text ends."""
    kept = "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in text)
    line = " ".join(kept.split(" "))
    return f"{line}\u2069" if any(c in line for c in "\u2066\u2067\u2068") else line


def moment(at: datetime, zone: tzinfo | None = None) -> str:
    """Return a moment as every command prints it; zone: the reader's, UTC when they have none."""
    local = at.astimezone(zone or UTC)
    return f"{local:%Y-%m-%d %H:%M} {local.tzname()}"


def cut(text: str, chars: int) -> str:
    """Return the text in one line of at most so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= chars else line[: chars - 1] + "…"
