"""Load the demo: its people get seats, its customers write real mails, and everything happens in order.

Mails go the way of every mail, replies through the same action as an agent's; only the last step of a
reply is told instead of done, so that nothing leaves this machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parseaddr
from typing import Any

from django.db import transaction

from hospes.brands.actions.presenting import finish_set_up
from hospes.channels.contract import Address, Inbound, OutboundFile, Unreadable
from hospes.channels.email.parsing import parse
from hospes.channels.models import Channel
from hospes.conversations.actions import (
    assigning,
    closing,
    drafting,
    noting,
    replying,
    snoozing,
)  # fmt: skip
from hospes.conversations.actions.seeing import mark_seen
from hospes.conversations.models import (
    Conversation,
    Draft,
    Message,
    OutboxEntry,
    QueueMember,
)  # fmt: skip
from hospes.conversations.threading import reply_address
from hospes.demo.knowing import know
from hospes.demo.mails import Letter, bytes_of, file_of, nested_mail
from hospes.demo.owing import owe
from hospes.demo.peopling import people_the_world
from hospes.demo.repeating import repeat
from hospes.demo.world import (
    Story,
    Turn,
    duration,
    read_stories,
    read_strays,
    read_world,
)  # fmt: skip
from hospes.intake.actions.claiming import Claimed
from hospes.intake.actions.storing import Delivery, store_all
from hospes.intake.actions.understanding import Read, write
from hospes.intake.desk import Desk
from hospes.lib.refusal import Refused
from hospes.people.models import Customer
from hospes.team.models import Agent, Role

State, Reason, Stage = OutboxEntry.State, OutboxEntry.Reason, OutboxEntry.Stage
# What the last step of a reply came to: told, since nothing leaves this machine.
BECAME: dict[str, dict[str, Any]] = {
    "": {"state": State.ACCEPTED},
    "waiting": {"state": State.QUEUED, "reason": Reason.DEMO},  # for good: see the sending
    "bounced": {
        "state": State.BOUNCED,
        "reason": Reason.BOUNCED,
        "answer": "552 5.2.2 The mailbox is full",
    },
    "unknown": {"state": State.UNKNOWN, "stage": Stage.AFTER_DOT, "reason": Reason.NO_ANSWER},
    "failed": {
        "state": State.FAILED,
        "reason": Reason.REFUSED,
        "answer": "550 5.1.1 There is no such mailbox here",
    },
}


@dataclass
class Told:
    """A story while it is told: what was written so far."""

    story: Story
    number: int
    conversation: Conversation | None = None
    message_ids: list[str] = field(default_factory=list)
    answers_to: str = ""  # the signed address our replies ask to be answered to


def load(*, at: datetime) -> int:
    """Fill an empty desk with the demo, as it stands at this moment; return how many conversations.

    Raises Refused on a desk that is in use.
    """
    if Agent.objects.exists() or Conversation.objects.exists():
        raise Refused("The demo can be loaded into an empty desk only.", code="not_empty")
    with transaction.atomic():
        agents, desk = people_the_world(read_world(), at)
        stories = [Told(story, number) for number, story in enumerate(read_stories())]
        for moment, told, turn in _in_order(stories, at):
            _tell(told, turn, moment, agents, desk)
        _let_strays_in(stories, desk, at)
        _read_most(stories)
        owe(by=first_person(), at=at)
        know(by=first_person(), at=at)
        repeat(by=first_person(), at=at)
        finish_set_up(at=at)
    return len(stories)


def first_person() -> Agent:
    """Return whom a visitor of the demo signs in as: its operator."""
    return Agent.objects.filter(role=Role.OPERATOR).order_by("pk")[0]


def _in_order(stories: Sequence[Told], at: datetime) -> list[tuple[datetime, Told, Turn]]:
    """Return all that happened until now, the earliest first."""
    turns = [
        (at - told.story.started_ago + turn.after_start, told, turn)
        for told in stories
        for turn in told.story.turns
    ]
    happened = [one for one in turns if one[0] < at]
    return sorted(happened, key=lambda one: one[0])


def _tell(told: Told, turn: Turn, moment: datetime, agents: dict[str, Agent], desk: Desk) -> None:
    if turn.verb == "says":
        _say(told, turn, moment, desk)
        return
    assert told.conversation is not None, f"{told.story.name}: nobody wrote yet"
    told.conversation.refresh_from_db()
    by = agents[turn.by]
    mark_seen(
        told.conversation, by=by, at=moment, message_id=told.conversation.last_message_id or 0
    )
    if turn.verb == "replies":
        _reply(told, turn, moment, by, desk)
    elif turn.verb == "notes":
        noting.note(told.conversation, text=turn.text, by=by, at=moment)
    elif turn.verb == "drafts":
        drafting.save_draft(
            told.conversation, kind=Draft.Kind.REPLY, text=turn.text, version=1, by=by, at=moment
        )
    elif turn.verb == "reopens":
        closing.reopen(told.conversation, by=by, at=moment)
    elif turn.verb == "assigns":
        assigning.assign(told.conversation, to=agents[turn.text], by=by, at=moment)
    elif turn.verb == "snoozes":
        until = moment + duration(turn.text)
        snoozing.snooze(told.conversation, until=until, by=by, at=moment)
    elif told.conversation.is_open:
        closing.close(told.conversation, by=by, at=moment)


def _say(told: Told, turn: Turn, moment: datetime, desk: Desk) -> None:
    channel = _channel(desk, told.story.market)
    letter = _letter(told, turn, moment, channel)
    told.message_ids.append(letter.message_id)
    to = told.answers_to or channel.address
    raw_id = _bring(bytes_of(letter), channel, (told.story.address, to), moment, desk)
    message = Message.objects.select_related("conversation").get(raw_id=raw_id)
    if told.conversation is None:
        told.conversation = message.conversation
        Customer.objects.filter(pk=message.conversation.customer_id).update(
            market=channel.market, zone=channel.market.zone if channel.market else ""
        )


def _bring(
    body: bytes, channel: Channel, envelope: tuple[str, str], moment: datetime, desk: Desk
) -> int:
    """Bring a mail to the door and let it be understood; return the number of its raw.

    envelope: from whom, to which address.
    """
    sender, to = envelope
    (raw_id,) = store_all([Delivery(channel.pk, body, sender, to)], at=moment)
    claimed = Claimed(raw_id, 1, channel.pk, to, moment, body)
    understood = _understood(body, desk.languages_of(channel.pk))
    write([Read(claimed, understood)], desk=desk, at=moment)
    return raw_id


def _understood(body: bytes, priors: Sequence[str]) -> Inbound | Unreadable:
    try:
        return parse(body, priors=priors)
    except Unreadable as unreadable:
        return unreadable


def _channel(desk: Desk, market: str) -> Channel:
    return next(one for one in desk.channels.values() if one.market and one.market.code == market)


def _let_strays_in(stories: Sequence[Told], desk: Desk, at: datetime) -> None:
    """Bring the mails that wait for somebody's decision."""
    for number, stray in enumerate(read_strays()):
        channel = _channel(desk, stray.market)
        moment = at - stray.ago
        letter = Letter(
            sender=(stray.name, stray.address),
            to=channel.address,
            subject=stray.subject,
            text=stray.text,
            message_id=f"<stray.{number}.{int(moment.timestamp())}@{stray.address.rpartition('@')[2]}>",
            at=moment,
            proof=stray.proof,
        )
        body = nested_mail(letter) if stray.is_nested else bytes_of(letter)
        to = next((one.answers_to for one in stories if one.story.name == stray.answers), "")
        _bring(body, channel, (stray.address, to or channel.address), moment, desk)


