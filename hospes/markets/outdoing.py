"""Whether a value is at least as generous to customers as the law. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from hospes.markets.keys import KEYS, Better, Key

Stretch = tuple[int, int]  # minutes of a day


def is_at_least(key: str, value: Any, law: Any) -> bool:
    """Whether nobody has less from `value` than from `law`; both as the key's type says."""
    return value == law or _RULES[KEYS[key].direction](KEYS[key], value, law)


def _steps(key: Key, value: Any, law: Any) -> bool:
    return key.ladder[value] >= key.ladder[law]


def _within(_key: Key, value: Any, law: Any) -> bool:
    allowed = _by_day(law)
    return all(
        any(start <= begins and ends <= end for start, end in allowed[day])
        for day, stretches in _by_day(value).items()
        for begins, ends in stretches
    )


def _by_day(windows: Iterable[Mapping[str, Any]]) -> dict[str, list[Stretch]]:
    """Return the stretches of each day, those that touch as one; a day that is absent has none."""
    found: dict[str, list[Stretch]] = defaultdict(list)
    for window in windows:
        for day in window["days"]:
            found[day].append((minutes(window["from"]), minutes(window["to"])))
    for stretches in found.values():
        stretches.sort()
        for n in range(len(stretches) - 1, 0, -1):
            if stretches[n][0] <= stretches[n - 1][1]:
                last = stretches.pop(n)
                stretches[n - 1] = (stretches[n - 1][0], max(stretches[n - 1][1], last[1]))
    return found


def minutes(clock: str) -> int:
    """Return the minute of the day of a time such as "09:30" or "24:00"."""
    hour, _, minute = clock.partition(":")
    return int(hour) * 60 + int(minute)


_RULES: dict[Better, Callable[[Key, Any, Any], bool]] = {
    Better.HIGHER: lambda _key, value, law: value >= law,
    Better.LOWER: lambda _key, value, law: value <= law,
    Better.YES: lambda _key, value, _law: value is True,
    Better.NO: lambda _key, value, _law: value is False,
    Better.MORE_OF: lambda _key, value, law: set(value) >= set(law),
    Better.LADDER: _steps,
    Better.WITHIN: _within,
    Better.NEITHER: lambda _key, _value, _law: False,
}
