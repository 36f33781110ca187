"""Load the demo: its people get seats, its customers write real mails, and everything happens in order.

Mails go the way of every mail, replies through the same action as an agent's; only the last step of a
reply is told instead of done, so that nothing leaves this machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr

from django.db import transaction

from hospes.brands.actions.presenting import finish_set_up, present_brand
from hospes.brands.models import Brand
from hospes.channels.actions.connecting import Mailbox, connect_mailbox
from hospes.channels.contract import Inbound, Unreadable
from hospes.channels.email.parsing import parse
from hospes.channels.models import Channel
from hospes.conversations.actions import assigning, closing, noting, replying, seating, snoozing
from hospes.conversations.actions.founding import found_first_desk
from hospes.conversations.actions.seeing import mark_seen
from hospes.conversations.models import Conversation, Message, OutboxEntry, QueueMember
from hospes.demo.pictures import picture
from hospes.demo.world import Country, Story, Turn, World, duration, read_stories, read_world
from hospes.intake.actions.storing import Delivery, store_all
from hospes.intake.actions.understanding import Claimed, Read, write
from hospes.intake.desk import Desk, load_desk
from hospes.lib.refusal import Refused
from hospes.markets.actions.opening import open_market
from hospes.markets.models import Market
from hospes.people.models import Customer
from hospes.team.actions.adding import add_agent
from hospes.team.models import Agent, Hub, Role

TRUSTED_HOP = "mx.kaldera.example"
UNVERIFIED_EVERY = 9  # some senders cannot prove who they are, as in life


@dataclass
class Told:
    """A story while it is told: what was written so far."""

    story: Story
    number: int
    conversation: Conversation | None = None
    message_ids: list[str] = field(default_factory=list)

    @property
    def is_verified(self) -> bool:
        return self.number % UNVERIFIED_EVERY != 4


def load(*, at: datetime) -> int:
    """Fill an empty desk with the demo, as it stands at this moment; return how many conversations.

    Raises Refused on a desk that is in use.
    """
    if Agent.objects.exists() or Conversation.objects.exists():
        raise Refused("The demo can be loaded into an empty desk only.", code="not_empty")
    with transaction.atomic():
        agents, desk = _people_the_world(read_world(), at)
        stories = [Told(story, number) for number, story in enumerate(read_stories())]
        for moment, told, turn in _in_order(stories, at):
            _tell(told, turn, moment, agents, desk)
        _read_most(stories)
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


def _people_the_world(world: World, at: datetime) -> tuple[dict[str, Agent], Desk]:
    found_first_desk()
    brand = present_brand(
        Brand.objects.order_by("pk")[0],
        name=world.brand,
        language=world.language,
        signature=f"{world.brand} · {world.domain}",
    )
    hubs = {hub.name: Hub.objects.create(name=hub.name, zone=hub.zone) for hub in world.hubs}
    for country in world.markets:
        _open(country, brand, world)
    agents = {}
    for one in world.agents:
        agents[one.key] = add_agent(
            name=one.name, email=f"{one.key}@{world.domain}", role=one.role, hub=hubs[one.hub],
            language=one.language, zone=hubs[one.hub].zone, by=None, at=at - timedelta(days=90),
        )  # fmt: skip
        queues = [seating.queue_for(brand, _market(code)) for code in one.markets]
        seating.seat(agents[one.key], queues=queues)
    return agents, load_desk()


def _open(country: Country, brand: Brand, world: World) -> None:
    market = open_market(code=country.code, zone=country.zone, language=country.language)
    seating.queue_for(brand, market)
    address = f"{country.address}@{world.domain}"
    connect_mailbox(
        Mailbox(
            address,
            name=f"{world.brand} {country.code}",
            brand=brand,
            market=market,
            trusted_hop=TRUSTED_HOP,
        )
    )


def _market(code: str) -> Market:
    return Market.objects.get(code=code)


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
        _reply(told, turn, moment, by)
    elif turn.verb == "notes":
        noting.note(told.conversation, text=turn.text, by=by, at=moment)
    elif turn.verb == "assigns":
        assigning.assign(told.conversation, to=agents[turn.text], by=by, at=moment)
    elif turn.verb == "snoozes":
        until = moment + duration(turn.text)
        snoozing.snooze(told.conversation, until=until, by=by, at=moment)
    elif told.conversation.is_open:
        closing.close(told.conversation, by=by, at=moment)


def _say(told: Told, turn: Turn, moment: datetime, desk: Desk) -> None:
    channel = next(
        c for c in desk.channels.values() if c.market and c.market.code == told.story.market
    )
    mail = _mail(told, turn, moment, channel)
    told.message_ids.append(mail["Message-ID"])
    body = mail.as_bytes(policy=SMTP)
    (raw_id,) = store_all(
        [Delivery(channel.pk, body, told.story.address, channel.address)], at=moment
    )
    claimed = Claimed(raw_id, 1, channel.pk, channel.address, moment, body)
    write([Read(claimed, _understood(body, told.story.language))], desk=desk, at=moment)
    message = Message.objects.select_related("conversation").get(raw_id=raw_id)
    if told.conversation is None:
        told.conversation = message.conversation
        Customer.objects.filter(pk=message.conversation.customer_id).update(
            market=channel.market, zone=channel.market.zone if channel.market else ""
        )


def _understood(body: bytes, language: str) -> Inbound | Unreadable:
    return parse(body, priors=[language])


def _mail(told: Told, turn: Turn, moment: datetime, channel: Channel) -> EmailMessage:
    story, count = told.story, len(told.message_ids)
    mail = EmailMessage()
    mail["From"] = formataddr((story.name, story.address))
    mail["To"] = channel.address
    mail["Subject"] = story.subject if count == 0 else f"Re: {story.subject}"
    mail["Date"] = format_datetime(moment)
    mail["Message-ID"] = (
        f"<demo.{told.number}.{count}.{int(moment.timestamp())}@{story.address.rpartition('@')[2]}>"
    )
    if told.message_ids:
        mail["In-Reply-To"] = told.message_ids[-1]
        mail["References"] = " ".join(told.message_ids)
    verdict = "pass" if told.is_verified else "none"
    mail["Authentication-Results"] = f"{TRUSTED_HOP}; dmarc={verdict}"
    mail.set_content(turn.text)
    if turn.file:
        mail.add_attachment(picture(turn.file), maintype="image", subtype="png", filename=turn.file)
    return mail


def _reply(told: Told, turn: Turn, moment: datetime, by: Agent) -> None:
    assert told.conversation is not None
    message = replying.reply(told.conversation, text=turn.text, by=by, at=moment)
    told.message_ids.append(message.message_id)
    OutboxEntry.objects.filter(message=message).update(
        state=OutboxEntry.State.ACCEPTED, changed_at=moment, undo_until=None
    )


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
