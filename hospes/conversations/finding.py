"""Look up, for a whole batch of mails, the conversation each of them belongs to.

The decision itself is pure (`threading.py`); here is what it needs to know, in three statements
however large the batch.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from hospes.channels.contract import READ, TOLD, Address, Inbound
from hospes.channels.models import Channel
from hospes.conversations import threading
from hospes.conversations.threading import Arrival, Candidate, Decision, Outcome, ReplyToken
from hospes.lib.addresses import canonical
from hospes.lib.locks import Lock

# Amazon and Brevo write a Message-ID of their own into what they send for us.
RENAMED = re.compile(
    r"<([^<>@\s]{1,200})@(?:[a-z0-9.-]{1,100}\.)?(?:amazonses\.com|mailin\.fr|sendinblue\.com|brevo\.com)>"
)


@dataclass(frozen=True)
class Mail:
    """A mail that was understood and whose sender is known."""

    raw_id: int
    channel: Channel
    inbound: Inbound
    envelope_to: str
    identity_id: int
    customer_id: int
    is_verified: bool
    received_at: datetime


@dataclass(frozen=True)
class Placement:
    """Where a mail belongs: a conversation, or the one that an earlier mail of the batch opens."""

    outcome: Outcome
    conversation_id: int | None = None
    joins_raw_id: int | None = None
    reported_id: int | None = None  # the outbox entry this report speaks of
    is_proven: bool = False  # by the address it came to and by the Message-ID it holds
    answers_id: int | None = None  # a conversation it names, but may not join
    is_lost_report: bool = False  # a machine reports on a letter that nobody knows


def lock_mailboxes(channel_ids: Iterable[int]) -> None:
    """Let this transaction alone place mails of these channels, and meet strangers.

    Two workers with neighbours of one thread would otherwise open two conversations.
    """
    locks = [(Lock.MAILBOX, channel_id) for channel_id in sorted(set(channel_ids))]
    locks.append((Lock.STRANGERS, 0))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(kind, number) FROM unnest(%s::int[], %s::int[]) l(kind, number)",
            [[kind for kind, _ in locks], [number for _, number in locks]],
        )


def place_all(mails: Sequence[Mail], *, keys: Sequence[bytes]) -> list[Placement]:
    """Decide for each mail, in order; one may answer another of the same batch. One statement.

    Must run in the transaction that then writes the messages, with the mailboxes locked.

    keys: the signing keys, newest first.
    """
    tokens = [_token(mail, keys) for mail in mails]
    bounces = [_bounced(mail, keys) for mail in mails]
    mentioned = _Mentioned(mails, keys, tokens, bounces)
    return [
        mentioned.place(mail, token, bounced_id)
        for mail, token, bounced_id in zip(mails, tokens, bounces, strict=True)
    ]


def _bounced(mail: Mail, keys: Sequence[bytes]) -> int | None:
    """Return the outbox entry whose bounce address this came to: a report, or what answers machines write to."""
    return threading.read_bounce_address(mail.envelope_to, mail.channel, keys=keys)


def _token(mail: Mail, keys: Sequence[bytes]) -> ReplyToken | None:
    named = [mail.envelope_to, *(a.address for a in (*mail.inbound.to, *mail.inbound.cc))]
    tokens = (threading.read_reply_address(name, mail.channel, keys=keys) for name in named)
    return next((token for token in tokens if token), None)


class _Mentioned:
    """The messages that the mails of a batch mention, stored ones and those of the batch itself.

    A conversation that a mail of this batch opens has no number yet: it goes by the negative
    number of the raw that opens it.
    """

    def __init__(
        self,
        mails: Sequence[Mail],
        keys: Sequence[bytes],
        tokens: Iterable[ReplyToken | None],
        bounces: Iterable[int | None],
    ) -> None:
        self.keys = keys
        self.by_id: dict[str, list[Candidate]] = defaultdict(list)
        self.by_number: dict[int, Candidate] = {}
        self.by_bounce: dict[int, Candidate] = {}
        hashes = {threading.message_hash(i) for mail in mails for i in _named_in(mail)}
        numbers = {token.conversation_id for token in tokens if token}
        outbox_ids = {outbox_id for outbox_id in bounces if outbox_id is not None}
        self.renamed = {name: i for mail in mails for i in _named_in(mail) for name in _names_of(i)}
        for message_id, outbox_id, candidate in _stored(
            hashes, numbers, outbox_ids, list(self.renamed)
        ):
            message_id = self.renamed.get(message_id, message_id)  # noqa: PLW2901
            if message_id:
                self.by_id[message_id].append(candidate)
            elif outbox_id:
                self.by_bounce[outbox_id] = candidate
            else:
                self.by_number[candidate.conversation_id] = candidate

    def place(self, mail: Mail, token: ReplyToken | None, bounced_id: int | None) -> Placement:
        answered = self._back(mail, bounced_id)
        if mail.inbound.report is not None and (
            answered is None or mail.inbound.report.kind != TOLD
        ):
            returned = self._returned(mail, bounced_id)
            if returned is not None:
                return returned
        references = mail.inbound.references
        decision = threading.decide(
            _arrival(mail),
            by_token=self.by_number.get(token.conversation_id) if token else answered,
            by_own_id=(c for i in references if self._is_ours(i) for c in self.by_id[i]),
            by_any_id=(c for i in references for c in self.by_id[i]),
        )
        if decision.outcome is Outcome.OPEN and _is_report(mail.inbound):
            return Placement(Outcome.HOLD, is_lost_report=True)
        self._remember(mail, decision)
        number = decision.conversation_id
        if number is not None and number < 0:
            return Placement(decision.outcome, joins_raw_id=-number)
        answers_id = self._answered(mail) if decision.outcome is Outcome.OPEN else None
        return Placement(decision.outcome, number, answers_id=answers_id)

    def _back(self, mail: Mail, bounced_id: int | None) -> Candidate | None:
        """Return what a letter was about whose bounce address somebody who takes part writes to.

        Machines that answer for people write there (RFC 3834, section 4).
        """
        candidate = self.by_bounce.get(bounced_id or 0)
        is_known = candidate is not None and mail.identity_id in candidate.participant_ids
        return candidate if is_known else None

    def _answered(self, mail: Mail) -> int | None:
        """Return the stored conversation of the same mailbox that a mail names: a hint, no more."""
        for message_id in mail.inbound.references:
            for candidate in self.by_id[message_id]:
                if candidate.channel_id == mail.channel.pk and candidate.conversation_id > 0:
                    return candidate.conversation_id
        return None

    def _returned(self, mail: Mail, bounced_id: int | None) -> Placement | None:
        """Place a mail server's report with the letter it speaks of, if that was ours."""
        report = mail.inbound.report
        if report is None:
            return None
        named = self.by_id[report.message_id] if self._is_ours(report.message_id) else []
        if bounced_id in self.by_bounce:
            candidate = self.by_bounce[bounced_id]
            is_proven = any(one.outbox_id == bounced_id for one in named)
            return Placement(
                Outcome.JOIN, candidate.conversation_id, reported_id=bounced_id, is_proven=is_proven
            )
        if report.kind == TOLD and not any(one.status for one in report.recipients):
            return None  # words in which nothing says that they are of a letter that came back
        for candidate in named:
            if candidate.channel_id == mail.channel.pk:
                return Placement(
                    Outcome.JOIN, candidate.conversation_id, reported_id=candidate.outbox_id
                )
        return None

    def _is_ours(self, message_id: str) -> bool:
        """Whether only somebody who got a letter of ours can know this."""
        if threading.read_message_id(message_id, keys=self.keys) is not None:
            return True
        return bool(_names_of(message_id)) and any(
            one.outbox_id is not None for one in self.by_id[message_id]
        )

    def _remember(self, mail: Mail, decision: Decision) -> None:
        if decision.outcome is Outcome.HOLD or not mail.inbound.message_id:
            return
        number = decision.conversation_id or -mail.raw_id
        self.by_id[mail.inbound.message_id].append(
            Candidate(
                number,
                mail.channel.pk,
                mail.customer_id,
                frozenset({mail.identity_id}),
                None,
                named=_named([*mail.inbound.to, *mail.inbound.cc]),
            )
        )


