"""Header fields as they may go out: ASCII, folded, and with nothing in them that begins another field."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote

import idna

from hospes.channels.contract import Address, DeliveryFailed
from hospes.channels.email.headers import MESSAGE_ID, clean_line

MAX_LINE = 78
MAX_WORD_CHARS = 900  # of one word that stands as it is: a line may have 998
MAX_WORD_BYTES = 42  # of UTF-8 in one encoded word, which may be 75 characters long
MAX_PARAMETER = 60  # of one piece of a long parameter
FOLD = "\r\n "

ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,75}")
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}")
LOCAL_PART = re.compile(r"[^\s@<>()\[\]\\,;:\"\x00-\x20\x7f-\xa0]{1,64}")
DOMAIN = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9])?")
TOKEN_TEXT = re.compile(r"[A-Za-z0-9 ._+@#$!&'()-]{1,60}")


def unstructured(text: str, used: int = 0) -> str:
    """A text for people, folded. `used`: characters that stand before it on its line."""
    text = clean_line(text)
    words = text.split(" ")
    if text.isascii() and "=?" not in text and max(map(len, words)) <= MAX_WORD_CHARS:
        return _folded(words, used)
    return FOLD.join(_encoded_words(text))


def mailboxes(addresses: Iterable[Address], *, utf8: bool) -> str:
    """Addresses with their names, one a line. Raises DeliveryFailed for one that cannot be written."""
    return f",{FOLD}".join(_mailbox(each, utf8=utf8) for each in addresses)


def address_spec(address: str, *, utf8: bool) -> str:
    """The address as a mail server takes it, the domain as punycode.

    utf8: whether a local part beyond ASCII may stay as it is (RFC 6531). Raises DeliveryFailed.
    """
    local, _, domain = address.strip().rpartition("@")
    domain = _ascii_domain(domain)
    if not LOCAL_PART.fullmatch(local) or not DOMAIN.fullmatch(domain):
        raise DeliveryFailed(f"This is no mail address: {clean_line(address, 320)}", permanent=True)
    if not (local.isascii() or utf8):
        reason = f"The mail server cannot write to an address like {clean_line(address, 320)}"
        raise DeliveryFailed(reason, permanent=True)
    return f"{local}@{domain}"


def message_ids(values: Iterable[str], *, utf8: bool = False) -> str:
    """Message-IDs one a line; what is none is left out. `utf8`: whether one may go beyond ASCII (RFC 6532)."""
    return FOLD.join(
        value
        for value in values
        if value.isprintable()
        and MESSAGE_ID.fullmatch(value)
        and (value.isascii() or (utf8 and _is_as_written(value)))
    )


def language_tag(tag: str) -> str:
    """The tag, or "" for what is none."""
    return tag if LANGUAGE.fullmatch(tag) else ""


def parameter(name: str, value: str) -> str:
    """`; name="value"`, beyond ASCII or a line's length as RFC 2231 has it."""
    value = clean_line(value)
    if TOKEN_TEXT.fullmatch(value):
        return f';{FOLD}{name}="{value}"'
    encoded = "utf-8''" + quote(value, safe="")
    if len(encoded) <= MAX_PARAMETER:
        return f";{FOLD}{name}*={encoded}"
    pieces = enumerate(_pieces(encoded))
    return "".join(f";{FOLD}{name}*{number}*={piece}" for number, piece in pieces)


def is_field_name(name: str) -> bool:
    """Whether this can stand before a colon."""
    return FIELD_NAME.fullmatch(name) is not None


def _is_as_written(message_id: str) -> bool:
    """Whether it was read as it was written, and its bytes have room on a line."""
    return "\ufffd" not in message_id and len(message_id.encode()) <= MAX_WORD_CHARS


def _mailbox(address: Address, *, utf8: bool) -> str:
    spec = address_spec(address.address, utf8=utf8)
    name = clean_line(address.name, 200)
    return f"{_phrase(name)} <{spec}>" if name else spec


def _phrase(name: str) -> str:
    if not name.isascii() or "=?" in name or len(name) > MAX_LINE - 20:
        return FOLD.join(_encoded_words(name))
    if ATOMS.fullmatch(name):
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _ascii_domain(domain: str) -> str:
    if domain.isascii():
        return domain.lower()
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except UnicodeError:  # idna's own errors are
        return ""


def _folded(words: Sequence[str], used: int) -> str:
    lines: list[list[str]] = [[]]
    for word in words:
        if lines[-1] and word and used + len(word) + 1 > MAX_LINE:
            lines.append([])
            used = 0
        lines[-1].append(word)
        used += len(word) + 1
    return FOLD.join(" ".join(line) for line in lines)


def _encoded_words(text: str) -> Iterator[str]:
    """RFC 2047; no character is cut in two."""
    chunk = b""
    for char in text:
        encoded = char.encode("utf-8", "replace")
        if len(chunk) + len(encoded) > MAX_WORD_BYTES:
            yield _encoded_word(chunk)
            chunk = b""
        chunk += encoded
    yield _encoded_word(chunk)


def _encoded_word(chunk: bytes) -> str:
    return f"=?utf-8?b?{b64encode(chunk).decode('ascii')}?="


def _pieces(encoded: str) -> Iterator[str]:
    """Pieces of a percent-encoded text, no `%C3` cut in two."""
    at = 0
    while at < len(encoded):
        end = at + MAX_PARAMETER
        percent = encoded.rfind("%", end - 2, end)
        end = percent if at < percent and end < len(encoded) else end
        yield encoded[at:end]
        at = end
