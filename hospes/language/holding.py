"""Whether a reply answers anything, or only says that an answer will come.

Every clause of a text must be one we know to answer nothing: a greeting, a courtesy, "we are looking into it", a closing
and the names about them. One clause that is not known, a day or an hour named, or a question of ours: it says something.
So what is not recognised counts as an answer, and nobody's work is called empty by mistake.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from typing import Any

from babel import Locale

from hospes.language.phrasebook import base_of, table_of
from hospes.language.speaking import CUSTOMER_LANGUAGES

MAX_CHARS = 2000  # nobody needs as many to say nothing
MAX_CLAUSE_CHARS = 300
MAX_NAME_WORDS = 5
MAX_NAME_CHARS = 50

CLAUSE = re.compile(
    r"(.*?)([!?;…\n、。！，；：？؟،؛।|()（）]+|[.,:]+(?=\s|$)|\s[-–—]+(?=\s|$)|$)", re.DOTALL
)
QUESTION = re.compile("[?？؟]")
APOSTROPHES = re.compile("['’ʼ‘`´׳״\"“”„«»]")
MARKS = re.compile("[\u064b-\u0652\u0640\u0591-\u05c7]")  # of Arabic and Hebrew, written or not
ALEF = re.compile("[أإآ]")
BULLET = re.compile(r"^[-–—*•>\s]+")
# An order or a case, by its number, is no date.
NUMBER = re.compile(
    r"(?:#|№|\b(?:no|nr|n|br|št)\.? ?)?\b(?:[A-Z]{1,4}-?)?(?:\d{4,}|(?<=-)[0-9A-Z]{5,7})\b"
)
ANY_WORD = re.compile(r"(?<![^\s(|:])\\S\+")
PARTICLES = {
    "af", "al", "bin", "binti", "d", "da", "de", "del", "den", "der", "di", "do", "dos", "du", "el", "ibn", "la",
    "le", "e", "o", "ten", "ter", "van", "von", "y", "zu", "zur", "i", "in",
    # and what is put before a name, where it is written small
    "bapak", "don", "dona", "doña", "dr", "g", "ga", "gospod", "gospa", "gospodine", "gospođo", "heer", "ibu", "ing",
    "kak", "madame", "meneer", "mevrouw", "monsieur", "pan", "pane", "pani", "paní", "senhor", "senhora", "señor",
    "señora", "signor", "signora", "sr", "sra",
}  # fmt: skip
HONOURS = {"जी", "المحترم", "المحترمة", "הנכבד", "הנכבדה"}  # behind a name
IDEOGRAPHS = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
EITHER = re.compile(r"\((?:a|as|o|os|e|in|s|na|la)\)")  # "Prezado(a)"
POSTSCRIPT = re.compile(r"p ?s\b", re.IGNORECASE)


class Part(Enum):
    """What a clause is, of a reply that answers nothing."""

    GREETING = auto()
    COURTESY = auto()
    PENDING = auto()
    CLOSING = auto()
    NAME = auto()


@dataclass(frozen=True, slots=True)
class Rules:
    """How replies that answer nothing look in one language."""

    patterns: tuple[tuple[Part, re.Pattern[str]], ...]
    dated: re.Pattern[str]
    joins: re.Pattern[str] | None  # what may stand between two clauses without a comma


def is_holding(text: str, language: str) -> bool | None:
    """Return whether a reply is made of greeting, holding phrase and closing alone; None: no phrases for this language.

    text: what the agent wrote, without what is quoted; files that go with it are nobody's business here.
    """
    rules = _rules(base_of(language))
    if rules is None:
        return None
    if len(text) > MAX_CHARS:
        return False
    found: list[Part] = []
    for clause, is_question in _clauses(text):
        part = _part(clause, rules, after=found[-1] if found else None)
        if part is None or (is_question and part in {Part.PENDING, Part.NAME}):
            return False
        found.append(part)
    return Part.PENDING in found


def _clauses(text: str) -> Iterator[tuple[str, bool]]:
    """Yield each clause, and whether it asks something."""
    for one in CLAUSE.finditer(NUMBER.sub(" ", EITHER.sub("", folded(text)))):
        clause = " ".join(BULLET.sub("", one[1]).split())
        if clause:
            yield clause, bool(QUESTION.search(one[2]))


def folded(text: str) -> str:
    """Return a text in the one way of writing that patterns are read in; small and capital letters stay."""
    text = unicodedata.normalize("NFC", text).replace("\u00a0", " ").replace("ँ", "ं")
    text = ALEF.sub("ا", MARKS.sub("", APOSTROPHES.sub(" ", text)))
    return "".join(
        sign for sign in text if unicodedata.category(sign) not in {"So", "Cf", "Cs", "Co"}
    )


def _part(clause: str, rules: Rules, *, after: Part | None) -> Part | None:
    """Return what a clause is; None when it says something."""
    if len(clause) > MAX_CLAUSE_CHARS or re.search(r"\d", clause) or rules.dated.search(clause):
        return None
    known = _known(clause, rules)
    return Part.NAME if known is None and is_name(clause, most=_MOST_AFTER[after]) else known


def _known(clause: str, rules: Rules) -> Part | None:
    """Return what a clause is, or the clauses are that are joined in it."""
    whole = _single(clause, rules)
    if whole is not None or rules.joins is None:
        return whole
    for join in rules.joins.finditer(clause):
        first = _single(clause[: join.start()].strip(), rules)
        others = _known(clause[join.end() :].strip(), rules) if first else None
        if first and others:
            return Part.PENDING if Part.PENDING in {first, others} else Part.COURTESY
    return None


def _single(clause: str, rules: Rules) -> Part | None:
    for part, pattern in rules.patterns:
        match = pattern.fullmatch(clause)
        if match and is_name(match.groupdict().get("called") or "", most=_MOST_WITHIN.get(part, 0)):
            return part
    return None


# So many words may be a name where capitals do not tell one from a sentence: most behind a closing.
_MOST_AFTER = {
    None: 1,
    Part.GREETING: 1,
    Part.COURTESY: 0,
    Part.PENDING: 0,
    Part.CLOSING: 3,
    Part.NAME: 1,
}
_MOST_WITHIN = {Part.GREETING: 2, Part.CLOSING: 1}


def is_name(words: str, *, most: int) -> bool:
    """Return whether this may be a name, or nothing at all: few words, and none that begins small.

    most: words, where the script has no capitals; two signs of Han, kana or Hangul are one.
    """
    each = [word for word in words.split() if word not in HONOURS]
    if len(words) > MAX_NAME_CHARS or POSTSCRIPT.match(words):
        return False
    if any(word[0].islower() and word.lower() not in PARTICLES for word in each):
        return False
    if any(word[0].isupper() for word in each):
        return len(each) <= MAX_NAME_WORDS
    return sum((len(IDEOGRAPHS.findall(word)) + 1) // 2 or 1 for word in each) <= most


@cache
def _rules(language: str) -> Rules | None:
    if language not in CUSTOMER_LANGUAGES:
        return None
    table = table_of(language)["holding"]
    return Rules(
        patterns=tuple(
            (part, _pattern(one, table, is_named=part in {Part.GREETING, Part.CLOSING}))
            for part in (Part.PENDING, Part.CLOSING, Part.COURTESY, Part.GREETING)
            for one in table[part.name.lower()]
        ),
        dated=_dated(language, table),
        joins=_joins(table),
    )


def _pattern(one: str, table: dict[str, Any], *, is_named: bool) -> re.Pattern[str]:
    """Return a pattern with its parts put in; a name may follow a greeting and a closing."""
    before = ""
    while before != one:
        before = one
        for name, part in table["parts"].items():
            one = one.replace(f"{{{name}}}", part)
    # Where a word may be any, a word that begins the next clause may not.
    if table["joins"]:
        joins = "|".join(re.escape(join) for join in table["joins"])
        one = ANY_WORD.sub(rf"(?!(?:{joins})(?:\\s|$))\\S+", one)
    return re.compile(
        f"(?:{folded(one)})" + (r"(?: (?P<called>.+))?" if is_named else ""), re.IGNORECASE
    )


def _dated(language: str, table: dict[str, Any]) -> re.Pattern[str]:
    """Return what names a day or an hour: the words of the file, and the days of the week."""
    days = Locale.parse(language, sep="-").days
    names = {re.escape(day) for width in days.values() for day in width["wide"].values()}
    words = "|".join(folded(one) for one in (*table["dated"], *sorted(names)))
    # Where words are not parted by spaces, one begins anywhere.
    edge = "" if language in {"ja", "ko", "zh-Hans", "zh-Hant"} else r"(?<!\w)"
    end = "" if not edge else r"(?!\w)"
    return re.compile(f"{edge}(?:{words}){end}", re.IGNORECASE)


def _joins(table: dict[str, Any]) -> re.Pattern[str] | None:
    words = "|".join(re.escape(folded(one)) for one in table["joins"])
    attached = "|".join(folded(one) for one in table.get("attached", ()))
    forms = [
        rf"\s(?:{words})(?=\s)" if words else "",
        rf"\s(?:{attached})(?=\S)" if attached else "",
    ]
    return re.compile("|".join(filter(None, forms)), re.IGNORECASE) if any(forms) else None
