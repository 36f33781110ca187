"""Mail addresses as we compare them."""

from __future__ import annotations

import contextlib
import re
import unicodedata


def canonical(address: str) -> str:
    """Return the form an identity is stored in: lower case, the domain in Unicode.

    Local parts differ in case by accident only; a domain that cannot be decoded stays as it is.
    """
    local, at, domain = address.strip().lower().rpartition("@")
    if "xn--" in domain:
        with contextlib.suppress(UnicodeError):
            domain = domain.encode("ascii").decode("idna")
    return f"{local}{at}{domain}"


def without_tag(address: str) -> str:
    """Return the mailbox an address with a tag leads to: lin+parcel@cust.example is lin@cust.example's."""
    local, at, domain = address.rpartition("@")
    return f"{local.partition('+')[0] or local}{at}{domain}"


_ADDRESS = re.compile(
    r"[^\s@<>\"(),:;\\\[\]\x00-\x1f\x7f]{1,64}@[^\s@<>\"(),:;\\\[\]\x00-\x1f\x7f]{1,255}"
)


_AT = ("@", "＠", "﹫")
_MENTIONED = re.compile(r"[^\s@<>\"'(),:;\[\]]{1,64}@[^\s@<>\"'(),:;\[\]]{1,255}")


def names_another(name: str, address: str) -> bool:
    """Whether a display name looks like the address of somebody else: a name is anybody's to choose."""
    if not any(sign in name for sign in _AT):
        return False
    plain = unicodedata.normalize("NFKC", name)
    plain = "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")
    own = canonical(address)
    return any(canonical(each.rstrip(".")) != own for each in _MENTIONED.findall(plain))


def is_mail_address(text: str) -> bool:
    """Whether this can stand as a recipient: one address, with nothing a mail header would read."""
    return _ADDRESS.fullmatch(text) is not None
