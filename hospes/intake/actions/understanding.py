"""Understand what came in: claim a batch, read it in the child process, write what it says.

At most twelve statements a batch, however large. Of every raw exactly one thing becomes: a message
that is shown, a held raw, a quarantined raw; until then it is pending.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from django.contrib.postgres.functions import TransactionNow
from django.db import Error as DatabaseFault
from django.db import connection, transaction
from django.db.models import Case, DurationField, F, When

from hospes.channels.contract import Inbound, Unreadable
from hospes.channels.models import Channel
from hospes.conversations.actions.delivering import Returned, settle_reports
from hospes.conversations.actions.receiving import Incoming, receive_all
from hospes.conversations.finding import Mail, Placement, lock_mailboxes, place_all
from hospes.conversations.threading import Outcome
from hospes.intake.desk import Desk
from hospes.intake.models import HeldRaw, HeldReason, PendingRaw, QuarantinedRaw
from hospes.intake.proving import Asked, Prover, domain_of_sender, is_unsure, the_prover
from hospes.intake.trusting import Arrived, arrived, colleague_of, reason_to_hold, told_about
from hospes.lib.addresses import canonical
from hospes.lib.crash_points import crash_here
from hospes.people.actions.recognising import (
    Recognised,
    Sender,
    known_addresses,
    recognise_all,
)

BATCH = 50
BATCH_BYTES = 32 * 2**20  # a few large mails make a batch, too
MAX_ATTEMPTS = 4  # a raw whose worker died so often is quarantined
POSTPONED_SECONDS = (5, 15)  # until the DNS is asked again; then it counts as telling nothing
WORKER_LOCK = 77  # advisory, with the worker's number: held as long as it lives

log = structlog.get_logger(__name__)


class Parser(Protocol):
    def parse_all(
        self, bodies: Sequence[bytes], *, priors: Sequence[Sequence[str]] = ()
    ) -> list[Inbound | Unreadable]:
        """Read each body; one bad message spoils no other. `priors`: languages expected, for each."""
        ...


@dataclass(frozen=True)
class Claimed:
    """A raw that this worker has."""

    raw_id: int
    attempts: int  # this one included
    channel_id: int
    envelope_to: str
    received_at: datetime
    body: bytes
    envelope_from: str = ""
    peer: str = ""  # who brought it, and the name it gave
    helo: str = ""
    postponed: int = 0  # how often nobody could tell who sent it


@dataclass(frozen=True)
class Read:
    """A raw with what the parser made of it."""

    claimed: Claimed
    inbound: Inbound | Unreadable
    is_postponed: bool = False  # nobody can tell now who sent it


def understand_batch(
    *, parser: Parser, worker_id: int, at: datetime, desk: Desk, prover: Prover | None = None
) -> int:
    """Understand the oldest pending raws and return how many were settled or put off.

    worker_id: the number under WORKER_LOCK that the calling process holds.
    prover: of senders, where channels receive mail from the internet; the process's own, usually.
    """
    batch = claim(worker_id=worker_id)
    if batch:
        write(read(batch, parser, desk, prover), desk=desk, at=at)
    return len(batch)


def claim(*, worker_id: int, limit: int = BATCH) -> list[Claimed]:
    """Take the oldest raws nobody has, in one statement.

    One that a worker died of before is taken alone, so that it can spoil no other.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            {"worker": worker_id, "limit": limit, "bytes": BATCH_BYTES},
        )
        rows = [
            Claimed(raw_id, attempts, channel_id, envelope_to, received_at, bytes(body), *seen)
            for raw_id, attempts, channel_id, envelope_to, received_at, body, *seen in cursor.fetchall()
        ]
    crash_here("intake.claimed")
    return sorted(rows, key=lambda one: one.raw_id)


