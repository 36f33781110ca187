"""What an answer of a provider means for the letter: it has it not, or nobody knows."""

from __future__ import annotations

import requests

from hospes.channels.contract import AnswerLost, DeliveryFailed
from hospes.channels.email.headers import clean_line

MAX_WORDS_CHARS = 500
MAX_WAIT_SECONDS = 24 * 60 * 60
# The account is meant, not the letter: the operator can mend it, or another server takes it. 503 is what says
# by its definition that nothing was done; every other 5xx may have been said after the letter was taken.
OF_ACCOUNT = {401, 402, 403, 404, 405, 407, 429, 503}
UNCLEAR = {408, 409, 425}  # perhaps a try before this one is still at it


def meaning(answer: requests.Response) -> DeliveryFailed | AnswerLost:
    """Return what is to be said of a letter after this answer, which does not say that it was taken."""
    status = answer.status_code
    words = clean_line(f"{status} {_words_of(answer)}", MAX_WORDS_CHARS)
    if status in OF_ACCOUNT or 300 <= status < 400:
        return DeliveryFailed(
            words, permanent=False, of_server=True, retry_after=_retry_after(answer)
        )
    if 400 <= status < 500 and status not in UNCLEAR:
        return DeliveryFailed(words, permanent=True)
    return AnswerLost(words)


def not_reached(error: BaseException) -> DeliveryFailed:
    return DeliveryFailed(root_of(error), permanent=False, answered=False, of_server=True)


def root_of(error: BaseException) -> str:
    """The words of what went wrong first: libraries wrap them in names of their own."""
    seen = error
    while (inner := seen.__cause__ or seen.__context__) is not None:
        seen = inner
    words = seen.strerror if isinstance(seen, OSError) else ""
    return clean_line(words or str(seen), MAX_WORDS_CHARS) or type(seen).__name__


def _words_of(answer: requests.Response) -> str:
    try:
        told = answer.json()
    except ValueError:
        return answer.text
    if isinstance(told, dict):
        for name in ("message", "Message", "errors", "error"):
            if told.get(name):
                return str(told[name])
    return answer.text


def _retry_after(answer: requests.Response) -> int:
    given = answer.headers.get("Retry-After", "")
    return min(int(given), MAX_WAIT_SECONDS) if given.isdecimal() and len(given) < 9 else 0
