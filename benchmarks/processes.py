"""What processes cost: CPU seconds and memory, read from /proc, so that anybody can check them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def tree(root: int) -> list[int]:
    """Return the process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        stat = _read(entry / "stat") if entry.name.isdigit() else ""
        if stat:
            children.setdefault(int(_fields(stat)[1]), []).append(int(entry.name))
    found, left = [], [root]
    while left:
        pid = left.pop()
        found.append(pid)
        left += children.get(pid, [])
    return found


def cpu_seconds(*roots: int) -> float:
    """Return the CPU time of these process trees, of children that have ended too.

    The kernel counts in nanoseconds and tells it in ticks of 10 ms: measure over many operations.
    """
    ticks = 0
    for root in roots:
        for pid in tree(root):
            stat = _read(Path(f"/proc/{pid}/stat"))
            if stat:
                ticks += sum(map(int, _fields(stat)[11:15]))
    return ticks / TICKS


def backend_seconds(postmaster: int, database: str, *, but: int = 0) -> float:
    """Return the CPU time of the PostgreSQL backends that serve a database now.

    but: the process of the one that only watches.

    What the server does for everybody and at times of its own (checkpoints, vacuum) is left out.
    """
    ticks = 0
    for pid in tree(postmaster)[1:]:
        title = _read(Path(f"/proc/{pid}/cmdline")).replace("\0", " ").split()
        stat = _read(Path(f"/proc/{pid}/stat"))
        if pid != but and title[:1] == ["postgres:"] and title[2:3] == [database] and stat:
            ticks += sum(map(int, _fields(stat)[11:13]))
    return ticks / TICKS


def pss_mib(pids: Iterable[int]) -> float:
    """Return the memory of these processes in MiB, what they share counted once (PSS)."""
    kib = 0
    for pid in pids:
        for line in _read(Path(f"/proc/{pid}/smaps_rollup")).splitlines():
            if line.startswith("Pss:"):
                kib += int(line.split()[1])
    return kib / 1024


def name_of(pid: int) -> str:
    return _read(Path(f"/proc/{pid}/comm")).strip()


def _fields(stat: str) -> list[str]:
    return stat.rsplit(")", 1)[1].split()


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