# The pending ones are chosen before their bodies are looked up: joined first, every claim would read all mail there is.
# Nobody waits for the disk: a claim that a crash of the database undoes is one whose worker lost its lock by it.
_CLAIM = """
WITH unhurried AS MATERIALIZED (
    SELECT set_config('synchronous_commit', 'off', true)
), oldest AS MATERIALIZED (
    SELECT raw_id, attempts, postponed FROM intake_pendingraw
    WHERE claimed_by IS NULL AND (not_before IS NULL OR not_before <= clock_timestamp())
    ORDER BY raw_id LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
), fitting AS MATERIALIZED (
    SELECT o.raw_id, o.attempts, o.postponed, r.channel_id, r.envelope_to, r.received_at, r.body,
        r.envelope_from, r.peer, r.helo,
        row_number() OVER (ORDER BY o.raw_id) AS place,
        sum(length(r.body)) OVER (ORDER BY o.raw_id) AS bytes,
        min(o.raw_id) FILTER (WHERE o.attempts > 0) OVER () AS suspect
    FROM oldest o JOIN intake_raw r ON r.id = o.raw_id
), chosen AS MATERIALIZED (
    SELECT * FROM fitting
    WHERE (place = 1 OR bytes <= %(bytes)s)
        AND CASE WHEN suspect IS NULL THEN true
                 WHEN place = 1 THEN true
                 WHEN (SELECT attempts FROM fitting WHERE place = 1) > 0 THEN false
                 ELSE raw_id < suspect END
)
UPDATE intake_pendingraw p SET claimed_by = %(worker)s, attempts = p.attempts + 1
FROM chosen c, unhurried WHERE c.raw_id = p.raw_id
RETURNING p.raw_id, p.attempts, c.channel_id, c.envelope_to, c.received_at, c.body,
    c.envelope_from, c.peer, c.helo, c.postponed
"""


def give_back_untried(*, worker_id: int) -> None:
    """Let go what this worker has; no attempt is counted."""
    pending = PendingRaw.objects.filter(claimed_by=worker_id)
    pending.update(claimed_by=None, attempts=F("attempts") - 1)


def release_dead_claims() -> int:
    """Give back what workers had that are dead: their lock can be taken. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, [WORKER_LOCK])
        return int(cursor.rowcount)


_RELEASE = """
WITH workers AS MATERIALIZED (
    SELECT DISTINCT claimed_by FROM intake_pendingraw WHERE claimed_by IS NOT NULL
), living AS MATERIALIZED (
    SELECT objid::int AS number FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND classid = %s
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
)
UPDATE intake_pendingraw SET claimed_by = NULL
WHERE claimed_by IN (SELECT claimed_by FROM workers)
    AND claimed_by NOT IN (SELECT number FROM living)
