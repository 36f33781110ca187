"""A reply as a letter: who it is from and to, how answers find back, and its text as sent."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from babel import Locale
from babel.dates import format_date, format_time, get_timezone
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from hospes.brands.models import Brand, Site
from hospes.channels.contract import Address, Outbound, OutboundFile
from hospes.channels.models import Channel
from hospes.conversations import acknowledgements
from hospes.conversations.models import Conversation, Message, OutboxEntry
from hospes.conversations.recipients import Pairs, Recipients, Said, proposed
from hospes.conversations.statements import WAYS
from hospes.conversations.threading import bounce_address, reply_address
from hospes.files import store
from hospes.language.speaking import spoken
from hospes.lib.prepared import Row, read, read_if_any
from hospes.lib.refusal import Refused
from hospes.people.models import Identity
from hospes.team.models import Agent

MAX_REFERENCES = 20
MAX_REFERENCES_CHARS = 998 - len("References: ")  # one header line, as RFC 5322 allows it
MAX_QUOTED_LINES = 40
MAX_QUOTED_CHARS = 3_000


@dataclass(frozen=True)
class Ways:
    """How a conversation reaches its customer: what a reply needs to know before it is written."""

    channel: Channel
    recipient: Identity  # of the customer
    proposed: Recipients  # whom it goes to, unless the writer says otherwise
    from_address: str
    domain: str  # of the Message-ID
    key: bytes  # that signs it


def ways_of(conversation: Conversation) -> Ways:
    """Look up how a reply reaches the customer: by the address they last wrote from, or asked for answers at.

    Raises Refused when they have none.
    """
    row = WAYS.row(
        conversation=conversation.pk,
        channel=conversation.channel_id,
        customer=conversation.customer_id,
    )
    if row is None:
        raise Channel.DoesNotExist(conversation.channel_id)
    own, newest = _said(row[:5]), _said((*row[5:9], None))
    channel, row = read(Channel, row[9:])
    channel.brand, row = read(Brand, row)
    channel.brand.site, row = read(Site, row)
    identity = read_if_any(Identity, row)[0]
    if own is None:  # they have not written yet
        identity = _first_identity(conversation)
    if identity is None:
        raise Refused(_("This customer has no mail address to reply to."), code="no_address")
    if own is None:
        own = Said(Address(identity.customer.display_name, identity.value))
    our_address = channel.address or _address_written_to(own.to)
    return Ways(
        channel=channel,
        recipient=identity,
        proposed=proposed(own, newest, written_to=our_address),
        from_address=our_address,
        domain=channel.reply_domain or our_address.rpartition("@")[2],
        key=bytes(channel.brand.site.mail_key),
    )


def _said(row: Row) -> Said | None:
    """Return what columns say of people; None when there is no such message."""
    name, address, to, cc, extras = row
    if address is None:
        return None
    reply_to = json.loads(extras).get("reply_to", ()) if extras else ()
    return Said(
        Address(name or "", address), json.loads(to or "[]"), json.loads(cc or "[]"), reply_to
    )


def _first_identity(conversation: Conversation) -> Identity | None:
    identities = Identity.objects.mail().filter(customer_id=conversation.customer_id)
    return identities.select_related("customer").order_by("pk").first()


def _address_written_to(recipients: Pairs) -> str:
    """Return the address a catch-all channel was reached at, so that the answer comes from there."""
    written_to = recipients[0][1] if recipients else ""
    return written_to or f"support@{urlsplit(settings.URL).hostname}"


def from_name(agent: Agent, brand: Brand, language: str) -> str:
    """Return who the customer sees as the sender: the agent's name and the brand's."""
    with translation.override(spoken(language, brand.language)):
        # Translators: the sender's name in a letter to a customer: an agent, and the brand.
        name = pgettext("letter", "%(agent)s at %(brand)s")
    return name % {"agent": agent.name, "brand": brand.name}


def reply_subject(subject: str, reference: str) -> str:
    """Return the subject of a reply; to a letter without one, the number of the conversation."""
    bare = subject.strip() or reference
    if re.match(r"re\s*:", bare, re.IGNORECASE):
        return bare[:998]
    return f"Re: {bare}".strip()[:998]


# The letter itself --------------------------------------------------------------------------


def letter(entry: OutboxEntry) -> Outbound:
    """Return the outbox entry as a letter, the same for every attempt to send it."""
    message = entry.message
    channel, conversation = message.channel, message.conversation
    site: Site = channel.brand.site
    key = bytes(site.mail_key)
    earlier = _earlier(message)
    headers = {"X-Hospes-Loop": str(site.install_id)}
    bounces_to = bounce_address(channel, entry.pk, key=key) or message.from_address
    if message.is_automatic:
        headers |= acknowledgements.HEADERS
        bounces_to = ""  # RFC 3834: nothing is ever sent back to what a machine wrote
    answers_to = reply_address(channel, conversation.pk, message.identity_id or 0, key=key)
    return Outbound(
        message_id=message.message_id,
        from_=Address(message.from_name, message.from_address),
        to=_addresses(message.to),
        cc=_addresses(message.cc),
        reply_to=(Address(channel.brand.name, answers_to),) if answers_to else (),
        envelope_from=bounces_to,
        subject=message.subject,
        text=_text(message, channel.brand, earlier),
        date=message.at,
        language=message.language,
        in_reply_to=earlier[0].message_id if earlier else "",
        references=_references([one.message_id for one in earlier]),
        headers=headers,
        files=_files(message),
        number=_number(entry),
    )


def _number(entry: OutboxEntry) -> str:
    """Return what the attempts share until an agent has it sent again, which shall arrive once more."""
    install = entry.message.channel.brand.site.install_id
    return f"hospes-{install}-{entry.pk}-{moment_of(entry)}"


def moment_of(entry: OutboxEntry) -> int:
    """Return when the first of these attempts was made, in microseconds since 1970; 0: there was none."""
    return round(entry.tried_since.timestamp() * 1_000_000) if entry.tried_since else 0


def _earlier(message: Message) -> list[Message]:
    """Return what was said before this one and has a Message-ID, newest first."""
    return list(
        Message.objects.filter(conversation_id=message.conversation_id, pk__lt=message.pk)
        .said()
        .exclude(message_id="")
        .defer("text", "html")
        .order_by("-pk")[:MAX_REFERENCES]
    )


def _references(newest_first: list[str]) -> tuple[str, ...]:
    """Return what fits into one line, newest kept, in the order the header wants: oldest first."""
    kept: list[str] = []
    room = MAX_REFERENCES_CHARS
    for message_id in newest_first:
        room -= len(message_id) + 1
        if room < 0:
            break
        kept.append(message_id)
    return tuple(reversed(kept))


def _addresses(pairs: list[list[str]]) -> tuple[Address, ...]:
    return tuple(Address(name, address) for name, address in pairs)


def _text(message: Message, brand: Brand, earlier: list[Message]) -> str:
    parts = [message.text]
    if brand.signature.strip():
        parts.append(f"-- \n{brand.signature.strip()}")
    quoted = next((one for one in earlier if one.is_incoming), None)
    if quoted is not None and not message.is_automatic and quoted.reply_text.strip():
        parts.append(_quotation(quoted, message))
    return "\n\n".join(parts) + "\n"


def _quotation(quoted: Message, answer: Message) -> str:
    """Return what we answer to, so that the letter can be read alone; not the whole history."""
    lines = quoted.reply_text.strip()[:MAX_QUOTED_CHARS].split("\n")
    language = spoken(answer.language, answer.channel.brand.language)
    zone = answer.conversation.customer_zone
    with translation.override(language):
        # Translators: in a letter to a customer, above what they wrote. Do not guess their gender.
        opening = pgettext("letter", "On %(date)s, %(name)s wrote:") % {
            "date": _written_at(quoted.at, Locale.parse(language, sep="-"), zone),
            "name": quoted.from_name or quoted.from_address,
        }
    return "\n".join([opening, *(f"> {line}".rstrip() for line in lines[:MAX_QUOTED_LINES])])


def _written_at(at: datetime, locale: Locale, zone: str) -> str:
    """Return a moment to the minute on the customer's clock; where nobody knows it, in UTC and saying so."""
    local = at.astimezone(get_timezone(zone or "UTC"))
    clock = format_time(local, "short", locale=locale)
    return str(locale.datetime_formats["medium"]).format(
        clock if zone else f"{clock} UTC", format_date(local, "long", locale=locale)
    )


def _files(message: Message) -> tuple[OutboundFile, ...]:
    files = []
    for attachment in message.attachments.all():
        with store.open_stored(attachment.sha256) as file:
            files.append(
                OutboundFile(attachment.name, attachment.content_type, content=file.read())
            )
    return tuple(files)
