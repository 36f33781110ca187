"""The way out over HTTP for libraries that speak it through `requests`: the same rules as `egress`."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Collection
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from hospes.lib.reaching import Network, PrivateAddress, is_open, open_addresses, reach

MAX_ANSWER_BYTES = 256 * 2**10
SECONDS = 30.0  # for each step
MAX_SECONDS = 60.0  # for the whole answer


def judged_session(
    *,
    allowed: Collection[Network],
    on_connected: Callable[[], None] | None = None,
    seconds: float = SECONDS,
    most_bytes: int = MAX_ANSWER_BYTES,
) -> requests.Session:
    """Return a session that connects only where it may, follows no redirect, and reads no endless answer.

    allowed: networks that may be reached though they are private, and without encryption.
    on_connected: called each time when there is a connection and nothing was sent on it yet.
    most_bytes: what an answer may have.
    """
    session = _Session(seconds, most_bytes)
    for scheme, is_plain in (("https://", False), ("http://", True)):
        session.mount(scheme, _Adapter(_connector(allowed, is_plain=is_plain), on_connected))
    return session


class _Session(requests.Session):
    def __init__(self, seconds: float, most_bytes: int) -> None:
        super().__init__()
        self.trust_env = False  # no proxy and no password that the environment names
        self._seconds, self._most_bytes = seconds, most_bytes

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs |= {"allow_redirects": False, "stream": True, "timeout": self._seconds}
        answer = super().request(*args, **kwargs)
        answer._content = _body(answer, time.monotonic() + MAX_SECONDS, self._most_bytes)  # noqa: SLF001 # as `requests` itself
        return answer


def _body(answer: requests.Response, ends_at: float, most_bytes: int) -> bytes:
    gathered = bytearray()
    try:
        for part in answer.iter_content(16 * 2**10):
            gathered += part
            if len(gathered) > most_bytes or time.monotonic() > ends_at:
                raise requests.Timeout("The answer does not end.")
    finally:
        answer.close()
    return bytes(gathered)


Connector = Callable[[str, int, float], socket.socket]


def _connector(allowed: Collection[Network], *, is_plain: bool) -> Connector:
    def connect(host: str, port: int, seconds: float) -> socket.socket:
        if is_plain and any(
            is_open(one, ()) for one in open_addresses(host, port, allowed=allowed)
        ):
            raise PrivateAddress("Outside of your own network only HTTPS is spoken.")
        return reach(host, port, seconds=seconds, allowed=allowed)

    return connect


class _Adapter(HTTPAdapter):
    def __init__(self, connect: Connector, on_connected: Callable[[], None] | None) -> None:
        self._connect, self._on_connected = connect, on_connected
        super().__init__(max_retries=0)

    def init_poolmanager(self, *_args: Any, **_options: Any) -> None:
        self.poolmanager = PoolManager(num_pools=2, ssl_context=ssl.create_default_context())
        self.poolmanager.pool_classes_by_scheme = {
            "http": _pool(HTTPConnectionPool, HTTPConnection, self._connect, self._on_connected),
            "https": _pool(HTTPSConnectionPool, HTTPSConnection, self._connect, self._on_connected),
        }


def _pool(
    pool: type[HTTPConnectionPool],
    connection: type[HTTPConnection],
    connect: Connector,
    on_connected: Callable[[], None] | None,
) -> type[HTTPConnectionPool]:
    class Judged(connection):  # type: ignore[valid-type,misc]
        def _new_conn(self) -> socket.socket:
            timeout = self.timeout if isinstance(self.timeout, (int, float)) else SECONDS
            made = connect(self.host, self.port, timeout)
            made.settimeout(timeout)
            return made

        def connect(self) -> None:
            super().connect()
            if on_connected is not None:
                on_connected()

    return type("JudgedPool", (pool,), {"ConnectionCls": Judged})
