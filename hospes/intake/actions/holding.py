"""Hold what is understood but not trusted, until an agent decides."""

from __future__ import annotations

from collections.abc import Sequence

from hospes.channels.contract import Inbound
from hospes.channels.models import Channel
from hospes.conversations.events import ColleagueTurnedAway
from hospes.conversations.finding import Mail, Placement
from hospes.conversations.models import Conversation
from hospes.conversations.queries import visible_queue_ids
from hospes.conversations.threading import Outcome
from hospes.intake.acknowledging import is_written_now
from hospes.intake.actions.claiming import Claimed
from hospes.intake.desk import Desk
from hospes.intake.models import HeldRaw, HeldReason
from hospes.intake.trusting import Arrived, colleague_of, told_about
from hospes.lib.addresses import canonical
from hospes.people.actions.recognising import known_addresses
from hospes.team.models import Agent

Welcome = tuple[Claimed, Arrived]


def without_strange_colleagues(
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
    kept_out: list[HeldRaw] = []
    for claimed, mail in welcome:
        if canonical(mail.inbound.senders[0].address) in strange:
            channel = desk.channels[claimed.channel_id]
            kept_out.append(held(claimed, mail.inbound, HeldReason.COLLEAGUE, channel))
        else:
            kept.append((claimed, mail))
    return kept, kept_out


def turned_away(
    claimed: Claimed, told: Arrived, placement: Placement, desk: Desk
) -> list[ColleagueTurnedAway]:
    """Return what to record of a mail that may not join: that one of us, who is here and proven, wrote it.

    Their programs are told nothing, and what joins no conversation has no place to tell it from.
    """
    sender = canonical(told.inbound.senders[0].address)
    colleague_id = told.forwarded_by_id or desk.colleagues.get(sender)
    if colleague_id is None or placement.conversation_id is None:
        return []
    if told.inbound.automatic or not is_written_now(claimed, told.inbound):
        return []
    return [ColleagueTurnedAway(placement.conversation_id, colleague_id, claimed.raw_id)]


def may_not_join(told: Arrived, placement: Placement, desk: Desk) -> bool:
    """Whether it is from one of us who has left, or who may not see the conversation any more.

    A reply address that one of us was given once is worth no more than what they may see now.
    """
    if placement.outcome is not Outcome.JOIN or placement.conversation_id is None:
        return False
    sender = canonical(told.inbound.senders[0].address)
    if told.forwarded_by_id is None and sender in desk.former_colleagues:
        return True
    colleague_id = told.forwarded_by_id or desk.colleagues.get(sender)
    if colleague_id is None:
        return False
    queue_ids = visible_queue_ids(Agent.objects.get(pk=colleague_id))
    joined = Conversation.objects.filter(pk=placement.conversation_id)
    return queue_ids is not None and not joined.filter(queue_id__in=queue_ids).exists()


def held(claimed: Claimed, inbound: Inbound, reason: HeldReason, channel: Channel) -> HeldRaw:
    sender = inbound.senders[0] if inbound.senders else None
    return HeldRaw(
        raw_id=claimed.raw_id,
        channel=channel,
        reason=reason,
        from_name=_name_of(inbound)[:200],
        from_address=sender.address[:320] if sender else "",
        subject=inbound.subject[:998],
        preview=" ".join(inbound.reply_text.split())[:200],
        verdict=told_about(inbound, channel),
        at=claimed.received_at,
    )


def _name_of(inbound: Inbound) -> str:
    """What to call the sender: all where it names several; of one that has no mail address, whatever stands in From."""
    if len({one.key for one in inbound.senders}) > 1:
        return ", ".join(f"{one.name} <{one.address}>".strip() for one in inbound.senders)
    if inbound.senders:
        return inbound.senders[0].name
    named = inbound.unreachable_sender
    return (named.name or named.address) if named else ""


def held_report(mail: Mail, told: Arrived) -> HeldRaw:
    """Put aside what a machine reports of a letter that nobody knows: it asks nobody for anything."""
    found = _held_mail(mail, told, HeldReason.LOST_REPORT)
    found.put_aside_at = mail.received_at
    return found


def held_stranger(mail: Mail, told: Arrived, conversation_id: int | None) -> HeldRaw:
    found = _held_mail(mail, told, HeldReason.STRANGER_IN_CONVERSATION)
    found.conversation_id = conversation_id
    return found


def _held_mail(mail: Mail, told: Arrived, reason: HeldReason) -> HeldRaw:
    sender = mail.inbound.senders[0]
    return HeldRaw(
        raw_id=mail.raw_id,
        channel=mail.channel,
        reason=reason,
        from_name=sender.name[:200],
        from_address=sender.address[:320],
        subject=mail.inbound.subject[:998],
        preview=" ".join(mail.inbound.reply_text.split())[:200],
        verdict=told.verdict,
        at=mail.received_at,
    )
