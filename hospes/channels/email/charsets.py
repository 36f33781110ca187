"""Bytes to text, whatever they claim to be: each reading that is possible is weighed, and the likeliest taken.

A declared charset counts for much, what stands nearby and what language is expected for something, and the text
itself for the rest: see `likelihood`. Never raises.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from hospes.channels.email import charset_labels, likelihood
from hospes.channels.email.charset_labels import STATEFUL, codec_of
from hospes.channels.email.east_asian import (
    CHINESE_ISO_2022,
    chinese_iso_2022,
    microsoft_euc,
    microsoft_jis,
)

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known of a text beforehand: a charset seen nearby, and the languages (BCP 47) expected, likeliest first."""

    charset: str = ""
    languages: tuple[str, ...] = ()


NO_HINTS = Hints()


def decode(data: bytes, declared: str = "", hints: Hints = NO_HINTS) -> str:
    """Text of these bytes."""
    plain = data.isascii() and b"\x1b$" not in data and b"\x00" not in data
    if plain and codec_of(declared) not in STATEFUL:
        return data.decode("ascii")
    return _reading(data, declared, hints)[0]


def codec_in(data: bytes, declared: str = "", hints: Hints = NO_HINTS) -> str:
    """The codec in which `decode` reads these bytes."""
    return _reading(data, declared, hints)[1]


def _reading(data: bytes, declared: str, hints: Hints) -> tuple[str, str]:
    """The text, and the codec it was read in."""
    codec = codec_of(declared)
    if b"\x1b$)" in data and declared.strip("\"' ").lower() in CHINESE_ISO_2022:
        return chinese_iso_2022(data), "gb18030"
    if codec is None and b"\x1b$" in data:
        codec = "iso2022_jp_ext"
    marked = _marked(data, codec)
    if marked is not None:
        return data.decode(marked, "replace"), marked
    if codec in STATEFUL and (text := _stateful(data, codec)):
        return text, codec
    if codec in (None, "ascii", "utf-8") and (text := _strictly(data, "utf-8")) is not None:
        return text, "utf-8"
    chosen = _chosen(data, codec, hints)
    return _read(data, chosen), chosen


def _marked(data: bytes, codec: str | None) -> str | None:
    """The codec that these bytes leave no doubt of: ASCII alone, a mark of the byte order, or every other one zero."""
    if codec not in STATEFUL and data.isascii():
        return _wide(data) or "ascii" if b"\x00" in data else "ascii"
    for mark, marked in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return marked
    return _wide(data) if codec is None and b"\x00" in data else None


def _stateful(data: bytes, codec: str) -> str | None:
    """Text under a declared charset of seven bits or of pairs, unless the bytes give it the lie."""
    text = _strictly(data, _with_order(data) if codec == "utf-16" else codec)
    if text is not None:
        return text
    if codec == "iso2022_jp_ext" and b"\x1b" in data:
        return microsoft_jis(data)
    text = data.decode(codec, "replace")  # a few broken places in otherwise true text
    return text if text.count("\ufffd") * 20 <= len(text) else None


def _with_order(data: bytes) -> str:
    """UTF-16 without a mark: pairs with a zero in front are big-endian, and where none are, the letters tell."""
    first, second = data[:200:2].count(0), data[1:200:2].count(0)
    if first == second:
        nothing = likelihood.Plain("")
        readings = {each: data[:200].decode(each, "replace") for each in ("utf-16-be", "utf-16-le")}
        return min(
            readings,
            key=lambda each: likelihood.Text(readings[each], nothing).cost(
                likelihood.languages(), {}
            ),
        )
    return "utf-16-be" if first > second else "utf-16-le"


def _wide(data: bytes) -> str | None:
    """Which half of each pair of bytes is zero, where nearly all are so: UTF-16 that does not say it."""
    pairs = len(data[:2000]) // 2
    if pairs < 3 or len(data) % 2:
        return None
    first, second = data[:2000:2].count(0), data[1:2000:2].count(0)
    if second * 2 > pairs and first * 10 < pairs:
        return "utf-16-le"
    return "utf-16-be" if first * 2 > pairs and second * 10 < pairs else None


def _strictly(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, ValueError):
        return None


def _read(data: bytes, codec: str) -> str:
    text = _strictly(data, codec)
    if text is not None:
        return unicodedata.normalize("NFC", text) if codec == "cp1258" else text
    if codec == "euc-jp":
        return microsoft_euc(data)
    if codec == "cp1252":  # which leaves five bytes without a character
        return data.decode("latin-1")
    return data.decode(codec, "replace")


# Weighing ----------------------------------------------------------------------------------------

