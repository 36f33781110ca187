"""How much a text looks like a language: in bits, as if each letter had to be guessed from the one before it.

The fewer bits, the likelier. Two readings of the same bytes can so be weighed against each other, however short
they are. What a letter costs after another stands in letters.txt, counted by `script/letters`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, cached_property
from itertools import pairwise
from operator import mul
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
MOST_EXPECTED = 8.0  # the most that may speak for a language beforehand
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


class Plain:
    """What is the same in every reading of a text, for it is ASCII: the words around it, and the letters within it.

    around: words without any other byte; within: those that are weighed, each foreign byte of them as U+0080.
    """

    def __init__(self, around: str, within: str = "") -> None:
        self.letters = sum(map(str.isalpha, around))
        self.within = _ascii(_pairs(within.lower()))
        self._around = _ascii(_pairs(around.lower()))
        self._against = {ANY: UNKNOWN}

    def against(self, language: str) -> float:
        """The bits against a language of Latin letters."""
        bits = self._against.get(language)
        if bits is None:
            around = max(_gain(self._around, language), -MOST_PLAIN)
            bits = self._against[language] = around + _gain(self.within, language)
        return bits


class Text:
    """One reading of some words, and what it would take to have written it in each language."""

    def __init__(self, text: str, plain: Plain) -> None:
        self.odd = _oddities(text.translate(CLASSES))
        self._text = text
        self._plain = plain
        self._bits: dict[str, float] = {}

    def cost(
        self, spoken: Sequence[str], expected: Mapping[str, float], enough: float = NEVER
    ) -> float:
        """The bits that these words take in the likeliest of the languages spoken.

        expected: bits that speak for a language beforehand.
        enough: bits above which nobody asks how many more it would be, so that the answer may be too small.
        """
        if self.odd - MOST_EXPECTED > enough and LATIN.isdisjoint(spoken):
            return self.odd
        least = NEVER
        for language in spoken:
            usual = self._beforehand(language) - expected.get(language, 0.0)
            room = min(least, enough) - self.odd - usual
            least = min(least, self.odd + usual + self._letters(language, room))
        return least

    def _beforehand(self, language: str) -> float:
        """The bits against a language, by what these words have beside its letters."""
        if language in LATIN:
            return self._plain.against(language) + _gain(self._edges, language)
        return self._minority

    def _letters(self, language: str, enough: float) -> float:
        bits = self._bits.get(language)
        if bits is None:
            bits = _letters(language, self._foreign, self._characters, enough)
            if bits <= enough:
                self._bits[language] = bits
        return bits

    @cached_property
    def _pairs(self) -> dict[str, int]:
        return _pairs(self._text.translate(FOLDED))

    @cached_property
    def _foreign(self) -> dict[str, int]:
        return {pair: count for pair, count in self._pairs.items() if not pair.isascii()}

    @cached_property
    def _characters(self) -> Mapping[str, int]:
        return Counter(IDEOGRAPHIC.findall(self._text))

    @cached_property
    def _edges(self) -> dict[str, int]:
        """The pairs of ASCII that this reading has and others have not: a sign read between letters parts them."""
        return _difference(_ascii(self._pairs), self._plain.within)

    @cached_property
    def _minority(self) -> float:
        """Bits against another alphabet of which there is hardly anything among Latin words."""
        foreign = sum(self._foreign.values())
        others = foreign + 2 * len(self._characters)
        latin = sum(self._pairs.values()) - foreign + self._plain.letters + 1
        return MINORITY * max(0.0, 1 - 2 * others / latin)


def _ascii(pairs: Mapping[str, int]) -> dict[str, int]:
    return {pair: count for pair, count in pairs.items() if pair.isascii()}


def _difference(pairs: Mapping[str, int], others: Mapping[str, int]) -> dict[str, int]:
    """How many more of each pair there are than among the others, or fewer."""
    more = {pair: pairs.get(pair, 0) - others.get(pair, 0) for pair in pairs.keys() | others.keys()}
    return {pair: count for pair, count in more.items() if count}


def _pairs(folded: str) -> dict[str, int]:
    """How often each letter stands after each; what is no letter is "_"."""
    text = "_" + NO_LETTER.sub("_", folded) + "_"
    counted = Counter(pairwise(text))
    return {
        first + second: count
        for (first, second), count in counted.items()
        if first + second != "__"
    }


class _Gains(dict[str, int]):
    """Bits that a pair of ASCII takes more in a language than in any, found when it is first asked for."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self.table = tables()[language]

    def __missing__(self, pair: str) -> int:
        self[pair] = more = _pair(self.table, pair) - _pair(tables()[ANY], pair)
        return more


_gains = cache(_Gains)


def _gain(pairs: Mapping[str, int], language: str) -> float:
    """Half the bits that these pairs of ASCII take more than in any language; half, for words share their pairs."""
    more = _gains(language)
    bits: int = sum(map(mul, pairs.values(), map(more.__getitem__, pairs)))
    return bits / 2


def _letters(
    language: str, foreign: Mapping[str, int], characters: Mapping[str, int], enough: float
) -> float:
    table = tables()[language]
    if language in EAST_ASIAN:
        bits = float(sum(foreign.values()) * NOT_WRITTEN)
        for char, count in characters.items():
            bits += count * (table.get(char) or _uncounted(char, language))
        return bits
    bits = float(sum(characters.values()) * 20)
    bits_of = table.get
    for pair, count in foreign.items():
        bits += count * (bits_of(pair) or _pair(table, pair))
        if bits > enough:
            break
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
SIGNS = frozenset("ksSyq")
ODD_PAIRS = (
    (re.compile(r"[acg][LACG]|l[ACG]"), 9.0),  # a capital after a small letter
    (re.compile(r"[ACG][ACG]"), 2.0),  # a word in capitals
    (re.compile(r"[lLaA][cCgGhrtok]|[cC][lLaAgGhrtok]|[gG][lLaAcChrtok]"), 14.0),
    (re.compile(r"h[lLaAcCgGrtok]|r[lLaAcCgGhtok]|[tok][lLaAcCgGhr]"), 14.0),
    (re.compile(r"[lLaA][HE]|[HE][lLaA]"), 11.0),  # no space between Latin and East Asian
)
ODD_PLACES = (
    (re.compile(r"(?<!k)k(?!k)"), 8.0),  # half-width kana on their own
    (re.compile(rf"(?<=[{LETTER}])[sSyq](?=[{LETTER}])"), 12.0),  # a sign in the middle of a word
    (re.compile(rf"(?<=[{LETTER}])[Sy]|[Syq](?=[{LETTER}])"), 4.0),  # or at its edge
)


def _oddities(classes: str) -> float:
    bits = sum(map(ODD.__getitem__, pairwise(classes + ".")))
    if not SIGNS.isdisjoint(classes):
        bits += sum(weight * len(odd.findall(classes)) for odd, weight in ODD_PLACES)
    return bits


class _Odd(dict[tuple[str, str], float]):
    """The bits of a character of the first class, and of its standing before one of the second."""

    def __missing__(self, pair: tuple[str, str]) -> float:
        both = "".join(pair)
        bits = BITS.get(pair[0], 0.0) + sum(weight for odd, weight in ODD_PAIRS if odd.match(both))
        self[pair] = bits
        return bits


ODD = _Odd()


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
