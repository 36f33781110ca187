"""What Outlook wraps into one file, winmail.dat: the attachments of a mail, and sometimes its words (MS-OXTNEF).

Outlook sends it when it thinks that the other side is Outlook too. Everybody else sees a file that nothing opens.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from hospes.channels.email.charsets import decode

SIGNATURE = b"\x78\x9f\x3e\x22"
MAX_FILES = 500
MAX_DEPTH = 3  # messages within messages

# Attributes (MS-OXTNEF 2.1.3.2), as the low half of their number.
ATTACH_BEGINS, ATTACH_TITLE, ATTACH_DATA, ATTACH_PROPERTIES = 0x9002, 0x8010, 0x800F, 0x9005
CODE_PAGE, BODY, MESSAGE_PROPERTIES = 0x9007, 0x800C, 0x9003

# Properties (MS-OXPROPS).
P_BODY, P_HTML, P_RTF, P_SUBJECT = 0x1000, 0x1013, 0x1009, 0x0037
P_LONG_NAME, P_NAME, P_TYPE, P_CONTENT_ID = 0x3707, 0x3704, 0x370E, 0x3712
P_DATA, P_HIDDEN = 0x3701, 0x7FFE

# Kinds of values that have a fixed size, and what they take up, padded to four bytes.
FIXED = {
    0x0001: 0, 0x0002: 4, 0x0003: 4, 0x0004: 4, 0x0005: 8, 0x0006: 8, 0x0007: 8, 0x000A: 4,
    0x000B: 4, 0x0014: 8, 0x0040: 8, 0x0048: 16,
}  # fmt: skip
TEXT_8BIT, TEXT_16BIT, OBJECT, BINARY, SEVERAL = 0x001E, 0x001F, 0x000D, 0x0102, 0x1000
VARIABLE = {TEXT_8BIT, TEXT_16BIT, OBJECT, BINARY}


class NotTnef(Exception):
    """These bytes are no such file, or end in the middle."""


@dataclass(slots=True)
class WrappedFile:
    name: str = ""
    content_type: str = ""
    content_id: str = ""
    content: bytes = field(default=b"", repr=False)


@dataclass(slots=True)
class Wrapped:
    """What was in the file: words as text, as HTML or as RTF (whichever there are), and files."""

    text: str = ""
    html: bytes = b""
    rtf: bytes = b""
    subject: str = ""
    charset: str = ""
    files: list[WrappedFile] = field(default_factory=list)
    is_whole: bool = True  # False: it broke off, or something stands there that nobody knows


def unwrap(data: bytes, *, depth: int = 0) -> Wrapped:
    """Read such a file. What is broken in the middle gives what stands before. Raises NotTnef."""
    if not data.startswith(SIGNATURE):
        raise NotTnef
    found = Wrapped()
    try:
        for number, value in _attributes(data):
            _take(found, number, value, depth)
    except (struct.error, NotTnef):
        if not (found.files or found.text or found.html or found.rtf):
            raise NotTnef from None
        found.is_whole = False
    found.files = [one for one in found.files if one.content]
    return found


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = len(SIGNATURE) + 2  # the key
    while at + 9 <= len(data):
        level, number, _kind, length = struct.unpack_from("<BHHI", data, at)
        at += 9
        if level not in (1, 2) or at + length > len(data):
            raise NotTnef
        yield number, data[at : at + length]
        at += length + 2  # a checksum that some programs do not count


def _take(found: Wrapped, number: int, value: bytes, depth: int) -> None:
    if number == CODE_PAGE and len(value) >= 4:
        found.charset = f"cp{struct.unpack_from('<I', value)[0]}"
    elif number == BODY:
        found.text = found.text or _text(value, found.charset)
    elif number == MESSAGE_PROPERTIES:
        _take_words(found, value)
    elif number == ATTACH_BEGINS:
        if len(found.files) >= MAX_FILES:
            raise NotTnef
        found.files.append(WrappedFile())
    elif found.files and number == ATTACH_TITLE:
        found.files[-1].name = found.files[-1].name or _text(value, found.charset)
    elif found.files and number == ATTACH_DATA:
        found.files[-1].content = value
    elif found.files and number == ATTACH_PROPERTIES:
        _take_file(found, value, depth)


def _take_words(found: Wrapped, value: bytes) -> None:
    for number, kind, raw in _properties(value):
        if number == P_BODY and kind in (TEXT_8BIT, TEXT_16BIT):
            found.text = _string(kind, raw, found.charset) or found.text
        elif number == P_HTML:
            found.html = raw
        elif number == P_RTF:
            found.rtf = decompressed(raw)
        elif number == P_SUBJECT:
            found.subject = _string(kind, raw, found.charset)


def _take_file(found: Wrapped, value: bytes, depth: int) -> None:
    file = found.files[-1]
    for number, kind, raw in _properties(value):
        if number == P_LONG_NAME:
            file.name = _string(kind, raw, found.charset) or file.name
        elif number == P_NAME:
            file.name = file.name or _string(kind, raw, found.charset)
        elif number == P_TYPE:
            file.content_type = _string(kind, raw, found.charset)
        elif number == P_CONTENT_ID:
            file.content_id = _string(kind, raw, found.charset)
        elif number == P_DATA and kind == OBJECT:
            _take_message(found, file, raw[16:], depth)  # after the number of its interface
        elif number == P_DATA and not file.content:
            file.content = raw


def _take_message(found: Wrapped, file: WrappedFile, data: bytes, depth: int) -> None:
    """A message that was attached: its words become a file, its files stand among the others."""
    if depth >= MAX_DEPTH or not data.startswith(SIGNATURE):
        file.content = file.content or data
        return
    inner = unwrap(data, depth=depth + 1)
    title = inner.subject or file.name or "message"
    if inner.html:
        file.name, file.content, file.content_type = f"{title}.html", inner.html, "text/html"
    else:
        file.name, file.content, file.content_type = (
            f"{title}.txt",
            inner.text.encode(),
            "text/plain",
        )
    found.files += inner.files[: MAX_FILES - len(found.files)]


def _properties(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield number, kind and first value of each property."""
    (count,) = struct.unpack_from("<I", data)
    at = 4
    for _ in range(count):
        kind, number = struct.unpack_from("<HH", data, at)
        at += 4
        if number >= 0x8000:
            at = _after_name(data, at)
        is_several, kind = bool(kind & SEVERAL), kind & ~SEVERAL
        values = 1
        if is_several or kind in VARIABLE:
            (values,) = struct.unpack_from("<I", data, at)
            at += 4
        if values > len(data):
            raise NotTnef
        first = b""
        for place in range(values):
            raw, at = _value(data, at, kind)
            first = raw if place == 0 else first
        yield number, kind, first


