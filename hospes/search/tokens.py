"""Words of a text as search knows them: the same for what is stored and for what is asked.

PostgreSQL's own parser finds no word in Chinese, Japanese or Thai; so the tokens come from here and go in as
they are. The exact word always stands beside its stem, never instead of it: names stay exact.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import Stemmer
from icu4py.breakers import WordBreaker

RULES = 1  # grows when these rules change: what was stored under older ones is indexed anew
MAX_CHARS = 20_000
MAX_TOKEN_CHARS = 60
STEMMED = {
    "ar": "arabic", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "fi": "finnish", "fr": "french", "hu": "hungarian", "it": "italian", "nb": "norwegian",
    "nl": "dutch", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sv": "swedish",
    "tr": "turkish", "da": "danish", "id": "indonesian", "hi": "hindi",
}  # fmt: skip

MARKS = re.compile("[\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]")
ASTRAL = re.compile("[\U00010000-\U0010ffff]")
NEEDS_ICU = re.compile("[\u0700-\u1cff]")  # vowel signs there are no word characters to `re`
WORD = re.compile(r"[^\W_]+")
CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
CJK_RUN = re.compile(f"[{CJK}]+")
HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
CODE = re.compile(r"\b[^\W_]{1,12}(?:[-/.][^\W_]{1,12}){1,4}\b")
MAIL = re.compile(r"[^\s@<>(),;:\"]{1,64}@[\w.-]{1,190}\.\w{2,24}")
NUMBER = re.compile(r"\d[\d\s().-]{6,20}\d")  # a telephone's, perhaps
PHONE = re.compile(rf"\+?{NUMBER.pattern}")
# Arabic, Persian, Devanagari, Bengali and Thai ones: a number is found however it is written.
FOREIGN_DIGITS = "٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९০১২৩৪৫৬৭৮৯๐๑๒๓๔๕๖๗๘๙"
FOREIGN_DIGIT = re.compile(f"[{FOREIGN_DIGITS}]")
DIGITS = str.maketrans(FOREIGN_DIGITS, "0123456789" * 5)
LETTERS = str.maketrans(
    {
        "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "ё": "е",
        "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي",
        "ک": "ك", "ی": "ي",
    }
)  # fmt: skip


def tokens(text: str, language: str = "") -> set[str]:
    """Return what a text can be found by.

    language: BCP 47; adds the stems of its words, marked by a tilde.
    """
    clean = _clean(text)
    if clean.isascii():
        found = set(WORD.findall(clean.lower()))
    else:
        found = {_fold(word) for word in set(_pieces(clean))}
        if CJK_RUN.search(clean):
            found = {form for word in found for form in _forms(word)}
    found.update(_codes(clean))
    stem = _stemmer(language.partition("-")[0])
    if stem:
        stems = stem.stemWords([word for word in found if word.isalpha()])
        found.update(f"~{one}" for one in stems)
    return {token[:MAX_TOKEN_CHARS] for token in found}


def question(text: str, languages: tuple[str, ...] = ()) -> list[list[str]]:
    """Return what to look for: every group must be met, by any of its tokens.

    languages: whose stems count, so that "orders" finds "order".
    """
    clean = _clean(text)
    phone = _phone(clean)
    if phone:
        return [[*_words(clean), phone]] if clean.strip().isalnum() else [[phone]]
    groups = []
    for word in _words(clean):
        forms = sorted(_query_forms(word))
        if len(forms) == 1 and forms[0].isalpha():
            stemmers = [_stemmer(language.partition("-")[0]) for language in languages]
            stems = {f"~{one.stemWord(forms[0])}" for one in stemmers if one}
            groups.append([forms[0], *sorted(stems)])
        else:
            groups += [[form] for form in forms]
    return groups


def plain(text: str) -> str:
    """A text as it is compared whole: folded like its words, with one blank between them."""
    return " ".join(_words(_clean(text)))


def _phone(clean: str) -> str:
    """Return the token of a telephone number when the question is one and nothing else."""
    if not PHONE.fullmatch(clean.strip()):
        return ""
    return _end_of(clean)


def _end_of(number: str) -> str:
    """The last seven digits: what stays of a number however much of its beginning is written."""
    return f"t:{re.sub('[^0-9]', '', number)[-7:]}"


def _clean(text: str) -> str:
    text = text[:MAX_CHARS]
    if text.isascii():  # most text is, and a copy of it for each rule below costs
        return text
    text = ASTRAL.sub(" ", MARKS.sub("", unicodedata.normalize("NFKC", text)))
    return text.translate(DIGITS) if FOREIGN_DIGIT.search(text) else text


def _words(text: str) -> Iterator[str]:
    return map(_fold, _pieces(text))


def _pieces(text: str) -> list[str]:
    """Cut a text into its words, as they are written."""
    if NEEDS_ICU.search(text):
        pieces = (text[start:end] for start, end in WordBreaker(text, "en").segments())
        return [piece for piece in pieces if any(c.isalnum() for c in piece)]
    return WORD.findall(text)


def _fold(word: str) -> str:
    return word.casefold() if word.isascii() else _fold_foreign(word)


@lru_cache(maxsize=4096)  # a language's common words come with every text
def _fold_foreign(word: str) -> str:
    word = word.casefold()
    if not word.isascii() and word[0] < "\u0400":  # accents carry little in Latin and Greek
        word = unicodedata.normalize("NFD", word)
        word = "".join(c for c in word if not unicodedata.combining(c))
    return word.translate(LETTERS)


def _forms(word: str) -> Iterator[str]:
    """The word; for a run of Chinese or Japanese every pair of characters and every Han character."""
    rest = word
    for run in CJK_RUN.findall(word):
        rest = rest.replace(run, " ")
        yield from (run[i : i + 2] for i in range(len(run) - 1))
        yield from HAN.findall(run)
        if len(run) == 1:
            yield run
    yield from rest.split()


def _query_forms(word: str) -> Iterator[str]:
    rest = word
    for run in CJK_RUN.findall(word):
        rest = rest.replace(run, " ")
        if len(run) == 1:
            yield run
        yield from (run[i : i + 2] for i in range(len(run) - 1))
    yield from rest.split()


def _codes(text: str) -> Iterator[str]:
    """Order numbers without their dashes, mail addresses whole, telephone numbers by their end."""
    for word in set(text.split()):
        inner = word[:-1]  # a full stop makes no code
        if "-" in inner or "." in inner or "/" in inner:
            yield from (re.sub(r"[-/.]", "", code.casefold()) for code in CODE.findall(word))
        if "@" in word:
            yield from (address.casefold() for address in MAIL.findall(word))
    yield from (_end_of(number) for number in NUMBER.findall(text))


@lru_cache(maxsize=64)
def _stemmer(language: str) -> Stemmer.Stemmer | None:
    name = STEMMED.get(language)
    if name is None or name not in Stemmer.algorithms():
        return None
    return Stemmer.Stemmer(name, 0)
