"""Pictures customers of the demo attach: plain, small, each a little different."""

from __future__ import annotations

import struct
import zlib

WIDTH, HEIGHT = 480, 320


def picture(name: str) -> bytes:
    """Return a PNG of a machine on a table, in colours that depend on the name."""
    seed = zlib.crc32(name.encode())
    wall = (205 + seed % 40, 205 + seed // 40 % 40, 200 + seed // 1600 % 40)
    body = (40 + seed // 7 % 150, 40 + seed // 11 % 120, 50 + seed // 13 % 120)
    rows = b"".join(b"\0" + _row(y, wall, body) for y in range(HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    parts = (b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _row(y: int, wall: tuple[int, int, int], body: tuple[int, int, int]) -> bytes:
    light = 255 - y // 6
    row = bytearray()
    for x in range(WIDTH):
        if 150 < x < 330 and 60 < y < 260:
            colour = body if not (200 < x < 280 and 150 < y < 230) else (25, 25, 28)
        elif y > 250:
            colour = (150, 115, 85)
        else:
            colour = wall
        row += bytes(min(255, part * light // 255) for part in colour)
    return bytes(row)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
