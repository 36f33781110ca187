"""Which mail server takes our letters, and the connection to it."""

from __future__ import annotations

import ipaddress
import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

TIMEOUT_SECONDS = 30.0  # for each step
DEFAULT_PORTS = {"tls": 465, "starttls": 587, "none": 25}
Connect = Callable[[str, int, float], socket.socket]  # host, port, seconds


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server that takes our letters."""

    host: str
    port: int
    security: str = "starttls"  # or "tls" or "none"
    username: str = ""
    password: str = field(default="", repr=False)
    timeout: float = TIMEOUT_SECONDS

    @classmethod
    def from_url(cls, url: str) -> Server:
        """Of `smtp://user:password@host:587?security=starttls` or `smtps://...`. Raises ValueError.

        security: tls, starttls or none. When it is not said: tls for smtps, none for a server on this
        machine, whose letters cross no network, and starttls for every other.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError(
                "A mail server's address begins with smtp:// or smtps:// and names a host."
            )
        default = "none" if _is_here(parts.hostname) else "starttls"
        if parts.scheme == "smtps":
            default = "tls"
        security = parse_qs(parts.query).get("security", [default])[-1]
        if security not in DEFAULT_PORTS:
            raise ValueError("security is one of tls, starttls and none.")
        return cls(
            host=parts.hostname,
            port=parts.port or DEFAULT_PORTS[security],
            security=security,
            username=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )


def _is_here(host: str) -> bool:
    """Whether this name or address can only be this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def connect_anywhere(host: str, port: int, seconds: float) -> socket.socket:
    return socket.create_connection((host, port), timeout=seconds)


class Plain(smtplib.SMTP):
    """Connects as it is told to, so that whoever uses it decides what may be reached."""

    def __init__(self, server: Server, our_name: str, connect: Connect) -> None:
        self._connect = connect
        super().__init__(server.host, server.port, our_name, timeout=server.timeout)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        made = self._connect(host, port, timeout)
        made.settimeout(timeout)
        return made


class Tls(Plain):
    def __init__(
        self, server: Server, our_name: str, connect: Connect, context: ssl.SSLContext
    ) -> None:
        self._context = context
        super().__init__(server, our_name, connect)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        made = super()._get_socket(host, port, timeout)
        try:
            return self._context.wrap_socket(made, server_hostname=host)
        except BaseException:  # nobody else closes it: there is no connection yet
            made.close()
            raise
