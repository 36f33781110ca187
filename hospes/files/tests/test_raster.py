"""Which bytes are a picture: of four kinds, proven by the bytes, and never too large to be drawn."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as some

from hospes.files.raster import picture_in
from tests.elsewhere import SVG, png

SCRIPT = b"<script>alert(1)</script>"


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + bytes(4)


def gif(width: int = 2, height: int = 2, *, frames: int = 1) -> bytes:
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x4c\x01\x00"
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6)
    return head + b"\x21\xfe\x05hello\x00" + frame * frames + b"\x3b"


def jpeg(width: int = 2, height: int = 2) -> bytes:
    frame = b"\xff\xc0\x00\x0b\x08" + struct.pack(">HHB", height, width, 1) + b"\x01\x11\x00"
    tables = b"\xff\xe0\x00\x04JF\xff\xc4\x00\x03\x00"
    return (
        b"\xff\xd8" + tables + frame + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x12\x34\xff\xd9"
    )


def webp(width: int = 2, height: int = 2, *, kind: bytes = b"VP8L") -> bytes:
    body = {
        b"VP8L": b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14),
        b"VP8 ": b"\x00\x00\x00\x9d\x01\x2a" + struct.pack("<HH", width, height),
    }[kind]
    body += b"\x00" * (len(body) % 2)
    whole = b"WEBP" + kind + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(whole)) + whole


GOOD = {
    "image/png": png(), "image/gif": gif(), "image/jpeg": jpeg(), "image/webp": webp(),
}  # fmt: skip


@pytest.mark.parametrize("content_type", GOOD)
def test_a_picture_is_known_by_its_bytes(content_type: str) -> None:
    found = picture_in(GOOD[content_type])

    assert found is not None
    assert found.content_type == content_type


@pytest.mark.parametrize("content_type", GOOD)
def test_e11_nothing_stands_behind_a_picture_any_more(content_type: str) -> None:
    found = picture_in(GOOD[content_type] + SCRIPT)

    assert found is not None
    assert found.content == GOOD[content_type]


def test_remarks_in_a_picture_are_left_out() -> None:
    found = picture_in(png(beside=b"Comment\0" + SCRIPT))

    assert found is not None
    assert found.content == png()


@pytest.mark.parametrize(
    "data",
    [
        b"", SVG, b"<?xml version='1.0'?>" + SVG, b"<html>" + SCRIPT, b"%PDF-1.7", b"BM" + bytes(60),
        b"\x00\x00\x01\x00" + bytes(60), b"GIF89a" + SCRIPT, b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)//",
        b"\x89PNG\r\n\x1a\n" + SCRIPT, b"\xff\xd8\xff" + SCRIPT, b"RIFF\x10\x00\x00\x00WEBP" + SCRIPT,
        b"RIFF\x04\x00\x00\x00WAVE", png()[:-20], gif()[:30], jpeg()[:12], webp()[:-4],
        b"\x89PNG\r\n\x1a\n" + chunk(b"IEND", b""), webp(kind=b"VP8 ").replace(b"\x9d\x01", b"\x00\x00"),
    ],
)  # fmt: skip
def test_e03_everything_else_is_none(data: bytes) -> None:
    assert picture_in(data) is None


@pytest.mark.parametrize(
    "bomb",
    [
        png(60_000, 60_000), png(12_001, 1), png(12_000, 12_000), png(0, 5),
        gif(50_000, 50_000), gif(2000, 2000, frames=101), gif(1, 1, frames=2001),
        jpeg(65_000, 65_000), webp(16_000, 16_000), webp(16_000, 16_000, kind=b"VP8 "),
    ],
)  # fmt: skip
def test_a_picture_that_would_fill_the_memory_is_none(bomb: bytes) -> None:
    assert picture_in(bomb) is None


@given(
    kind=some.sampled_from(list(GOOD.values())),
    noise=some.binary(max_size=80),
    at=some.integers(0, 60),
)
def test_whatever_comes_it_is_a_picture_or_none(kind: bytes, noise: bytes, at: int) -> None:
    for data in (kind[:at] + noise, kind[:at] + noise + kind[at:], kind[:at]):
        found = picture_in(data)
        assert found is None or found.content
