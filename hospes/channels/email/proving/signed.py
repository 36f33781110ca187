"""The bytes that a signature of a mail speaks of (RFC 6376, section 3): fields and body in their canonical forms."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_FIELDS = 5000
FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:((?:[^\r]+|\r(?!\n)|\r\n[ \t])*)(?:\r\n|$)")
BARE_BREAK = re.compile(rb"\r?\n")
BLANKS = re.compile(rb"[ \t]+")
TAG_OF_SIGNATURE = re.compile(rb"((?:^|;)[ \t\r\n]*b[ \t\r\n]*=)[^;]*")
TAG = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
SPACE = re.compile(r"[ \t\r\n]+")


class Malformed(Exception):
    """A list of tags that breaks the rules."""


@dataclass(frozen=True)
class Field:
    """One field of the head, as it came."""

    name: str  # lower case
    raw: bytes  # with its name, without the line break at its end
    value: bytes

    def relaxed(self) -> bytes:
        value = BLANKS.sub(b" ", self.value.replace(b"\r\n", b"")).strip(b" ")
        return self.name.encode() + b":" + value

    def canonical(self, *, relaxed: bool) -> bytes:
        return self.relaxed() if relaxed else self.raw

    def without_signature(self) -> Field:
        """Return it with an empty b= tag, as it was when it was signed."""
        bare = TAG_OF_SIGNATURE.sub(rb"\1", self.value, count=1)
        return Field(self.name, self.raw[: len(self.raw) - len(self.value)] + bare, bare)


@dataclass(frozen=True)
class Mail:
    """A mail as its signers saw it: every line ends with CR and LF."""

    fields: list[Field]
    body: bytes

    def named(self, name: str) -> list[Field]:
        """Return the fields of this name, topmost first; `name` in lower case."""
        return [field for field in self.fields if field.name == name]

    def canonical_body(self, *, relaxed: bool) -> bytes:
        body = self.body
        if relaxed:
            # In this order: to look for blanks before a break first would take a square of their number.
            body = BLANKS.sub(b" ", body).replace(b" \r\n", b"\r\n")
            body = body.rstrip(b" ") if not body.endswith(b"\r\n") else body
        words = _without_blank_lines(body)
        return words + b"\r\n" if words or not relaxed else b""

    def chosen(self, names: list[str]) -> list[Field]:
        """Return the fields of these names: the lowest of a name first, and none twice."""
        left: dict[str, list[Field]] = {name: [] for name in names}
        for field in self.fields:
            if field.name in left:
                left[field.name].append(field)
        return [left[name].pop() for name in names if left[name]]


def _without_blank_lines(body: bytes) -> bytes:
    """Return it without the line breaks at its end; a CR alone is none."""
    if not body.endswith(b"\r\n"):
        return body
    end = len(body.rstrip(b"\r\n"))
    lone = body.rfind(b"\r\r", end)
    return body[: lone + 1 if lone >= 0 else end]


def mail_of(raw: bytes) -> Mail:
    """Return the head and the body of these bytes."""
    whole = BARE_BREAK.sub(b"\r\n", raw)
    fields: list[Field] = []
    at = 0
    while len(fields) < MAX_FIELDS:
        found = FIELD.match(whole, at)
        if found is None:
            break
        line = whole[at : found.end()].removesuffix(b"\r\n")
        fields.append(Field(found[1].decode("ascii").lower(), line, found[2]))
        at = found.end()
    return Mail(fields, whole[at:].removeprefix(b"\r\n"))


def tags_of(value: bytes) -> dict[str, str]:
    """Return the tags of `a=b; c=d`, spaces within values left out. Raises Malformed."""
    tags: dict[str, str] = {}
    for piece in value.decode("latin-1").split(";"):
        if not piece.strip():
            continue
        name, equals, text = piece.partition("=")
        name = name.strip()
        if not equals or not TAG.fullmatch(name) or name in tags:
            raise Malformed
        tags[name] = SPACE.sub("", text)
    return tags
