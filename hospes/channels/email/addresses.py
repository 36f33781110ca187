"""Mailboxes out of whatever stands in From, To and their kin (RFC 5322), linear in its length."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress

from hospes.channels.contract import Address
from hospes.channels.email import charsets
from hospes.channels.email.charsets import NO_HINTS, Hints
from hospes.channels.email.headers import HIDDEN, MAX_NAME_CHARS, clean_line, decode_words, unfold

MAX_ADDRESS_CHARS = 320
MAX_ADDRESSES_BYTES = 1024 * 1024
MAX_ADDRESSES = 1000
MAX_ODD_NAMES = 8  # of one field that are each read by themselves
MAX_FIELD_BYTES = 2000  # of one that names nobody who can be reached

SPECIAL = re.compile(r'[\\"(),:;<>]')
# The text is bytes read as Latin-1: of these, only ASCII is a space. The last byte of "à" or "х" would be one, too.
NO_NAME = re.compile(rb"<[^<>]*>|[\"',;]+")
SPACES = " \t\n\r\v\f"
SIMPLE = re.compile(
    r'(?:"([^"\\<>@()]*)"|([^"\\(),:;<>@]*))[ \t]*<([^\s@<>()\[\]\\,;:"]+@[A-Za-z0-9.-]+)>',
    re.ASCII,
)
SIMPLE_CHARS = 300
ADDRESS = re.compile(r"[^\s@<>()\[\]\\,;:\"]+@[^\s@<>()\\,;:\"]+", re.ASCII)
BARE = re.compile(
    r"(?<![^\s<>()\[\\,;:\"])[^\s@<>()\[\\,;:\"]+@(?:\[[^\s<>()\[\]]+\]|[^\s<>()\[\]\\,;:\"]+)",
    re.ASCII,
)  # between two breaks
QUOTED_LOCAL = re.compile(r'"[^"\\\t\r\n<>]{1,64}"@[^\s@<>()\[\]\\,;:"]+', re.ASCII)


def addresses_of(
    values: Iterable[bytes], hints: Hints = NO_HINTS, limit: int = MAX_ADDRESSES
) -> tuple[tuple[Address, ...], bool]:
    """Every mailbox of these fields, and whether some were left out beyond the limit."""
    found: list[Address] = []
    for value in values:
        cut = len(value) > MAX_ADDRESSES_BYTES
        for mailbox in mailboxes(value[:MAX_ADDRESSES_BYTES], hints):
            if len(found) >= limit:
                return tuple(found), True
            found.append(mailbox)
        if cut:
            return tuple(found), True
    return tuple(found), False


def mailboxes(value: bytes, hints: Hints = NO_HINTS) -> Iterator[Address]:
    """The mailboxes of one field, in order. What holds no address is passed over."""
    text = unfold(value).decode("latin-1")
    simple = SIMPLE.fullmatch(text) if len(text) <= SIMPLE_CHARS else None
    if simple is not None:
        yield from _mailbox(simple[1] or simple[2] or "", simple[3], _Names(hints))
        return
    if "@" not in text and "=?" in text:  # the whole mailbox hidden in one encoded word
        text = clean_line(decode_words(value, hints)).encode("utf-8", "replace").decode("latin-1")
    names = _Names(hints, b"" if value.isascii() else value)
    for phrase, angle in _with_commas(_split(text)):
        yield from _mailbox(phrase, angle, names)


def named_without_address(values: Iterable[bytes], hints: Hints = NO_HINTS) -> Address | None:
    """Who stands in a field that holds no mail address, such as `MAILER-DAEMON (Mail Delivery System)`; None: nobody."""
    for value in values:
        text = unfold(value[:MAX_FIELD_BYTES]).decode("latin-1")
        for phrase, angle in _split(text):
            name = clean_line(decode_words(phrase.encode("latin-1"), hints), MAX_NAME_CHARS)
            written = clean_line(
                decode_words((angle or "").encode("latin-1"), hints), MAX_NAME_CHARS
            )
            if name or written:
                return Address(name, written)
    return None


def _with_commas(found: list[tuple[str, str | None]]) -> Iterator[tuple[str, str | None]]:
    """Join a name that was cut at its own comma, since nobody quoted it: Sommer, Kim <kim@corp.example>."""
    before = ""
    for phrase, angle in found:
        if angle is None and phrase and "@" not in phrase:
            if len(before) + len(phrase) < MAX_NAME_CHARS:
                before = f"{before}, {phrase}" if before else phrase
            continue
        yield (f"{before}, {phrase}" if before and angle and phrase else phrase), angle
        before = ""


def _mailbox(phrase: str, angle: str | None, names: _Names) -> Iterator[Address]:
    if angle is None and QUOTED_LOCAL.fullmatch(phrase):
        bare, phrase = [phrase], ""
    elif angle is None:  # one or more addresses standing bare, perhaps with a name before them
        bare = [word for word in BARE.findall(phrase) if len(word) <= MAX_ADDRESS_CHARS]
        phrase = phrase.replace(bare[0], "", 1).strip("[] ") if len(bare) == 1 else ""
    else:
        bare = [angle]
    for each in bare:
        address = _address(each)
        if address is not None:
            written = _unquoted(phrase.strip(SPACES))
            name = names.read(written.encode("latin-1")) if written else ""
            yield Address(clean_line(name, MAX_NAME_CHARS), address)


class _Names:
    """Reads the names of one field. Those without a label are taken to be in one charset, which all of them tell.

    Each alone tells it worse, and to weigh a hundred of them takes as long as a hundred mails.
    """

    __slots__ = ("_among", "_codec", "_hints", "_odd")

    def __init__(self, hints: Hints, among: bytes = b"") -> None:
        self._hints = hints
        self._among = among  # the field, where it names several and not in ASCII
        self._codec = ""
        self._odd = 0  # of another charset than the others

    def read(self, name: bytes) -> str:
        if not self._among or name.isascii() or b"=?" in name:
            return decode_words(name, self._hints)
        if not self._codec:
            told = NO_NAME.sub(b" ", self._among)
            self._codec = charsets.codec_in(told, "", self._hints)
        for codec in ("utf-8", self._codec):
            with suppress(UnicodeDecodeError):
                return name.decode(codec)
        self._odd += 1
        if self._odd <= MAX_ODD_NAMES:
            return decode_words(name, self._hints)
        return name.decode(self._codec, "replace")


def _unquoted(phrase: str) -> str:
    """A name without the single quotes that Outlook puts around it."""
    quoted = len(phrase) > 2 and phrase[0] == phrase[-1] == "'"
    return phrase[1:-1].strip(SPACES) if quoted else phrase


def _address(text: str) -> str | None:
    """One address out of what stood between angle brackets, its domain in lower case."""
    text = text.strip(SPACES)
    if text.startswith("@") and ":" in text:  # a source route of the last century
        text = text.partition(":")[2]
    if len(text) > 2 * MAX_ADDRESS_CHARS:
        return None
    found = ADDRESS.fullmatch(text) or QUOTED_LOCAL.fullmatch(text) or ADDRESS.search(text)
    if found is None or len(found[0]) > MAX_ADDRESS_CHARS:
        return None
    address = (
        found[0] if found[0].isascii() else clean_line(charsets.decode(found[0].encode("latin-1")))
    )
    local, _, domain = address.rpartition("@")
    domain = domain.rstrip(".").lower()
    is_clean = address.isprintable() and not HIDDEN.search(address)
    return f"{local}@{domain}" if local and domain and is_clean else None


def _split(text: str) -> list[tuple[str, str | None]]:
    """(phrase, what stands between angle brackets or None) for each mailbox.

    A quote, comment or bracket that is opened and never closed is read as plain text.
    """
    literal = ""
    while True:
        scanner = _Scanner(literal)
        found = list(_scanned(text, scanner))
        unclosed = '"' if scanner.quoted else "(" if scanner.depth else ""
        if not unclosed:
            return found
        literal += unclosed


def _scanned(text: str, scanner: _Scanner) -> Iterator[tuple[str, str | None]]:
    at = 0
    for special in SPECIAL.finditer(text):
        if special.start() < at:
            continue  # swallowed by a backslash
        scanner.plain(text[at : special.start()])
        at = special.end()
        if special[0] == '"' and (local := scanner.quotes_local_part(text, special.start())):
            scanner.plain(local)
            at = special.start() + len(local)
            continue
        if special[0] == "\\":
            scanner.plain(text[at : at + 1] if scanner.escapes else special[0])
            at += scanner.escapes
        elif scanner.take(special[0]):
            yield from scanner.flush()
            if special[0] == "<":
                scanner.take("<")
    scanner.plain(text[at:])
    yield from scanner.flush()


class _Scanner:
    """Where in a list of mailboxes we stand: inside quotes, comments, brackets."""

    def __init__(self, literal: str) -> None:
        self.literal = literal
        self.quoted = False
        self.depth = 0
        self.in_angle = False
        self.phrase: list[str] = []
        self.comment: list[str] = []
        self.angle: list[str] | None = None

    @property
    def escapes(self) -> bool:
        """Whether a backslash here takes the next character with it."""
        return self.quoted or self.depth > 0

    def quotes_local_part(self, text: str, at: int) -> str:
        """The address beginning at this quote, "" when what is quoted is a name."""
        if self.quoted or self.depth or self.in_angle or self.literal:
            return ""
        found = QUOTED_LOCAL.match(text, at)
        return found[0] if found else ""

    def plain(self, text: str) -> None:
        if not text:
            return
        if self.depth:
            self.comment.append(text)
        elif self.in_angle and self.angle is not None:
            self.angle.append(text)
        else:
            self.phrase.append(text)

    def take(self, char: str) -> bool:
        """Move on by one special character; True when it ends a mailbox."""
        if char in self.literal:
            self.plain(char)
        elif self.quoted:
            self._in_quotes(char)
        elif self.depth:
            self._in_comment(char)
        else:
            return self._outside(char)
        return False

    def _in_quotes(self, char: str) -> None:
        self.quoted = char != '"'
        if self.quoted or self.in_angle:
            self.plain(char)

    def _in_comment(self, char: str) -> None:
        self.depth += (char == "(") - (char == ")")
        if self.depth:
            self.comment.append(char)

    def _outside(self, char: str) -> bool:
        if char == '"':
            self.quoted = True
            if self.in_angle:
                self.plain(char)
        elif char == "(":
            self.depth = 1
        elif char == "<":
            return self._opens_angle()
        elif char == ">":
            self.in_angle = False
        elif self.in_angle:
            self.plain(char)
        elif char in ",;":
            return True
        elif char == ":":  # the name of a group, which is nobody's
            self.phrase.clear()
        return False

    def _opens_angle(self) -> bool:
        if self.in_angle and not self.angle:
            return False  # <<kim@corp.example>>
        if self.angle is not None:
            return True  # a second address without a comma is one more, not a better one
        self.in_angle, self.angle = True, []
        return False

    def flush(self) -> Iterator[tuple[str, str | None]]:
        phrase, comment = "".join(self.phrase).strip(SPACES), "".join(self.comment).strip(SPACES)
        angle = None if self.angle is None else "".join(self.angle)
        if angle is None and comment and ADDRESS.fullmatch(phrase):
            phrase, angle = comment, phrase  # mina@shop.example (Mina)
        phrase = phrase or comment
        if phrase or angle:
            yield phrase, angle
        self.phrase, self.comment, self.angle, self.in_angle = [], [], None, False
