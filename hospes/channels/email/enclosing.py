"""A mail that came inside another one as a file: "forward as attachment", as mail programs call it."""

from __future__ import annotations

from collections.abc import Sequence

from hospes.channels.contract import Forwarded
from hospes.channels.email import addresses, body, files, forwarding, headers, mime, wrapped
from hospes.channels.email.mime import Part

# In these, mails are attached by machines: what could not be delivered, what a list gathered.
GATHERED = {"multipart/report", "multipart/digest"}
MAX_BYTES = 2 * 2**20  # of words, beside its own files


def enclosed_in(root: Part, enclosed: Sequence[Part], comment: str) -> Forwarded | None:
    """The one mail among these files, as its own headers tell; None when there is none, or several.

    comment: the words of the mail around it.
    """
    if any(part.content_type in GATHERED for part in root.walk()):
        return None
    mails = [part for part in enclosed if part.content_type in files.MESSAGES]
    if len(mails) != 1 or forwarding.is_reply(headers.text_of(root.first("subject"))):
        return None
    try:
        inner = mime.read(mails[0].content())
        wrapped.open_all(inner)
    except (mime.TooDeep, mime.TooManyParts):
        return None
    content = body.sort(inner)
    hints = body.hints_of(inner, content, ())
    senders, _ = addresses.addresses_of(inner.values("from"), hints)
    if len(senders) != 1 or sum(part.end - part.start for part in content.texts) > MAX_BYTES:
        return None
    words = body.words_of(content, hints)
    return Forwarded(
        sender=senders[0],
        subject=headers.text_of(inner.first("subject"), hints),
        text=words.text,
        comment=comment,
        is_whole=True,
        html=words.html,
        files=files.files_of(content.files, words.html, hints),
    )