def _after_name(data: bytes, at: int) -> int:
    """Properties of programs have a name of their own: a set and a number or a word."""
    (is_word,) = struct.unpack_from("<I", data, at + 16)
    if not is_word:
        return at + 24
    (length,) = struct.unpack_from("<I", data, at + 20)
    return at + 24 + _padded(length)


def _value(data: bytes, at: int, kind: int) -> tuple[bytes, int]:
    if kind in VARIABLE:
        (length,) = struct.unpack_from("<I", data, at)
        at += 4
        end = at + _padded(length)
    elif kind in FIXED:
        length = FIXED[kind]
        end = at + length
    else:
        raise NotTnef
    if at + length > len(data):
        raise NotTnef
    return data[at : at + length], end


def _padded(length: int) -> int:
    return length + -length % 4


def _string(kind: int, raw: bytes, charset: str) -> str:
    if kind == TEXT_16BIT:
        return raw.decode("utf-16-le", "replace").rstrip("\0")
    return _text(raw, charset)


def _text(raw: bytes, charset: str) -> str:
    return decode(raw.rstrip(b"\0"), charset)


# Words kept as RTF -------------------------------------------------------------------------------

RTF_DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArial"
    rb"Times New RomanCourier{\colortbl\red0\green0\blue0"
    + b"\r\n"
    + rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
RTF_PACKED, RTF_PLAIN = b"LZFu", b"MELA"
MAX_RTF_BYTES = 4 * 2**20


def decompressed(data: bytes) -> bytes:
    """Return RTF as it was before it was packed (MS-OXRTFCP); b"" when it is no such thing."""
    if len(data) < 16:
        return b""
    size, kind = struct.unpack_from("<I", data, 4)[0], data[8:12]
    if kind == RTF_PLAIN:
        return data[16 : 16 + size]
    if kind != RTF_PACKED or size > MAX_RTF_BYTES:
        return b""
    return _unpacked(data, size)


def _unpacked(data: bytes, size: int) -> bytes:
    """Each byte of flags announces eight steps: a byte as it is, or a stretch of the last 4096 bytes again."""
    window, out = bytearray(4096), bytearray()
    window[: len(RTF_DICTIONARY)] = RTF_DICTIONARY
    write, at = len(RTF_DICTIONARY), 16
    while at < len(data) and len(out) < size:
        flags, at = data[at], at + 1
        for bit in range(8):
            if not flags >> bit & 1:
                piece, at = data[at : at + 1], at + 1
            else:
                if at + 2 > len(data):
                    return bytes(out)
                read, length = data[at] << 4 | data[at + 1] >> 4, (data[at + 1] & 15) + 2
                at += 2
                if read == write:  # the end
                    return bytes(out)
                piece = _stretch(window, read, write, length)
            for byte in piece:
                window[write] = byte
                write = (write + 1) % 4096
            out += piece
    return bytes(out)


def _stretch(window: bytearray, read: int, write: int, length: int) -> bytes:
    """Return what stands there; a stretch that reaches what it writes itself repeats it."""
    before = (write - read) % 4096
    piece = bytes(window[(read + step) % 4096] for step in range(min(length, before)))
    return (piece * (length // len(piece) + 1))[:length]
