"""HTTP matters that hold for every surface."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Callable
from gzip import GzipFile
from io import BytesIO
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.utils.cache import patch_vary_headers

FILES_PATH = "/f/"
FORWARDED = (
    "HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED", "HTTP_VIA", "HTTP_CF_CONNECTING_IP", "HTTP_X_REAL_IP",
)  # fmt: skip
IS_FORWARDED = "hospes.is_forwarded"  # whatever handed the request on, believed or not
Handler = Callable[[HttpRequest], HttpResponse]

# No inline script or style, nothing from elsewhere. Frames show customers' HTML (srcdoc, sandboxed).
CONTENT_SECURITY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:{files}; "
    "connect-src 'self'; font-src 'self'; frame-src 'self'; manifest-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


class TrustedProxyMiddleware:
    """Believe X-Forwarded-* only from the proxies named in HOSPES_TRUSTED_PROXIES.

    From anybody else the headers are removed, so nothing further in can read them by mistake.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        forwarded_for = request.META.pop("HTTP_X_FORWARDED_FOR", "")
        forwarded_proto = request.META.pop("HTTP_X_FORWARDED_PROTO", "")
        others = [request.META.pop(name, "") for name in FORWARDED]
        request.META[IS_FORWARDED] = any([forwarded_for, forwarded_proto, *others])
        request.META["REMOTE_ADDR"] = _unmapped(request.META.get("REMOTE_ADDR", ""))
        if _is_trusted(request.META["REMOTE_ADDR"]):
            client = _client(forwarded_for)
            if client:
                request.META["REMOTE_ADDR"] = client
            if forwarded_proto in {"http", "https"}:
                request.META["wsgi.url_scheme"] = forwarded_proto
        return self.get_response(request)


def is_from_here(request: HttpRequest) -> bool:
    """Whether a person or program on this machine asks, and no proxy on it for somebody elsewhere."""
    try:
        caller = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return caller.is_loopback and not request.META.get(IS_FORWARDED)


class ContentSecurityMiddleware:
    """Every answer says what a page may load; a view may set a stricter policy of its own."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", _content_security())
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), microphone=(), geolocation=()"
        )
        return response


class FilesHostMiddleware:
    """On the host of HOSPES_FILES_URL there are files and nothing else: no page, no session."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_files_host(request) and not request.path_info.startswith(FILES_PATH):
            return HttpResponseNotFound("Not found.\n", content_type="text/plain")
        return self.get_response(request)


def is_files_host(request: HttpRequest) -> bool:
    """Whether the request came to the host that serves customers' files."""
    return bool(settings.FILES_URL) and request.get_host() == urlsplit(settings.FILES_URL).netloc


def _content_security() -> str:
    origin = urlsplit(settings.FILES_URL)
    files = f" {origin.scheme}://{origin.netloc}" if settings.FILES_URL else ""
    return CONTENT_SECURITY.format(files=files)


class CompressedPagesMiddleware:
    """Send pages compressed to who can read that: lists are mostly the same few words.

    Only whole texts of our own: streams and files go as they are. A few random bytes keep the size from
    telling what a page holds (BREACH).
    """

    LEAST_BYTES = 1024

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.streaming or response.has_header("Content-Encoding"):
            return response
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        if (
            kind not in {"text/html", "application/json"}
            or len(response.content) < self.LEAST_BYTES
        ):
            return response
        patch_vary_headers(response, ("Accept-Encoding",))
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            response.content = _compressed(response.content)
            response.headers["Content-Encoding"] = "gzip"
            response.headers["Content-Length"] = str(len(response.content))
        return response


def _compressed(content: bytes) -> bytes:
    """Return the text as gzip, quickly, with up to a hundred random bytes in the name of its header."""
    packed = BytesIO()
    filename = "a" * secrets.randbelow(100)
    with GzipFile(filename, mode="wb", compresslevel=3, fileobj=packed, mtime=0) as file:
        file.write(content)
    return packed.getvalue()


def _unmapped(address: str) -> str:
    """Return an IPv4 caller's own address where the server listens on both kinds at once."""
    return address.removeprefix("::ffff:") if "." in address else address


def _is_trusted(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in settings.TRUSTED_PROXIES)


def _client(forwarded_for: str) -> str:
    """Return the rightmost address that no trusted proxy of ours added; "" when there is none."""
    for part in reversed(forwarded_for.split(",")):
        address = part.strip()
        if address and not _is_trusted(address):
            return address
    return ""
