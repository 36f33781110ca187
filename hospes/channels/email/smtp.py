"""One talk with a mail server, step by step, so that we know at each break what the server can have.

A letter is only handed over by the line with the single dot after it. What breaks before that line is tried
again; what breaks after it, nobody knows, and the caller is told so.
"""

from __future__ import annotations

import os
import re
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from types import TracebackType
from typing import Self, TypeVar

from hospes.channels.contract import AnswerLost, DeliveryFailed
from hospes.channels.email.headers import clean_line
from hospes.channels.email.smtp_wire import Connect, Plain, Server, Tls, connect_anywhere
from hospes.lib.certificates import ends_at

MAX_SECONDS = 240.0  # for the whole talk: whoever waits for us gives up after five minutes
GOODBYE_SECONDS = 2.0
MAX_WORDS_CHARS = 500
# The server wants us to sign in (again): the operator can mend that, so no letter is lost to it.
SIGN_IN_CODES = {454, 530, 534, 535, 538}
CLOSING = 421  # the server stops talking, whatever it was told
GONE = "The mail server hung up before it had the whole letter."
LEADING_DOT = re.compile(rb"(?m)^\.")

T = TypeVar("T")
Reply = tuple[int, bytes]


class Talk:
    """A connection, encrypted and signed in. Every step raises DeliveryFailed when it does not succeed."""

    def __init__(
        self,
        server: Server,
        *,
        our_name: str,
        context: ssl.SSLContext | None,
        connect: Connect = connect_anywhere,
    ) -> None:
        self._server = server
        self._connect = connect
        self._ends_at = time.monotonic() + MAX_SECONDS
        self._context = context or ssl.create_default_context()
        self.certificate_expires_at: datetime | None = None
        self._smtp = self._attempt(lambda: self._connected(our_name))
        try:
            self._attempt(self._begin)
        except BaseException:
            self._smtp.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close(politely=kind is None)

    def close(self, *, politely: bool) -> None:
        """End the talk. politely: the server waits for our next word and is told that there is none."""
        with suppress(OSError, smtplib.SMTPException):
            if politely and self._smtp.sock is not None:
                self._smtp.sock.settimeout(GOODBYE_SECONDS)
                self._smtp.docmd("QUIT")
        self._smtp.close()

    def begin_anew(self) -> None:
        """Begin another letter on the same connection. Raises DeliveryFailed when it is not there any more."""
        self._ends_at = time.monotonic() + MAX_SECONDS
        self._smtp.command_encoding = "ascii"
        self._step("RSET")

    @property
    def takes_utf8_addresses(self) -> bool:
        """Whether an address may hold more than ASCII (RFC 6531)."""
        return self._smtp.has_extn("smtputf8")

    def check(self) -> None:
        """See whether the server still answers."""
        self._step("NOOP")

    def open_envelope(self, sender: str, *, size: int, utf8: bool) -> None:
        """Begin a letter of `size` bytes; `sender` is where bounces go, "" nowhere; `utf8`: more than ASCII."""
        limit = self._smtp.esmtp_features.get("size", "")
        if limit.isdecimal() and 0 < int(limit) < size:
            reason = f"The mail server takes at most {limit} bytes; this letter has {size}."
            raise DeliveryFailed(reason, permanent=True)
        options = f" SIZE={size}" if self._smtp.has_extn("size") else ""
        if utf8:  # only then: a server further on that cannot would have to send the letter back
            options += " BODY=8BITMIME SMTPUTF8"
            self._smtp.command_encoding = "utf-8"
        try:
            self._step(f"MAIL FROM:<{sender}>{options}")
        except DeliveryFailed as failure:  # "not now" said to a sender is said to all letters
            failure.of_server = failure.of_server or not failure.permanent
            raise

    def add_recipients(self, recipients: Sequence[str]) -> dict[str, str]:
        """Name the recipients; the server's words for each it refuses, unless it refuses all."""
        refused: dict[str, str] = {}
        failures: list[DeliveryFailed] = []
        for recipient in recipients:
            try:
                self._step(f"RCPT TO:<{recipient}>")
            except DeliveryFailed as failure:
                if not failure.answered:
                    raise
                refused[recipient] = failure.reason
                failures.append(failure)
        if len(refused) == len(recipients):
            # One "not now" among them is reason enough to try again.
            raise min(failures, key=lambda failure: failure.permanent)
        return refused

    def deliver(self, content: bytes, on_dot: Callable[[], None]) -> str:
        """Send the letter and return the server's words of thanks.

        on_dot: called when everything but the dot is sent. Raises AnswerLost as well.
        """
        self._step("DATA", wanted=354)
        self._attempt(lambda: self._send_all(content))
        if self._is_gone():
            raise DeliveryFailed(GONE, permanent=False, answered=False, of_server=True)
        on_dot()
        code, words = self._after_dot()
        if code // 100 not in (2, 4, 5):  # nothing that a mail server says after a letter
            raise AnswerLost(_clean(words))
        return self._checked((code, words))

    def _send_all(self, content: bytes) -> None:
        self._hurry(patiently=True)
        dotted = LEADING_DOT.sub(b"..", content)
        self._smtp.send(dotted if dotted.endswith(b"\r\n") else dotted + b"\r\n")

    def _is_gone(self) -> bool:
        """Whether the server has hung up already, below whatever encrypts our talk."""
        assert self._smtp.sock is not None
        with socket.socket(fileno=os.dup(self._smtp.sock.fileno())) as peeping:
            try:
                return peeping.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
            except BlockingIOError:
                return False
            except OSError:
                return True

    def _after_dot(self) -> Reply:
        assert self._smtp.sock is not None
        try:
            self._smtp.sock.sendall(b".\r\n")
        except ConnectionError as error:  # known to be gone before a byte of it was sent
            raise DeliveryFailed(GONE, permanent=False, answered=False, of_server=True) from error
        except OSError as error:
            raise AnswerLost(_words_of(error)) from error
        try:
            return self._smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            raise AnswerLost(_words_of(error)) from error

    def _connected(self, our_name: str) -> smtplib.SMTP:
        server = self._server
        if server.security == "tls":
            return Tls(server, our_name, self._connect, self._context)
        return Plain(server, our_name, self._connect)

    def _begin(self) -> None:
        assert self._smtp.sock is not None
        # The dot goes alone: it must not wait until the text before it is acknowledged.
        self._smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._hurry()
        self._smtp.ehlo_or_helo_if_needed()
        if self._server.security == "starttls":
            self._hurry()
            self._smtp.starttls(
                context=self._context
            )  # raises where the server has none: never plainly
            self._smtp.ehlo()
        self.certificate_expires_at = ends_at(self._smtp.sock)
        if self._server.username:
            self._hurry()
            self._smtp.login(self._server.username, self._server.password)

    def _step(self, command: str, *, wanted: int = 250) -> None:
        def talk() -> Reply:
            self._hurry()
            self._smtp.putcmd(command)  # in UTF-8, where the server allows it
            return self._smtp.getreply()

        self._checked(self._attempt(talk), wanted)

    def _checked(self, reply: Reply, wanted: int = 250) -> str:
        code, words = reply
        if code // 100 == wanted // 100:
            return _clean(words)
        permanent = 500 <= code < 600 and code not in SIGN_IN_CODES
        raise DeliveryFailed(
            f"{code} {_clean(words)}",
            permanent=permanent,
            of_server=code == CLOSING or code in SIGN_IN_CODES,
        )

    def _attempt(self, step: Callable[[], T]) -> T:
        """The step's result; whatever breaks before the dot leaves the letter with us."""
        try:
            return step()
        except (
            smtplib.SMTPResponseException
        ) as error:  # at the greeting or the sign-in: no letter's fault
            reason = f"{error.smtp_code} {_words_of(error)}"
            raise DeliveryFailed(reason, permanent=False, of_server=True) from error
        except smtplib.SMTPNotSupportedError as error:
            raise DeliveryFailed(_words_of(error), permanent=False, of_server=True) from error
        except UnicodeError as error:
            reason = "The user name and the password may only hold ASCII characters."
            raise DeliveryFailed(reason, permanent=False, of_server=True) from error
        except (OSError, smtplib.SMTPException) as error:
            raise DeliveryFailed(
                _words_of(error), permanent=False, answered=False, of_server=True
            ) from error

    def _hurry(self, *, patiently: bool = False) -> None:
        """Give the next step its time, or what is left of the whole; all of that where one may be slow."""
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("The mail server took too long.")
        if self._smtp.sock is not None:
            self._smtp.sock.settimeout(left if patiently else min(self._server.timeout, left))


def _clean(words: bytes) -> str:
    return clean_line(words.decode("utf-8", "replace"), MAX_WORDS_CHARS)


def _words_of(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error
        return _clean(words) if isinstance(words, bytes) else clean_line(str(words))
    reason = error.strerror if isinstance(error, OSError) else ""  # without "[Errno 111]"
    return clean_line(reason or str(error), MAX_WORDS_CHARS) or type(error).__name__
