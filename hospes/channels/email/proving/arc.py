"""ARC (RFC 8617): what those who handed a mail on, and may have changed it, found out when they got it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hospes.channels.contract import Verdict
from hospes.channels.email.proving.dkim import Signature, holds, is_signed_by
from hospes.channels.email.proving.names import Names, Unanswered
from hospes.channels.email.proving.signed import Field, Mail, Malformed, tags_of
from hospes.channels.email.verdicts import verdict_of

NONE, PASS, FAIL, TEMPERROR = "none", "pass", "fail", "temperror"
MAX_SETS = 10  # fifty are allowed; nobody hands a mail on so often
FIELDS = ("arc-authentication-results", "arc-message-signature", "arc-seal")
FIRST_INSTANCE = re.compile(rb"\s*i\s*=\s*\d{1,2}\s*;")
INSTANCE = re.compile(rb"(?:^|;)\s*i\s*=\s*(\d{1,2})\s*(?:;|$)")


@dataclass(frozen=True)
class Chain:
    """What became of the chain of seals."""

    result: str
    sealer: str = ""  # the domain that sealed it last
    said: Verdict | None = None  # what that one found out when it got the mail


def check(mail: Mail, names: Names) -> Chain:
    """Return whether every seal holds and the mail is as the last one saw it."""
    try:
        sets = _sets(mail)
        if not sets:
            return Chain(NONE)
        _, seen, seal = sets[-1]
        if tags_of(seal.value).get("cv") == FAIL:
            return Chain(FAIL)
        if not holds(Signature.of(seen), mail, names):
            return Chain(FAIL)
        if not all(_is_sealed(sets[: n + 1], names) for n in reversed(range(len(sets)))):
            return Chain(FAIL)
        found = FIRST_INSTANCE.sub(b"", sets[-1][0].value, count=1)
        return Chain(PASS, Signature.of(seal).domain, verdict_of(found))
    except Malformed:
        return Chain(FAIL)
    except Unanswered:
        return Chain(TEMPERROR)


def _sets(mail: Mail) -> list[list[Field]]:
    """Return the fields of each set, the first handing on first. Raises Malformed for one with gaps."""
    found = [_numbered(mail.named(name)) for name in FIELDS]
    count = len(found[0])
    if any(sorted(each) != list(range(1, count + 1)) for each in found) or count > MAX_SETS:
        raise Malformed
    return [[each[number] for each in found] for number in range(1, count + 1)]


def _numbered(fields: list[Field]) -> dict[int, Field]:
    numbered: dict[int, Field] = {}
    for field in fields:
        match = INSTANCE.search(field.value)
        if match is None or int(match[1]) in numbered:
            raise Malformed
        numbered[int(match[1])] = field
    return numbered


def _is_sealed(sets: list[list[Field]], names: Names) -> bool:
    """Whether the last of these sets seals all of them."""
    seal = sets[-1][2]
    signature = Signature.of(seal)
    if "h" in signature.tags or signature.tags.get("cv") != (NONE if len(sets) == 1 else PASS):
        return False
    earlier = [field for each in sets for field in each][:-1]
    content = [field.relaxed() + b"\r\n" for field in earlier]
    return is_signed_by(signature, b"".join([*content, seal.without_signature().relaxed()]), names)
