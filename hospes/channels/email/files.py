"""The files that came with a mail, byte for byte as they were before they were wrapped."""

from __future__ import annotations

import hashlib
import mimetypes
import re
from collections.abc import Sequence
from html import unescape
from urllib.parse import unquote

from hospes.channels.contract import InboundFile
from hospes.channels.email import mime
from hospes.channels.email.charsets import Hints
from hospes.channels.email.headers import clean_line, file_name, parameters_of, text_of
from hospes.channels.email.mime import Part

MAX_NAME_CHARS = 100  # of a label made from a subject
MAX_TYPE_CHARS = 120
PLAIN_WORDS = {"image", "audio", "video", "text"}
CALENDARS = {"text/calendar", "application/ics"}
MESSAGES = {"message/rfc822", "message/global"}
REFERENCE = re.compile(r"cid:([^\"'\s<>)]{1,998})", re.IGNORECASE)


def files_of(parts: Sequence[Part], shown: str | None, hints: Hints) -> tuple[InboundFile, ...]:
    """These parts as files. `shown` is the HTML, which says what is shown within the message."""
    referenced = _referenced(shown) if shown and parts else frozenset()
    return tuple(_file(part, referenced, hints) for part in parts)


def _referenced(shown: str) -> frozenset[str]:
    return frozenset(unquote(unescape(each)).lower() for each in REFERENCE.findall(shown))


def _file(part: Part, referenced: frozenset[str], hints: Hints) -> InboundFile:
    content = part.content()
    content_id = clean_line(text_of(part.first("content-id")).strip("<> "))
    return InboundFile(
        name=_name(part, content, hints),
        content_type=clean_line(part.content_type, MAX_TYPE_CHARS),
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content_id=content_id,
        inline=bool(content_id) and content_id.lower() in referenced,
        content=content,
    )


def _name(part: Part, content: bytes, hints: Hints) -> str:
    """As the sender called it, or else a plain word with the ending of its type."""
    _, parameters = parameters_of(part.first("content-disposition"))
    for given in (parameters.get("filename"), part.parameters.get("name")):
        if given and (name := file_name(given, hints)):
            return name
    if part.content_type in MESSAGES:
        subject = text_of(mime.headers_of(content).get("subject", [b""])[0], hints)
        return (
            file_name(subject[:MAX_NAME_CHARS].replace("/", "-").encode()) + ".eml"
            if subject
            else "message.eml"
        )
    if part.content_type in CALENDARS:
        return "calendar.ics"
    kind, _, subtype = part.content_type.partition("/")
    if (
        kind == "message" or part.content_type == "text/rfc822-headers"
    ):  # a report, in lines to read
        return file_name(subtype.encode()) + ".txt"
    stem = kind if kind in PLAIN_WORDS else "file"
    ending = mimetypes.guess_extension(part.content_type)
    return stem + (ending or (".txt" if kind == "text" else ".bin"))
