"""What a filter in front of us says: rspamd, SpamAssassin and those that write the same fields.

Anybody can write these fields, and a yes is believed all the same: it harms nobody but the sender. A no says nothing.
"""

from __future__ import annotations

import re

from hospes.channels.email.headers import token_of
from hospes.channels.email.mime import Part

YES_FIELDS = ("x-spam", "x-spam-flag", "x-spam-status", "x-barracuda-spam-flag")
ACTIONS = {"reject", "add header", "rewrite subject", "quarantine"}  # of rspamd
SCORED = re.compile(
    rb"^[^:;]{1,40}:\s*true\b", re.IGNORECASE
)  # rspamd: "default: True [15.00 / 15.00]"
MIN_CONFIDENCE = 5  # of Microsoft's scale, from where on it is spam
OUR_WORD = re.compile(r"^(?:yes|true)\b")


def is_spam(root: Part) -> bool:
    """Whether a filter calls this mail spam."""
    if any(OUR_WORD.match(token_of(value)) for name in YES_FIELDS for value in root.values(name)):
        return True
    if token_of(root.first("x-rspamd-action")) in ACTIONS:
        return True
    if any(SCORED.match(value) for value in root.values("x-spamd-result")):
        return True
    level = token_of(root.first("x-ms-exchange-organization-scl"))
    return level.isdecimal() and int(level[:4]) >= MIN_CONFIDENCE
