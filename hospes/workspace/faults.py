"""Why a mail could not be read, in the reader's language.

Adapters and the intake keep one English sentence, which programs and the command line show too.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext, gettext_noop

SENTENCES = {
    gettext_noop("It consists of too many parts."),
    gettext_noop("It is nested too deeply."),
    gettext_noop("It needs too much memory to read."),
    gettext_noop("It was read as something that makes no sense."),
    gettext_noop("Its parts are nested too deeply."),
    gettext_noop("Reading it ended the process that read it, several times."),
    gettext_noop("The process that read it ended unexpectedly."),
}
PATTERNS = {
    re.compile(r"It took longer than (?P<seconds>[\d.]+) seconds to read\."): gettext_noop(
        "It took longer than %(seconds)s seconds to read."
    ),
    re.compile(r"It could not be stored: (?P<error>\w+)\."): gettext_noop(
        "It could not be stored: %(error)s."
    ),
}


def in_words(sentence: str) -> str:
    """Return why a mail could not be read, as the reader says it; an unknown sentence as it is."""
    if sentence in SENTENCES:
        return gettext(sentence)
    for pattern, words in PATTERNS.items():
        if found := pattern.fullmatch(sentence):
            return gettext(words) % found.groupdict()
    return sentence
