"""Which parts of a mail are its words and which are its files.

Words are blocks in reading order. A block is one text, or one text said twice (multipart/alternative):
plainly and in HTML. Everything that is not a word is a file, and nothing falls through between the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from html import escape, unescape

from hospes.channels.email import charsets, html, html_text
from hospes.channels.email.charsets import Hints
from hospes.channels.email.flowed import unflow
from hospes.channels.email.headers import clean_body, parameters_of
from hospes.channels.email.mime import Part, preamble_of
from hospes.channels.email.wrapped import unarmoured

PLAIN = {"text/plain", "text/enriched", "text/richtext", "text/markdown"}
# The same words once more for special readers; a mail that offers them offers plain words too.
FURTHER_VERSIONS = {"text/x-amp-html", "text/watch-html", "text/enriched", "text/richtext"}
MAX_CONTROL_BYTES = 100
MAX_PLAIN_BYTES = 1024 * 1024  # more is no letter: it is kept as a file
MAX_HTML_BYTES = 10 * 1024 * 1024  # pictures may be pasted into it

META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w:.-]{1,40})", re.IGNORECASE)
META_BYTES = 4096
WIDE_GAPS = re.compile(r"\n{4,}")
ENRICHED = re.compile(r"<param>[^<]{0,500}</param>|</?[A-Za-z0-9-]{1,60}>", re.IGNORECASE)


@dataclass(slots=True)
class Block:
    """One stretch of the text, in the versions that came of it."""

    plain: list[Part] = field(default_factory=list)
    html: list[Part] = field(default_factory=list)


@dataclass(slots=True)
class Content:
    """A mail sorted into words and files."""

    blocks: list[Block] = field(default_factory=list)
    files: list[Part] = field(default_factory=list)

    @property
    def texts(self) -> Iterator[Part]:
        """Every part that holds words."""
        for block in self.blocks:
            yield from block.plain
            yield from block.html


@dataclass(frozen=True, slots=True)
class Words:
    """What a mail says: all of it, the same without what its HTML marks as history, and as safe HTML."""

    text: str
    recent: str
    html: str | None


def sort(root: Part) -> Content:
    """The words and the files of this mail."""
    content = Content()
    _sort(root, content, None)
    if not content.blocks and (words := next(filter(_is_shown, content.files), None)):
        content.files.remove(words)  # all that the mail says
        content.blocks.append(Block(plain=[words]))
    if not content.blocks and root.content_type == "multipart/report":
        preamble = preamble_of(root)  # old mail servers tell there what went wrong
        if preamble is not None:
            content.blocks.append(Block(plain=[preamble]))
    return content


def charset_of(part: Part) -> str:
    """The charset a part declares, "" when it declares none."""
    return part.parameters.get("charset", b"").decode("ascii", "replace")


def hints_of(root: Part, content: Content, languages: Sequence[str]) -> Hints:
    """What its texts tell of the charset of everything in this mail that declares none.

    languages: those expected (BCP 47), likeliest first.
    """
    expected = Hints(languages=tuple(languages))
    texts = sorted(content.texts, key=lambda part: not charset_of(part))
    if root.raw[: root.start].isascii():  # nothing in the head asks how it is read
        return Hints(charset_of(texts[0]) if texts else "", expected.languages)
    for part in texts:
        text = part.content()
        if not text.isascii():
            codec = charsets.codec_in(text, charset_of(part), expected)
            return Hints(codec, expected.languages)
    return Hints(charset_of(texts[0]) if texts else "", expected.languages)


def words_of(content: Content, hints: Hints) -> Words:
    """The words, read. `hints`: what is known of parts that declare no charset."""
    texts: list[str] = []
    recent: list[str] = []
    shown: list[str] = []
    for block in content.blocks:
        words = _block_words(block, hints)
        texts.append(words.text)
        recent.append(words.recent)
        shown.append(words.html or _as_html(words.text))
    has_html = any(block.html for block in content.blocks)
    return Words(
        _joined(texts), _joined(recent), "".join(shown).strip() or None if has_html else None
    )


# Sorting ------------------------------------------------------------------------------------------


def _sort(part: Part, content: Content, alternatives: Block | None) -> None:
    """Depth is bounded by `mime.MAX_DEPTH`."""
    if part.children:
        block = alternatives
        if part.content_type == "multipart/alternative" and block is None:
            block = Block()
            content.blocks.append(block)
        for child in part.children:
            _sort(child, content, block)
        return
    if part.content_type == "application/pgp-encrypted" and len(part.body) <= MAX_CONTROL_BYTES:
        return  # it tells programs the version (RFC 3156), and nobody anything
    kind = _kind(part, content)
    if kind == "file":
        content.files.append(part)
        if _is_long_text(part, content):
            content.blocks.append(Block(plain=[_beginning(part)]))
    elif kind != "version" or alternatives is None:
        if alternatives is None:
            content.blocks.append(alternatives := Block())
        (alternatives.html if kind == "html" else alternatives.plain).append(part)


def _kind(part: Part, content: Content) -> str:
    """One of "plain", "html", "version" (of words said better elsewhere) and "file"."""
    content_type = part.content_type
    if content_type.startswith("multipart/"):  # whose parts could not be found
        return "plain" if part.body.strip() else "version"
    if content_type not in PLAIN and content_type != "text/html":
        return "version" if content_type in FURTHER_VERSIONS else "file"
    limit = MAX_HTML_BYTES if content_type == "text/html" else MAX_PLAIN_BYTES
    if _is_file(part, content) or part.end - part.start > limit:
        return "file"
    if content_type in FURTHER_VERSIONS:
        return "version"
    return "html" if content_type == "text/html" else "plain"


def _is_long_text(part: Part, content: Content) -> bool:
    """Whether this would be the words of the mail if there were fewer of them."""
    return part.content_type == "text/plain" and not content.blocks and not _is_file(part, content)


def _beginning(part: Part) -> Part:
    """As much of a text as a letter may hold, in whole lines."""
    limit = part.start + MAX_PLAIN_BYTES
    end = part.raw.rfind(b"\n", part.start, limit) + 1 or limit
    return replace(part, end=end)


def _is_file(part: Part, content: Content) -> bool:
    """Whether a text came as a file; a name alone does not make the first text of a mail one."""
    disposition = part.first("content-disposition")
    if disposition:
        main, parameters = parameters_of(disposition)
        if main == "attachment" or "filename" in parameters:
            return True
    return "name" in part.parameters and bool(content.blocks)


def _is_shown(part: Part) -> bool:
    """Whether a text that came as a file is meant to be read in the mail itself."""
    disposition, _ = parameters_of(part.first("content-disposition"))
    is_short = part.end - part.start <= MAX_PLAIN_BYTES
    return part.content_type == "text/plain" and disposition == "inline" and is_short


# Reading ------------------------------------------------------------------------------------------


def _block_words(block: Block, hints: Hints) -> Words:
    plain = _joined([_plain_text(part, hints) for part in block.plain])
    if not block.html:
        return Words(plain, plain, None)
    source = "\n".join(_html_source(part, hints) for part in block.html)
    safe = html.clean(source)
    if safe is None:
        text = plain or clean_body(html_text.without_tags(source))
        return Words(text, text, None)
    if plain:
        return Words(plain, plain, safe.shown)
    text, recent = (clean_body(each) for each in safe.as_text())
    return Words(text, recent, safe.shown)


def _plain_text(part: Part, hints: Hints) -> str:
    text = clean_body(charsets.decode(part.content(), charset_of(part), hints))
    if part.parameters.get("format", b"").lower() == b"flowed":
        text = unflow(text, keep_space=part.parameters.get("delsp", b"").lower() != b"yes")
    if part.content_type in FURTHER_VERSIONS:
        text = unescape(ENRICHED.sub("", text.replace("<<", "&lt;")))
    return WIDE_GAPS.sub("\n\n\n", unarmoured(text)).strip("\n") if text.strip() else ""


def _html_source(part: Part, hints: Hints) -> str:
    data = part.content()
    declared = charset_of(part)
    if not declared and not data.isascii():
        meta = META_CHARSET.search(data, 0, META_BYTES)
        declared = meta[1].decode("ascii") if meta else ""
    return clean_body(charsets.decode(data, declared, hints))


def _as_html(text: str) -> str:
    return f"<p>{escape(text).replace(chr(10), '<br>')}</p>" if text else ""


def _joined(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else "\n\n".join(text for text in texts if text)
