"""Understand what came in: claim a batch, read it in the child process, write what it says.

At most twelve statements a batch, however large. Of every raw exactly one thing becomes: a message
that is shown, a held raw, a quarantined raw; until then it is pending.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

import structlog
from django.db import Error as DatabaseFault
from django.db import connection, transaction

from hospes.channels.contract import Inbound, Unreadable
from hospes.conversations.actions.delivering import Returned, settle_reports
from hospes.conversations.actions.receiving import Incoming, receive_all
from hospes.conversations.events import ColleagueTurnedAway
from hospes.conversations.finding import Mail, Placement, lock_mailboxes, place_all
from hospes.conversations.threading import Outcome
from hospes.events.recording import record_all
from hospes.intake.acknowledging import machine_for
from hospes.intake.actions.claiming import POSTPONED_SECONDS, Claimed, claim, postpone
from hospes.intake.actions.holding import (
    Welcome,
    held_report,
    held_stranger,
    may_not_join,
    turned_away,
    without_strange_colleagues,
)
from hospes.intake.actions.holding import held as kept_back
from hospes.intake.desk import Desk
from hospes.intake.models import HeldRaw, PendingRaw, QuarantinedRaw
from hospes.intake.proving import Asked, Prover, domain_of_sender, is_unsure, the_prover
from hospes.intake.trusting import Arrived, arrived, reason_to_hold
from hospes.lib.addresses import canonical, names_another
from hospes.lib.crash_points import crash_here
from hospes.people.actions.recognising import Recognised, Sender, recognise_all

MAX_ATTEMPTS = 4  # a raw whose worker died so often is quarantined

log = structlog.get_logger(__name__)


class Parser(Protocol):
    def parse_all(
        self, bodies: Sequence[bytes], *, priors: Sequence[Sequence[str]] = ()
    ) -> list[Inbound | Unreadable]:
        """Read each body; one bad message spoils no other. `priors`: languages expected, for each."""
        ...


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

    worker_id: the number under Lock.WORKER that the calling process holds.
    prover: of senders, where channels receive mail from the internet; the process's own, usually.
    """
    batch = claim(worker_id=worker_id)
    if batch:
        write(read(batch, parser, desk, prover), desk=desk, at=at)
    return len(batch)


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

    The one that cannot be written is quarantined with the reason; where the database has no room, or is ending,
    that is raised.
    """
    try:
        with transaction.atomic():
            _write_batch(batch, desk, at)
    except (DatabaseFault, ValueError, TypeError, LookupError) as error:
        if connection.connection is None or connection.connection.closed or _is_no_mails(error):
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


def _is_no_mails(error: Exception) -> bool:
    """Whether it is no mail's fault: the database is not there, has no room, is ending or cannot read its disk."""
    sqlstate = getattr(error.__cause__, "sqlstate", None) or ""
    return sqlstate[:2] in {"08", "53", "57", "58"}


def _write_batch(batch: Sequence[Read], desk: Desk, at: datetime) -> None:
    postpone([one.claimed for one in batch if one.is_postponed])
    batch = [one for one in batch if not one.is_postponed]
    _quarantine([one for one in batch if isinstance(one.inbound, Unreadable)], at)
    welcome, held = _sort(batch, desk)
    if welcome:
        held += _receive(welcome, desk, at)
    HeldRaw.objects.bulk_create(held)
    crash_here("intake.before_commit")
    PendingRaw.objects.filter(pk__in=[one.claimed.raw_id for one in batch]).delete()


def _quarantine(unreadable: Sequence[Read], at: datetime) -> None:
    QuarantinedRaw.objects.bulk_create(
        QuarantinedRaw(raw_id=one.claimed.raw_id, error=str(one.inbound)[:2000], at=at)
        for one in unreadable
    )


def _sort(batch: Sequence[Read], desk: Desk) -> tuple[list[Welcome], list[HeldRaw]]:
    welcome: list[Welcome] = []
    held: list[HeldRaw] = []
    for one in batch:
        if isinstance(one.inbound, Unreadable):
            continue
        channel = desk.channels[one.claimed.channel_id]
        reason = reason_to_hold(one.inbound, channel, desk, envelope_to=one.claimed.envelope_to)
        if reason:
            held.append(kept_back(one.claimed, one.inbound, reason, channel))
        else:
            welcome.append((one.claimed, arrived(one.inbound, channel, desk)))
    return welcome, held


def _receive(welcome: Sequence[Welcome], desk: Desk, at: datetime) -> list[HeldRaw]:
    """Write the messages; return those that turn out to need an agent's look first."""
    lock_mailboxes(claimed.channel_id for claimed, _ in welcome)
    welcome, held = without_strange_colleagues(welcome, desk)
    known = recognise_all([sender_of(mail) for _, mail in welcome], at=at)
    mails = [_mail(claimed, mail, known, desk) for claimed, mail in welcome]
    placements = place_all(mails, keys=desk.keys)
    incoming = []
    news: list[ColleagueTurnedAway] = []
    for (claimed, told), mail, placement in zip(welcome, mails, placements, strict=True):
        is_turned_away = may_not_join(told, placement, desk)
        if is_turned_away:
            news += turned_away(claimed, told, placement, desk)
        if placement.is_lost_report:
            held.append(held_report(mail, told))
        elif placement.outcome is Outcome.HOLD or is_turned_away:
            held.append(held_stranger(mail, told, placement.conversation_id))
        else:
            machine = machine_for(claimed, told, mail.channel, desk)
            incoming.append(_incoming(mail, told, placement, desk, machine))
    receive_all(incoming, at=at)
    record_all([(one, at, None) for one in news])
    _settle_reports(mails, placements, at)
    return held


def sender_of(mail: Arrived) -> Sender:
    """Return whom to recognise; a name that looks like somebody else's address is no name."""
    sender = mail.inbound.senders[0]
    name = "" if names_another(sender.name, sender.address) else sender.name
    return Sender(sender.address, name, mail.inbound.language or "", mail.is_verified)


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


def _incoming(
    mail: Mail, told: Arrived, placement: Placement, desk: Desk, machine: str
) -> Incoming:
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
        answers_id=placement.answers_id,
        is_returned=placement.reported_id is not None,
        machine=machine,
    )


def _settle_reports(mails: Sequence[Mail], placements: Sequence[Placement], at: datetime) -> None:
    reports = [
        Returned(placement.reported_id, mail.inbound.report.recipients, placement.is_proven)
        for mail, placement in zip(mails, placements, strict=True)
        if placement.reported_id is not None and mail.inbound.report is not None
    ]
    if reports:
        settle_reports(reports, at=at)
