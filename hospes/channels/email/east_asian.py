"""Charsets of East Asia that Python has no codec for: as Microsoft extended them, and ISO-2022-CN."""

from __future__ import annotations

import re

JIS_SEGMENT = re.compile(rb"\x1b(\$[@B]|\$\([@BDOPQ]|\([BJIH])([^\x1b]*)")
SEVEN_TO_EIGHT = bytes((byte | 0x80) if 0x21 <= byte <= 0x7E else byte for byte in range(256))


def microsoft_jis(data: bytes) -> str:
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


EUC_STRETCH = re.compile(rb"(?:[\xa1-\xfe]{2})+|\x8e[\xa1-\xdf]|\x8f[\xa1-\xfe]{2}")


def microsoft_euc(data: bytes) -> str:
    """Decode EUC-JP with the same rows; what is no character at all is marked as such."""
    pieces: list[str] = []
    at = 0
    for stretch in EUC_STRETCH.finditer(data):
        pieces.append(data[at : stretch.start()].decode("ascii", "replace"))
        found = stretch[0]
        if found[0] < 0xA0:
            pieces.append(found.decode("euc-jp", "replace"))
        else:
            seven = bytes(byte & 0x7F for byte in found)
            pieces.append(_shift_jis(seven).decode("cp932", "replace"))
        at = stretch.end()
    return "".join(pieces) + data[at:].decode("ascii", "replace")


# ISO-2022-CN (RFC 1922): the same codes as GB2312 in seven bits, between two shifts -----------------

CHINESE_ISO_2022 = {"iso-2022-cn", "iso-2022-cn-ext"}
SHIFTED = re.compile(rb"\x1b\$[)*+][A-Z]|\x1bN|\x0e([^\x0f\x1b\r\n]*)\x0f?")


def chinese_iso_2022(data: bytes) -> str:
    eight_bit = SHIFTED.sub(lambda found: (found[1] or b"").translate(SEVEN_TO_EIGHT), data)
    return eight_bit.decode("gb18030", "replace")