def _letter(told: Told, turn: Turn, moment: datetime, channel: Channel) -> Letter:
    story, count = told.story, len(told.message_ids)
    domain = story.address.rpartition("@")[2]
    return Letter(
        sender=(story.name, story.address),
        to=channel.address,
        subject=story.subject if count == 0 else f"Re: {story.subject}",
        text=turn.text,
        message_id=f"<demo.{told.number}.{count}.{int(moment.timestamp())}@{domain}>",
        at=moment,
        answers=told.message_ids,
        html=turn.html,
        files=turn.files,
        cc=turn.cc,
        proof=story.proof,
    )


def _reply(told: Told, turn: Turn, moment: datetime, by: Agent, desk: Desk) -> None:
    assert told.conversation is not None
    message = replying.reply(
        told.conversation,
        text=turn.text,
        by=by,
        at=moment,
        files=[_outbound(name) for name in turn.files],
        cc=[Address(*parseaddr(one)) for one in turn.cc],
    )
    told.message_ids.append(message.message_id)
    told.answers_to = reply_address(
        message.channel, message.conversation_id, message.identity_id or 0, key=desk.keys[0]
    )
    OutboxEntry.objects.filter(message=message).update(
        changed_at=moment, undo_until=None, **BECAME[turn.became]
    )


def _outbound(name: str) -> OutboundFile:
    content, content_type = file_of(name)
    return OutboundFile(name=name, content_type=content_type, content=content)


def _read_most(stories: Sequence[Told]) -> None:
    """Let the people of the demo have read what is old: not everything is news."""
    for told in stories:
        one = told.conversation
        if one is None or told.number % 3 == 0:
            continue
        one.refresh_from_db()
        for member in QueueMember.objects.filter(queue_id=one.queue_id).select_related("agent"):
            mark_seen(
                one, by=member.agent, at=one.last_activity_at, message_id=one.last_message_id or 0
            )
