"""Whom a reply goes to, as long as nobody says otherwise: the customer, and a copy to whoever is in the talk.

The customer stays the one who is answered, whoever wrote last. Where their mail asks for answers elsewhere
(Reply-To), answers go there; that proves nothing about who wrote. Whom they copied, and whoever else wrote, is kept
in copy. No address of ours is ever among them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from django.utils.translation import gettext_lazy as _

from hospes.channels.contract import Address
from hospes.conversations.statements import OURS
from hospes.lib.addresses import canonical, is_mail_address
from hospes.lib.refusal import Refused

MAX_RECIPIENTS = 50
MAX_COPIED = 40

Pairs = Sequence[Sequence[str]]  # [[name, address], ...], as messages keep them


@dataclass(frozen=True)
class Said:
    """What a message that came in says of people."""

    sender: Address
    to: Pairs = ()
    cc: Pairs = ()
    reply_to: Pairs = ()


@dataclass(frozen=True)
class Recipients:
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()

    def __iter__(self) -> Iterator[Address]:
        return chain(self.to, self.cc)

    def __len__(self) -> int:
        return len(self.to) + len(self.cc)


def proposed(customers: Said, newest: Said | None, *, written_to: str = "") -> Recipients:
    """Return whom a reply goes to. One statement when somebody else is named beside us, else none.

    customers: the customer's own newest message, or who they are when they have not written yet.
    newest: the newest message of a person; the same one, or somebody else's.
    written_to: our address in this talk.
    """
    newest = newest or customers
    named = [*_addresses(customers.reply_to), customers.sender, newest.sender]
    named += [*_addresses(newest.to), *_addresses(newest.cc)]
    here = canonical(written_to)
    others = {canonical(one.address) for one in named} - {canonical(customers.sender.address), here}
    ours = ours_among(others) | {here}
    asked = _without(_addresses(customers.reply_to), ours)
    to = asked or [customers.sender]
    taken = ours | {canonical(one.address) for one in [*to, customers.sender]}
    copied = [newest.sender, *_addresses(newest.to), *_addresses(newest.cc)]
    return Recipients(tuple(to), tuple(_without(copied, taken)[:MAX_COPIED]))


def _addresses(pairs: Pairs) -> list[Address]:
    return [Address(name, address) for name, address in pairs]


def _without(addresses: Iterable[Address], taken: Collection[str]) -> list[Address]:
    """Return each address once, without those taken and those nothing can be sent to."""
    kept: dict[str, Address] = {}
    for one in addresses:
        key = canonical(one.address)
        if key not in taken and is_mail_address(one.address):
            kept.setdefault(key, one)
    return list(kept.values())


def ours_among(addresses: Collection[str]) -> set[str]:
    """Return which of these canonical addresses are ours: mailboxes, reply addresses, colleagues."""
    if not addresses:
        return set()
    rows = OURS.rows(addresses=sorted(addresses))
    mailboxes = [canonical(row[0]).rpartition("@") for row in rows if row[0]]
    domains = {row[1].lower() for row in rows if row[1]}
    return {canonical(row[2]) for row in rows if row[2]} | {
        one for one in addresses if _is_mailbox(one, mailboxes, domains)
    }


def _is_mailbox(
    address: str, mailboxes: Sequence[tuple[str, str, str]], domains: Collection[str]
) -> bool:
    local, _at, domain = address.rpartition("@")
    if domain in domains:
        return True
    bare = local.partition("+")[0]
    return any(domain == own_domain and own in (local, bare) for own, _, own_domain in mailboxes)


def refuse_unusable(people: Recipients) -> None:
    """Raise Refused where these are nobody, too many, or no mail addresses."""
    if not people.to:
        raise Refused(_("Say whom it goes to: write an address."), code="no_recipient")
    if len(people) > MAX_RECIPIENTS:
        raise Refused(
            _("A reply goes to %(limit)d people at most.") % {"limit": MAX_RECIPIENTS},
            code="too_many",
        )
    for one in people:
        if not is_mail_address(one.address):
            raise Refused(
                _("%(address)s is not a mail address.") % {"address": one.address},
                code="not_an_address",
            )


# As an agent types them ---------------------------------------------------------------------------

_NAMED = re.compile(r"\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\"<>]*?))\s*<\s*([^<>\s]+)\s*>\s*")
_QUOTED = re.compile(r"\\(.)")
_PIECES = re.compile(r"(?:\"(?:[^\"\\]|\\.)*\"|[^\",;、，；\n])+")


def typed(text: str) -> list[Address]:
    """Read addresses as a person writes them: with or without names, between commas or spaces.

    What is no address stays as it is, for whoever asks to refuse it in words.
    """
    found: list[Address] = []
    for piece in _PIECES.findall(text):
        if match := _NAMED.fullmatch(piece):
            name = _QUOTED.sub(r"\1", match[1]) if match[1] is not None else match[2]
            found.append(Address(name.strip(), match[3]))
        else:
            found += [Address("", word) for word in piece.split()]
    return found


def as_typed(people: Iterable[Address]) -> str:
    """Return addresses as a person would write them, to be read by `typed`."""
    return ", ".join(_written(one.name, one.address) for one in people)


def _written(name: str, address: str) -> str:
    name = " ".join(name.split())
    if not name or name == address:
        return address
    if any(sign in name for sign in '",;:<>()[]@\\、，；'):
        name = '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    return f"{name} <{address}>"