def _is_report(inbound: Inbound) -> bool:
    """Whether a machine speaks of one letter, and says nothing besides. A person may be postmaster somewhere."""
    report = inbound.report
    if report is None or report.kind != TOLD:
        return report is not None and report.kind in {"delivery", READ}
    is_daemon = inbound.senders[0].key.startswith(("mailer-daemon@", "mail-daemon@"))
    return is_daemon and any(one.status and one.address for one in report.recipients)


def _arrival(mail: Mail) -> Arrival:
    return Arrival(
        channel_id=mail.channel.pk,
        identity_id=mail.identity_id,
        customer_id=mail.customer_id,
        address=canonical(mail.inbound.senders[0].address) if mail.inbound.senders else "",
        is_verified=mail.is_verified,
        can_be_verified=mail.channel.can_prove,
        at=mail.received_at,
    )


def _named(people: Iterable[Address]) -> frozenset[str]:
    return frozenset(canonical(one.address) for one in people)


def _named_in(mail: Mail) -> Iterable[str]:
    report = mail.inbound.report
    reported = (report.message_id,) if report and report.message_id else ()
    return (*mail.inbound.references, *reported)


def _names_of(message_id: str) -> tuple[str, ...]:
    """What a provider that puts its own Message-ID in the place of ours may have called the letter to us."""
    found = RENAMED.fullmatch(message_id)
    return (message_id, found[1]) if found else ()


