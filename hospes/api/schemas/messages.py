"""Messages, their files, and what becomes of those that go out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import Field

from hospes.api.fields import Instant, Told
from hospes.api.schemas.conversations import AgentNamed
from hospes.channels.contract import Invitation
from hospes.conversations.extras import invitations_in, protection_in
from hospes.conversations.listing import told
from hospes.conversations.models import Attachment, Message, OutboxEntry
from hospes.language.writing import direction


class AddressTold(Told):
    name: str
    address: str


class AttachmentTold(Told):
    id: int
    name: str
    content_type: str
    size_bytes: int
    sha256: str
    is_inline: bool
    content_id: str | None
    is_stored: bool = Field(
        description="Not yet, when the disk did not take it; it is stored as soon as there is room"
    )
    check: str | None = Field(
        description="What the virus scanner says of it: clean, found, unread (it could not look into it) or waiting; null where nobody asked one",
        examples=["clean"],
    )
    url: str = Field(examples=["/api/v1/attachments/7"])

    @classmethod
    def of(cls, row: Attachment) -> AttachmentTold:
        """The row is loaded as `listing.told` does."""
        return cls(
            id=row.pk,
            name=row.name,
            content_type=row.content_type,
            size_bytes=row.size_bytes,
            sha256=row.sha256,
            is_inline=row.is_inline,
            content_id=row.content_id or None,
            is_stored=row.missing_since is None,
            check=row.checked,  # type: ignore[attr-defined] # annotated
            url=f"/api/v1/attachments/{row.pk}",
        )


class DeliveryTold(Told):
    """What became of a message of ours; `unknown`: it may have been sent, and is never sent again by itself."""

    state: str = Field(
        description="queued, sending, accepted, delivered, bounced, failed or unknown"
    )
    reason: str | None
    explanation: str = Field(description="In the language asked for; may be empty")
    answer: str = Field(description="What the mail server said, in its own words")
    changed_at: Instant
    can_be_unsent_until: Instant | None

    @classmethod
    def of(cls, row: OutboxEntry) -> DeliveryTold:
        return cls(
            state=row.state,
            reason=row.reason or None,
            explanation=row.explanation,
            answer=row.answer,
            changed_at=row.changed_at,
            can_be_unsent_until=_undo_until(row),
        )


def _undo_until(row: OutboxEntry) -> datetime | None:
    is_waiting = row.state == OutboxEntry.State.QUEUED and row.attempts == 0
    return row.undo_until if is_waiting else None


class ProtectionTold(Told):
    """How a mail is signed or sealed. A signature is not checked: it proves nothing."""

    kind: str = Field(description="smime or pgp")
    is_sealed: bool = Field(description="Encrypted: its text is not known here")


class InvitationTold(Told):
    """A meeting, as the calendar file of the mail says."""

    uid: str
    method: str = Field(description="request, cancel, reply, counter or publish")
    answer: str | None = Field(description="Of a reply: accepted, declined or tentative")
    summary: str
    starts: str | None = Field(description="ISO 8601: a day, a moment, or one without a time zone")
    ends: str | None
    place: str
    organizer: AddressTold | None
    repeats: bool
    zone: str | None = Field(description="IANA time zone it was written in, where it names one")

    @classmethod
    def of(cls, one: Invitation) -> InvitationTold:
        who = one.organizer
        return cls(
            uid=one.uid,
            method=one.method,
            answer=one.answer or None,
            summary=one.summary,
            starts=one.starts or None,
            ends=one.ends or None,
            place=one.place,
            organizer=AddressTold(name=who.name, address=who.address) if who else None,
            repeats=one.repeats,
            zone=one.zone or None,
        )


class VerdictTold(Told):
    """What was found out about who sent a mail (RFC 8601): pass, fail, none, temperror, ..., or null: nobody said."""

    found_by: str | None = Field(
        description="The mail server in front of us that found it; null: we did ourselves"
    )
    spf: str | None
    spf_domain: str | None
    dkim: str | None
    dkim_domains: list[str] = Field(description="Whose signatures are right")
    dmarc: str | None
    dmarc_policy: str | None = Field(
        description="What the domain asks for: none, quarantine, reject"
    )
    from_domain: str | None = Field(description="The domain that this was found out for")
    arc: str | None
    arc_sealer: str | None
    forwarder: str | None = Field(description="A domain we trust that handed it on with proof")
    form: str | None = Field(description="The contact form of ours that sent it, if one did")

    @classmethod
    def of(cls, kept: dict[str, Any]) -> VerdictTold:
        names = [
            "spf", "spf_domain", "dkim", "dmarc", "dmarc_policy", "from_domain", "arc", "arc_sealer",
            "forwarder", "form",
        ]  # fmt: skip
        return cls(
            found_by=kept.get("authserv_id") or None,
            dkim_domains=list(kept.get("dkim_domains", ())),
            **{name: kept.get(name) or None for name in names},
        )


class MessageTold(Told):
    """Said between us and the customer."""

    id: int
    conversation: str = Field(description="Reference of its conversation", examples=["H-7K3F9"])
    is_incoming: bool
    channel_id: int
    sender: AddressTold
    to: list[AddressTold]
    cc: list[AddressTold]
    agent: AgentNamed | None = Field(description="Who wrote it, when it went out")
    subject: str
    text: str
    reply_text: str = Field(description="Without quoted history and signature")
    language: str | None = Field(description="BCP 47")
    direction: str = Field(description="Of its text: `ltr`, `rtl` or `auto`")
    message_id: str | None = Field(description="The Message-ID, with its brackets")
    is_verified: bool
    verdict: VerdictTold | None = Field(description="Null where nobody looked into it")
    is_holding: bool = Field(
        description="Of ours: it only says that an answer will come, so no clock stopped"
    )
    is_automatic: bool = Field(
        description="A machine wrote it: the sender's, or this desk itself (an acknowledgement)"
    )
    sent_at: Instant | None = Field(description="As the sender's clock says")
    at: Instant
    protection: ProtectionTold | None
    invitations: list[InvitationTold]
    attachments: list[AttachmentTold]
    delivery: DeliveryTold | None

    @classmethod
    def of(cls, row: Message) -> MessageTold:
        return cls(**_members(row))


class MessageInFull(MessageTold):
    """A message with its HTML, made safe before it was stored; remote images stay in `data-remote-src`."""

    html: str | None

    @classmethod
    def of(cls, row: Message) -> MessageInFull:
        return cls(**_members(row), html=row.html or None)


class MessagePage(Told):
    items: list[MessageTold]
    next_cursor: str | None


def unseen(message_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return what the writer has not seen, as the answer to a reply that was overtaken."""
    rows = told(Message.objects.filter(pk__in=message_ids).defer("html")).order_by("pk")
    return [MessageTold.of(row).model_dump(mode="json") for row in rows]


