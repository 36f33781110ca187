"""How much a text looks like a language: in bits, as if each letter had to be guessed from the one before it.

The fewer bits, the likelier. Two readings of the same bytes can so be weighed against each other, however short
they are. What a letter costs after another stands in letters.txt, counted by `script/letters`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

LETTERS = Path(__file__).with_name("letters.txt")
ANY = "und"  # a language of Latin letters that is none of those we know

LATIN = frozenset((
    "und", "en", "fr", "de", "es", "pt", "it", "nl", "sv", "da", "nb", "fi", "is", "ca", "ga", "sq", "cs", "sk", "pl", "hu",
    "sl", "hr", "ro", "tr", "lt", "lv", "et", "vi",
))  # fmt: skip
EAST_ASIAN = frozenset(("ja", "zh-Hans", "zh-Hant", "ko"))

NOT_WRITTEN = 15  # a letter that the language does not have
UNUSUAL = 3  # a pair that was never counted, on top of its second letter
MOST_PLAIN = 25.0  # how much the words without accents may say for a language
NEVER = float("inf")
UNKNOWN = 4.0  # a language that we do not know
MINORITY = 18.0  # another alphabet of which there is hardly anything in a text of Latin words

Table = dict[str, int]
NO_LETTER = re.compile(r"[\x00-\x5e\x60\x7b-\x7f]+")


@cache
def tables() -> dict[str, Table]:
    """What each pair of letters costs, by language; "*" is any letter, "_" is what is none."""
    found: dict[str, Table] = {}
    for line in LETTERS.read_text(encoding="utf-8").splitlines():
        language, *groups = line.split(" ")
        width = 1 if language in EAST_ASIAN else 2
        table = found[language] = {}
        for group in groups:
            bits, _, letters = group.partition(":")
            for at in range(0, len(letters), width):
                table[letters[at : at + width]] = int(bits)
    return found


def known(languages: Iterable[str]) -> list[str]:
    """Of these languages (BCP 47), those we have counted, by the names that `cost` knows."""
    named = tables()
    found = (one if one in named else one.partition("-")[0] for one in languages)
    return [one for one in found if one in named]


def languages() -> tuple[str, ...]:
    """Every language that was counted."""
    return tuple(tables())


@dataclass(frozen=True, slots=True)
class PlainWords:
    """What the words of ASCII around a text say: how many letters they have, and the bits against each language."""

    letters: int
    against: Mapping[str, float]


def plain_words(text: str) -> PlainWords:
    """The evidence of words without accents: which of the languages with Latin letters they are in."""
    pairs = {pair: count for pair, count in _pairs(text.lower()).items() if pair.isascii()}
    usual = tables()[ANY]
    against = {
        language: max(_gain(pairs, tables()[language], usual), -MOST_PLAIN)
        for language in (LATIN - {ANY} if pairs else ())
    }
    return PlainWords(sum(map(str.isalpha, text)), against)


def cost(
    text: str, spoken: Sequence[str], expected: Mapping[str, float], plain: PlainWords
) -> float:
    """The bits that these words take in the likeliest of the languages spoken.

    expected: bits that speak for a language beforehand.
    """
    classes = text.translate(CLASSES)
    pairs = _pairs(text.translate(FOLDED))
    ascii_pairs = {pair: count for pair, count in pairs.items() if pair.isascii()}
    foreign = {pair: count for pair, count in pairs.items() if not pair.isascii()}
    characters = Counter(IDEOGRAPHIC.findall(text))
    others = sum(foreign.values()) + 2 * len(characters)
    minority = MINORITY * max(0.0, 1 - 2 * others / (sum(ascii_pairs.values()) + plain.letters + 1))
    least = NEVER
    for language in spoken:
        bits = _letters(language, foreign, characters) - expected.get(language, 0.0)
        if language in LATIN:
            bits += UNKNOWN if language == ANY else plain.against.get(language, 0.0)
            if language != ANY:
                bits += _gain(ascii_pairs, tables()[language], tables()[ANY])
        else:
            bits += minority
        least = min(least, bits)
    return _oddities(classes) + least


def _pairs(folded: str) -> dict[str, int]:
    """How often each letter stands after each; what is no letter is "_"."""
    text = "_" + NO_LETTER.sub("_", folded) + "_"
    counted = Counter(pairwise(text))
    return {
        first + second: count
        for (first, second), count in counted.items()
        if first + second != "__"
    }


def _gain(pairs: Mapping[str, int], table: Table, usual: Table) -> float:
    """Half the bits that these pairs take more than in any language; half, for words share their pairs."""
    return (
        sum(count * (_pair(table, pair) - _pair(usual, pair)) for pair, count in pairs.items()) / 2
    )


def _letters(language: str, foreign: Mapping[str, int], characters: Mapping[str, int]) -> float:
    table = tables()[language]
    if language in EAST_ASIAN:
        bits = float(sum(foreign.values()) * NOT_WRITTEN)
        for char, count in characters.items():
            bits += count * (table.get(char) or _uncounted(char, language))
        return bits
    bits = float(sum(characters.values()) * 20)
    for pair, count in foreign.items():
        bits += count * _pair(table, pair)
    return bits


def _pair(table: Table, pair: str) -> int:
    return table.get(pair) or min(table.get("*" + pair[1], NOT_WRITTEN) + UNUSUAL, NOT_WRITTEN)


# What is odd in every language ---------------------------------------------------------------------

COMMON_SIGNS = frozenset("“”‘’„‚«»–—…•€£¿¡\u00a0")
LONE_SIGNS = frozenset("°§©®№")
RARER_SIGNS = frozenset("·‹›™ªº´²³½¼¾×±µ÷†‰¥¢\u00ad")
IDEOGRAPHIC = re.compile(
    r"[\u2e80-\u2fff\u3041-\ud7ff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
SCRIPTS = {"CYRILLIC": "c", "GREEK": "g", "HEBREW": "h", "ARABIC": "r", "THAI": "t"}

# Classes of characters: l and L Latin letters of ASCII, a and A the others, c C g G h r t further scripts, o others,
# H East Asian, k half-width kana, E East Asian signs, j s q and S signs, y odd ones, x no characters, and "." of ASCII.
BITS = {"j": 7.0, "q": 7.0, "s": 7.0, "S": 11.0, "y": 18.0, "E": 5.0, "x": 40.0, "\n": 0.0}
LETTER = "lLaAcCgGhrto"
ODDITIES = (
    (re.compile(r"[acg](?=[LACG])|l(?=[ACG])"), 9.0),  # a capital after a small letter
    (re.compile(r"[ACG](?=[ACG])"), 2.0),  # a word in capitals
    (re.compile(r"[lLaA](?=[cCgGhrtok])|[cC](?=[lLaAgGhrtok])|[gG](?=[lLaAcChrtok])"), 14.0),
    (re.compile(r"h(?=[lLaAcCgGrtok])|r(?=[lLaAcCgGhtok])|[tok](?=[lLaAcCgGhr])"), 14.0),
    (re.compile(r"[lLaA](?=[HE])|[HE](?=[lLaA])"), 11.0),  # no space between Latin and East Asian
    (re.compile(r"(?<!k)k(?!k)"), 8.0),  # half-width kana on their own
    (re.compile(rf"(?<=[{LETTER}])[sSyq](?=[{LETTER}])"), 12.0),  # a sign in the middle of a word
    (re.compile(rf"(?<=[{LETTER}])[Sy]|[Syq](?=[{LETTER}])"), 4.0),  # or at its edge
)


def _oddities(classes: str) -> float:
    bits = sum(BITS.get(one, 0.0) * count for one, count in Counter(classes).items())
    return bits + sum(weight * len(odd.findall(classes)) for odd, weight in ODDITIES)


class _Classes(dict[int, str]):
    """The class of each character, found when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = found = _class_of(chr(code))
        return found


