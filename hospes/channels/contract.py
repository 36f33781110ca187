"""What every channel hands in and takes: one message, whoever carried it.

Plain frozen values without a word of Django or of the database. Texts are clean when they stand here:
no NUL, no lone surrogates, and single-line fields hold no line break.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Address:
    """A display name (perhaps empty) and one address, as written but with a lower-case domain."""

    name: str
    address: str

    @property
    def key(self) -> str:
        """The form to compare by; local parts differ in case only by accident."""
        return self.address.lower()


@dataclass(frozen=True, slots=True)
class InboundFile:
    """One file that came with a message. `name` is a label, never part of a path."""

    name: str
    content_type: str
    size_bytes: int
    sha256: str
    content_id: str  # without angle brackets, "" when there is none
    inline: bool  # shown inside the message rather than beside it
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one hop says it found out about the sender (RFC 8601), as text: "pass", "fail", ... or "".

    The fields at the end are known only of what we found out ourselves.
    """

    authserv_id: str
    dmarc: str
    spf: str
    dkim: str
    from_domain: str = ""  # the domain the dmarc result speaks of, where the hop names it
    dmarc_policy: str = ""  # what that domain asks to do with forgeries: none, quarantine, reject
    spf_domain: str = ""  # the domain the spf result speaks of
    dkim_domains: tuple[str, ...] = ()  # whose signatures hold
    arc: str = ""
    arc_sealer: str = ""  # the domain that handed the mail on last, where its seals hold
    arc_dmarc: str = ""  # what that one found out about the domain


@dataclass(frozen=True, slots=True)
class RecipientReport:
    """What became of a message we sent, for one recipient (RFC 3464)."""

    address: str
    action: str  # failed, delayed, delivered, relayed, expanded; of a provider: rejected, complained; displayed
    status: str  # 5.1.1
    diagnostic: str


READ = "read"  # whoever got it, or their program, says that it was displayed, or what else became of it
TOLD = "told"  # a mail server says something in words alone, maybe of a letter of ours


@dataclass(frozen=True, slots=True)
class Report:
    """A machine's report about a message of ours."""

    kind: str  # "delivery", READ, "complaint" or TOLD
    message_id: str  # of the message reported on, "" when the report does not say
    recipients: tuple[RecipientReport, ...] = ()


@dataclass(frozen=True, slots=True)
class Forwarded:
    """A message inside a message, as the one who forwarded it says; nothing of it is proven."""

    sender: Address  # its address is "" where only a name was copied
    subject: str
    text: str  # what it says
    comment: str = ""  # what the one who forwarded it wrote above
    reply_text: str = ""  # the text with quoted history and signature folded away
    language: str | None = None  # BCP 47, guessed from reply_text
    is_whole: bool = False  # it came as a file: with its own design and files, none of the mail's
    html: str | None = None  # its own design, safe to show
    files: tuple[InboundFile, ...] = ()  # its own, which also lie in the file that it is


@dataclass(frozen=True, slots=True)
class Protection:
    """How a mail is signed or sealed. A signature is not checked: it proves nothing here."""

    kind: str  # "smime" or "pgp"
    is_sealed: bool  # nobody can read it without the key


@dataclass(frozen=True, slots=True)
class Invitation:
    """A meeting a mail invites to, as its calendar file says.

    Moments are ISO 8601: a day, a moment in UTC with its offset, or one without a zone.
    """

    uid: str
    method: str  # request, cancel, reply, counter, publish
    summary: str
    starts: str  # "" when it does not say
    ends: str
    place: str
    organizer: Address | None
    answer: str = ""  # of a reply: accepted, declined, tentative
    repeats: bool = False
    zone: str = ""  # IANA, whose clock `starts` was written on; "" when none is named


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message that came in, understood but not yet believed."""

    message_id: str  # with angle brackets; "" when there is none
    references: tuple[str, ...]  # newest first, at most 20
    senders: tuple[Address, ...]  # every address of From; an honest message has exactly one
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    addresses_cut: bool  # more recipients were named than are kept here
    subject: str
    sent_at: datetime | None  # as the sender's clock says, UTC; order by our own time of receipt
    text: str  # the whole body as plain text
    reply_text: str  # the same with quoted history and signature folded away
    html: str | None  # safe to show; remote images wait in data-remote-src, inline ones in cid:
    language: str | None  # BCP 47, guessed from reply_text
    automatic: bool
    automatic_reason: str  # a word of `automatic.py`, "" for a person's message
    verdicts: tuple[Verdict, ...] = ()  # topmost header first: the last hop's
    found: Verdict | None = None  # what we found out ourselves; no parser sets it
    loop_ids: tuple[str, ...] = ()  # installations that sent this on already
    list_unsubscribe: str = ""
    is_spam: bool = False  # a filter in front of us says so
    unreachable_sender: Address | None = None  # as From names it where it names no mail address
    report: Report | None = None
    forwarded: Forwarded | None = None
    protection: Protection | None = None
    invitations: tuple[Invitation, ...] = ()
    files: tuple[InboundFile, ...] = ()


@dataclass(frozen=True, slots=True)
class OutboundFile:
    """One file to go out with a message."""

    name: str
    content_type: str
    content: bytes = field(repr=False)
    content_id: str = ""  # set for a file the HTML shows by cid:


@dataclass(frozen=True, slots=True)
class Outbound:
    """One message to go out. Names and texts may be hostile: the adapter makes them safe."""

    message_id: str  # with angle brackets; the same for every attempt
    from_: Address
    to: tuple[Address, ...]
    subject: str
    text: str
    date: datetime  # aware
    cc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    envelope_from: str = ""  # where bounces go; "" asks for none
    html: str | None = None
    in_reply_to: str = ""
    references: tuple[str, ...] = ()  # oldest first, as the header wants them
    language: str = ""  # BCP 47
    headers: Mapping[str, str] = field(default_factory=dict)  # further ones, such as Auto-Submitted
    files: tuple[OutboundFile, ...] = ()
    number: str = ""  # the same for attempts of which only one may arrive


class Unreadable(Exception):
    """These bytes are no message that can be shown; keep them and tell `reason`, an English sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class DeliveryFailed(Exception):
    """The provider did not take the message, and that is certain."""

    def __init__(
        self,
        reason: str,
        *,
        permanent: bool,
        answered: bool = True,
        of_server: bool = False,
        retry_after: int = 0,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent  # True: sending again cannot help
        self.answered = answered  # False: no server was reached at all
        self.of_server = of_server  # True: whatever message it had been; another server may take it
        self.retry_after = retry_after  # seconds that the server asks for; 0: it says nothing


class AnswerLost(Exception):
    """The whole message was sent and no answer came back: the provider may have it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Adapter(Protocol):
    """A channel of one kind: knows its provider and nothing of us."""

    def is_authentic(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Whether the provider itself sent this."""
        ...

    def parse(self, body: bytes) -> list[Inbound]:
        """The messages in one delivery of the provider."""
        ...

    def send(self, message: Outbound) -> str:
        """Hand the message to the provider and return its id there. Raises DeliveryFailed."""
        ...
