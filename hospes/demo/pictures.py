"""Pictures customers of the demo attach: a coffee machine on a kitchen table, each a little different."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 480
TABLE_FROM, BODY, TRAY = 372, (190, 450), (396, 420)
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Scene:
    """What the picture shows, from its name alone: the same name is always the same picture."""

    wall: Colour
    body: Colour
    is_cracked: bool
    crack_at: int


def picture(name: str) -> bytes:
    """Return a PNG whose colours, and whether something is broken, depend on the name."""
    rows = b"".join(b"\0" + row for row in _rows(_scene(name)))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    parts = (b"IHDR", header), (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _scene(name: str) -> Scene:
    seed = zlib.crc32(name.encode())
    wall = (214 + seed % 24, 216 + seed // 24 % 20, 210 + seed // 480 % 24)
    bodies = ((196, 199, 203), (38, 40, 44), (150, 44, 42), (226, 222, 212), (62, 84, 98))
    is_cracked = any(word in name for word in ("crack", "rota", "delle", "riss", "broken"))
    return Scene(wall, bodies[seed % len(bodies)], is_cracked, 250 + seed % 120)


def _rows(scene: Scene) -> list[bytes]:
    body = _rounded(scene.body, BODY[1] - BODY[0])
    window = _rounded((24, 26, 30), 120)
    steel = _rounded((176, 178, 180), 40)
    return [_row(y, scene, body, window, steel) for y in range(HEIGHT)]


def _row(y: int, scene: Scene, body: bytes, window: bytes, steel: bytes) -> bytes:
    row = bytearray(_lit(scene.wall, 255 - y // 8) * WIDTH)
    if y >= TABLE_FROM:
        row[:] = _lit((158, 122, 88), 255 - (y - TABLE_FROM)) * WIDTH
    if 88 <= y < TRAY[0]:
        _put(row, BODY[0], body)
    if TRAY[0] <= y < TRAY[1]:
        _put(row, BODY[0] - 14, _rounded((52, 54, 58), BODY[1] - BODY[0] + 28))
    if 214 <= y < TRAY[0]:
        _put(row, 262, window)
    if 232 <= y < 276:
        _put(row, 302, steel)
    if 318 <= y < TRAY[0]:
        width = 58 - (y - 318) // 6
        _put(row, 322 - width // 2, _rounded((244, 243, 238), width))
    if 116 <= y < 168:
        _put(row, 300, _lit((70, 170, 190) if y < 164 else (40, 90, 100), 255) * 44)
    if scene.is_cracked and 176 <= y < 352:
        jag = (y * 7 // 5) % 26
        _put(row, scene.crack_at + abs(13 - jag) + (y - 176) // 9, _lit((16, 16, 18), 255) * 3)
    return bytes(row)


def _put(row: bytearray, at: int, pixels: bytes) -> None:
    row[at * 3 : at * 3 + len(pixels)] = pixels


def _rounded(colour: Colour, width: int) -> bytes:
    """Return a row of pixels that looks curved: lighter on one side, darker at its edges."""
    middle = width * 0.38
    return b"".join(
        _lit(colour, 262 - int(abs(x - middle) / max(1, width) * 150)) for x in range(width)
    )


def _lit(colour: Colour, light: int) -> bytes:
    return bytes(min(255, part * light // 255) for part in colour)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
