"""Which rules of time zones this machine goes by; pure, but for the files it reads."""

from __future__ import annotations

import hashlib
import re
import zoneinfo
from dataclasses import dataclass
from importlib import import_module, resources
from pathlib import Path

# Where the operating system says which release of the time zone database it has, and how.
SAID = (("tzdata.zi", re.compile(r"# version (\S+)")), ("+VERSION", re.compile(r"(\S+)")))


@dataclass(frozen=True, slots=True)
class InstalledRules:
    """The time zone database in use: its release where anybody says so, and what its files come to."""

    version: str  # 2026b; "" when nothing tells
    fingerprint: str


def installed_rules() -> InstalledRules:
    """Return the rules that `zoneinfo` reads: the system's where it has them, else those that came with us."""
    digest = hashlib.sha256()
    for name in sorted(zoneinfo.available_timezones()):
        digest.update(name.encode())
        digest.update(_rules_of(name))
    return InstalledRules(_version(), digest.hexdigest()[:32])


def _rules_of(name: str) -> bytes:
    for folder in zoneinfo.TZPATH:
        path = Path(folder, name)
        if path.is_file():
            return path.read_bytes()
    found = resources.files("tzdata").joinpath("zoneinfo", *name.split("/"))
    return found.read_bytes() if found.is_file() else b""


def _version() -> str:
    for folder in zoneinfo.TZPATH:
        if not Path(folder, "UTC").is_file():
            continue
        for name, saying in SAID:
            path = Path(folder, name)
            if path.is_file():
                with path.open(encoding="utf-8") as file:
                    found = saying.match(file.readline())
                return found[1] if found else ""
        return ""
    return str(import_module("tzdata").IANA_VERSION)
