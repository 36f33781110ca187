"""What a text must be before it is said."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from hospes.lib.refusal import Refused

MAX_TEXT_CHARS = 100_000  # forty printed pages


def checked_text(text: str, *, may_be_empty: bool = False) -> str:
    """Return the text without surrounding blank lines and without signs no mail can carry.

    Raises Refused when nothing is left, or more than anybody would read.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    text = text.encode("utf-8", "ignore").decode("utf-8").strip("\n").rstrip()  # lone surrogates
    if not text.strip() and not may_be_empty:
        raise Refused(_("Write something before you send it."), code="empty")
    if len(text) > MAX_TEXT_CHARS:
        raise Refused(
            _("This text is too long. Keep it under %(limit)d characters, or attach it as a file.")
            % {"limit": MAX_TEXT_CHARS},
            code="too_long",
        )
    return text