class _Folded(dict[int, str]):
    """Each letter in lower case; "_" for what is none or stands for itself."""

    def __missing__(self, code: int) -> str:
        lower = chr(code).lower()[:1]
        self[code] = found = lower if CLASSES[code] in LETTER else "_"
        return found


def _class_of(char: str) -> str:
    if char < "\x80":
        return ("l" if char.islower() else "L") if char.isalpha() else "."
    if IDEOGRAPHIC.match(char):
        return "k" if char >= "\uff66" else "H"
    if char in COMMON_SIGNS:
        return "j" if char in "’‘" else "s"
    if char in LONE_SIGNS:
        return "q"
    category = unicodedata.category(char)
    if category in ("Cc", "Cn", "Co", "Cs") or char == "\ufffd":
        return "x"
    if "\u2e80" <= char <= "\uffff":
        return "E"
    if char in RARER_SIGNS or category[0] not in "LM":
        return "S" if char in RARER_SIGNS else "y"
    script = unicodedata.name(char, "?").partition(" ")[0]
    small = "a" if script in ("LATIN", "COMBINING") else SCRIPTS.get(script, "o")
    return small.upper() if small in "acg" and char.isupper() else small


CLASSES = _Classes()
FOLDED = _Folded()


# Characters that were not counted ------------------------------------------------------------------

# For each language: its standard, the wider one of its makers, and the first byte of the standard's rare characters.
STANDARDS = {
    "ja": ("euc-jp", "cp932", 0xD0),
    "zh-Hans": ("gb2312", "gbk", 0xD8),
    "zh-Hant": ("big5", "cp950", 0xC9),
    "ko": ("euc-kr", "cp949", 0xCA),
}


@cache
def _uncounted(char: str, language: str) -> int:
    """Bits of an East Asian character by how common the standards of its country say it is."""
    if char <= "\u30ff" or char >= "\uff66":
        return (10 if char <= "\u30ff" else 6) if language == "ja" else 15
    standard, wider, rare = STANDARDS[language]
    code = _encoded(char, standard)
    if code:
        return 13 if code[0] < rare else 17
    return 19 if _encoded(char, wider) else 24


def _encoded(char: str, codec: str) -> bytes:
    try:
        return char.encode(codec)
    except UnicodeError:
        return b""