"""


def read(
    batch: Sequence[Claimed], parser: Parser, desk: Desk, prover: Prover | None = None
) -> list[Read]:
    """Let the parser read every raw, and find out who sent it; one that killed its workers is not read any more."""
    hopeless = Unreadable("Reading it ended the process that read it, several times.")
    readable = [one for one in batch if one.attempts <= MAX_ATTEMPTS]
    answers = parser.parse_all(
        [one.body for one in readable],
        priors=[desk.languages_of(one.channel_id) for one in readable],
    )
    found = dict(zip((one.raw_id for one in readable), answers, strict=True))
    texts = [Read(one, found.get(one.raw_id, hopeless)) for one in batch]
    return _proven(texts, desk, prover)


def _proven(batch: list[Read], desk: Desk, prover: Prover | None) -> list[Read]:
    """Add what we find out ourselves about senders, where no mail server in front of us does."""
    asked = {}
    for place, one in enumerate(batch):
        claimed = one.claimed
        channel = desk.channels.get(claimed.channel_id)
        domain = domain_of_sender(one.inbound) if channel and channel.receives_itself else ""
        if domain:
            asked[place] = Asked(
                claimed.body, claimed.peer, claimed.helo, claimed.envelope_from, domain
            )
    if not asked:
        return batch
    verdicts = (prover or the_prover()).prove_all(list(asked.values()))
    for place, verdict in zip(asked, verdicts, strict=True):
        one = batch[place]
        is_postponed = is_unsure(verdict) and one.claimed.postponed < len(POSTPONED_SECONDS)
        if isinstance(one.inbound, Inbound):
            batch[place] = Read(one.claimed, replace(one.inbound, found=verdict), is_postponed)
    return batch


def write(batch: Sequence[Read], *, desk: Desk, at: datetime) -> None:
    """Write what the raws of a batch say, all or nothing; if that fails, each one alone.

    The one that cannot be written is quarantined with the reason.
    """
    try:
        with transaction.atomic():
            _write_batch(batch, desk, at)
    except (DatabaseFault, ValueError, TypeError, LookupError) as error:
        if connection.connection is None or connection.connection.closed:
            raise
        if len(batch) > 1:
            for one in batch:
                write([one], desk=desk, at=at)
            return
        log.exception("intake: cannot be written", raw=batch[0].claimed.raw_id)
        quarantined = Unreadable(f"It could not be stored: {type(error).__name__}.")
        with transaction.atomic():
            _write_batch([Read(batch[0].claimed, quarantined)], desk, at)
    crash_here("intake.after_commit")


def _write_batch(batch: Sequence[Read], desk: Desk, at: datetime) -> None:
    _postpone([one.claimed for one in batch if one.is_postponed])
    batch = [one for one in batch if not one.is_postponed]
    _quarantine([one for one in batch if isinstance(one.inbound, Unreadable)], at)
    welcome, held = _sort(batch, desk)
    if welcome:
        held += _receive(welcome, desk, at)
    HeldRaw.objects.bulk_create(held)
    crash_here("intake.before_commit")
    PendingRaw.objects.filter(pk__in=[one.claimed.raw_id for one in batch]).delete()


def _postpone(batch: Sequence[Claimed]) -> None:
    """Give back what nobody can tell the sender of now, to be asked again in a while."""
    if batch:
        PendingRaw.objects.filter(pk__in=[one.raw_id for one in batch]).update(
            claimed_by=None,
            attempts=F("attempts") - 1,
            postponed=F("postponed") + 1,
            not_before=TransactionNow()
            + Case(
                When(postponed=0, then=timedelta(seconds=POSTPONED_SECONDS[0])),
                default=timedelta(seconds=POSTPONED_SECONDS[1]),
                output_field=DurationField(),
            ),
        )


def _quarantine(unreadable: Sequence[Read], at: datetime) -> None:
    QuarantinedRaw.objects.bulk_create(
        QuarantinedRaw(raw_id=one.claimed.raw_id, error=str(one.inbound)[:2000], at=at)
        for one in unreadable
    )


Welcome = tuple[Claimed, Arrived]


def _sort(batch: Sequence[Read], desk: Desk) -> tuple[list[Welcome], list[HeldRaw]]:
    welcome: list[Welcome] = []
    held: list[HeldRaw] = []
    for one in batch:
        if isinstance(one.inbound, Unreadable):
            continue
        channel = desk.channels[one.claimed.channel_id]
        reason = reason_to_hold(one.inbound, channel, desk, envelope_to=one.claimed.envelope_to)
        if reason:
            held.append(_held(one.claimed, one.inbound, reason, channel))
        else:
            welcome.append((one.claimed, arrived(one.inbound, channel, desk)))
    return welcome, held


def _receive(welcome: Sequence[Welcome], desk: Desk, at: datetime) -> list[HeldRaw]:
    """Write the messages; return those that turn out to need an agent's look first."""
    lock_mailboxes(claimed.channel_id for claimed, _ in welcome)
    welcome, held = _without_strange_colleagues(welcome, desk)
    known = recognise_all([sender_of(mail) for _, mail in welcome], at=at)
    mails = [_mail(claimed, mail, known, desk) for claimed, mail in welcome]
    placements = place_all(mails, keys=desk.keys)
    incoming = []
    for (_, told), mail, placement in zip(welcome, mails, placements, strict=True):
        if placement.outcome is Outcome.HOLD:
            held.append(_held_stranger(mail, told, placement.conversation_id))
        else:
            incoming.append(_incoming(mail, told, placement, desk))
    receive_all(incoming, at=at)
    _settle_reports(mails, placements, at)
    return held


