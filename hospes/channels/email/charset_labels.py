"""Charset labels, the way senders write them, and the codecs that they name.

Only codecs named here are ever used: Python would also decode "hex", "zip" or "unicode_escape" when a mail
asks for it.
"""

from __future__ import annotations

import codecs
import re
from encodings.aliases import aliases
from functools import lru_cache

# Labels of one codec; compared by letters and digits alone, without "x-" and "cs" in front.
# A label promises less than its Windows superset holds, so the superset decodes it.
LABELS = {
    "utf-8": "utf8 unicode11utf8 utf8sig utf8mb4 cp65001 utf8n",
    "ascii": "usascii ascii ansix341968 iso646us 7bit 646",
    "cp1252": "iso88591 latin1 l1 isoir100 windows1252 cp1252 ansi 8bit win1252",
    "cp1250": "windows1250 cp1250 win1250",
    "cp1251": "windows1251 cp1251 win1251",
    "cp1253": "windows1253 cp1253 win1253",
    "cp1254": "windows1254 cp1254 iso88599 latin5 win1254",
    "cp1255": "windows1255 cp1255 win1255",
    "cp1256": "windows1256 cp1256 win1256",
    "cp1257": "windows1257 cp1257 win1257",
    "cp1258": "windows1258 cp1258 win1258",
    "cp874": "windows874 cp874 tis620 iso885911 dos874 win874",
    "iso8859-2": "iso88592 latin2 l2",
    "iso8859-3": "iso88593 latin3",
    "iso8859-4": "iso88594 latin4",
    "iso8859-5": "iso88595 cyrillic",
    "iso8859-6": "iso88596 iso88596e iso88596i arabic",
    "iso8859-7": "iso88597 greek",
    "iso8859-8": "iso88598 iso88598i iso88598e hebrew visual",
    "iso8859-10": "iso885910 latin6",
    "iso8859-13": "iso885913",
    "iso8859-14": "iso885914",
    "iso8859-15": "iso885915 latin9",
    "iso8859-16": "iso885916",
    "koi8-r": "koi8r koi8 koi",
    "koi8-u": "koi8u koi8ru",
    "cp866": "ibm866 cp866 866",
    "cp437": "ibm437 cp437",
    "cp850": "ibm850 cp850",
    "cp852": "ibm852 cp852",
    "cp737": "ibm737 cp737",
    "cp775": "ibm775 cp775",
    "cp855": "ibm855 cp855",
    "cp857": "ibm857 cp857",
    "cp858": "ibm858 cp858 ibm00858",
    "cp860": "ibm860 cp860",
    "cp861": "ibm861 cp861",
    "cp862": "ibm862 cp862 dos862",
    "cp863": "ibm863 cp863",
    "cp864": "ibm864 cp864",
    "cp865": "ibm865 cp865",
    "cp869": "ibm869 cp869",
    "cp1125": "cp1125 ibm1125 ruscii cp866u",
    "koi8-t": "koi8t",
    "kz1048": "kz1048 strk10482002 rk1048",
    "ptcp154": "ptcp154 pt154 cp154",
    "hp-roman8": "hproman8 roman8 r8",
    "mac-greek": "macgreek",
    "mac-iceland": "macicelandic",
    "mac-latin2": "macce maccentraleurroman maccentraleurope",
    "mac-croatian": "maccroatian",
    "mac-romanian": "macromanian",
    "mac-turkish": "macturkish",
    "mac-roman": "macintosh mac macroman",
    "mac-cyrillic": "maccyrillic macukrainian",
    "gb18030": "gb2312 gbk gb18030 cp936 ms936 euccn chinese gb231280 windows936 cngb isoir58",
    "hz": "hzgb2312 hz",
    "cp950": "big5 cp950 xxbig5 windows950 cnbig5 xbig5 big5eten",
    "big5hkscs": "big5hkscs",
    "cp932": "shiftjis sjis mskanji cp932 windows31j ms932 windows932",
    "euc-jp": "eucjp euc ujis eucjpwin eucjpms cp51932 extendedunixcodepackedformatforjapanese",
    "johab": "johab ms1361 cp1361 windows1361 ksc56011992",
    "shift_jisx0213": "shiftjisx0213 sjisx0213",
    "shift_jis_2004": "shiftjis2004 sjis2004",
    "euc_jisx0213": "eucjisx0213",
    "euc_jis_2004": "eucjis2004",
    "iso2022_jp_ext": "iso2022jp iso2022jp1 iso2022jp2 iso2022jp3 iso2022jpms iso2022jp2004 cp50220 cp50221 cp50222",
    "iso2022_kr": "iso2022kr",
    "cp949": "euckr ksc56011987 ksc5601 korean cp949 ms949 uhc windows949 ksx1001 euckrms",
    "utf-7": "utf7 unicode11utf7",
    "utf-16": "utf16 unicode ucs2 iso10646ucs2",
    "utf-16-le": "utf16le unicodelittle",
    "utf-16-be": "utf16be unicodefffe unicodebig",
    "utf-32": "utf32 ucs4",
    "utf-32-le": "utf32le",
    "utf-32-be": "utf32be",
}
CODECS = {label: codec for codec, labels in LABELS.items() for label in labels.split()}
PYTHONS_NAMES = {codec.replace("-", "_"): codec for codec in LABELS} | {
    "latin_1": "cp1252", "iso8859_1": "cp1252", "iso8859_9": "cp1254", "iso8859_11": "cp874", "tis_620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "big5": "cp950", "shift_jis": "cp932", "euc_kr": "cp949",
    "iso2022_jp": "iso2022_jp_ext", "iso2022_jp_1": "iso2022_jp_ext", "iso2022_jp_2": "iso2022_jp_ext",
    "iso2022_jp_2004": "iso2022_jp_ext", "iso2022_jp_3": "iso2022_jp_ext",
}  # fmt: skip

