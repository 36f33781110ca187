"""What a file that goes out is called: its type, and the charset of a text. Its bytes stay as they are."""

from __future__ import annotations

import re

from hospes.channels.contract import OutboundFile
from hospes.channels.email.charsets import charset_in

CONTENT_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}")
UNKNOWN_TYPE = "application/octet-stream"
# Say themselves what they are written in.
SAY_THEMSELVES = {"text/html", "text/xml", "text/rtf"}


def type_of(file: OutboundFile) -> tuple[str, str]:
    """(the type, the charset of a text); "" where there is none, or where it is not evident.

    No charset is better than a wrong one: whoever reads the text then looks at the bytes as we did.
    """
    content_type = file.content_type.lower().partition(";")[0].strip()
    if not CONTENT_TYPE.fullmatch(content_type) or content_type.startswith("multipart/"):
        return UNKNOWN_TYPE, ""
    if not content_type.startswith("text/") or content_type in SAY_THEMSELVES:
        return content_type, ""
    return content_type, charset_in(file.content)
