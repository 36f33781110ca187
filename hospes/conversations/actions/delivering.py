"""Settle what became of a reply: by what a mail server reports, or by what an agent knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hospes.channels.contract import Address, RecipientReport
from hospes.conversations.actions.admitting import let_in
from hospes.conversations.actions.noting import remark
from hospes.conversations.events import DeliveryChanged
from hospes.conversations.locking import lock
from hospes.conversations.models import Message, OutboxEntry
from hospes.conversations.recipients import Recipients, refuse_unusable
from hospes.events.recording import record, record_all
from hospes.lib.addresses import canonical
from hospes.lib.refusal import Refused
from hospes.people.actions.recognising import lock_strangers
from hospes.people.actions.suppressing import count_hard_bounces, try_again
from hospes.team.models import Agent

State, Reason = OutboxEntry.State, OutboxEntry.Reason
MAY_BE_SENT_AGAIN = {State.FAILED, State.UNKNOWN, State.BOUNCED}


@transaction.atomic
def resend(
    message: Message, *, by: Agent, at: datetime, to: Sequence[Address] | None = None
) -> OutboxEntry:
    """Queue a reply again that did not arrive, or of which nobody knows; a suppressed address is tried once.

    to: whom it goes to instead; they are let into the conversation, and a note tells of the change.

    Raises Refused when it is on its way or has arrived, for what the desk sent by itself, and where `to` is nobody.
    """
    if to is not None:
        refuse_unusable(Recipients(tuple(to)))
        lock_strangers()
    entry = _locked(message, by)
    if entry.state not in MAY_BE_SENT_AGAIN or entry.message.is_automatic:
        raise Refused(_("This reply needs no second try."), code="no_second_try")
    entry.state, entry.stage, entry.reason = State.QUEUED, OutboxEntry.Stage.BEFORE_DOT, ""
    entry.answer, entry.due_at, entry.undo_until, entry.provider_id = "", at, None, ""
    entry.attempts, entry.tried_since, entry.doubt_since = 0, None, None
    message = entry.message
    if to is not None:
        _address_anew(message, to, by=by, at=at)
    if message.identity_id:
        try_again(message.identity_id)
    _keep(entry, by=by, at=at)
    return entry


def _address_anew(message: Message, to: Sequence[Address], *, by: Agent, at: datetime) -> None:
    before = [address for _name, address in message.to]
    if [canonical(one.address) for one in to] == [canonical(address) for address in before]:
        return
    conversation = lock(message.conversation, by=by)
    identities = let_in(conversation, to, at=at)
    conversation.save(update_fields=["participant_ids"])
    message.to = [[one.name, one.address] for one in to]
    message.identity_id = identities[canonical(to[0].address)]
    message.save(update_fields=["to", "identity"])
    told = gettext("A reply that went to %(before)s before is sent to %(now)s.")
    names = {"before": ", ".join(before), "now": ", ".join(one.address for one in to)}
    remark(conversation, text=told % names, by=by, at=at)


@transaction.atomic
def settle_as_sent(message: Message, *, by: Agent, at: datetime) -> OutboxEntry:
    """Note that a reply of which nobody knew did arrive, as an agent found out.

    Raises Refused when its state is known.
    """
    entry = _locked(message, by)
    if entry.state != State.UNKNOWN:
        raise Refused(_("What became of this reply is known already."), code="known_already")
    entry.state, entry.reason = State.ACCEPTED, ""
    _keep(entry, by=by, at=at)
    return entry


@dataclass(frozen=True)
class Returned:
    """What a mail server reports of one letter of ours."""

    outbox_id: int
    recipients: tuple[RecipientReport, ...]
    is_proven: (
        bool  # it came to the letter's own bounce address and holds the letter's own Message-ID
    )


@transaction.atomic(savepoint=False)
def settle_reports(reports: Sequence[Returned], *, at: datetime) -> int:
    """Note what mail servers say became of replies; return of how many that was news.

    Three statements, and two more when letters came back for good. A report is the answer, too,
    to whether a reply was sent of which nobody knew.
    """
    by_entry = _merged(reports)
    entries = list(
        OutboxEntry.objects.select_for_update(of=("self",))
        .select_related("message")
        .defer("message__text", "message__reply_text", "message__html")
        .filter(pk__in=by_entry)
        .exclude(state=State.BOUNCED)
        .order_by("pk")
    )
    changed = [one for one in entries if _settled_by(by_entry[one.pk], one, at)]
    OutboxEntry.objects.bulk_update(changed, ["state", "reason", "answer", "changed_at"])
    record_all([(_changed(entry), at, None) for entry in changed])
    dead = [
        entry.message.identity_id
        for entry in changed
        if entry.state == State.BOUNCED
        and _is_hard(by_entry[entry.pk])
        and entry.message.identity_id
    ]
    if dead:
        count_hard_bounces(dead, at=at)
    return len(changed)


def _merged(reports: Sequence[Returned]) -> dict[int, Returned]:
    """One report for each letter; servers may write one for each recipient."""
    merged: dict[int, Returned] = {}
    for one in reports:
        before = merged.get(one.outbox_id)
        if before is not None:
            one = Returned(  # noqa: PLW2901
                one.outbox_id,
                before.recipients + one.recipients,
                before.is_proven and one.is_proven,
            )
        merged[one.outbox_id] = one
    return merged


def _settled_by(returned: Returned, entry: OutboxEntry, at: datetime) -> bool:
    """Let a report change an entry; False when it says nothing new of it."""
    in_copy = {address.casefold() for _name, address in entry.message.cc}
    to_customer = [one for one in returned.recipients if one.address.casefold() not in in_copy]
    news = _news_of(to_customer, returned.recipients)
    if news is None:
        return False
    state, reason, about = news
    if entry.state == State.DELIVERED and (reason == Reason.DELAYED or state == State.FAILED):
        return False  # told late: it has arrived since
    if entry.state == State.FAILED and state not in {State.DELIVERED, State.BOUNCED}:
        return False
    state = state or (State.ACCEPTED if entry.state == State.UNKNOWN else entry.state)
    if _is_said_for_good(entry, state, reason):
        if state == entry.state:
            return False
        entry.state, entry.changed_at = state, at
        return True
    if (state, reason) == (entry.state, entry.reason):
        return False
    entry.state, entry.reason = state, reason
    entry.answer = f"{about.status} {about.diagnostic}".strip()[:2000]
    entry.changed_at = at
    return True


# What is true of a letter whatever is told of it later, the weightiest last: some got it and others did not, or
# somebody did not want it.
_FOR_GOOD = (Reason.PARTLY, Reason.COMPLAINED, Reason.COPY_BOUNCED)


def _is_said_for_good(entry: OutboxEntry, state: str, reason: str) -> bool:
    """Whether what stands there outweighs what is told now: reports come in any order."""
    if state in {State.BOUNCED, State.FAILED} or entry.reason not in _FOR_GOOD:
        return False
    weight = _FOR_GOOD.index(Reason(entry.reason))
    return reason not in _FOR_GOOD or _FOR_GOOD.index(Reason(reason)) <= weight


def _news_of(
    to_customer: Sequence[RecipientReport], recipients: Sequence[RecipientReport]
) -> tuple[str, str, RecipientReport] | None:
    """State ("" keeps it), reason, and of whom; what came back outweighs what waits or arrived."""
    for actions, among, state, reason in (
        ({"failed"}, to_customer, State.BOUNCED, None),
        ({"rejected"}, to_customer, State.FAILED, Reason.NOT_BY_PROVIDER),
        ({"failed", "rejected"}, recipients, "", Reason.COPY_BOUNCED),
        ({"complained"}, recipients, "", Reason.COMPLAINED),
        ({"delayed"}, to_customer, "", Reason.DELAYED),
        ({"delivered", "displayed"}, to_customer, State.DELIVERED, ""),
        ({"relayed", "expanded"}, to_customer, "", ""),
    ):
        one = next((each for each in among if each.action in actions), None)
        if one is not None:
            return state, _reason_of(one.status) if reason is None else reason, one
    return None


# Enhanced status codes that have plain words (RFC 3463); the first part says whether it is for good.
_REASONS = {
    "1.0": Reason.NO_SUCH_ADDRESS, "1.1": Reason.NO_SUCH_ADDRESS, "1.2": Reason.NO_SUCH_ADDRESS,
    "1.3": Reason.NO_SUCH_ADDRESS, "1.6": Reason.NO_SUCH_ADDRESS, "1.10": Reason.NO_SUCH_ADDRESS,
    "2.1": Reason.NO_SUCH_ADDRESS, "2.2": Reason.MAILBOX_FULL, "2.3": Reason.TOO_LARGE,
    "3.4": Reason.TOO_LARGE, "7.0": Reason.UNWANTED, "7.1": Reason.UNWANTED, "7.26": Reason.UNWANTED,
}  # fmt: skip
# What says that the address itself is dead, rather than that this letter was not liked.
_DEAD = {Reason.NO_SUCH_ADDRESS}


def _reason_of(status: str) -> str:
    return _REASONS.get(status.partition(".")[2], Reason.BOUNCED)


def _is_hard(returned: Returned) -> bool:
    return returned.is_proven and any(
        one.action == "failed" and one.status.startswith("5.") and _reason_of(one.status) in _DEAD
        for one in returned.recipients
    )


@transaction.atomic
def release_waiting(*, at: datetime) -> int:
    """Let go what waited for an outgoing server, as soon as there is one or it is mended; return how many."""
    reasons = [Reason.NO_SERVER, Reason.UNREACHABLE, Reason.REFUSED_FOR_NOW]
    return OutboxEntry.objects.filter(state=State.QUEUED, reason__in=reasons).update(due_at=at)


def _locked(message: Message, by: Agent) -> OutboxEntry:
    lock(message.conversation, by=by)
    return OutboxEntry.objects.select_for_update().select_related("message").get(message=message)


def _keep(entry: OutboxEntry, *, by: Agent, at: datetime) -> None:
    entry.changed_at = at
    entry.save()
    record(_changed(entry), at=at, by_id=by.pk)


def _changed(entry: OutboxEntry) -> DeliveryChanged:
    return DeliveryChanged(entry.message.conversation_id, entry.message_id, entry.state)
