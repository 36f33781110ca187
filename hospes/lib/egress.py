"""The one way out over HTTP: to the very address that was judged, in time, and never much.

A redirect is followed only by `fetch`, and each hop is judged as the first was.
"""

from __future__ import annotations

import json
import queue
import ssl
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx

from hospes.lib.reaching import Network, is_open, open_addresses

MAX_ANSWER_BYTES = 256 * 2**10
SECONDS = 20.0  # for all of it
MAX_HOPS = 3  # of one redirect to the next
UNREACHED = (
    httpx.HTTPError, httpx.InvalidURL, httpcore.NetworkError, httpcore.TimeoutException,
    httpcore.ProtocolError, OSError, ValueError,
)  # fmt: skip


class NoAnswer(Exception):
    """Nothing came back that could be read; the text says what happened. Asking again later may help."""


@dataclass(frozen=True)
class Answer:
    status: int
    fields: Mapping[str, Any]  # of the JSON object; empty when it is none


def post_form(
    url: str, form: Mapping[str, str], *, allowed: Collection[Network], seconds: float = SECONDS
) -> Answer:
    """Send a form and return the answer, whatever its status.

    Only by HTTPS, but for addresses in the networks that are allowed. Raises NoAnswer.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise NoAnswer(f"{url} is no address.")
    ends_at = time.monotonic() + seconds
    headers = {"Accept": "application/json", "User-Agent": "Hospes"}
    with (
        _way_out(allowed, is_plain=parts.scheme == "http", ends_at=ends_at) as client,
        client.stream("POST", url, data=dict(form), headers=headers) as answer,
    ):
        return Answer(answer.status_code, _fields(_body(answer, ends_at, MAX_ANSWER_BYTES)))


def fetch(
    url: str, *, allowed: Collection[Network], accept: str, most_bytes: int, seconds: float
) -> bytes:
    """Return what lies at an address, as it would be shown to anybody.

    Nothing of ours goes there but the question: no cookie, no page that led there, nobody's name. It may lie in the
    clear, and up to three redirects further on, never within a private network that is not allowed.

    seconds: for all of it. most_bytes: of the answer. Raises NoAnswer.
    """
    ends_at = time.monotonic() + seconds
    headers = {"Accept": accept, "Accept-Encoding": "identity", "User-Agent": "Hospes"}
    for _hop in range(1 + MAX_HOPS):
        with (
            _way_out(allowed, is_plain=False, ends_at=ends_at) as client,
            client.stream("GET", _anybodys(url), headers=headers) as answer,
        ):
            if answer.next_request is None:
                if answer.status_code != 200:
                    raise NoAnswer(f"It answered {answer.status_code}.")
                return _body(answer, ends_at, most_bytes)
            url = str(answer.next_request.url)
    raise NoAnswer("It leads on and on.")


def _anybodys(url: str) -> str:
    """Return the address if it names a server and no account there. Raises NoAnswer."""
    parts = httpx.URL(url)
    if parts.scheme not in {"http", "https"} or not parts.host or parts.userinfo:
        raise NoAnswer("This is no address that everybody may open.")
    return url


@contextmanager
def _way_out(
    allowed: Collection[Network], *, is_plain: bool, ends_at: float
) -> Iterator[httpx.Client]:
    """Give a client for one question; whatever goes wrong with it is NoAnswer."""
    transport = _Judged(_Backend(allowed, is_plain=is_plain, ends_at=ends_at))
    try:
        with httpx.Client(transport=transport, timeout=None, trust_env=False) as client:  # noqa: S113 # the backend keeps time
            yield client
    except UNREACHED as error:
        raise NoAnswer(str(error) or type(error).__name__) from error


def _body(answer: httpx.Response, ends_at: float, most_bytes: int) -> bytes:
    gathered = bytearray()
    for part in answer.iter_raw():
        gathered += part
        if len(gathered) > most_bytes:
            raise NoAnswer("The answer is too long.")
        if time.monotonic() > ends_at:
            raise NoAnswer("The answer took too long.")
    return bytes(gathered)


def _fields(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


@cache
def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context()


class _Judged(httpx.HTTPTransport):
    """Connects to the addresses that may be reached, and asks for the name only once."""

    def __init__(self, backend: _Backend) -> None:
        super().__init__(verify=_trusted(), trust_env=False)
        self._pool = httpcore.ConnectionPool(ssl_context=_trusted(), network_backend=backend)


class _Backend(httpcore.SyncBackend):
    """is_plain: what is sent is not encrypted, and may not leave our own networks."""

    def __init__(self, allowed: Collection[Network], *, is_plain: bool, ends_at: float) -> None:
        self._allowed, self._is_plain, self._ends_at = allowed, is_plain, ends_at

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 # the end is the same for all
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._addresses(host, port)
        if self._is_plain and any(is_open(one, ()) for one in addresses):
            raise httpcore.ConnectError("Outside of your own network only HTTPS is spoken.")
        last: Exception = httpcore.ConnectError("It was not reached.")
        for address in addresses:
            left = _left(self._ends_at) / 2  # so that the next one has its time, too
            try:
                stream = super().connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
            else:
                return _InTime(stream, self._ends_at)
        raise last

    def _addresses(self, host: str, port: int) -> list[str]:
        """Return the addresses of the host that may be reached. The system takes its own time over a name."""
        found: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()

        def look() -> None:
            try:
                found.put(open_addresses(host, port, allowed=self._allowed))
            except OSError as error:
                found.put(error)

        threading.Thread(target=look, daemon=True).start()
        try:
            answer = found.get(timeout=_left(self._ends_at))
        except queue.Empty as error:
            raise httpcore.ConnectTimeout("Nobody could say in time where that is.") from error
        if isinstance(answer, OSError):
            raise httpcore.ConnectError(str(answer)) from answer
        return answer


class _InTime(httpcore.NetworkStream):
    """A connection that ends at a moment, however little at a time comes over it."""

    def __init__(self, stream: httpcore.NetworkStream, ends_at: float) -> None:
        self._stream, self._ends_at = stream, ends_at

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._stream.read(max_bytes, _left(self._ends_at))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, _left(self._ends_at))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, _left(self._ends_at))
        return _InTime(secured, self._ends_at)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(ends_at: float) -> float:
    """Return the seconds until then. Raises ReadTimeout when it is past."""
    left = ends_at - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("It took too long.")
    return left
