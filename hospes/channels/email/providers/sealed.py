"""Whether Amazon itself wrote a notification: SNS signs each with the key of a certificate that it names.

https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.x509 import Certificate, load_pem_x509_certificate

AMAZON = re.compile(r"sns\.[a-z0-9-]{1,40}\.amazonaws\.com(\.cn)?")
TOLD = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
ASKED = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
HASHES: dict[str, HashAlgorithm] = {"1": SHA1(), "2": SHA256()}  # noqa: S303 # as a topic is set to
MAX_KNOWN = 16
_known: dict[str, Certificate] = {}  # by address: they change once in a year or so


def is_amazons(url: str, *, besides: str = "") -> bool:
    """Whether this address is one of Amazon's own for SNS. besides: another one that was set, of a stand-in."""
    parts = urlsplit(url)
    if parts.scheme == "https" and AMAZON.fullmatch(parts.netloc):
        return True
    return bool(besides) and parts.netloc == urlsplit(besides).netloc


def is_sealed(
    said: Any, *, get: Callable[[str], bytes], besides: str = "", now: datetime | None = None
) -> bool:
    """Whether the seal on a notification is right, and Amazon's. `get` fetches the certificate, once."""
    if not isinstance(said, dict):
        return False
    try:
        url, given = said["SigningCertURL"], base64.b64decode(said["Signature"], validate=True)
        algorithm = HASHES[said["SignatureVersion"]]
        if not isinstance(url, str) or not is_amazons(url, besides=besides):
            return False
        certificate = _certificate(url, get)
        if not _is_good(certificate, now or datetime.now(UTC)):
            return False
        key = certificate.public_key()
        if not isinstance(key, RSAPublicKey):
            return False
        key.verify(given, _signed(said), PKCS1v15(), algorithm)
    except (KeyError, TypeError, ValueError, binascii.Error, InvalidSignature):
        return False
    return True


def _signed(said: dict[str, Any]) -> bytes:
    """Return what the signature is about: the named fields that are there, in this order."""
    names = TOLD if said["Type"] == "Notification" else ASKED
    return "".join(
        f"{name}\n{said[name]}\n" for name in names if said.get(name) is not None
    ).encode()


def _certificate(url: str, get: Callable[[str], bytes]) -> Certificate:
    if url not in _known:
        fetched = load_pem_x509_certificate(get(url))
        while len(_known) >= MAX_KNOWN:
            del _known[next(iter(_known))]
        _known[url] = fetched
    return _known[url]


def _is_good(certificate: Certificate, now: datetime) -> bool:
    return certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
