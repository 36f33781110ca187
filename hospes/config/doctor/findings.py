"""What somebody found who looked at one thing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    OK = "ok"
    WARN = "warn"  # look at it soon
    FAIL = "fail"  # something does not work, or is lost


@dataclass(frozen=True)
class Finding:
    """One thing, how it is, and what would mend it."""

    about: str
    state: State
    says: str
    mend: str = ""  # what a person does
    mender: Callable[[], str] | None = None  # what `--mend` does; says what it did


def ok(about: str, says: str) -> Finding:
    return Finding(about, State.OK, says)


def warn(about: str, says: str, mend: str = "", mender: Callable[[], str] | None = None) -> Finding:
    return Finding(about, State.WARN, says, mend, mender)


def fail(about: str, says: str, mend: str = "", mender: Callable[[], str] | None = None) -> Finding:
    return Finding(about, State.FAIL, says, mend, mender)