def _without_strange_colleagues(
    welcome: Sequence[Welcome], desk: Desk
) -> tuple[list[Welcome], list[HeldRaw]]:
    """Take out colleagues' answers to conversations in which nobody ever put them in copy.

    To recognise them would make customers of them.
    """
    ours = {
        canonical(mail.inbound.senders[0].address)
        for _, mail in welcome
        if colleague_of(mail.inbound, desk) is not None
    }
    strange = ours - known_addresses(ours) if ours else ours
    kept: list[Welcome] = []
    held: list[HeldRaw] = []
    for claimed, mail in welcome:
        if canonical(mail.inbound.senders[0].address) in strange:
            channel = desk.channels[claimed.channel_id]
            held.append(_held(claimed, mail.inbound, HeldReason.COLLEAGUE, channel))
        else:
            kept.append((claimed, mail))
    return kept, held


def sender_of(mail: Arrived) -> Sender:
    """Return whom to recognise."""
    sender = mail.inbound.senders[0]
    return Sender(sender.address, sender.name, mail.inbound.language or "", mail.is_verified)


def _mail(claimed: Claimed, mail: Arrived, known: dict[str, Recognised], desk: Desk) -> Mail:
    whose = known[canonical(mail.inbound.senders[0].address)]
    return Mail(
        raw_id=claimed.raw_id,
        channel=desk.channels[claimed.channel_id],
        inbound=mail.inbound,
        envelope_to=claimed.envelope_to,
        identity_id=whose.identity_id,
        customer_id=whose.customer_id,
        is_verified=mail.is_vouched_for,
        received_at=claimed.received_at,
    )


def _incoming(mail: Mail, told: Arrived, placement: Placement, desk: Desk) -> Incoming:
    return Incoming(
        raw_id=mail.raw_id,
        channel=mail.channel,
        queue_id=desk.queue_ids[mail.channel.pk],
        received_at=mail.received_at,
        inbound=mail.inbound,
        verified=told.is_verified,
        identity_id=mail.identity_id,
        customer_id=mail.customer_id,
        conversation_id=placement.conversation_id,
        joins_raw_id=placement.joins_raw_id,
        forwarded_by_id=told.forwarded_by_id,
        comment=told.comment,
        verdict=told.verdict,
    )


def _settle_reports(mails: Sequence[Mail], placements: Sequence[Placement], at: datetime) -> None:
    reports = [
        Returned(placement.reported_id, mail.inbound.report.recipients, placement.is_proven)
        for mail, placement in zip(mails, placements, strict=True)
        if placement.reported_id is not None and mail.inbound.report is not None
    ]
    if reports:
        settle_reports(reports, at=at)


def _held(claimed: Claimed, inbound: Inbound, reason: HeldReason, channel: Channel) -> HeldRaw:
    sender = inbound.senders[0] if inbound.senders else None
    return HeldRaw(
        raw_id=claimed.raw_id,
        reason=reason,
        from_name=sender.name[:200] if sender else "",
        from_address=sender.address[:320] if sender else "",
        subject=inbound.subject[:998],
        preview=" ".join(inbound.reply_text.split())[:200],
        verdict=told_about(inbound, channel),
        at=claimed.received_at,
    )


def _held_stranger(mail: Mail, told: Arrived, conversation_id: int | None) -> HeldRaw:
    sender = mail.inbound.senders[0]
    return HeldRaw(
        raw_id=mail.raw_id,
        reason=HeldReason.STRANGER_IN_CONVERSATION,
        from_name=sender.name[:200],
        from_address=sender.address[:320],
        subject=mail.inbound.subject[:998],
        preview=" ".join(mail.inbound.reply_text.split())[:200],
        conversation_id=conversation_id,
        verdict=told.verdict,
        at=mail.received_at,
    )
