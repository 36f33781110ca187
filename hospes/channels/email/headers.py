"""Header values as people should read them.

Everything here is linear in the length of the value, and `clean_line` is the one function that every
single-line text passes through on its way in and out.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass

from hospes.channels.email import charsets
from hospes.channels.email.charset_labels import codec_of
from hospes.channels.email.charsets import NO_HINTS, Hints

MAX_LINE_CHARS = 998
MAX_NAME_CHARS = 200
MAX_HEADER_BYTES = 64 * 1024  # of one field; far beyond what an honest one needs
MAX_REFERENCES = 20

# Marks that turn the reading direction round or hide characters: never in a subject, a name or a file name.
# (The plain marks U+200E, U+200F and the joiners U+200C, U+200D stay: Arabic, Persian and emoji need them.)
INVISIBLE = "\u00ad\u061c\u180e\u200b\u2060-\u2064\u202a-\u202e\u2066-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff"
NONCHARACTERS = "\ufdd0-\ufdef\ufffe\uffff\U0001fffe\U0001ffff"
BREAKS = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")
HIDDEN = re.compile(f"[{INVISIBLE}{NONCHARACTERS}]")
SURROGATES = re.compile(r"[\ud800-\udfff]")
# In a body, line breaks and tabs stay, and so do direction marks that a writer of Arabic may need.
BODY_NOISE = re.compile(
    f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202d\u202e\ufeff{NONCHARACTERS}\U000e0000-\U000e0fff]"
)
LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029\x85]")
# Any of these.
UNCLEAN = re.compile(f"{BODY_NOISE.pattern[:-1]}\r\x85\u2028\u2029\ud800-\udfff]")


def clean_line(text: str, limit: int = MAX_LINE_CHARS) -> str:
    """One line without control characters, line breaks, lone surrogates or marks that deceive the eye."""
    if not (text.isascii() and text.isprintable()):
        text = SURROGATES.sub("\ufffd", HIDDEN.sub("", BREAKS.sub(" ", text)))
    return text.strip()[:limit].rstrip()


def clean_body(text: str) -> str:
    """Many lines, ended by "\\n" alone, without NUL, lone surrogates or overrides of direction."""
    text = text.replace("\r\n", "\n")
    if not UNCLEAN.search(text):  # as nearly every mail is
        return text
    return SURROGATES.sub("\ufffd", BODY_NOISE.sub("", LINE_ENDS.sub("\n", text)))


# Encoded words (RFC 2047) -------------------------------------------------------------------------

# A question mark may stand in "Q" text, against the rule, where neither "?=" nor "=?" begins.
ENCODED_WORD = re.compile(
    rb"=\?([^?\s]{1,60})\?([bBqQ])\?((?:[^?=]|\?(?!=)|=(?!\?[^=])){0,5000})\?="
)


@dataclass(slots=True)
class _Stretch:
    """Bytes of one charset ("" for what stands there plainly), or base64 of them yet to be decoded."""

    charset: str
    data: bytes = b""
    base64: bytes = b""

    def text(self, hints: Hints) -> str:
        self.settle()
        return charsets.decode(self.data, self.charset, hints)

    def settle(self) -> None:
        if self.base64:
            self.data += base64_bytes(self.base64)
            self.base64 = b""


def decode_words(value: bytes, hints: Hints = NO_HINTS) -> str:
    """The text of an unstructured value; raw eight-bit bytes are read by evidence.

    Neighbouring words of one charset are joined before decoding: many senders split inside a character, and some
    inside the four letters of base64 that belong together.
    """
    value = unfold(value)
    if b"=?" not in value:
        return charsets.decode(value, "", hints)
    stretches: list[_Stretch] = []
    at = 0
    for word in ENCODED_WORD.finditer(value):
        between = value[at : word.start()]
        if between and (between.strip() or not stretches or not stretches[-1].charset):
            stretches.append(_Stretch("", between))
        charset = word[1].decode("ascii", "replace").partition("*")[0].lower()
        if not (stretches and _is_same(stretches[-1].charset, charset)):
            stretches.append(_Stretch(charset))
        _add_word(stretches[-1], word[2], word[3])
        at = word.end()
    if value[at:]:
        stretches.append(_Stretch("", value[at:]))
    return "".join(stretch.text(hints) for stretch in stretches)


def _is_same(one: str, other: str) -> bool:
    return one == other or (codec_of(one) is not None and codec_of(one) == codec_of(other))


def _add_word(stretch: _Stretch, encoding: bytes, data: bytes) -> None:
    if encoding in b"bB":
        stretch.base64 += data.strip()
        if stretch.base64.endswith(b"=") or len(stretch.base64) % 4 == 0:
            stretch.settle()
    else:
        stretch.settle()
        stretch.data += binascii.a2b_qp(data, header=True)


EMPTY_FOLDS = re.compile(rb"\n[ \t]+(?=\r?\n)")


def base64_bytes(data: bytes) -> bytes:
    """Decode base64 as far as it goes; broken padding costs the last character, not the rest."""
    for padding in (b"", b"=", b"=="):
        try:
            return binascii.a2b_base64(data + padding)
        except binascii.Error:
            continue
    useful = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    return binascii.a2b_base64(useful[: len(useful) // 4 * 4])


def unfold(value: bytes) -> bytes:
    """One logical line of a folded value."""
    if b"\n" in value or b"\r" in value:
        value = EMPTY_FOLDS.sub(b"", value).replace(b"\r", b"").replace(b"\n", b"")
    return value.strip()


def text_of(value: bytes, hints: Hints = NO_HINTS, limit: int = MAX_LINE_CHARS) -> str:
    """A header for people: decoded and clean."""
    return clean_line(decode_words(value[:MAX_HEADER_BYTES], hints), limit)


def token_of(value: bytes) -> str:
    """A header for machines: ASCII, without comments, lower-case."""
    return (
        without_comments(unfold(value[:MAX_HEADER_BYTES]).decode("ascii", "replace"))
        .strip()
        .lower()
    )


# Parameters (RFC 2045, RFC 2231) ------------------------------------------------------------------

PARAMETER = re.compile(
    r';\s*([^\s=;"]{1,80})\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)', re.DOTALL | re.ASCII
)
QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)


def parameters_of(value: bytes) -> tuple[str, dict[str, bytes]]:
    """The main value (lower-case) and its parameters; names continued by RFC 2231 are joined and decoded to UTF-8."""
    text = unfold(value[:MAX_HEADER_BYTES]).decode("latin-1")
    main, _, rest = text.partition(";")
    plain: dict[str, bytes] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for name, raw in PARAMETER.findall(";" + rest) if rest else ():
        argument = (
            QUOTED_PAIR.sub(r"\1", raw[1:-1])
            if raw[:1] == '"' and len(raw) > 1 and raw[-1] == '"'
            else raw.strip(" \t\r\n").strip('"')  # bytes read as Latin-1: only ASCII is a space
        )
        base, star, tail = name.lower().partition("*")
        if not star:
            plain.setdefault(base, argument.encode("latin-1"))
        elif len(number := tail.rstrip("*")) <= 4:
            pieces.setdefault(base, []).append(
                (int(number) if number.isdecimal() else 0, tail.endswith("*") or not tail, argument)
            )
    for base, parts in pieces.items():
        plain[base] = _joined(parts)
    return main.strip().lower(), plain


def _joined(parts: list[tuple[int, bool, str]]) -> bytes:
    """One RFC 2231 value of its pieces, as UTF-8."""
    parts.sort()
    charset = ""
    if parts[0][1] and parts[0][2].count("'") >= 2:
        charset, _, first = parts[0][2].split("'", 2)
        parts[0] = (0, True, first)
    data = b"".join(
        _percent_decoded(text) if encoded else text.encode("latin-1") for _, encoded, text in parts
    )
    return charsets.decode(data, charset).encode("utf-8", "replace")


PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
# Letters beyond ASCII take two such bytes at least, the first of them from C2 on.
PERCENT_NAME = re.compile(
    rb"(?:[\w.~-]|%[0-7][0-9A-Fa-f]|(?:%[C-Fc-f][0-9A-Fa-f](?:%[89ABab][0-9A-Fa-f])+))+"
)


def _percent_decoded(text: str) -> bytes:
    return PERCENT.sub(lambda match: bytes((int(match[1], 16),)), text.encode("latin-1"))


def file_name(value: bytes, hints: Hints = NO_HINTS) -> str:
    """A label for a file: no directory, no control or invisible character, the ending kept when cut."""
    if PERCENT_NAME.fullmatch(value):  # as an address on the web would hold it
        value = _percent_decoded(value.decode("ascii"))
    name = clean_line(decode_words(value, hints), MAX_HEADER_BYTES)
    name = re.split(r"[/\\]", name)[-1].strip(" .\u200c\u200d\u200e\u200f") if name else ""
    if len(name) > MAX_NAME_CHARS:
        stem, dot, ending = name.rpartition(".")
        name = stem[: MAX_NAME_CHARS - 20] + dot + ending[:15] if dot else name[:MAX_NAME_CHARS]
    return name


# Message ids and comments -------------------------------------------------------------------------

MESSAGE_ID = re.compile(r"<[^<>\s]{1,900}>")


def message_ids(value: bytes) -> list[str]:
    """Every `<id>` of a field, in order; without brackets a lone token with an @ counts."""
    text = SURROGATES.sub("\ufffd", unfold(value[-MAX_HEADER_BYTES:]).decode("utf-8", "replace"))
    found = [clean_line(each) for each in MESSAGE_ID.findall(text)]
    if not found and "@" in text and len(text) < 900 and not re.search(r"[\s<>]", text):
        found = [f"<{clean_line(text)}>"]
    return found


def references_of(in_reply_to: Iterable[bytes], references: Iterable[bytes]) -> tuple[str, ...]:
    """Messages this one answers, newest first: In-Reply-To, then References from its end."""
    newest_first = [each for value in in_reply_to for each in message_ids(value)][:MAX_REFERENCES]
    for value in references:
        newest_first += reversed(message_ids(value))
    return tuple(dict.fromkeys(newest_first))[:MAX_REFERENCES]


def without_comments(text: str) -> str:
    """The value without (comments, nested or not); what stands in quotes is left alone."""
    if "(" not in text:
        return text
    kept: list[str] = []
    depth, quoted, at = 0, False, 0
    for special in re.finditer(r'[\\"()]', text):
        if special.start() < at:
            continue
        if not depth:
            kept.append(text[at : special.start()])
        at = special.end()
        char = special[0]
        if char == "\\":
            at += 1
            char = text[special.start() : at]
        elif char == '"' and not depth:
            quoted = not quoted
        elif not quoted and char in "()":
            depth = max(0, depth + (1 if char == "(" else -1))
            continue
        if not depth:
            kept.append(char)
    if not depth:
        kept.append(text[at:])
    return "".join(kept)
