"""The ports of a desk. The supervisor holds them: while a part is started anew, callers wait instead of failing."""

from __future__ import annotations

import errno
import socket
from collections.abc import Collection

from hospes.config import env

# Name of the setting, usual port. 0 keeps it shut.
USUAL = {"web": ("PORT", 8000), "smtp": ("SMTP_PORT", 8025), "lmtp": ("LMTP_PORT", 8024)}
LOOPBACK = "127.0.0.1"
BACKLOG = 1024


class PortTaken(env.WrongSetting):
    """Something else listens there."""


def number_of(name: str) -> int:
    """Return the port of `web`, `smtp` or `lmtp` as set; 0: shut. Raises WrongSetting."""
    setting, usual = USUAL[name]
    return env.number(setting, usual, least=1 if name == "web" else 0, most=65535)


def open_ports(names: Collection[str] = tuple(USUAL)) -> dict[str, socket.socket]:
    """Listen on the ports of this name that are not shut. Raises WrongSetting with what would do."""
    opened: dict[str, socket.socket] = {}
    for name in names:
        port = number_of(name)
        if port:
            # LMTP knows no senders it could refuse, so only this machine reaches it.
            host = LOOPBACK if name == "lmtp" else env.text("HOST")
            opened[name] = _open(name, host, port)
    return opened


def _open(name: str, host: str, port: int) -> socket.socket:
    option = "--" + USUAL[name][0].lower().replace("_", "-")
    try:
        listening = _listen(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(
                f"Port {port} is taken by another program: give another one with {option}."
            ) from error
        raise env.WrongSetting(
            f"{option} {port}: cannot be opened on {host or 'this machine'} ({error.strerror})."
        ) from error
    # Every answer is written whole: held back for a fuller packet, it would wait 40 ms for the other side.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def _listen(host: str, port: int) -> socket.socket:
    if host:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    try:
        return socket.create_server(
            ("", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=BACKLOG
        )
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            raise
        return socket.create_server(("", port), backlog=BACKLOG)  # a machine without IPv6
