"""What mail programs wrap as a whole: Outlook's winmail.dat, and mail that is signed or sealed.

What can be opened without a key is opened in place, so that its words and files are read like any others. A
signature is not checked here: nobody may take "signed" for "proven".
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator
from urllib.parse import quote

from hospes.channels.contract import Protection
from hospes.channels.email import mime, tnef, uuencoded
from hospes.channels.email.headers import file_name, parameters_of, text_of
from hospes.channels.email.mime import Part
from hospes.channels.email.tnef import WrappedFile

TNEF_TYPES = {"application/ms-tnef", "application/vnd.ms-tnef"}
WINMAIL = re.compile(r"(?i)win(?:mail|dat)[^/\\]{0,20}\.dat")
SMIME_TYPES = {"application/pkcs7-mime", "application/x-pkcs7-mime"}
SMIME_SIGNATURES = {"application/pkcs7-signature", "application/x-pkcs7-signature"}
PGP_BEGINS = re.compile(rb"(?m)^-----BEGIN PGP (MESSAGE|SIGNED MESSAGE)-----\s*$")
PGP_BYTES = 4096  # in which the first line of inline PGP stands
PGP_TEXT = "-----BEGIN PGP SIGNED MESSAGE-----"
PGP_SIGNATURE = "\n-----BEGIN PGP SIGNATURE-----"
PGP_END = "\n-----END PGP SIGNATURE-----"
PGP_FIELDS = re.compile(r"(?:[A-Z][A-Za-z]{1,20}: [^\n]{0,200}\n)*\n?")
PGP_ESCAPED = re.compile(r"^- (?=-)", re.MULTILINE)
MAX_WRAPPED = 20  # in one mail


def open_all(root: Part) -> None:
    """Put what stands in wrapped parts, and in the middle of texts, where they stand."""
    for part in list(root.walk()):
        if part.content_type == "text/plain" and b"begin " in part.body and not _name(part):
            part.children = uuencoded.take_out(part)
    wrapped = [part for part in root.walk() if not part.children and _is_wrapped(part)]
    if not wrapped:
        return
    has_words = any(_is_text(part) for part in root.walk())
    for part in wrapped[:MAX_WRAPPED]:
        part.children = list(_inside(part, has_words=has_words))


def _is_text(part: Part) -> bool:
    return part.content_type in ("text/plain", "text/html") and bool(part.body.strip())


def protection_of(root: Part) -> Protection | None:
    """Whether the mail is signed or sealed, and how; None: neither. Sealed words cannot be read here."""
    for part in root.walk():
        content_type = part.content_type
        if content_type in SMIME_TYPES:
            is_signed = bool(part.children) or _smime_type(part) in ("signed-data", "certs-only")
            return Protection("smime", is_sealed=not is_signed)
        if content_type == "application/pgp-encrypted":
            return Protection("pgp", is_sealed=True)
        if content_type in SMIME_SIGNATURES:
            return Protection("smime", is_sealed=False)
        if content_type == "application/pgp-signature":
            return Protection("pgp", is_sealed=False)
        if content_type == "text/plain" and (found := PGP_BEGINS.search(part.body[:PGP_BYTES])):
            return Protection("pgp", is_sealed=found[1] == b"MESSAGE")
    return None


def unarmoured(text: str) -> str:
    """The words of a text that was signed inline, without the armour around them."""
    before, begins, armoured = text.partition(PGP_TEXT)
    words, signed, rest = armoured.lstrip("\r\n ").partition(PGP_SIGNATURE)
    if not begins or not signed:
        return text
    _signature, _ends, after = rest.partition(PGP_END)
    words = PGP_ESCAPED.sub("", words[PGP_FIELDS.match(words).end() :])  # type: ignore[union-attr] # matches nothing, too
    return "\n\n".join(filter(None, map(str.strip, (before, words, after))))


def _is_wrapped(part: Part) -> bool:
    if part.content_type in TNEF_TYPES or part.content_type in SMIME_TYPES:
        return True
    return part.content_type == "application/octet-stream" and bool(WINMAIL.fullmatch(_name(part)))


def _name(part: Part) -> str:
    _, parameters = parameters_of(part.first("content-disposition"))
    given = parameters.get("filename") or part.parameters.get("name") or b""
    return file_name(given)


def _smime_type(part: Part) -> str:
    return part.parameters.get("smime-type", b"").decode("ascii", "replace").lower()


def _inside(part: Part, *, has_words: bool) -> Iterator[Part]:
    """Yield what it holds; nothing when it cannot be opened. Raises TooDeep and TooManyParts."""
    content = part.content()
    if part.content_type in SMIME_TYPES:
        if signed := signed_content(content):
            yield mime.read(signed)
        return
    try:
        found = tnef.unwrap(content)
    except tnef.NotTnef:
        return
    # Beside other words it says the same once more.
    yield _words(b"" if has_words else found.text.encode(), b"" if has_words else found.html)
    if found.rtf and not (has_words or found.text or found.html):
        yield _leaf(found.rtf, "application/rtf", "message.rtf")
    for file in found.files:
        yield _leaf(file.content, _type_of(file), file.name or "file", file.content_id)
    if not found.is_whole:
        yield _leaf(content, "application/octet-stream", "winmail.dat")


def _words(text: bytes, html: bytes) -> Part:
    made = Part(b"", {}, 0, 0, "multipart/alternative")
    if text:
        made.children.append(Part(text, {}, 0, len(text), "text/plain", {"charset": b"utf-8"}))
    if html:
        made.children.append(Part(html, {}, 0, len(html), "text/html"))
    return made


def _type_of(file: WrappedFile) -> str:
    given = text_of(file.content_type.encode()) or mimetypes.guess_type(file.name)[0]
    return given or "application/octet-stream"


def _leaf(content: bytes, content_type: str, name: str, content_id: str = "") -> Part:
    headers = {"content-disposition": [f"attachment; filename*=utf-8''{quote(name)}".encode()]}
    if content_id:
        headers["content-id"] = [f"<{content_id}>".encode("utf-8", "replace")]
    return Part(content, headers, 0, len(content), content_type.lower())


# The content of a signature (RFC 5652), as far as it has to be understood to find it --------------

SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
DATA = bytes.fromhex("2a864886f70d010701")
MAX_PIECES = 100_000
SEQUENCE, SET, OID, OCTETS, EXPLICIT = 0x30, 0x31, 0x06, 0x04, 0xA0
CONSTRUCTED = 0x20


class _NotSigned(Exception):
    """No signed content stands here, or what stands here cannot be read."""


def signed_content(data: bytes) -> bytes:
    """Return what an opaque S/MIME signature encloses; b"" when it encloses nothing that can be read."""
    try:
        whole = _Reader(data, 0, len(data)).inside(SEQUENCE)
        if whole.value(OID) != SIGNED_DATA:
            return b""
        signed = whole.inside(EXPLICIT).inside(SEQUENCE)
        signed.value(0x02)  # the version
        signed.inside(SET, is_skipped=True)  # digest algorithms
        enclosed = signed.inside(SEQUENCE)
        if enclosed.value(OID) != DATA:
            return b""
        return enclosed.inside(EXPLICIT).octets()
    except (_NotSigned, IndexError):
        return b""


class _Reader:
    """One level of BER, read from the left. Outlook and others write lengths that are only known at the end."""

    def __init__(self, data: bytes, at: int, end: int) -> None:
        self.data, self.at, self.end = data, at, end

    def _head(self) -> tuple[int, int | None]:
        """Return the tag, and how long what follows is; None: until its end mark."""
        if self.at + 2 > self.end:
            raise _NotSigned
        tag, length = self.data[self.at], self.data[self.at + 1]
        self.at += 2
        if length == 0x80:
            return tag, None
        if length & 0x80:
            count = length & 0x7F
            if count > 8:
                raise _NotSigned
            length = int.from_bytes(self.data[self.at : self.at + count], "big")
            self.at += count
        if self.at + length > self.end:
            raise _NotSigned
        return tag, length

    def value(self, expected: int) -> bytes:
        tag, length = self._head()
        if tag != expected or length is None:
            raise _NotSigned
        self.at += length
        return self.data[self.at - length : self.at]

    def inside(self, expected: int, *, is_skipped: bool = False) -> _Reader:
        """Go into what comes next. One whose end is not told ends where this one does."""
        tag, length = self._head()
        if tag != expected or (length is None and is_skipped):
            raise _NotSigned
        start, end = self.at, self.end if length is None else self.at + length
        self.at = end
        return _Reader(self.data, start, end)

    def octets(self) -> bytes:
        """Return a string of bytes, which may have been written in pieces."""
        tag, length = self._head()
        if tag == OCTETS and length is not None:
            return self.data[self.at : self.at + length]
        if tag != OCTETS | CONSTRUCTED:
            raise _NotSigned
        end = self.end if length is None else self.at + length
        pieces: list[bytes] = []
        inner = _Reader(self.data, self.at, end)
        while inner.at < inner.end and len(pieces) < MAX_PIECES:
            if length is None and self.data[inner.at : inner.at + 2] == b"\0\0":
                break
            pieces.append(inner.value(OCTETS))
        return b"".join(pieces)
