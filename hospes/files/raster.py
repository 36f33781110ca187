"""Whether bytes are a picture that a browser may draw: proven by the bytes, of a kind that cannot act, and of a size.

Nothing is decoded here. What may stand behind or beside the picture itself (another file, remarks) is left out where
the kind has a plain end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

MAX_SIDE = 12_000  # pixels
MAX_PIXELS = 50_000_000
MAX_ANIMATED_PIXELS = 400_000_000  # of all frames together
MAX_FRAMES = 2000

PNG = b"\x89PNG\r\n\x1a\n"
PNG_KEPT = {
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"pHYs",
    b"acTL", b"fcTL", b"fdAT",
}  # fmt: skip
# Frames of JPEG say the size; these of the same hundred say something else.
JPEG_TABLES = {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True)
class Picture:
    """Bytes that are what they say."""

    content_type: str
    content: bytes


class _NoPicture(Exception):
    """The bytes are none, or not whole."""


def picture_in(data: bytes) -> Picture | None:
    """Return the picture these bytes are: PNG, JPEG, GIF or WebP; None when they are none, or one that is too large."""
    for begins, content_type, read in (
        (PNG, "image/png", _png),
        (b"\xff\xd8\xff", "image/jpeg", _jpeg),
        (b"GIF8", "image/gif", _gif),
        (b"RIFF", "image/webp", _webp),
    ):
        if data.startswith(begins):
            try:
                return Picture(content_type, read(data))
            except (_NoPicture, IndexError):
                return None
    return None


def _check_size(width: int, height: int) -> None:
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE and width * height <= MAX_PIXELS):
        raise _NoPicture


def _check_frames(count: int, pixels: int) -> None:
    if count > MAX_FRAMES or pixels > MAX_ANIMATED_PIXELS:
        raise _NoPicture


def _number(data: bytes, at: int, length: int) -> int:
    """Read a number with its lowest byte first. Raises _NoPicture where the data end."""
    if at + length > len(data):
        raise _NoPicture
    return int.from_bytes(data[at : at + length], "little")


# PNG ----------------------------------------------------------------------------------------------


def _png(data: bytes) -> bytes:
    kept = [PNG]
    size, frames = (0, 0), 0
    for kind, body, whole in _png_chunks(data):
        if (len(kept) == 1) != (kind == b"IHDR"):
            raise _NoPicture
        if kind == b"IHDR":
            size = int.from_bytes(body[:4]), int.from_bytes(body[4:8])
            _check_size(*size)
        frames += kind == b"fcTL"
        _check_frames(frames, size[0] * size[1] * frames)
        if kind in PNG_KEPT:
            kept.append(whole)
        if kind == b"IEND":
            return b"".join(kept)
    raise _NoPicture


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Yield kind, body and all of each part."""
    at = len(PNG)
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4])
        if end > len(data):
            raise _NoPicture
        yield data[at + 4 : at + 8], data[at + 8 : end - 4], data[at:end]
        at = end


# JPEG ---------------------------------------------------------------------------------------------


def _jpeg(data: bytes) -> bytes:
    at, has_size = 2, False
    while data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # fills up
            at += 1
            continue
        if marker == 0xDA:  # here the picture itself begins
            break
        if 0xC0 <= marker <= 0xCF and marker not in JPEG_TABLES:
            _check_size(
                int.from_bytes(data[at + 7 : at + 9]), int.from_bytes(data[at + 5 : at + 7])
            )
            has_size = True
        length = int.from_bytes(data[at + 2 : at + 4])
        if length < 2:
            raise _NoPicture
        at += 2 + length
    if not has_size or data[at + 1] != 0xDA:
        raise _NoPicture
    end = data.rfind(b"\xff\xd9")
    return data[: end + 2] if end > at else data


# GIF ----------------------------------------------------------------------------------------------


def _gif(data: bytes) -> bytes:
    if data[4:6] not in {b"7a", b"9a"}:
        raise _NoPicture
    _check_size(_number(data, 6, 2), _number(data, 8, 2))
    at = 13 + _colours(data[10])
    frames, pixels = 0, 0
    while at < len(data) and data[at] != 0x3B:
        if data[at] == 0x2C:
            width, height = _number(data, at + 5, 2), _number(data, at + 7, 2)
            _check_size(width, height)
            frames, pixels = frames + 1, pixels + width * height
            _check_frames(frames, pixels)
            at = _after_blocks(data, at + 11 + _colours(data[at + 9]))
        elif data[at] == 0x21:
            at = _after_blocks(data, at + 2)
        else:
            raise _NoPicture
    if not frames:
        raise _NoPicture
    return data[:at] + b"\x3b"


def _colours(flags: int) -> int:
    """Return how many bytes of colours follow."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _after_blocks(data: bytes, at: int) -> int:
    while length := data[at]:
        at += length + 1
    return at + 1


# WebP ---------------------------------------------------------------------------------------------


def _webp(data: bytes) -> bytes:
    end = 8 + _number(data, 4, 4)
    if data[8:12] != b"WEBP" or end > len(data):
        raise _NoPicture
    at, size, frames, has_picture = 12, (0, 0), 0, False
    while at + 8 <= end:
        kind, length = data[at : at + 4], _number(data, at + 4, 4)
        if at + 8 + length > end:
            raise _NoPicture
        if kind in _WEBP_SIZES:
            size = _WEBP_SIZES[kind](data, at + 8)
            _check_size(*size)
        frames += kind == b"ANMF"
        _check_frames(frames, size[0] * size[1] * frames)
        has_picture |= kind in {b"VP8 ", b"VP8L", b"ANMF"}
        at += 8 + length + length % 2
    if not has_picture or not size[0]:
        raise _NoPicture
    return data[:end]


def _webp_lossy(data: bytes, at: int) -> tuple[int, int]:
    if data[at + 3 : at + 6] != b"\x9d\x01\x2a":
        raise _NoPicture
    return _number(data, at + 6, 2) & 0x3FFF, _number(data, at + 8, 2) & 0x3FFF


def _webp_lossless(data: bytes, at: int) -> tuple[int, int]:
    if data[at] != 0x2F:
        raise _NoPicture
    bits = _number(data, at + 1, 4)
    return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1


def _webp_extended(data: bytes, at: int) -> tuple[int, int]:
    return _number(data, at + 4, 3) + 1, _number(data, at + 7, 3) + 1


_WEBP_SIZES = {b"VP8 ": _webp_lossy, b"VP8L": _webp_lossless, b"VP8X": _webp_extended}