def _members(row: Message) -> dict[str, Any]:
    entry = getattr(row, "outbox_entry", None)
    return {
        "id": row.pk,
        "conversation": row.conversation.reference,
        "is_incoming": row.is_incoming,
        "channel_id": row.channel_id,
        "sender": AddressTold(name=row.from_name, address=row.from_address),
        "to": _addresses(row.to),
        "cc": _addresses(row.cc),
        "agent": AgentNamed(id=row.agent.pk, name=row.agent.name) if row.agent else None,
        "subject": row.subject,
        "text": row.text,
        "reply_text": row.reply_text,
        "language": row.language or None,
        "direction": direction(row.language),
        "message_id": row.message_id or None,
        "is_verified": row.is_verified,
        "verdict": VerdictTold.of(row.verdict) if row.verdict else None,
        "is_holding": row.is_holding,
        "is_automatic": row.is_automatic,
        "sent_at": row.sent_at,
        "at": row.at,
        "protection": _protection(row),
        "invitations": [InvitationTold.of(one) for one in invitations_in(row.extras)],
        "attachments": [AttachmentTold.of(one) for one in row.attachments.all()],
        "delivery": DeliveryTold.of(entry) if entry else None,
    }


def _protection(row: Message) -> ProtectionTold | None:
    found = protection_in(row.extras)
    return ProtectionTold(kind=found.kind, is_sealed=found.is_sealed) if found else None


def _addresses(pairs: Sequence[Sequence[str]]) -> list[AddressTold]:
    return [AddressTold(name=name, address=address) for name, address in pairs]
