"""A mail's bytes understood as one message.

Whatever can be had is given: a broken date costs the date, a broken part the part. Only what is built to
harm is refused as a whole, and then the caller keeps the bytes and says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hospes.channels.contract import Forwarded, Inbound, Unreadable
from hospes.channels.email import (
    addresses,
    automatic,
    body,
    charset_labels,
    charsets,
    headers,
    html,
    mime,
    moments,
    quoting,
    wrapped,
)  # fmt: skip
from hospes.channels.email.body import Content
from hospes.channels.email.enclosing import enclosed_in
from hospes.channels.email.files import files_of
from hospes.channels.email.forwarding import forwarded_in
from hospes.channels.email.invitations import invitations_in
from hospes.channels.email.mime import Part
from hospes.channels.email.reports import report_in, reporters_in, told_in
from hospes.channels.email.spam import is_spam
from hospes.channels.email.verdicts import verdicts_in
from hospes.language import detect

MAX_LOOP_IDS = 20
LOOP_FIELD = "x-hospes-loop"


def parse(raw: bytes, *, priors: Sequence[str] = ()) -> Inbound:
    """What this mail says. `priors`: languages (BCP 47) expected here, likeliest first. Raises Unreadable."""
    try:
        root = mime.read(raw)
        wrapped.open_all(root)
        return _understood(root, priors)
    except mime.TooDeep:
        raise Unreadable("Its parts are nested too deeply.") from None
    except mime.TooManyParts:
        raise Unreadable("It consists of too many parts.") from None
    except RecursionError:
        raise Unreadable("It is nested too deeply.") from None
    except MemoryError:
        raise Unreadable("It needs too much memory to read.") from None


def preload() -> None:
    """Do now what the first mail would otherwise wait for."""
    charsets.preload()
    html.clean("<p>.</p>")
    parse(b"From: a@example.com\nContent-Type: text/html\n\n<p>.</p>")


def _understood(root: Part, priors: Sequence[str]) -> Inbound:
    content = body.sort(root)
    hints = body.hints_of(root, content, priors)
    words = body.words_of(content, hints)
    reply = _said_now(words)
    named, _ = addresses.addresses_of(root.values("from"), hints)
    senders = named or reporters_in(root)
    reply_to, _ = addresses.addresses_of(root.values("reply-to"), hints)
    to, to_cut = addresses.addresses_of(root.values("to"), hints)
    cc, cc_cut = addresses.addresses_of(
        root.values("cc"), hints, limit=addresses.MAX_ADDRESSES - len(to)
    )
    subject = headers.text_of(root.first("subject"), hints)
    reason = automatic.reason(root, senders, subject)
    return Inbound(
        message_id=next(iter(headers.message_ids(root.first("message-id"))), ""),
        references=headers.references_of(root.values("in-reply-to"), root.values("references")),
        senders=senders,
        reply_to=reply_to,
        to=to,
        cc=cc,
        addresses_cut=to_cut or cc_cut,
        subject=subject,
        sent_at=moments.sent_at(root.first("date"), root.values("received")),
        text=words.text,
        reply_text=reply,
        html=words.html,
        language=_language(reply or subject, priors, hints.charset),
        automatic=bool(reason),
        automatic_reason=reason,
        verdicts=verdicts_in(root.values("authentication-results")),
        loop_ids=_loop_ids(root),
        list_unsubscribe=headers.text_of(root.first("list-unsubscribe")),
        is_spam=is_spam(root),
        unreachable_sender=None
        if senders
        else addresses.named_without_address(root.values("from"), hints),
        report=report_in(root) or (told_in(words.text) if reason == automatic.BOUNCE else None),
        forwarded=_forwarded(root, content, words.text, subject, priors),
        protection=wrapped.protection_of(root),
        invitations=invitations_in(root),
        files=files_of(content.files, words.html, hints),
    )


def _said_now(words: body.Words) -> str:
    """The reply alone. What its HTML marks as history is cut off already, down to a sentence that introduces it."""
    if words.recent == words.text:
        return quoting.fold(words.text)
    said = quoting.fold(f"{words.recent}\n>").removesuffix("\n>")
    return said if said.strip("> \n") else quoting.fold(words.text)


def _forwarded(
    root: Part, content: Content, text: str, subject: str, priors: Sequence[str]
) -> Forwarded | None:
    """The mail that this one forwards: in its text, or else as a file."""
    found = forwarded_in(text, subject) or enclosed_in(root, content.files, text)
    if found is None:
        return None
    reply = quoting.fold(found.text)
    return replace(found, reply_text=reply, language=_language(reply or found.subject, priors, ""))


def _language(text: str, priors: Sequence[str], charset: str) -> str | None:
    """As guessed, None for what holds no word; the charset has the last word among what is expected."""
    if not any(map(str.isalpha, text)):
        return None
    hint = charset_labels.language_hint(charset) if charset else None
    return detect.detect(text, (*priors, hint) if hint else priors)


def _loop_ids(root: Part) -> tuple[str, ...]:
    values = root.values(LOOP_FIELD)[:MAX_LOOP_IDS]
    return tuple(headers.text_of(value) for value in values)