WESTERN = (
    "und",
    "en",
    "fr",
    "de",
    "es",
    "pt",
    "it",
    "nl",
    "sv",
    "da",
    "nb",
    "fi",
    "is",
    "ca",
    "ga",
    "sq",
)
CENTRAL = ("und", "cs", "sk", "pl", "hu", "sl", "hr", "ro", "sq", "de")
BALTIC = ("und", "lt", "lv", "et")
CYRILLIC = ("ru", "uk", "bg", "sr", "mk", "be")
# The codecs that anything unlabelled may be in: the languages written in each, and the bits against it, for some
# are hardly used any more.
CANDIDATES: dict[str, tuple[tuple[str, ...], float]] = {
    "cp1252": (WESTERN, 0),
    "cp1251": (CYRILLIC, 0),
    "cp932": (("ja",), 0),
    "gb18030": (("zh-Hans",), 0),
    "cp950": (("zh-Hant",), 0),
    "cp949": (("ko",), 0),
    "euc-jp": (("ja",), 0),
    "cp1250": (CENTRAL, 1),
    "koi8-r": (("ru", "bg"), 1),
    "cp1253": (("el",), 0),
    "cp1254": (("und", "tr"), 1),
    "cp1255": (("he",), 0),
    "cp1256": (("ar", "fa"), 0),
    "cp874": (("th",), 1),
    "koi8-u": (("uk", "ru", "be"), 1.5),
    "cp1257": (BALTIC, 2),
    "iso8859-2": (CENTRAL, 2.5),
    "iso8859-7": (("el",), 2),
    "cp1258": (("vi",), 3),
    "iso8859-6": (("ar",), 3),
    "iso8859-5": (CYRILLIC, 4),
    "iso8859-13": (BALTIC, 4),
    "iso8859-4": (BALTIC, 5),
    "cp866": (("ru", "uk", "bg"), 4),
    "mac-cyrillic": (CYRILLIC, 7),
    "mac-roman": (WESTERN, 9),
    "cp850": (WESTERN, 10),
    "cp852": (CENTRAL, 11),
}
# Codecs that are believed when they are declared, and never guessed.
DECLARED_ONLY: dict[str, tuple[str, ...]] = {
    "johab": ("ko",), "big5hkscs": ("zh-Hant",), "shift_jisx0213": ("ja",), "shift_jis_2004": ("ja",),
    "euc_jisx0213": ("ja",), "euc_jis_2004": ("ja",), "cp737": ("el",), "cp869": ("el",), "mac-greek": ("el",),
    "cp862": ("he",), "iso8859-8": ("he",), "cp864": ("ar",), "cp855": CYRILLIC, "cp1125": CYRILLIC,
    "koi8-t": CYRILLIC, "kz1048": CYRILLIC, "ptcp154": CYRILLIC, "cp775": BALTIC, "cp857": ("und", "tr"),
    "mac-turkish": ("und", "tr"), "mac-latin2": CENTRAL, "mac-croatian": CENTRAL, "mac-romanian": CENTRAL,
    "iso8859-16": CENTRAL, "iso8859-10": BALTIC,
}  # fmt: skip
# Programs on Windows that say ISO mean their own charset: where ISO has control characters, they have letters.
WINDOWS = {
    "cp950": "big5hkscs",
    "iso8859-2": "cp1250", "iso8859-7": "cp1253", "iso8859-8": "cp1255",
    "iso8859-13": "cp1257", "iso8859-15": "cp1252",
}  # fmt: skip

FOR_LABEL = 11.0  # bits that a declared charset is believed by
FOR_WESTERN = 8.0  # which programs say when nobody told them
FOR_NEARBY = 11.0
FOR_FEW = 8.0  # more for the label of a text that says nothing itself
FEW_BYTES = 1
FOR_UTF_8 = 5.0  # which other bytes are hardly ever by accident
FOR_LANGUAGES = (8.0, 5.0, 4.0, 3.0)  # by the rank among those expected
PLAIN_TRUTH = 5.5  # bits for each byte beyond ASCII, up to which a declared charset is not doubted
CUT = 16.0  # bits against a text that ends within a character
CUT_TEXT = re.compile("([^\ufffd]*[^\x00-\x7f\ufffd][^\ufffd]*)\ufffd")


