"""What is said of one key."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Type(StrEnum):
    """What a value looks like in TOML, and in Python once it is read."""

    STR = "str"
    STRS = "strs"  # tuple[str, ...]
    ENUM = "enum"  # str, one of `allowed`
    ENUMS = "enums"  # tuple[str, ...], each of `allowed`
    INT = "int"
    NUM = "num"  # int | float
    BOOL = "bool"
    TABLE = "table"  # Mapping[str, ...]; `values.SHAPES` says of what
    TABLES = "tables"  # tuple[Mapping[str, ...], ...]


class Kind(StrEnum):
    """How binding a fact is."""

    LAW = "law"  # a floor: nobody goes below it without saying why
    MARKET = "market"  # observed practice
    LINGUISTIC = "linguistic"  # how the language works
    CULTURE = "culture"  # about people in general: a default to start from, never used to judge one person


class Better(StrEnum):
    """Which way a value is more generous to customers, or stricter towards ourselves, than the law."""

    HIGHER = "higher"
    LOWER = "lower"
    YES = "yes"
    NO = "no"
    MORE_OF = "more_of"  # all that the law names, and more
    WITHIN = "within"  # hours that lie inside those of the law
    LADDER = "ladder"  # the steps of `Key.ladder`, least generous first
    NEITHER = (
        "neither"  # says what the law is: it can be wrong, and is then corrected, but not outdone
    )


@dataclass(frozen=True, slots=True)
class Key:
    """One thing that may be known about a market.

    allowed: of enums, separated by spaces. better: a `Better`, or the steps of a ladder, as in
    "business < calendar = month".
    """

    name: str
    type: Type
    kind: Kind
    meaning: str
    unit: str = ""
    allowed: str = ""
    better: str = Better.NEITHER

    @property
    def section(self) -> str:
        return self.name.partition(".")[0]

    @property
    def choices(self) -> tuple[str, ...]:
        return tuple(self.allowed.split())

    @property
    def direction(self) -> Better:
        """Which way is more generous. Says nothing of keys that are no law: there is no floor."""
        return Better.LADDER if "<" in self.better else Better(self.better)

    @property
    def ladder(self) -> dict[str, int]:
        """The step of each allowed value, 0 for the least generous; empty when there is no ladder."""
        if self.direction is not Better.LADDER:
            return {}
        steps = [step.split("=") for step in self.better.split("<")]
        return {value.strip(): n for n, step in enumerate(steps) for value in step}


def one_of(name: str, kind: Kind, meaning: str, allowed: str, better: str = Better.NEITHER) -> Key:
    """Return a key whose value is one of a few. allowed: separated by spaces; better: as `Key` has it."""
    return Key(name, Type.ENUM, kind, meaning, allowed=allowed, better=better)
