"""Which conversation a mail joins: signed reply addresses, signed Message-IDs, and the decision.

Pure. A subject decides nothing, and nothing reaches across channels; why, and what a desk without
a trusted mail server in front gives up, stands in docs/adr/0003-which-conversation-a-mail-joins.md.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol
from uuid import UUID

MAC_BYTES = 10  # 80 bits, 16 characters
LONG_CLOSED = timedelta(days=30)  # after this a mail opens a new conversation

# Local parts get lower-cased on the way and many gateways know nothing but letters and digits.
# The channel's number comes first: several mailboxes may share one domain of reply addresses, and
# the door has to know whose it is (`channels/routing.py`).
_TOKEN = re.compile(r"r[+.](\d{1,5})\.(\d{1,18})\.(\d{1,18})\.([a-z2-7]{18})")
_BOUNCE = re.compile(r"b[+.](\d{1,5})\.(\d{1,18})\.([a-z2-7]{18})")
_MESSAGE_ID = re.compile(r"<([0-9a-f]{32})\.([a-z2-7]{18})@[^<>@\s]+>")


class Mailbox(Protocol):
    """What a channel must tell for a reply address to be made."""

    pk: int
    address: str
    reply_domain: str
    has_plus_tags: bool


@dataclass(frozen=True)
class ReplyToken:
    """What a signed reply address says: answer to this conversation, given to this identity."""

    conversation_id: int
    identity_id: int


def message_hash(message_id: str) -> int:
    """Return the number by which a Message-ID is looked up: 64 bits of its SHA-256, signed."""
    digest = hashlib.sha256(message_id.encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


# Signed names ------------------------------------------------------------------------------


def make_message_id(uuid: UUID, *, key: bytes, domain: str) -> str:
    """Return the Message-ID of something we send, the same for every attempt to send it."""
    return f"<{uuid.hex}.{_sign(f'm.{uuid.hex}', key)}@{domain}>"


def read_message_id(message_id: str, *, keys: Sequence[bytes]) -> UUID | None:
    """Return the UUID in a Message-ID of ours, or None when we did not make it."""
    match = _MESSAGE_ID.fullmatch(message_id.strip().lower())
    if match and _is_signed(f"m.{match[1]}", match[2], keys):
        return UUID(hex=match[1])
    return None


def reply_address(channel: Mailbox, conversation_id: int, identity_id: int, *, key: bytes) -> str:
    """Return the address that brings a reply of this identity back into this conversation.

    "" for a mailbox that answers only to its own address: its mails are told apart by Message-ID.
    """
    named = f"{channel.pk}.{conversation_id}.{identity_id}"
    return _tagged(channel, f"r+{named}.{_sign(f'r.{named}', key)}")


def read_reply_address(
    address: str, channel: Mailbox, *, keys: Sequence[bytes]
) -> ReplyToken | None:
    """Return what a reply address of this channel says, or None when it is none of ours."""
    match = _TOKEN.fullmatch(_tag_of(address, channel))
    if match is None or int(match[1]) != channel.pk:
        return None
    token = ReplyToken(int(match[2]), int(match[3]))
    named = f"{channel.pk}.{token.conversation_id}.{token.identity_id}"
    return token if _is_signed(f"r.{named}", match[4], keys) else None


def bounce_address(channel: Mailbox, outbox_id: int, *, key: bytes) -> str:
    """Return where a mail server reports that it could not deliver this outbox entry.

    The channel's own address when it has no others.
    """
    named = f"{channel.pk}.{outbox_id}"
    return _tagged(channel, f"b+{named}.{_sign(f'b.{named}', key)}") or channel.address


def read_bounce_address(address: str, channel: Mailbox, *, keys: Sequence[bytes]) -> int | None:
    """Return the outbox entry a report came back for, or None when the address is none of ours."""
    match = _BOUNCE.fullmatch(_tag_of(address, channel))
    if match is None or int(match[1]) != channel.pk:
        return None
    outbox_id = int(match[2])
    return outbox_id if _is_signed(f"b.{channel.pk}.{outbox_id}", match[3], keys) else None


def _tagged(channel: Mailbox, tag: str) -> str:
    if channel.reply_domain:
        return f"{tag}@{channel.reply_domain}"
    if channel.has_plus_tags and channel.address:
        local, _, domain = channel.address.rpartition("@")
        # One plus only: what follows the first is the tag in every mail server.
        return f"{local}+{tag.replace('+', '.', 1)}@{domain}"
    return ""


def _tag_of(address: str, channel: Mailbox) -> str:
    """Return the tag of an address on the reply domain or behind the channel's own name, or ""."""
    local, _, domain = address.strip().lower().rpartition("@")
    if channel.reply_domain and domain == channel.reply_domain.lower():
        return local
    own_local, _, own_domain = channel.address.lower().rpartition("@")
    if own_domain and domain == own_domain and local.startswith(f"{own_local}+"):
        return local.removeprefix(f"{own_local}+")
    return ""


