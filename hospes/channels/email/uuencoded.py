"""Files that stand in the middle of a text, as programs wrote them before there were parts (uuencode)."""

from __future__ import annotations

import mimetypes
import re
from urllib.parse import quote

from hospes.channels.email import mime
from hospes.channels.email.headers import file_name
from hospes.channels.email.mime import Part

BLOCK = re.compile(
    rb"^begin [0-7]{3,4} ([^\r\n]{1,200})\r?\n((?:[!-`][ -`]{1,90}[ \t]*\r?\n)+)(?:[ `]?[ \t]*\r?\n){0,2}end[ \t]*\r?$",
    re.MULTILINE,
)
MAX_FILES = 100


def take_out(part: Part) -> list[Part]:
    """The stretches of this text and the files between them, in order; nothing when it holds no file."""
    content = part.content()
    found: list[Part] = []
    at = 0
    for block in list(BLOCK.finditer(content))[:MAX_FILES]:
        found += _words(part, content[at : block.start()])
        found.append(_file(block[1], mime.uudecoded(block[2])))
        at = block.end()
    return found + _words(part, content[at:]) if found else []


def _words(part: Part, text: bytes) -> list[Part]:
    text = text.strip(b"\r\n")
    return [Part(text, {}, 0, len(text), part.content_type, part.parameters)] if text else []


def _file(name: bytes, content: bytes) -> Part:
    label = file_name(name.strip())
    headers = {"content-disposition": [f"attachment; filename*=utf-8''{quote(label)}".encode()]}
    content_type = mimetypes.guess_type(label)[0] or "application/octet-stream"
    return Part(content, headers, 0, len(content), content_type)
