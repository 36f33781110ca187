"""Sign our letters (DKIM, RFC 6376), so that whoever gets one can prove that it is from the domain it names."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass, field

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from hospes.channels.email.proving.signed import Field, Malformed, mail_of, tags_of

BITS = 2048
MIN_BITS, MAX_BITS = 1024, 4096
LINE_CHARS = 70
# Named once more than they stand there, so that nobody can add another.
SEALED = ("from", "to", "cc", "reply-to", "subject", "date", "message-id")
SIGNED = (
    *SEALED, "in-reply-to", "references", "mime-version", "content-type", "content-transfer-encoding",
    "content-language", "auto-submitted", "list-unsubscribe", "list-unsubscribe-post",
)  # fmt: skip


class NoKey(ValueError):
    """This is no RSA key that letters can be signed with."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A key of a domain, by the name under which the DNS has its other half."""

    domain: str
    selector: str
    private_key: str = field(repr=False)  # PEM

    def sign(self, content: bytes, *, at: int) -> bytes:
        """Return the letter with a signature on top. at: seconds since 1970. Raises NoKey."""
        key = _key_of(self.private_key)
        mail = mail_of(content)
        names = [one.name for one in mail.fields if one.name in SIGNED]
        names += SEALED
        body = base64.b64encode(hashlib.sha256(mail.canonical_body(relaxed=True)).digest()).decode()
        lines = [
            f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={self.domain}; s={self.selector};",
            f"t={at};",
            f"h={_folded(':'.join(names), ':')};",
            f"bh={body};",
            "b=",
        ]
        unsigned = ("\r\n\t".join(lines)).encode("ascii")
        fields = [one.relaxed() + b"\r\n" for one in mail.chosen(names)]
        bare = Field("dkim-signature", b"", b" " + unsigned).relaxed()
        made = key.sign(b"".join([*fields, bare]), PKCS1v15(), SHA256())
        signature = _folded(base64.b64encode(made).decode("ascii"), "")
        return b"DKIM-Signature: " + unsigned + signature.encode("ascii") + b"\r\n" + content


def make_key() -> str:
    """Return a new private key as PEM."""
    made = generate_private_key(public_exponent=65537, key_size=BITS)
    return _pem(made)


def read_key(pem: str) -> str:
    """Return a private key as PEM, as we keep it. Raises NoKey."""
    return _pem(_key_of(pem))


def record_of(private_key: str) -> str:
    """Return what the DNS has to say of this key. Raises NoKey."""
    public = _key_of(private_key).public_key()
    data = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa; p={base64.b64encode(data).decode('ascii')}"


def is_published(private_key: str, records: list[str]) -> bool:
    """Whether one of the TXT records that the DNS has is that of this key."""
    wanted = _public_of(record_of(private_key))
    return any(_public_of(record) == wanted for record in records)


def _public_of(record: str) -> bytes:
    try:
        return base64.b64decode(tags_of(record.encode("latin-1", "replace")).get("p", ""))
    except (Malformed, binascii.Error, ValueError):
        return b""


def _key_of(pem: str) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(pem.strip().encode("utf-8", "replace"), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise NoKey("This is no private key without a password (PEM).") from error
    if not isinstance(key, RSAPrivateKey) or not MIN_BITS <= key.key_size <= MAX_BITS:
        raise NoKey("This is no RSA key of 1024 to 4096 bits.")
    return key


def _pem(key: RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")


def _folded(text: str, after: str) -> str:
    """Break a long value over lines, behind `after` where that is given."""
    lines, line = [], ""
    for piece in text.split(after) if after else list(text):
        joined = f"{line}{after if line else ''}{piece}"
        if len(joined) > LINE_CHARS and line:
            lines.append(line + after)
            line = piece
        else:
            line = joined
    return "\r\n\t ".join([*lines, line])
