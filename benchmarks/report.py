"""Figures: every one a JSON line in a file, and at the end one table of medians and ratios."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Line:
    """One row of the table: a measure of both, or of ours alone, beside what we aim for."""

    what: str
    unit: str
    aim: str = ""
    more_is_better: bool = False


@dataclass
class Report:
    """Gathers what was measured. path: the JSON lines; is_kept: those of the last run count as well."""

    path: Path
    is_kept: bool = False
    measured: dict[tuple[str, str, str], list[float]] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.is_kept:
            self.path.unlink(missing_ok=True)
        for text in self.path.read_text().splitlines() if self.path.exists() else ():
            fact = json.loads(text)
            line = Line(fact["what"], fact["unit"], fact["aim"], more_is_better=fact["more"])
            self.lines.setdefault(line.what, line)
            self.measured.setdefault((line.what, fact["at"], fact["who"]), []).append(fact["value"])

    def add(self, line: Line, at: str, who: str, value: float, **more: Any) -> None:
        """Take one measure. at: the size of the desk; who: `ours` or `peer`."""
        self.lines.setdefault(line.what, line)
        self.measured.setdefault((line.what, at, who), []).append(value)
        fact = {
            "what": line.what, "unit": line.unit, "aim": line.aim, "more": line.more_is_better,
            "at": at, "who": who, "value": value, **more,
        }  # fmt: skip
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"time": round(time.time(), 1), **fact}) + "\n")

    def value(self, what: str, at: str, who: str) -> float | None:
        found = self.measured.get((what, at, who))
        return statistics.median(found) if found else None

    def table(self) -> str:
        """Return all medians as Markdown, peer and ratio beside ours."""
        rows = [
            "| measure | desk | Hospes | django-helpdesk | ratio | aim |",
            "|---|---|---|---|---|---|",
        ]
        for what, line in self.lines.items():
            sizes = dict.fromkeys(at for name, at, _ in self.measured if name == what)
            for at in sizes:
                ours, peer = self.value(what, at, "ours"), self.value(what, at, "peer")
                ratio = _ratio(ours, peer, more_is_better=line.more_is_better)
                rows.append(
                    f"| {what}, {line.unit} | {at} | {_number(ours)} | {_number(peer)} | {ratio} | {line.aim} |"
                )
        return "\n".join(rows)


def machine() -> str:
    """Return the shape of this machine in one line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return (
        f"{time.strftime('%Y-%m-%d')}: {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}"
        f" {platform.machine()}, Python {platform.python_version()}, load {load}"
    )


def _ratio(ours: float | None, peer: float | None, *, more_is_better: bool) -> str:
    if not ours or not peer:
        return ""
    return f"{ours / peer if more_is_better else peer / ours:.1f}x"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
