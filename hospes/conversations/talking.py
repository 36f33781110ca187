"""Who is in the talk, as a page that shows a conversation knows without asking again."""

from __future__ import annotations

from collections.abc import Sequence

from hospes.channels.contract import Address
from hospes.conversations.recipients import Recipients, Said, proposed
from hospes.conversations.timeline import MessageEntry, Opened, Timeline
from hospes.lib.addresses import canonical
from hospes.people.models import Identity


def people_of(found: Opened, said: Timeline) -> tuple[Recipients, set[str]]:
    """Return whom a reply goes to as long as nobody changes it, and the canonical addresses of the customer."""
    incoming = [e for e in reversed(said.entries) if isinstance(e, MessageEntry) and e.is_incoming]
    mail = [one for one in found.identities if one.kind == Identity.Kind.EMAIL]
    own = {canonical(one.value) for one in mail}
    theirs = [entry for entry in incoming if canonical(entry.from_address) in own]
    customers = _newest(theirs) or next(iter(theirs), None)
    if customers is not None:
        told = _said_by(customers)
    elif mail:
        name = found.conversation.customer.display_name
        told = Said(Address(name, mail[0].value))
    else:
        return Recipients(), own
    newest = _newest(incoming)
    written_to = found.conversation.channel.address or (told.to[0][1] if told.to else "")
    people = proposed(told, _said_by(newest) if newest else None, written_to=written_to)
    return people, own | {canonical(one.address) for one in people.to}


def _newest(entries: Sequence[MessageEntry]) -> MessageEntry | None:
    return next((entry for entry in entries if not entry.is_automatic), None)


def _said_by(entry: MessageEntry) -> Said:
    sender = Address(entry.from_name, entry.from_address)
    return Said(sender, entry.to, entry.cc, entry.extras.get("reply_to", ()))