def _sign(text: str, key: bytes) -> str:
    """Return two characters that name the key and 16 that only its holder can compute."""
    mac = hmac.digest(key, text.encode(), hashlib.sha256)[:MAC_BYTES]
    return _key_id(key) + _base32(mac)


def _is_signed(text: str, signature: str, keys: Sequence[bytes]) -> bool:
    return any(
        hmac.compare_digest(_sign(text, key), signature)
        for key in keys
        if _key_id(key) == signature[:2]
    )


def _key_id(key: bytes) -> str:
    return _base32(hashlib.sha256(b"hospes mail key id" + key).digest()[:5])[:2]


def _base32(value: bytes) -> str:
    return base64.b32encode(value).decode("ascii").rstrip("=").lower()


# The decision ------------------------------------------------------------------------------


class Outcome(Enum):
    JOIN = "join"
    OPEN = "open"  # a new conversation
    HOLD = "hold"  # a stranger with a valid reply address: an agent decides


@dataclass(frozen=True)
class Candidate:
    """A conversation a mail points at, as far as the decision needs to know it."""

    conversation_id: int
    channel_id: int
    customer_id: int
    participant_ids: frozenset[int]
    closed_at: datetime | None
    outbox_id: int | None = None  # when it was found by a letter of ours
    named: frozenset[str] = frozenset()  # canonical addresses the message it was found by went to


@dataclass(frozen=True)
class Arrival:
    """A mail that asks where it belongs."""

    channel_id: int
    identity_id: int
    customer_id: int  # whose identity it is
    address: str  # canonical
    is_verified: bool
    can_be_verified: bool  # the channel has a trusted mail server in front
    at: datetime


@dataclass(frozen=True)
class Decision:
    outcome: Outcome
    conversation_id: int | None = None


OPEN = Decision(Outcome.OPEN)


def decide(
    arrival: Arrival,
    *,
    by_token: Candidate | None,
    by_own_id: Iterable[Candidate] = (),
    by_any_id: Iterable[Candidate] = (),
) -> Decision:
    """Return where a mail belongs; the first sign that holds decides.

    by_token: what a reply address with a valid signature names.
    by_own_id: conversations of our own signed Message-IDs among its references, newest first.
    by_any_id: the same for every stored Message-ID.
    """
    if by_token and _is_here(arrival, by_token):
        if not _takes_part(arrival, by_token):
            return Decision(Outcome.HOLD, by_token.conversation_id)
        return Decision(Outcome.JOIN, by_token.conversation_id)
    if arrival.is_verified or not arrival.can_be_verified:
        for candidate in by_own_id:
            if _may_join(arrival, candidate):
                return Decision(Outcome.JOIN, candidate.conversation_id)
    if arrival.is_verified:
        for candidate in by_any_id:
            if _may_join(arrival, candidate):
                return Decision(Outcome.JOIN, candidate.conversation_id)
    return OPEN


def _may_join(arrival: Arrival, candidate: Candidate) -> bool:
    return _is_here(arrival, candidate) and _takes_part(arrival, candidate)


def _takes_part(arrival: Arrival, candidate: Candidate) -> bool:
    """Whether the sender wrote here before, was let in, or was copied in the message that is answered.

    A proven further address of the customer counts.
    """
    is_same_person = arrival.is_verified and arrival.customer_id == candidate.customer_id
    is_known = arrival.identity_id in candidate.participant_ids
    return is_same_person or is_known or arrival.address in candidate.named


def _is_here(arrival: Arrival, candidate: Candidate) -> bool:
    is_long_closed = (
        candidate.closed_at is not None and arrival.at - candidate.closed_at > LONG_CLOSED
    )
    return arrival.channel_id == candidate.channel_id and not is_long_closed
