"""What a question asks for: words, and beside them from whom, where and when; pure.

    from:aiko market:jp before:2026-03 "water tank"

An operator is a word of English, a colon and what is meant, in quotation marks where it has blanks. A word before a colon
that is no operator is a word like others: people look for times, addresses of web sites and ratios, too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

OPERATORS = ("from", "market", "language", "before", "after", "is")
STATES = ("open", "closed")
PART = re.compile(
    rf'(?P<operator>{"|".join(OPERATORS)}):(?:"(?P<quoted>[^"]{{1,200}})"|(?P<value>\S{{1,200}}))'
    r'|"(?P<phrase>[^"]{1,200})"|(?P<word>\S+)',
    re.IGNORECASE,
)
DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question taken apart. "" and None: it does not say.

    words: as they were written, phrases among them. phrases: what must stand there just so.
    before, after: the moment up to which, and from which on.
    """

    words: str = ""
    phrases: tuple[str, ...] = ()
    sender: str = ""
    market: str = ""  # ISO 3166, upper case
    language: str = ""  # BCP 47, as it was written
    state: str = ""  # open, closed
    before: datetime | None = None
    after: datetime | None = None
    misread: tuple[str, ...] = field(default=())  # operators whose value means nothing

    @property
    def has_conditions(self) -> bool:
        return self != Asked(words=self.words, phrases=self.phrases, misread=self.misread)


def asked(text: str) -> Asked:
    """Take a question apart."""
    words: list[str] = []
    found = Asked()
    for part in PART.finditer(text):
        if part["operator"]:
            found = _with(found, part["operator"].lower(), part["quoted"] or part["value"], part[0])
        elif part["phrase"]:
            words.append(part["phrase"])
            found = replace(found, phrases=(*found.phrases, part["phrase"]))
        else:
            words.append(part["word"])
    return replace(found, words=" ".join(words))


def _with(found: Asked, operator: str, value: str, whole: str) -> Asked:
    value = value.strip()
    if operator == "from":
        return replace(found, sender=value)
    if operator == "market":
        return replace(found, market=value.upper())
    if operator == "language":
        return replace(found, language=value)
    if operator == "is" and value.lower() in STATES:
        return replace(found, state=value.lower())
    if operator in ("before", "after") and (days := _days(value)):
        return replace(found, before=days[0]) if operator == "before" else replace(found, after=days[1])  # fmt: skip
    return replace(found, misread=(*found.misread, whole))


def _days(value: str) -> tuple[datetime, datetime] | None:
    """The moments at which a year, a month or a day begins and is over, in UTC; None for what is none."""
    match = DAY.fullmatch(value)
    if match is None:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
        if day:
            after = first + timedelta(days=1)
        else:
            after = date(first.year + (month is None or month == 12), (month or 0) % 12 + 1, 1)
    except (ValueError, OverflowError):
        return None
    return datetime.combine(first, time(), UTC), datetime.combine(after, time(), UTC)
