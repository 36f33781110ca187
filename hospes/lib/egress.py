"""The one way out over HTTP: to the very address that was judged, without redirects, in time, and never much."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx

from hospes.lib.reaching import Network, is_open, open_addresses

MAX_ANSWER_BYTES = 256 * 2**10
SECONDS = 20.0  # for all of it


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
    is_plain = parts.scheme == "http"
    try:
        with httpx.Client(
            transport=_Judged(allowed, is_plain=is_plain), timeout=seconds / 2, trust_env=False
        ) as client:
            headers = {"Accept": "application/json", "User-Agent": "Hospes"}
            with client.stream("POST", url, data=dict(form), headers=headers) as answer:
                return Answer(answer.status_code, _fields(_body(answer, ends_at)))
    except (httpx.HTTPError, httpx.InvalidURL, httpcore.NetworkError, OSError) as error:
        raise NoAnswer(str(error) or type(error).__name__) from error


def _body(answer: httpx.Response, ends_at: float) -> bytes:
    gathered = bytearray()
    for part in answer.iter_raw():
        gathered += part
        if len(gathered) > MAX_ANSWER_BYTES:
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


class _Judged(httpx.HTTPTransport):
    """Connects to the addresses that may be reached, and asks for the name only once."""

    def __init__(self, allowed: Collection[Network], *, is_plain: bool) -> None:
        context = ssl.create_default_context()
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            network_backend=_Backend(allowed, is_plain=is_plain),
        )


class _Backend(httpcore.SyncBackend):
    def __init__(self, allowed: Collection[Network], *, is_plain: bool) -> None:
        self._allowed, self._is_plain = allowed, is_plain

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            addresses = open_addresses(host, port, allowed=self._allowed)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        if self._is_plain and any(is_open(one, ()) for one in addresses):
            raise httpcore.ConnectError("Outside of your own network only HTTPS is spoken.")
        last: Exception = httpcore.ConnectError("It was not reached.")
        for address in addresses:
            try:
                return super().connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
        raise last
