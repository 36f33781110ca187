"""The way to a server that somebody named in a form: never into networks that the operator has not opened.

A name is looked up once and the connection goes to the very address that was judged, so a name that answers
differently the second time gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Collection

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
KEEP_ALIVE_SECONDS = 60


class PrivateAddress(OSError):
    """The name leads to an address within somebody's own network, and nobody has allowed that."""


def reach(host: str, port: int, *, seconds: float, allowed: Collection[Network]) -> socket.socket:
    """Return a connection to the first address of the host that answers and may be reached.

    seconds: for each address, and half as long again for all of them together.
    allowed: networks that may be reached though they are private.

    Raises PrivateAddress when every address is private, and OSError when none answers.
    """
    ends_at = time.monotonic() + seconds * 1.5
    last: OSError = TimeoutError("timed out")
    for address in open_addresses(host, port, allowed=allowed):
        left = min(seconds, ends_at - time.monotonic())
        if left <= 0:
            break
        try:
            made = socket.create_connection((address, port), timeout=left)
        except OSError as error:
            last = error
        else:
            _keep_alive(made)
            return made
    raise last


def open_addresses(host: str, port: int, *, allowed: Collection[Network]) -> list[str]:
    """Return the addresses of a host that may be reached.

    Raises PrivateAddress when there are none but private ones, and OSError when the name is not known.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError("This is no name of a server.") from error
    addresses = [str(where[0]) for *_, where in found]
    open_ = [address for address in addresses if is_open(address, allowed)]
    if not open_:
        raise PrivateAddress("The name leads to a private address.")
    return open_


def is_open(text: str, allowed: Collection[Network]) -> bool:
    """Whether an address belongs to everybody, or to a network that is allowed."""
    address = _meant(ipaddress.ip_address(text.partition("%")[0]))
    if any(address in network for network in allowed):
        return True
    return address.is_global and not address.is_multicast


def _meant(address: Address) -> Address:
    """Return where packets really go: an IPv4 address may travel inside an IPv6 one."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _keep_alive(made: socket.socket) -> None:
    """Let the system notice a network that went away while nobody speaks."""
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", KEEP_ALIVE_SECONDS),
        ("TCP_KEEPINTVL", 15),
        ("TCP_KEEPCNT", 4),
    ):
        if hasattr(socket, name):  # not everywhere
            made.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