# One statement for everything a batch may mention: messages by the hash of their Message-ID,
# conversations by number, outbox entries by number. Newest messages first.
_STORED = """
SELECT m.message_id, o.id, c.id, c.channel_id, c.customer_id, c.participant_ids, c.closed_at, m.id AS newest,
    m."to" || m.cc
FROM conversations_message m JOIN conversations_conversation c ON c.id = m.conversation_id
LEFT JOIN conversations_outboxentry o ON o.message_id = m.id
WHERE m.message_hash = ANY(%(hashes)s)
UNION ALL
SELECT o.provider_id, o.id, c.id, c.channel_id, c.customer_id, c.participant_ids, c.closed_at, m.id AS newest,
    m."to" || m.cc
FROM conversations_outboxentry o JOIN conversations_message m ON m.id = o.message_id
JOIN conversations_conversation c ON c.id = m.conversation_id
WHERE o.provider_id = ANY(%(renamed)s) AND o.server_id IS NOT NULL
UNION ALL
SELECT '', NULL, id, channel_id, customer_id, participant_ids, closed_at, 0, NULL
FROM conversations_conversation WHERE id = ANY(%(numbers)s)
UNION ALL
SELECT '', o.id, c.id, c.channel_id, c.customer_id, c.participant_ids, c.closed_at, 0, NULL
FROM conversations_outboxentry o JOIN conversations_message m ON m.id = o.message_id
JOIN conversations_conversation c ON c.id = m.conversation_id
WHERE o.id = ANY(%(outbox)s)
ORDER BY newest DESC
"""


def _stored(
    hashes: Iterable[int],
    numbers: Iterable[int],
    outbox_ids: Iterable[int],
    renamed: Sequence[str],
) -> Iterable[tuple[str, int | None, Candidate]]:
    asked: dict[str, list[int] | list[str]] = {
        "hashes": list(hashes),
        "numbers": list(numbers),
        "outbox": list(outbox_ids),
        "renamed": list(renamed),
    }
    if not any(asked.values()):
        return
    with connection.cursor() as cursor:
        cursor.execute(_STORED, asked)
        for (
            message_id,
            outbox_id,
            number,
            channel_id,
            whose,
            who,
            closed_at,
            _newest,
            people,
        ) in cursor.fetchall():
            yield (
                message_id,
                outbox_id,
                Candidate(
                    number,
                    channel_id,
                    whose,
                    frozenset(who),
                    closed_at,
                    outbox_id,
                    _stored_named(people),
                ),
            )


def _stored_named(people: str | None) -> frozenset[str]:
    return (
        frozenset(canonical(address) for _, address in json.loads(people))
        if people
        else frozenset()
    )