# Written in seven bits (or in pairs of bytes), so that "it is ASCII" proves nothing.
STATEFUL = {
    "iso2022_jp_ext", "iso2022_kr", "hz", "utf-7", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le",
    "utf-32-be",
}  # fmt: skip
SIGNS = re.compile(r"[^a-z0-9]+")
YEAR = re.compile(r":(?:19|20)\d\d$")  # ISO_8859-5:1988
MAX_LABEL_CHARS = 60

# The language nearly always written in a charset.
LANGUAGES = {
    "iso2022_jp_ext": "ja", "cp932": "ja", "euc-jp": "ja", "cp949": "ko", "iso2022_kr": "ko", "gb18030": "zh-Hans",
    "hz": "zh-Hans", "cp950": "zh-Hant", "big5hkscs": "zh-Hant", "koi8-r": "ru", "koi8-u": "uk", "cp1251": "ru",
    "cp1253": "el", "iso8859-7": "el", "cp1255": "he", "iso8859-8": "he", "cp1256": "ar", "cp1254": "tr", "cp874": "th", "cp1258": "vi",
}  # fmt: skip


def codec_of(label: str) -> str | None:
    """The codec for a declared charset; None when it names none that a mail may ask for."""
    return _codec(label.strip(" \t\"';").lower()[:MAX_LABEL_CHARS]) if label else None


@lru_cache(maxsize=256)
def _codec(label: str) -> str | None:
    label = YEAR.sub("", label)
    bare = SIGNS.sub("", label)
    for prefix in ("", "x", "cs"):
        if bare.startswith(prefix) and (codec := CODECS.get(bare.removeprefix(prefix))):
            return codec
    return PYTHONS_NAMES.get(aliases.get(SIGNS.sub("_", label), ""))


def language_hint(label: str) -> str | None:
    """The language (BCP 47) nearly always written in this charset."""
    return LANGUAGES.get(codec_of(label) or "")


def preload() -> None:
    """Import every codec now, so that a process that gives up its rights needs no file later."""
    for codec in {*LABELS, "utf-8-sig", "latin-1", "gb2312", "gbk", "big5", "euc-kr"}:
        codecs.lookup(codec)
