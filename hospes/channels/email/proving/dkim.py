"""DKIM (RFC 6376, RFC 8463): which domains answer for this mail?"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from hospes.channels.email.proving.names import Names, Unanswered
from hospes.channels.email.proving.signed import Field, Mail, Malformed, tags_of

PASS, FAIL, NONE, PERMERROR, TEMPERROR = "pass", "fail", "none", "permerror", "temperror"

MAX_SIGNATURES = 5  # of one mail; an honest one has two or three
KEY_BITS = range(1024, 8193)
DOMAIN = re.compile(r"(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}")
ALGORITHMS = {
    "rsa-sha256": "rsa",
    "ed25519-sha256": "ed25519",
}  # sha1 proves nothing any more (RFC 8301)
CANONICAL_FORMS = {"simple", "relaxed"}


@dataclass(frozen=True)
class Signature:
    """What a field says that signs a mail. Raises Malformed when it cannot be one."""

    field: Field
    tags: dict[str, str]

    @classmethod
    def of(cls, field: Field) -> Signature:
        tags = tags_of(field.value)
        if not all(tags.get(name) for name in ("a", "b", "d", "s")):
            raise Malformed
        if tags["a"] not in ALGORITHMS or not DOMAIN.fullmatch(tags["d"].lower()):
            raise Malformed
        if not DOMAIN.fullmatch(f"{tags['s']}.{tags['d']}".lower()):
            raise Malformed
        return cls(field, tags)

    @property
    def domain(self) -> str:
        return self.tags["d"].lower()

    @property
    def forms(self) -> tuple[bool, bool]:
        """Whether head and body are taken in their relaxed forms."""
        head, _, body = self.tags.get("c", "simple/simple").partition("/")
        if not {head, body or "simple"} <= CANONICAL_FORMS:
            raise Malformed
        return head == "relaxed", body == "relaxed"


def check_all(mail: Mail, names: Names, *, now: float) -> tuple[str, tuple[str, ...]]:
    """Return (the best result, the domains whose signatures hold). now: seconds since 1970."""
    results: list[tuple[str, str]] = [
        _result(field, mail, names, now) for field in mail.named("dkim-signature")[:MAX_SIGNATURES]
    ]
    good = tuple(dict.fromkeys(domain for result, domain in results if result == PASS))
    found = {result for result, _ in results}
    order = (PASS, TEMPERROR, FAIL, PERMERROR)
    return next((result for result in order if result in found), NONE), good


def _result(field: Field, mail: Mail, names: Names, now: float) -> tuple[str, str]:
    try:
        signature = Signature.of(field)
        if signature.tags.get("v") != "1":
            return PERMERROR, ""
        if not _may_speak(signature, now):
            return FAIL, signature.domain
        return (PASS if holds(signature, mail, names) else FAIL), signature.domain
    except Unanswered:
        return TEMPERROR, ""
    except Malformed:
        return PERMERROR, ""


def _may_speak(signature: Signature, now: float) -> bool:
    """Whether it has not expired, and speaks for its own domain."""
    tags = signature.tags
    expires = tags.get("x", "")
    if expires and (not expires.isdecimal() or len(expires) > 12 or int(expires) < now):
        return False
    whose = tags.get("i", f"@{signature.domain}").rpartition("@")[2].lower()
    return whose == signature.domain or whose.endswith(f".{signature.domain}")


def holds(signature: Signature, mail: Mail, names: Names) -> bool:
    """Whether it signs this head and this body. Raises Malformed or Unanswered."""
    tags = signature.tags
    if "bh" not in tags or "from" not in _signed_names(tags):
        raise Malformed
    relaxed_head, relaxed_body = signature.forms
    body = mail.canonical_body(relaxed=relaxed_body)
    if "l" in tags and (
        not tags["l"].isdecimal() or len(tags["l"]) > 12 or int(tags["l"]) != len(body)
    ):
        return False  # what is added below would count as signed
    if hashlib.sha256(body).digest() != _bytes(tags["bh"]):
        return False
    signed = [
        one.canonical(relaxed=relaxed_head) + b"\r\n" for one in mail.chosen(_signed_names(tags))
    ]
    bare = signature.field.without_signature().canonical(relaxed=relaxed_head)
    return is_signed_by(signature, b"".join([*signed, bare]), names)


def _signed_names(tags: dict[str, str]) -> list[str]:
    return [name.strip().lower() for name in tags.get("h", "").split(":")]


def is_signed_by(signature: Signature, content: bytes, names: Names) -> bool:
    """Whether the key that the domain publishes made this signature. Raises Malformed or Unanswered."""
    tags = signature.tags
    records = names.texts(f"{tags['s']}._domainkey.{signature.domain}")
    digest = hashlib.sha256(content).digest()
    return any(_is_key_of(signature, record, digest) for record in records[:3])


def _is_key_of(signature: Signature, record: str, digest: bytes) -> bool:
    try:
        tags = tags_of(record.encode("latin-1"))
        if not _serves(tags, signature):
            return False
        return _verify(tags, _bytes(signature.tags["b"]), digest)
    except Malformed:
        return False


def _serves(tags: dict[str, str], signature: Signature) -> bool:
    kind = ALGORITHMS[signature.tags["a"]]
    if tags.get("v", "DKIM1") != "DKIM1" or tags.get("k", "rsa") != kind:
        return False
    if "h" in tags and "sha256" not in tags["h"].split(":"):
        return False
    if not {"*", "email"} & set(tags.get("s", "*").split(":")):
        return False
    if "s" in tags.get("t", "").split(":"):
        return (
            signature.tags.get("i", "@" + signature.domain).rpartition("@")[2].lower()
            == signature.domain
        )
    return True


def _verify(tags: dict[str, str], made: bytes, digest: bytes) -> bool:
    """Raises Malformed for what is no key; an empty one was taken back."""
    data = _bytes(tags.get("p", ""))
    try:
        if tags.get("k") == "ed25519":
            Ed25519PublicKey.from_public_bytes(data).verify(made, digest)
            return True
        key = load_der_public_key(data)
        if not isinstance(key, RSAPublicKey) or key.key_size not in KEY_BITS:
            return False
        key.verify(made, digest, PKCS1v15(), Prehashed(SHA256()))
    except (InvalidSignature, ValueError, UnsupportedAlgorithm, TypeError):
        return False
    return True


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed from error