MULTIBYTE = {"utf-8", "cp932", "euc-jp", "gb18030", "cp950", "cp949", "johab", "big5hkscs"}
NOT_ASCII = re.compile(rb"[\x80-\xff]")
ASCII = bytes(range(128))
ONE_FOREIGN = dict.fromkeys(range(0x80, 0x100), "\x80")
LOOKED_AT_BYTES = 20_000
SAMPLE_BYTES = 160
PLAIN_BYTES = 100


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of the bytes beside themselves."""

    declared: str | None = None
    nearby: str | None = None
    languages: tuple[str, ...] = ()
    is_utf8: bool = False


def _chosen(data: bytes, declared: str | None, hints: Hints) -> str:
    """The codec in which these bytes, which are not ASCII, are likeliest a text."""
    foreign, plain = _sampled(data)
    is_utf8 = _strictly(data, "utf-8") is not None
    known = _Known(declared, codec_of(hints.charset), hints.languages, is_utf8)
    return _weighed(foreign, plain, known)[0][1]


def _sampled(data: bytes) -> tuple[bytes, bytes]:
    """Some words with bytes beyond ASCII, and some without."""
    first = NOT_ASCII.search(data)
    start = max(0, (first.start() if first else 0) - PLAIN_BYTES)
    foreign: list[bytes] = []
    plain: list[bytes] = []
    foreign_bytes = plain_bytes = 0
    for word in data[start : start + LOOKED_AT_BYTES].split():
        if not word.isascii():
            foreign.append(word[:SAMPLE_BYTES])
            foreign_bytes += len(word) + 1
            if foreign_bytes > SAMPLE_BYTES:
                break
        elif plain_bytes < PLAIN_BYTES:
            plain.append(word[:PLAIN_BYTES])
            plain_bytes += len(word) + 1
    return b" ".join(foreign)[:SAMPLE_BYTES], b" ".join(plain)[:PLAIN_BYTES]


@lru_cache(maxsize=512)
def _weighed(foreign: bytes, plain: bytes, known: _Known) -> list[tuple[float, str]]:
    """(bits, codec) of each reading, the likeliest first; only the declared one where that is beyond doubt."""
    expected = _expected(known.languages)
    within = foreign.decode("latin-1").translate(ONE_FOREIGN)
    ascii_ = likelihood.Plain(plain.decode("ascii"), within)
    doubted_from = len(foreign.translate(None, ASCII)) * PLAIN_TRUTH
    beliefs = _beliefs(known)
    undoubted = {known.declared} - {"utf-8", *WINDOWS} if not known.is_utf8 else set()
    found: list[tuple[float, str]] = []
    readings: dict[str, likelihood.Text] = {}
    least = likelihood.NEVER
    for codec in dict.fromkeys([*beliefs, *(() if known.is_utf8 else CANDIDATES)]):
        spoken, against = _spoken(codec)
        text = _read(foreign, codec)
        is_cut = codec in MULTIBYTE and text.endswith("\ufffd")
        if is_cut and (uncut := CUT_TEXT.fullmatch(text)):
            text = uncut[1]
            against += CUT if len(foreign) < SAMPLE_BYTES else 0.0
        against -= beliefs.get(codec, 0.0)
        reading = readings.get(text) or readings.setdefault(text, likelihood.Text(text, ascii_))
        bits = reading.cost(spoken, expected, least - against + CERTAIN)
        if codec in undoubted and bits <= doubted_from and "\ufffd" not in text:
            return [(bits, codec)]
        if codec == known.declared and len(foreign) <= FEW_BYTES:
            against -= FOR_FEW
        found.append((bits + against, codec))
        least = min(least, bits + against)
    return sorted(found)


def _expected(languages: Sequence[str]) -> dict[str, float]:
    expected: dict[str, float] = {}
    for language, bits in zip(likelihood.known(languages), FOR_LANGUAGES, strict=False):
        expected.setdefault(language, bits)
    return expected


def _beliefs(known: _Known) -> dict[str, float]:
    """What speaks for a codec beforehand, in bits."""
    beliefs = {"utf-8": FOR_UTF_8} if known.is_utf8 else {}
    for codec, bits in ((known.declared, FOR_LABEL), (known.nearby, FOR_NEARBY)):
        if codec is None or codec == "ascii" or codec in STATEFUL:
            continue
        belief = min(bits, FOR_WESTERN) if codec == "cp1252" == known.declared else bits
        beliefs[codec] = beliefs.get(codec, 0.0) + belief
        if codec in WINDOWS:
            windows = WINDOWS[codec]
            beliefs[windows] = beliefs.get(windows, 0.0) + belief - 2
    return beliefs


def _spoken(codec: str) -> tuple[Sequence[str], float]:
    """The languages written in this codec, and the bits against it."""
    if codec in CANDIDATES:
        return CANDIDATES[codec]
    return DECLARED_ONLY.get(codec) or likelihood.languages(), 0.0


# The other way round: what to call the charset of bytes that are somebody's ----------------------

NAMES = {
    "euc-jp": "EUC-JP", "cp932": "Shift_JIS", "cp949": "EUC-KR", "koi8-r": "KOI8-R", "koi8-u": "KOI8-U",
    "gb18030": "GB18030", "cp950": "Big5", "cp874": "TIS-620", "utf-8-sig": "utf-8",
}  # fmt: skip
CERTAIN = 6.0  # bits between the likeliest reading and the next


def charset_in(data: bytes) -> str:
    """The name of the charset these bytes are evidently written in; "" when more than one may be meant."""
    if data.isascii():
        return "ISO-2022-JP" if b"\x1b$" in data else "us-ascii"
    for mark, codec in BYTE_ORDER_MARKS:
        if data.startswith(mark) and _strictly(data, codec) is not None:
            return NAMES.get(codec, codec)
    if _strictly(data, "utf-8") is not None:
        return "utf-8"
    (bits, codec), *others = _weighed(*_sampled(data), _Known())
    text = _strictly(data, codec)
    doubts = [other for weight, other in others if weight - bits < CERTAIN]
    if text is None or any(data.decode(other, "replace") != text for other in doubts):
        return ""
    return NAMES.get(codec) or codec.replace("cp125", "windows-125")


def preload() -> None:
    """Read now what the first text would otherwise wait for."""
    charset_labels.preload()
    likelihood.languages()
