"""Where Lotus Notes begins what it quotes: who, when, and under each other, without a colon, To, cc and Subject."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hospes.channels.email import quoting_words

COPY = {"cc", "kopie"}  # in nearly every language of the program, and in German
TO = {"to", "an", "a", "à", "para", "aan", "til", "till", "do", "za", "宛先"}
SUBJECTS = quoting_words.words(quoting_words.SUBJECTS) | {"thema"}
MAX_LINES = 6  # between To and cc, and between cc and Subject
MAX_WHO_LINES = 3  # a name, an address, a moment
MOMENT = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}")


def may_be(text: str) -> bool:
    """Whether there may be one: hardly a mail has such a line."""
    return "\ncc" in text or " cc" in text or "Kopie" in text


def heads_in(lines: Sequence[str]) -> Iterator[int]:
    """The first line of each."""
    for at, line in enumerate(lines):
        if line.strip().casefold() not in COPY:
            continue
        above = range(at - 1, max(-1, at - 1 - MAX_LINES), -1)
        to = next((to for to in above if _last_word(lines[to]) in TO), -1)
        below = lines[at + 1 : at + 1 + MAX_LINES]
        if to < 0 or not any(one.strip().casefold() in SUBJECTS for one in below):
            continue
        start = _who(lines, to)
        if start is not None and MOMENT.search("\n".join(lines[start:at])):
            yield start


def _who(lines: Sequence[str], to: int) -> int | None:
    """The first of the few lines over "To" that say who wrote; None when there are none, or more than those."""
    end = to if to > 0 and lines[to - 1].strip() else to - 1
    start = end
    while start > 0 and lines[start - 1].strip():
        start -= 1
    return start if 0 < end - start <= MAX_WHO_LINES else None


def _last_word(line: str) -> str:
    words = line.split()
    return words[-1].casefold() if words else ""
