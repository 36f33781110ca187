"""The files of a message: pictures to look at, files to save, and why one is neither."""

from __future__ import annotations

from html import escape

from django.urls import reverse

from hospes.conversations.timeline import FileEntry, MessageEntry
from hospes.files.checks import may_open
from hospes.files.models import FileCheck
from hospes.workspace import showing
from hospes.workspace.templatetags.entry_words import Words
from hospes.workspace.templatetags.workspace import icon

MAX_PICTURE_BYTES = 12 * 2**20


def file_shown(file: FileEntry, m: MessageEntry, words: Words) -> str:
    """A picture to look at, a file to save, or why it is neither."""
    if file.is_missing:
        return _closed_file(file, words, "triangle-alert", words.not_stored)
    if file.check == FileCheck.State.FOUND:
        told = words.virus % {"name": f'<bdi dir="ltr">{escape(file.told)}</bdi>'}
        return _closed_file(file, words, "shield-alert", told)
    address = escape(reverse("attachment", args=[file.id, file.name or "file"]))
    kind = escape(showing.file_kind(file.name, file.content_type))
    size = f"<bdi>{escape(showing.file_size(file.size_bytes))}</bdi>"
    is_open = may_open(file.check, is_incoming=m.is_incoming)
    if is_open and _is_picture(file):
        return (
            f'<a class="thumb" href="{address}?inline" target="_blank"><img src="{address}?inline"'
            ' alt="" loading="lazy" width="128" height="96"><span class="thumb-name">'
            f'<bdi class="ell">{escape(file.name) or words.picture}</bdi>'
            f"<span><bdi>{kind}</bdi> · {size}</span></span></a>"
        )
    kind = f"<bdi>{kind}</bdi> · " if kind else ""
    # What is not checked yet opens beside the page: it may ask before it gives the file.
    way = "download" if is_open else 'target="_blank"'
    return (
        f'<a class="file" href="{address}" {way}>{icon("file-text", "i-lg")}'
        f'<span class="thumb-name"><bdi class="ell">{escape(file.name) or words.file}</bdi>'
        f"<span>{kind}{size}</span>{_check(file, words, is_open=is_open)}</span></a>"
    )


def _closed_file(file: FileEntry, words: Words, sign: str, why: str) -> str:
    return (
        f'<span class="file file-held">{icon(sign, "i-lg")}<span class="thumb-name">'
        f'<bdi class="ell">{escape(file.name) or words.file}</bdi>'
        f'<span class="file-check">{why}</span></span></span>'
    )


def _check(file: FileEntry, words: Words, *, is_open: bool) -> str:
    """Below a file that can be opened: that no virus scanner has looked into it, where one should have."""
    why = words.unread if file.check == FileCheck.State.UNREAD else ""
    why = why if is_open else words.unchecked
    return f'<span class="file-check">{why}</span>' if why else ""


def _is_picture(file: FileEntry) -> bool:
    """Whether the page may show it as a picture: of a kind that cannot act, and not too heavy."""
    return file.content_type in showing.SHOWN_INLINE and file.size_bytes <= MAX_PICTURE_BYTES
