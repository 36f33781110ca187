"""Bytes to text, whatever they claim to be: declared charset when allowed and true, then evidence.

Never raises. Only codecs named here are ever used: Python would also decode "hex", "zip" or
"unicode_escape" when a mail asks for it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable

# Labels of one codec, the way senders write them (compared without case, "_" read as "-").
# A label promises less than its Windows superset holds, so the superset decodes it.
LABELS = {
    "utf-8": "utf-8 utf8 unicode-1-1-utf-8 utf-8-sig x-utf-8 utf8mb4 cp65001 utf-8n",
    "ascii": "us-ascii ascii ansi-x3.4-1968 iso646-us 7bit 646",
    "cp1252": "iso-8859-1 iso8859-1 latin1 latin-1 l1 iso-ir-100 windows-1252 cp1252 cp-1252 x-ansi ansi 8bit",
    "cp1250": "windows-1250 cp1250 cp-1250 x-cp1250",
    "cp1251": "windows-1251 cp1251 cp-1251 x-cp1251 win-1251",
    "cp1253": "windows-1253 cp1253 x-cp1253",
    "cp1254": "windows-1254 cp1254 iso-8859-9 latin5 x-cp1254",
    "cp1255": "windows-1255 cp1255 x-cp1255",
    "cp1256": "windows-1256 cp1256 x-cp1256",
    "cp1257": "windows-1257 cp1257 x-cp1257",
    "cp1258": "windows-1258 cp1258 x-cp1258",
    "cp874": "windows-874 cp874 tis-620 iso-8859-11 dos-874",
    "iso8859-2": "iso-8859-2 iso8859-2 latin2 l2",
    "iso8859-3": "iso-8859-3 latin3",
    "iso8859-4": "iso-8859-4 latin4",
    "iso8859-5": "iso-8859-5 cyrillic",
    "iso8859-6": "iso-8859-6 iso-8859-6-e iso-8859-6-i arabic",
    "iso8859-7": "iso-8859-7 iso8859-7 greek",
    "iso8859-8": "iso-8859-8 iso-8859-8-i iso-8859-8-e hebrew visual",
    "iso8859-10": "iso-8859-10 latin6",
    "iso8859-13": "iso-8859-13",
    "iso8859-14": "iso-8859-14",
    "iso8859-15": "iso-8859-15 iso8859-15 latin9 latin-9",
    "iso8859-16": "iso-8859-16",
    "koi8-r": "koi8-r koi8 koi cskoi8r",
    "koi8-u": "koi8-u koi8-ru",
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
    "cp862": "ibm862 cp862 dos-862",
    "cp863": "ibm863 cp863",
    "cp864": "ibm864 cp864",
    "cp865": "ibm865 cp865",
    "cp869": "ibm869 cp869",
    "cp1125": "cp1125 ibm1125 ruscii cp866u",
    "koi8-t": "koi8-t",
    "kz1048": "kz-1048 kz1048 strk1048-2002 rk1048",
    "ptcp154": "ptcp154 pt154 cp154",
    "hp-roman8": "hp-roman8 roman8 r8",
    "mac-greek": "x-mac-greek",
    "mac-iceland": "x-mac-icelandic",
    "mac-latin2": "x-mac-ce x-mac-centraleurroman x-mac-croatian x-mac-romanian",
    "mac-turkish": "x-mac-turkish",
    "mac-roman": "macintosh mac x-mac-roman mac-roman",
    "mac-cyrillic": "x-mac-cyrillic mac-cyrillic",
    "gb18030": "gb2312 gbk gb18030 gb-2312 gb-18030 cp936 ms936 x-gbk euc-cn chinese gb2312-80 csgb2312 windows-936",
    "hz": "hz-gb-2312 hz",
    "cp950": "big5 big-5 cp950 x-x-big5 csbig5 windows-950",
    "big5hkscs": "big5-hkscs big5hkscs",
    "cp932": "shift-jis shiftjis sjis x-sjis ms-kanji cp932 windows-31j ms932 csshiftjis windows-932",
    "euc-jp": "euc-jp eucjp x-euc-jp x-euc ujis",
    "johab": "johab ms1361 cp1361 windows-1361",
    "shift_jisx0213": "shift-jisx0213 sjisx0213",
    "shift_jis_2004": "shift-jis-2004 sjis-2004",
    "euc_jisx0213": "euc-jisx0213",
    "euc_jis_2004": "euc-jis-2004",
    "iso2022_jp_ext": "iso-2022-jp iso-2022-jp-1 iso-2022-jp-2 iso-2022-jp-3 iso-2022-jp-ms iso-2022-jp-2004 csiso2022jp cp50220 cp50221 cp50222",
    "iso2022_kr": "iso-2022-kr csiso2022kr",
    "cp949": "euc-kr euckr ks-c-5601-1987 ks-c-5601 ksc5601 korean cp949 ms949 uhc windows-949 x-windows-949",
    "utf-7": "utf-7 utf7 unicode-1-1-utf-7 x-utf-7",
    "utf-16": "utf-16 utf16 unicode ucs-2 iso-10646-ucs-2",
    "utf-16-le": "utf-16le utf-16-le unicodelittle",
    "utf-16-be": "utf-16be utf-16-be unicodefffe unicodebig",
    "utf-32": "utf-32 utf32 ucs-4",
    "utf-32-le": "utf-32le",
    "utf-32-be": "utf-32be",
}
# Python has no codec for it: see `_chinese_iso_2022`.
CHINESE_ISO_2022 = {"iso-2022-cn", "iso-2022-cn-ext"}
CODECS = {label: codec for codec, labels in LABELS.items() for label in labels.split()}

# Written in seven bits (or in pairs of bytes), so that "it is ASCII" proves nothing.
STATEFUL = {
    "iso2022_jp_ext",
    "iso2022_kr",
    "hz",
    "utf-7",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "utf-32-le",
    "utf-32-be",
}
MULTIBYTE = {
    "gb18030", "cp950", "big5hkscs", "cp932", "euc-jp", "cp949", "johab", "shift_jisx0213", "shift_jis_2004",
    "euc_jisx0213", "euc_jis_2004",
}  # fmt: skip
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
LANGUAGES = {
    "iso2022_jp_ext": "ja", "cp932": "ja", "euc-jp": "ja", "cp949": "ko", "iso2022_kr": "ko", "gb18030": "zh-Hans",
    "hz": "zh-Hans", "cp950": "zh-Hant", "big5hkscs": "zh-Hant", "koi8-r": "ru", "koi8-u": "uk", "cp1251": "ru",
    "cp1253": "el", "iso8859-7": "el", "cp1255": "he", "iso8859-8": "he", "cp1256": "ar", "cp1254": "tr", "cp874": "th", "cp1258": "vi",
}  # fmt: skip

SAMPLE_BYTES = 20_000  # as much as a guess needs


def codec_of(label: str) -> str | None:
    """The codec for a declared charset; None when it names none that a mail may ask for."""
    return CODECS.get(label.strip().strip("\"'").lower().replace("_", "-"))


def language_hint(label: str) -> str | None:
    """The language (BCP 47) nearly always written in this charset."""
    return LANGUAGES.get(codec_of(label) or "")


# Programs on Windows that say ISO mean their own charset: where ISO has control characters, they have letters.
WINDOWS = {
    "iso8859-2": "cp1250",
    "iso8859-7": "cp1253",
    "iso8859-8": "cp1255",
    "iso8859-13": "cp1257",
    "iso8859-15": "cp1252",
}
CONTROLS = re.compile(rb"[\x80-\x9f]")


def decode(data: bytes, declared: str = "", otherwise: str = "") -> str:
    """Text of these bytes. `otherwise` is a charset seen nearby, for bytes that declare none."""
    codec = codec_of(declared) if declared else None
    if b"\x1b$)" in data and declared.strip("\"' ").lower() in CHINESE_ISO_2022:
        return _chinese_iso_2022(data)
    if codec not in STATEFUL and data.isascii() and b"\x1b$" not in data:
        return data.decode("ascii")
    for mark, marked in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data.decode(marked, "replace")
    if codec is None and b"\x1b$" in data:
        codec = "iso2022_jp_ext"
    return _declared(data, codec) or _evident(
        data, codec, codec_of(otherwise) if otherwise else None
    )


def _declared(data: bytes, codec: str | None) -> str | None:
    """Text under the declared codec, unless the bytes give it the lie."""
    if codec is None or codec == "ascii":
        return None
    if codec == "utf-16":  # without a mark: pairs with a zero in front are big-endian
        codec = "utf-16-be" if data[:200:2].count(0) > data[1:200:2].count(0) else "utf-16-le"
    if codec != "utf-8" and codec not in STATEFUL and not _multibyte(codec):
        utf8 = _strictly(data, "utf-8")  # eight-bit text is hardly ever valid UTF-8 by accident
        if utf8 is not None:
            return utf8
    if codec in WINDOWS and CONTROLS.search(data):
        codec = WINDOWS[codec]
    text = _strictly(data, codec)
    if text is None and codec == "iso2022_jp_ext":
        return _microsoft_jis(data)
    return text


def _evident(data: bytes, declared: str | None, nearby: str | None) -> str:
    utf8 = _strictly(data, "utf-8")
    if utf8 is not None:
        return utf8
    if declared is not None and (
        declared in STATEFUL or declared == "utf-8" or _multibyte(declared)
    ):
        text = data.decode(declared, "replace")
        if text.count("\ufffd") * 20 <= len(text):  # a few broken places in otherwise true text
            return text
    if nearby is not None and nearby != "ascii":
        text_nearby = _strictly(data, nearby)
        if text_nearby is not None:
            return text_nearby
    if (
        declared is not None
        and not _multibyte(declared)
        and declared not in STATEFUL
        and declared not in ("ascii", "utf-8")
    ):
        return data.decode(declared, "replace")  # a hole or two in a single-byte table
    return _guess(data)


def _strictly(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, ValueError):
        return None


def _multibyte(codec: str) -> bool:
    return codec in MULTIBYTE


# Unlabelled eight-bit text -----------------------------------------------------------------------


def _share(pattern: str) -> Callable[[str], float]:
    found = re.compile(pattern)

    def share(text: str) -> float:
        """How much of the text beyond ASCII is what this language mostly writes."""
        foreign = len(BEYOND_ASCII.findall(text))
        return len(found.findall(text)) / foreign if foreign else 0.0

    return share


def _often(alphabet: str, often: str, least: float) -> Callable[[str], float]:
    """As `_share`; nothing where the signs that this language writes all the time are missing."""
    share, is_often = _share(alphabet), re.compile(f"[{often}]", re.IGNORECASE)

    def score(text: str) -> float:
        signs = len(BEYOND_ASCII.findall(text))
        usual = len(is_often.findall(text))
        return share(text) if signs < FEW_SIGNS or usual >= signs * least else 0.0

    return score


def _usual_hanzi(charset: str, leads: range) -> Callable[[str], float]:
    """As `_share` of Chinese; nothing where most of it is outside of what the old tables hold as usual."""
    share, hanzi = (
        _share(r"[\u4e00-\u9fff\u3000-\u303f\uff00-\uffef]"),
        re.compile(r"[\u4e00-\u9fff]"),
    )

    def score(text: str) -> float:
        signs = "".join(hanzi.findall(text)[:MAX_SIGNS])
        firsts = [sign.encode(charset, "replace")[0] for sign in signs]
        usual = sum(first in leads for first in firsts)
        return share(text) if usual >= len(signs) * 0.85 else 0.0

    return score


FEW_SIGNS = 4  # say nothing of how often
MAX_SIGNS = 500
BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
HANGUL_OFTEN = (
    "이다는을를에의가하고지은니요세한서로기도사자해안녕습어인대시나주있아정수리제보일부문"
)
# Tried in this order; the first codec that decodes without error and scores well wins.
CANDIDATES: tuple[tuple[str, Callable[[str], float], float], ...] = (
    ("euc-jp", _share(r"[\u3040-\u30ff\u3001\u3002]"), 0.35),
    ("cp932", _share(r"[\u3040-\u30ff\u3001\u3002]"), 0.35),
    ("cp949", _often(r"[\uac00-\ud7a3]", HANGUL_OFTEN, 0.15), 0.75),
    (
        "cp1255",
        _often(r"[\u05d0-\u05ea]", "יוהלאתבר", 0.42),
        0.95,
    ),  # before cp1251, whose lower case lies there too
    ("koi8-u", _often(r"[а-яёіїєґ]", "оеаиі", 0.2), 0.75),
    ("cp1251", _often(r"[а-яёіїєґ]", "оеаиі", 0.2), 0.70),
    ("cp1253", _often(r"[α-ωάέήίόύώ]", "αειοςστν", 0.3), 0.75),
    ("cp874", _often(r"[\u0e01-\u0e5b]", "านรอกเงมยลวดทสตัคับ่้ีิ", 0.5), 0.95),
    ("gb18030", _usual_hanzi("gb2312", range(0xB0, 0xD8)), 0.95),
    ("cp950", _usual_hanzi("big5", range(0xA4, 0xC7)), 0.95),
    ("cp1256", _share(r"[\u0621-\u064a]"), 0.85),
)
LATIN_WORD = re.compile(
    rb"[A-Za-z][\x80-\xff]{1,2}[A-Za-z]|[A-Za-z]{2}[\x80-\xff]|[\x80-\xff][a-z]{2}"
)


# Words of Latin letters, whose accented ones alone are beyond ASCII; no other alphabet mixes the two in one word.
WORD = re.compile(rb"[A-Za-z]{0,30}[\x80-\xff][A-Za-z\x80-\xff]{0,60}")
MIXED = re.compile(rb"[A-Za-z]")
ASCII_WORD = re.compile(rb"(?<![A-Za-z\x80-\xff])[A-Za-z]{1,60}(?![A-Za-z\x80-\xff])")


def _guess(data: bytes) -> str:
    codec = _candidate(data[:SAMPLE_BYTES]) or _latin(data[:SAMPLE_BYTES])
    return _strictly(data, codec) or data.decode("latin-1")


# Latin letters with accents, by language, in the tables that hold them: the west first, which most unlabelled text is.
LATIN: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("cp1252", ("äöüß", "éèêëàâçîïôûùœæ", "áéíóúñü¿¡ºª", "áâãàçéêíóôõúüºª", "àèéìòùí", "åäöé", "æøåéòó", "ëïéèöüá",
                "àçéèíïóòúü·", "áéíóúýþæöð", "õäöüšž")),
    ("cp1250", ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "čšž", "čćđšž", "ăâîşţ")),
    ("iso8859-2", ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "čšž", "čćđšž", "ăâîşţ")),
    ("cp1254", ("çğıöşüâî",)),
    ("cp1257", ("ąčęėįšųūž", "āčēģīķļņšūž")),
)  # fmt: skip
TYPOGRAPHY = set("“”‘’‚„–—…«»€°§©®™·•\xa0")


def _latin(sample: bytes) -> str:
    """Which table of Latin letters: the one in which most of them belong to one language."""
    best, chosen = 0.0, "cp1252"
    for codec, languages in LATIN:
        text = _strictly(sample, codec)
        signs = (
            [sign for sign in BEYOND_ASCII.findall(text.lower()) if sign not in TYPOGRAPHY]
            if text
            else []
        )
        for letters in languages if signs else ():
            share = sum(sign in letters for sign in signs) / len(signs)
            if share > best:
                best, chosen = share, codec
    return chosen


def _candidate(sample: bytes) -> str | None:
    """The codec in which this reads like a language; None for Latin words with an accent here and there."""
    eight_bit = len(sample) - len(sample.translate(None, bytes(range(128, 256))))
    if len(LATIN_WORD.findall(sample)) * 2 >= eight_bit:
        return None
    words = WORD.findall(sample)
    mixed = sum(MIXED.search(word) is not None for word in words)
    if len(ASCII_WORD.findall(sample)) > len(
        words
    ):  # then "à" and "å" are words of Latin letters, too
        mixed += sum(len(word) == 1 for word in words)
    is_latin = mixed * 2 > len(words)
    for codec, score, enough in CANDIDATES:
        if is_latin and codec not in MULTIBYTE:
            continue
        text = _strictly(sample[: len(sample) // 2 * 2], codec) or _strictly(sample, codec)
        if text is not None and score(text) >= enough:
            return codec
    return None


# The other way round: what to call the charset of bytes that are somebody's ----------------------

NAMES = {
    "euc-jp": "EUC-JP", "cp932": "Shift_JIS", "cp949": "EUC-KR", "cp1255": "windows-1255", "koi8-u": "KOI8-U",
    "cp1251": "windows-1251", "gb18030": "GB18030", "cp950": "Big5", "cp1256": "windows-1256",
    "cp1253": "windows-1253", "cp874": "TIS-620", "utf-8-sig": "utf-8",
}  # fmt: skip


def charset_in(data: bytes) -> str:
    """The name of the charset these bytes are evidently written in; "" when more than one may be meant."""
    if data.isascii():
        return "ISO-2022-JP" if b"\x1b$" in data else "us-ascii"
    for mark, codec in BYTE_ORDER_MARKS:
        if data.startswith(mark) and _strictly(data, codec) is not None:
            return NAMES.get(codec, codec)
    if _strictly(data, "utf-8") is not None:
        return "utf-8"
    likely = _candidate(data[:SAMPLE_BYTES])
    if likely == "koi8-u" and data.decode("koi8-r") == data.decode("koi8-u"):
        return "KOI8-R"  # known to more programs
    return NAMES[likely] if likely is not None and _strictly(data, likely) is not None else ""


# ISO-2022-JP as Microsoft writes it --------------------------------------------------------------

JIS_SEGMENT = re.compile(rb"\x1b(\$[@B]|\$\([@BDOPQ]|\([BJIH])([^\x1b]*)")
SEVEN_TO_EIGHT = bytes((byte | 0x80) if 0x21 <= byte <= 0x7E else byte for byte in range(256))


def _microsoft_jis(data: bytes) -> str:
    """Decode JIS with the rows NEC and IBM added (circled numbers, names such as 髙), which the standard codec refuses."""
    first = data.find(b"\x1b")
    pieces = [data[: max(first, 0)].decode("ascii", "replace")]
    for escape, segment in JIS_SEGMENT.findall(data):
        if escape in (b"$@", b"$B"):
            pieces.append(_shift_jis(segment).decode("cp932", "replace"))
        elif escape == b"(I":
            pieces.append(segment.translate(SEVEN_TO_EIGHT).decode("cp932", "replace"))
        elif escape.startswith(b"("):
            pieces.append(segment.decode("ascii", "replace"))
        else:
            pieces.append(
                (b"\x1b" + escape + segment + b"\x1b(B").decode("iso2022_jp_ext", "replace")
            )
    return "".join(pieces)


def _shift_jis(segment: bytes) -> bytes:
    """Two seven-bit JIS bytes as two bytes of Shift_JIS; anything outside the table stays as it is."""
    out = bytearray()
    at = 0
    while at < len(segment):
        row, cell = segment[at], segment[at + 1] if at + 1 < len(segment) else 0
        if not (0x21 <= row <= 0x7E and 0x21 <= cell <= 0x7E):
            out.append(row)
            at += 1
            continue
        lead = (row - 0x21) // 2 + (0x81 if row < 0x5F else 0xC1)
        trail = cell + (0x1F if cell < 0x60 else 0x20) if row % 2 else cell + 0x7E
        out += bytes((lead, trail))
        at += 2
    return bytes(out)


# ISO-2022-CN (RFC 1922): the same codes as GB2312 in seven bits, between two shifts -----------------

SHIFTED = re.compile(rb"\x1b\$[)*+][A-Z]|\x1bN|\x0e([^\x0f\x1b\r\n]*)\x0f?")


def _chinese_iso_2022(data: bytes) -> str:
    eight_bit = SHIFTED.sub(lambda found: (found[1] or b"").translate(SEVEN_TO_EIGHT), data)
    return eight_bit.decode("gb18030", "replace")


def preload() -> None:
    """Import every codec now, so that a process that gives up its rights needs no file later."""
    for codec in {*LABELS, "utf-8-sig", "latin-1"}:
        codecs.lookup(codec)
