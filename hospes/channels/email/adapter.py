"""Mail as a channel: letters in, letters out."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta

from hospes.channels.contract import DeliveryFailed, Inbound, Outbound
from hospes.channels.email.compose import compose
from hospes.channels.email.lines import Lines
from hospes.channels.email.outgoing_headers import address_spec
from hospes.channels.email.smtp import Talk
from hospes.channels.email.smtp_wire import (
    TIMEOUT_SECONDS,
    Connect,
    Server,
    connect_anywhere,
)


class MailAdapter:
    """Hands letters to one mail server. Keeps no connection, so it may be used from anywhere."""

    repeatable_for = timedelta(0)  # no mail server knows that it has a letter already

    def __init__(  # noqa: PLR0913 # what an account on a server is told by
        self,
        host: str,
        port: int,
        *,
        security: str = "starttls",
        username: str = "",
        password: str = "",
        timeout: float = TIMEOUT_SECONDS,
        context: ssl.SSLContext | None = None,
        connect: Connect = connect_anywhere,
        sign: Callable[[bytes], bytes] | None = None,
        on_certificate: Callable[[datetime], None] | None = None,
    ) -> None:
        """timeout: seconds for each step. context: whom to believe, when not the system's authorities.

        sign: returns the letter with what proves whose it is.
        on_certificate: called with each connection that is encrypted, with the end of the server's certificate.
        """
        self.server = Server(host, port, security, username, password, timeout)
        self._context, self._connect, self._sign = context, connect, sign
        self._on_certificate = on_certificate
        self.certificate_expires_at: datetime | None = None  # as of the last connection

    @classmethod
    def from_url(cls, url: str, *, sign: Callable[[bytes], bytes] | None = None) -> MailAdapter:
        """Of `smtp://user:password@host:587?security=starttls` or `smtps://...`. Raises ValueError."""
        return cls(**asdict(Server.from_url(url)), sign=sign)

    def is_authentic(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """True: a mail comes through a door of ours, and who wrote it its own `verdicts` say."""
        del body, headers
        return True

    def parse(self, body: bytes) -> list[Inbound]:
        """The one message in a mail. Raises Unreadable. (Strangers' mails are read by `child`.)"""
        from hospes.channels.email.parsing import parse  # costs a process that only sends 30 MB

        return [parse(body)]

    def send(
        self,
        message: Outbound,
        *,
        on_dot: Callable[[], None] | None = None,
        on_refused: Callable[[Mapping[str, str]], None] | None = None,
        lines: Lines | None = None,
    ) -> str:
        """Hand the letter over and return the server's words, which hold its own name for it.

        on_dot: called right before the server may have the whole letter; what it raises stops the letter.
        on_refused: called after the letter was taken for some recipients and not for others, with the
            server's words for each that it refused.
        lines: connections that the letters of a batch share.
        Raises DeliveryFailed, or AnswerLost when the dot was sent and nobody knows what became of it.
        """
        our_name = _domain(message)
        talk, count = lines.take(self.server, our_name) if lines is not None else (None, 0)
        talk = talk or self._talk(our_name)
        try:
            words, refused = self._hand_over(talk, message, on_dot or _ignore)
        except BaseException:
            talk.close(politely=False)
            raise
        if lines is None:
            talk.close(politely=True)
        else:
            lines.keep(self.server, our_name, talk, count=count + 1)
        if refused and on_refused is not None:
            on_refused(refused)
        return words

    def _hand_over(
        self, talk: Talk, message: Outbound, on_dot: Callable[[], None]
    ) -> tuple[str, dict[str, str]]:
        utf8 = talk.takes_utf8_addresses
        content = compose(message, utf8_addresses=utf8)
        if self._sign is not None:
            content = self._sign(content)
        sender = address_spec(message.envelope_from, utf8=utf8) if message.envelope_from else ""
        recipients = dict.fromkeys(
            address_spec(each.address, utf8=utf8) for each in (*message.to, *message.cc)
        )
        try:
            refused = _address(talk, content, sender, list(recipients))
        except DeliveryFailed as failure:
            if sender or not (failure.permanent and failure.answered):
                raise
            # Some servers let nobody who signs in write without a sender, though bounces need none (RFC 5321).
            talk.begin_anew()
            sender = address_spec(message.from_.address, utf8=utf8)
            refused = _address(talk, content, sender, list(recipients))
        return talk.deliver(content, on_dot), refused

    def _talk(self, our_name: str) -> Talk:
        talk = Talk(self.server, our_name=our_name, context=self._context, connect=self._connect)
        self.certificate_expires_at = talk.certificate_expires_at
        if self.certificate_expires_at is not None and self._on_certificate is not None:
            self._on_certificate(self.certificate_expires_at)
        return talk

    def check(self) -> None:
        """Connect, encrypt and sign in as for a letter. Raises DeliveryFailed with the server's words."""
        with self._talk("localhost") as talk:
            talk.check()


def _address(talk: Talk, content: bytes, sender: str, recipients: list[str]) -> dict[str, str]:
    """Say who sends it and to whom; return the server's words for each recipient that it refuses."""
    needs_utf8 = not (content.isascii() and sender.isascii())
    talk.open_envelope(sender, size=len(content), utf8=needs_utf8)
    return talk.add_recipients(recipients)


def _domain(message: Outbound) -> str:
    """Who we say we are: asking the system for its name may take seconds and gives nothing better."""
    return address_spec(message.from_.address, utf8=True).rpartition("@")[2]


def _ignore() -> None:
    """Nobody wants to know when the dot is sent."""
