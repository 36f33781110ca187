"""Decide about mail that was held, and try again what could not be read."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from hospes.channels.contract import Inbound, Unreadable
from hospes.conversations.actions.receiving import Incoming, receive_all
from hospes.conversations.finding import lock_mailboxes
from hospes.conversations.models import Conversation, Message
from hospes.intake.actions.understanding import Parser, sender_of
from hospes.intake.boxes import Row
from hospes.intake.desk import load_desk
from hospes.intake.models import (
    JUNK,
    DeletedRaw,
    HeldRaw,
    HeldReason,
    PendingRaw,
    QuarantinedRaw,
    Raw,
)
from hospes.intake.trusting import arrived, kept
from hospes.lib.addresses import canonical
from hospes.lib.refusal import Refused
from hospes.people.actions.recognising import recognise_all
from hospes.team.models import Agent

Waiting = HeldRaw | QuarantinedRaw


@transaction.atomic
def let_in(held: HeldRaw, *, parser: Parser, at: datetime, join: bool) -> Message:
    """Show a held mail: in the conversation it wanted to join, or as a new one.

    The sender takes part from then on. Raises Refused when somebody decided already, when it names
    no sender or several, or when it cannot be read any more.
    """
    found = _still_held(held)
    inbound = replace(_read(found, parser), found=kept(found.verdict))
    if not inbound.senders:
        raise Refused(_("It names no sender, so there is nobody to answer."), code="no_sender")
    if (
        len({canonical(one.address) for one in inbound.senders}) > 1
    ):  # whoever it was, the first proves nothing
        raise Refused(HeldReason.SEVERAL_SENDERS.label, code="several_senders")
    desk = load_desk()
    channel = desk.channels[found.raw.channel_id]
    lock_mailboxes([channel.pk])
    mail = arrived(inbound, channel, desk)
    (whose,) = recognise_all([sender_of(mail)], at=at).values()
    (message,) = receive_all(
        [
            Incoming(
                raw_id=found.raw_id,
                channel=channel,
                queue_id=desk.queue_ids[channel.pk],
                received_at=found.raw.received_at,
                inbound=mail.inbound,
                verified=mail.is_verified,
                identity_id=whose.identity_id,
                customer_id=whose.customer_id,
                conversation_id=_wanted(found) if join else None,
                forwarded_by_id=mail.forwarded_by_id,
                comment=mail.comment,
                verdict=mail.verdict,
            )
        ],
        at=at,
    )
    found.delete()
    return message


def _read(found: HeldRaw, parser: Parser) -> Inbound:
    (read,) = parser.parse_all([bytes(found.raw.body)])
    if isinstance(read, Unreadable):
        raise Refused(_("This mail cannot be read."), code="unreadable")
    return read


def _wanted(found: HeldRaw) -> int | None:
    wanted = Conversation.objects.filter(pk__in=[found.conversation_id])
    return wanted.values_list("pk", flat=True).first()


@transaction.atomic
def put_aside(waiting: Waiting, *, by: Agent | None, at: datetime) -> Waiting:
    """Ask nobody about a held or quarantined mail any more. It stays whole, and can still be taken back.

    by: None for somebody at the command line. Raises Refused when somebody decided already.
    """
    found = _undecided(waiting)
    if found.put_aside_at is None:
        found.put_aside_at, found.put_aside_by = at, by
        found.save(update_fields=["put_aside_at", "put_aside_by"])
    return found


@transaction.atomic
def take_back(waiting: Waiting) -> Waiting:
    """Let a mail that was put aside wait for a decision again. Raises Refused when it was let in meanwhile."""
    found = _undecided(waiting)
    found.put_aside_at = found.put_aside_by = None
    found.save(update_fields=["put_aside_at", "put_aside_by"])
    return found


@transaction.atomic
def call_junk(held: HeldRaw) -> HeldRaw:
    """Move a held mail among the junk; who it says it is from is not blocked by that, for that may be a lie.

    Raises Refused when somebody decided already.
    """
    found = _still_held(held)
    if found.reason not in JUNK:
        found.reason = HeldReason.CALLED_JUNK
    found.put_aside_at = found.put_aside_by = None
    found.save(update_fields=["reason", "put_aside_at", "put_aside_by"])
    return found


@transaction.atomic
def delete(waiting: Waiting, *, by: Agent | None, at: datetime) -> None:
    """Delete a mail that nobody needs: its bytes and all it said. That there was one is still counted.

    What a door or a mailbox hands in once more stays deleted. by: None for somebody at the command line.
    Raises Refused when somebody decided already.
    """
    model = HeldRaw if isinstance(waiting, HeldRaw) else QuarantinedRaw
    gone, _rows = model.objects.filter(pk=waiting.pk).delete()
    if not gone:
        raise Refused(_("Somebody has decided about this mail already."), code="decided_already")
    raw = Raw.objects.defer("body").get(pk=waiting.pk)
    DeletedRaw.objects.create(raw=raw, channel_id=raw.channel_id, by=by, at=at)
    Raw.objects.filter(pk=raw.pk).update(body=b"", envelope_from="", peer="", helo="")


def _still_held(held: HeldRaw) -> HeldRaw:
    return _locked(HeldRaw.objects.all(), held.pk)


def _undecided(waiting: Waiting) -> Waiting:
    if isinstance(waiting, HeldRaw):
        return _still_held(waiting)
    return _locked(QuarantinedRaw.objects.all(), waiting.pk)


def _locked(rows: QuerySet[Row, Row], raw_id: int) -> Row:
    found = rows.select_for_update(of=("self",)).select_related("raw").filter(pk=raw_id).first()
    if found is None:
        raise Refused(_("Somebody has decided about this mail already."), code="decided_already")
    return found


@transaction.atomic
def try_again(quarantined: QuarantinedRaw) -> None:
    """Let the worker read a quarantined raw anew. Doing it twice changes nothing."""
    gone, _rows = QuarantinedRaw.objects.filter(pk=quarantined.pk).delete()
    if gone:
        PendingRaw.objects.get_or_create(raw_id=quarantined.pk)
