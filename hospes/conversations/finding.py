"""Look up, for a whole batch of mails, the conversation each of them belongs to.

The decision itself is pure (`threading.py`); here is what it needs to know, in three statements
however large the batch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from hospes.brands.models import Site
from hospes.channels.contract import Inbound
from hospes.channels.models import Channel
from hospes.conversations import threading
from hospes.conversations.models import Conversation, Message
from hospes.conversations.threading import Arrival, Candidate, Decision, Outcome, ReplyToken

MAILBOX_LOCK = 7_302  # advisory, with the channel: mails of one mailbox are placed one batch at a time


@dataclass(frozen=True)
class Mail:
    """A mail that was understood and whose sender is known."""

    raw_id: int
    channel: Channel
    inbound: Inbound
    envelope_to: str
    identity_id: int
    is_verified: bool
    received_at: datetime


@dataclass(frozen=True)
class Placement:
    """Where a mail belongs: a conversation, or the one that an earlier mail of the batch opens."""

    outcome: Outcome
    conversation_id: int | None = None
    joins_raw_id: int | None = None


def place_all(mails: Sequence[Mail], *, keys: Sequence[bytes] | None = None) -> list[Placement]:
    """Decide for each mail, in order; one may answer another of the same batch.

    Must run in the transaction that then writes the messages: two workers with neighbours of one
    thread would otherwise open two conversations.

    keys: the signing keys, newest first; the site's own when not given.
    """
    _lock_mailboxes({mail.channel.pk for mail in mails})
    keys = keys or (bytes(Site.objects.values_list("mail_key", flat=True).get(pk=1)),)
    tokens = [_token(mail, keys) for mail in mails]
    mentioned = _Mentioned(mails, keys)
    conversations = _conversations({token.conversation_id for token in tokens if token})
    return [
        mentioned.place(mail, conversations.get(token.conversation_id) if token else None)
        for mail, token in zip(mails, tokens, strict=True)
    ]


def _lock_mailboxes(channel_ids: set[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, c) FROM unnest(%s::int[]) c",
            [MAILBOX_LOCK, sorted(channel_ids)],
        )


def _token(mail: Mail, keys: Sequence[bytes]) -> ReplyToken | None:
    named = [mail.envelope_to, *(a.address for a in (*mail.inbound.to, *mail.inbound.cc))]
    tokens = (threading.read_reply_address(name, mail.channel, keys=keys) for name in named)
    return next((token for token in tokens if token), None)


def _conversations(ids: Iterable[int]) -> dict[int, Candidate]:
    if not ids:
        return {}
    rows = Conversation.objects.filter(pk__in=sorted(ids)).values_list(
        "pk", "channel_id", "participant_ids", "closed_at"
    )
    return {pk: Candidate(pk, channel, frozenset(who), closed) for pk, channel, who, closed in rows}


class _Mentioned:
    """The messages that the mails of a batch mention, stored ones and those of the batch itself.

    A conversation that a mail of this batch opens has no number yet: it goes by the negative
    number of the raw that opens it.
    """

    def __init__(self, mails: Sequence[Mail], keys: Sequence[bytes]) -> None:
        self.keys = keys
        self.by_id: dict[str, list[Candidate]] = defaultdict(list)
        hashes = {threading.message_hash(i) for mail in mails for i in mail.inbound.references}
        for message_id, candidate in _stored(hashes):
            self.by_id[message_id].append(candidate)

    def place(self, mail: Mail, by_token: Candidate | None) -> Placement:
        references = mail.inbound.references
        decision = threading.decide(
            _arrival(mail),
            by_token=by_token,
            by_own_id=(c for i in references if self._is_ours(i) for c in self.by_id[i]),
            by_any_id=(c for i in references for c in self.by_id[i]),
        )
        self._remember(mail, decision)
        number = decision.conversation_id
        if number is not None and number < 0:
            return Placement(decision.outcome, joins_raw_id=-number)
        return Placement(decision.outcome, number)

    def _is_ours(self, message_id: str) -> bool:
        return threading.read_message_id(message_id, keys=self.keys) is not None

    def _remember(self, mail: Mail, decision: Decision) -> None:
        if decision.outcome is Outcome.HOLD or not mail.inbound.message_id:
            return
        number = decision.conversation_id or -mail.raw_id
        self.by_id[mail.inbound.message_id].append(
            Candidate(number, mail.channel.pk, frozenset({mail.identity_id}), None)
        )


def _arrival(mail: Mail) -> Arrival:
    return Arrival(
        channel_id=mail.channel.pk,
        identity_id=mail.identity_id,
        is_verified=mail.is_verified,
        can_be_verified=bool(mail.channel.trusted_hop),
        at=mail.received_at,
    )


def _stored(hashes: Iterable[int]) -> Iterable[tuple[str, Candidate]]:
    """Yield the stored messages with these hashes, newest first, each with its conversation."""
    if not hashes:
        return
    rows = (
        Message.objects.filter(message_hash__in=sorted(hashes))
        .order_by("-pk")
        .values_list(
            "message_id",
            "conversation_id",
            "channel_id",
            "conversation__participant_ids",
            "conversation__closed_at",
        )
    )
    for message_id, conversation_id, channel_id, who, closed_at in rows:
        yield message_id, Candidate(conversation_id, channel_id, frozenset(who), closed_at)
