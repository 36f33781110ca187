"""What goes wrong with a mailbox, in our own terms: the server's words, what a no means, and what makes no sense."""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from imap_tools.errors import ImapToolsError

from hospes.channels.email.headers import clean_line
from hospes.channels.email.imap_wire import GONE, TooMuch
from hospes.lib.reaching import PrivateAddress

MAX_WORDS_CHARS = 300
BUSY = re.compile(
    r"\[(UNAVAILABLE|INUSE|LIMIT)\]|too many|try again|temporar|overquota", re.IGNORECASE
)
APP_PASSWORD = re.compile(
    r"application.specific|app.password|web login required|less secure|two.factor|2fa",
    re.IGNORECASE,
)


class ImapFailed(Exception):
    """The mailbox does not answer as it should.

    kind: unreachable, private, not_imap, certificate, no_tls, sign_in, app_password, token, folder, slow, hung_up,
        busy, too_much, or answer for whatever else the server says.
    words: the server's own, in one line; "" where it said none.
    """

    def __init__(self, kind: str, words: str = "") -> None:
        super().__init__(f"{kind}: {words}")
        self.kind, self.words = kind, words


@contextmanager
def told(kind: str) -> Iterator[None]:
    """Tell in our own terms what went wrong; `kind` is what a plain no means here."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise ImapFailed(
            "certificate", clean_line(error.verify_message, MAX_WORDS_CHARS)
        ) from error
    except ssl.SSLError as error:
        raise ImapFailed("no_tls" if kind == "unreachable" else "hung_up") from error
    except TooMuch as error:
        raise ImapFailed("too_much", str(error)) from error
    except TimeoutError as error:
        raise ImapFailed("unreachable" if kind == "unreachable" else "slow") from error
    except PrivateAddress as error:
        raise ImapFailed("private") from error
    except OSError as error:
        raise ImapFailed(
            "unreachable" if kind == "unreachable" else "hung_up", error.strerror or ""
        ) from error
    except imaplib.IMAP4.abort as error:
        is_strange = kind == "unreachable" and GONE not in str(error)
        raise ImapFailed("not_imap" if is_strange else "hung_up") from error
    except (imaplib.IMAP4.error, ImapToolsError) as error:
        meant = {"unreachable": "not_imap", "hung_up": "answer"}.get(kind, kind)
        raise ImapFailed(meant, _words_of(error)) from error
    except (
        ValueError,
        UnicodeError,
        TypeError,
        IndexError,
        AttributeError,
    ) as error:  # what makes no sense
        raise ImapFailed("not_imap" if kind == "unreachable" else "hung_up", "") from error


def why_not_in(failure: ImapFailed, *, has_token: bool) -> str:
    """What a server means that does not let us in."""
    if failure.kind not in {"answer", "token"}:
        return failure.kind
    if BUSY.search(failure.words):
        return "busy"
    if has_token:
        return "token"
    return "app_password" if APP_PASSWORD.search(failure.words) else "sign_in"


def _words_of(error: Exception) -> str:
    answer = getattr(error, "command_result", None)
    return words_in(answer[1]) if answer else words_in([str(error)])


def words_in(data: Any) -> str:
    last = data[-1] if isinstance(data, list | tuple) and data else data
    text = last.decode("utf-8", "replace") if isinstance(last, bytes) else str(last or "")
    return clean_line(text, MAX_WORDS_CHARS)
