"""Fill our desk with COPY up to a number of conversations: real tables, every row one a person could have made.

python benchmarks/desk/fill.py CONVERSATIONS
"""

from __future__ import annotations

import os
import random
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1])]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hospes.config.settings")

import django

django.setup()

import corpus
from django.db import connection, models, transaction

from hospes.brands.models import Brand, Site
from hospes.channels.models import Channel
from hospes.config import preparing
from hospes.conversations.inbox import keep_rows
from hospes.conversations.models import Conversation, Message, OutboxEntry, Queue, QueueMember
from hospes.conversations.threading import message_hash
from hospes.events.models import Event
from hospes.intake.models import Raw
from hospes.lib.references import reference_of
from hospes.markets.models import Market
from hospes.people.models import Customer, Identity
from hospes.search.indexing import make_parts
from hospes.search.tokens import RULES, tokens
from hospes.team.models import Agent, Role

MARKETS = {
    "en": ("GB", "Europe/London"), "de": ("DE", "Europe/Berlin"), "fr": ("FR", "Europe/Paris"),
    "es": ("ES", "Europe/Madrid"), "pt": ("BR", "America/Sao_Paulo"), "pl": ("PL", "Europe/Warsaw"),
    "ru": ("KZ", "Asia/Almaty"), "ja": ("JP", "Asia/Tokyo"), "zh": ("TW", "Asia/Taipei"),
    "ar": ("EG", "Africa/Cairo"),
}  # fmt: skip
FIRST = 100_000  # threads below are fed as mail
CHUNK = 2_000
MOST_SEARCHED = 50_000  # above, their words would take longer to load than everything else
LONG_EVERY = 5_000  # one conversation in so many is long: sixty messages


@dataclass(frozen=True)
class Desk:
    site: Site
    brand: Brand
    channel: Channel
    markets: dict[str, Market]
    queues: dict[str, Queue]
    agents: list[Agent]


def found() -> Desk:
    """Return the desk, made on the first call: a queue for each of ten markets, ten agents, two readers.

    `bench` is an operator and sees all; `narrow` works in one queue and sees a tenth.
    """
    preparing.prepare_database()
    site, brand, channel = Site.objects.get(), Brand.objects.get(), Channel.objects.get()
    if not channel.address:
        channel.address, channel.trusted_hop = corpus.SUPPORT, corpus.HOP
        channel.is_catch_all = False
        channel.save()
        for language, (code, zone) in MARKETS.items():
            market = Market.objects.create(code=code, zone=zone, language=language)
            Queue.objects.create(brand=brand, market=market, name=f"Hospes {code}")
        for number in range(10):
            _agent(f"Agent {number}", f"agent{number}@bench.example", Role.AGENT)
        _agent("Bench", "bench@bench.example", Role.OPERATOR)
        narrow = _agent("Narrow", "narrow@bench.example", Role.AGENT)
        QueueMember.objects.create(queue=Queue.objects.get(market__language="de"), agent=narrow)
    markets = {market.language: market for market in Market.objects.all()}
    queues = {
        queue.market.language: queue
        for queue in Queue.objects.select_related("market")
        if queue.market
    }
    agents = list(Agent.objects.filter(email__startswith="agent"))
    return Desk(site, brand, channel, markets, queues, agents)


def _agent(name: str, email: str, role: Role) -> Agent:
    agent = Agent(name=name, email=email, role=role, language="en")
    agent.set_unusable_password()
    agent.save()
    return agent


def _address(thread: corpus.Thread) -> str:
    """Return the address a conversation is had with: ten conversations a customer."""
    local, _, domain = thread.address.partition("@")
    return f"{local}+{thread.number // 40_000}@{domain}"


@dataclass
class Rows:
    """A chunk of conversations, ready to be copied."""

    desk: Desk
    next_id: dict[type[models.Model], int]
    customers: dict[str, tuple[int, int]]  # address -> customer, identity
    found: dict[type[models.Model], list[Any]] = field(default_factory=dict)

    def add(self, row: models.Model) -> int:
        """Take a row under the next number of its kind and return the number."""
        kind = type(row)
        row.pk = self.next_id[kind]
        self.next_id[kind] += 1
        self.found.setdefault(kind, []).append(row)
        return int(row.pk)

    def take_in(self, thread: corpus.Thread) -> None:
        draw = random.Random(thread.number)
        agent = draw.choice([*self.desk.agents, None, None, None])
        is_open = draw.choices([1, 2, 3, 4], [25, 5, 20, 50])[0] < 3
        said = list(thread.said)
        if thread.number % LONG_EVERY == 0:
            said = [*said, *(_later(said[i % len(said)], i) for i in range(60 - len(said)))]
        customer_id, identity_id = self._customer(thread)
        conversation = Conversation(
            reference="", queue=self.desk.queues[thread.language], brand=self.desk.brand,
            channel=self.desk.channel, customer_id=customer_id, participant_ids=[identity_id],
            assignee=agent, subject=thread.subject, language=thread.language,
            is_sender_verified=True, opened_at=said[0].at, last_activity_at=said[-1].at,
            closed_at=None if is_open else said[-1].at, message_count=len(said),
        )  # fmt: skip
        number = self.add(conversation)
        conversation.reference = reference_of(number, bytes(self.desk.site.reference_key))
        for one in said:
            is_ours = bool(agent and one.position % 2)
            conversation.last_message_id = self._say(
                conversation, thread, one, identity_id, agent if is_ours else None
            )
            if is_ours:
                conversation.waiting_since = None
            elif is_open:
                conversation.waiting_since = conversation.waiting_since or one.at
        if not is_open:
            self._happen("ConversationClosed", conversation, said[-1].at, {}, agent)

    def _customer(self, thread: corpus.Thread) -> tuple[int, int]:
        address = _address(thread)
        if address not in self.customers:
            market = self.desk.markets[thread.language]
            customer_id = self.add(
                Customer(
                    display_name=thread.name,
                    language=thread.language,
                    market=market,
                    created_at=thread.said[0].at,
                )
            )
            identity = Identity(
                customer_id=customer_id, value=address, verified_at=thread.said[0].at
            )
            self.customers[address] = (customer_id, self.add(identity))
        return self.customers[address]

    def _say(
        self,
        conversation: Conversation,
        thread: corpus.Thread,
        one: corpus.Said,
        identity_id: int,
        agent: Agent | None,
    ) -> int:
        message_id = f"<{conversation.pk}.{one.position}@{'bench' if agent else 'client'}.example>"
        message = Message(
            conversation=conversation, channel=self.desk.channel, identity_id=identity_id, agent=agent,
            direction=Message.Direction.OUT if agent else Message.Direction.IN,
            message_id=message_id, message_hash=message_hash(message_id),
            from_name=agent.name if agent else thread.name,
            from_address=corpus.SUPPORT if agent else _address(thread),
            to=[["", _address(thread) if agent else corpus.SUPPORT]], subject=thread.subject,
            text=one.text, reply_text=one.text, language=thread.language, is_verified=not agent, at=one.at,
        )  # fmt: skip
        number = self.add(message)
        if agent:
            entry = OutboxEntry(
                message=message,
                channel=self.desk.channel,
                state="accepted",
                stage="after_dot",
                due_at=one.at,
                changed_at=one.at,
            )
            self._happen(
                "ReplyWritten",
                conversation,
                one.at,
                {"message_id": number, "outbox_id": self.add(entry)},
                agent,
            )
        else:
            # The letter itself is left out: nothing that is measured reads it.
            raw = Raw(
                channel=self.desk.channel, transport_key=message_id, received_at=one.at, body=b""
            )
            message.raw_id = self.add(raw)
            self._happen(
                "MessageReceived",
                conversation,
                one.at,
                {"message_id": number, "is_first": not one.position},
                None,
            )
        return number

    def _happen(
        self, kind: str, conversation: Conversation, at: Any, data: dict[str, Any], by: Agent | None
    ) -> None:
        self.add(
            Event(
                kind=kind,
                at=at,
                by_id=by.pk if by else None,
                conversation_id=conversation.pk,
                data=data,
            )
        )


def _later(one: corpus.Said, number: int) -> corpus.Said:
    at = one.at + timedelta(hours=1 + number)
    return corpus.Said(100 + number, one.text, at, f"<long{number}.{one.message_id[1:]}")


# In the order of their foreign keys.
KINDS: Sequence[type[models.Model]] = (
    Customer, Identity, Conversation, Raw, Message, OutboxEntry, Event,
)  # fmt: skip


def fill(wanted: int) -> None:
    desk = found()
    there = Conversation.objects.count()
    if there >= wanted:
        return
    is_searched = wanted <= MOST_SEARCHED
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX search_document_tokens")
    rows = Rows(desk, {kind: _last(kind) + 1 for kind in KINDS}, _known_customers())
    threads = corpus.Corpus().threads(wanted - there, first=FIRST + there)
    for number, thread in enumerate(threads, 1):
        rows.take_in(thread)
        if number % CHUNK == 0 or number == wanted - there:
            _write(rows, is_searched=is_searched)
    with connection.cursor() as cursor:
        for kind in KINDS:
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)",
                [kind._meta.db_table, _last(kind)],
            )
        cursor.execute(
            "CREATE INDEX search_document_tokens ON search_document USING gin (tokens) WITH (fastupdate = on)"
        )


@transaction.atomic
def _write(rows: Rows, *, is_searched: bool) -> None:
    for kind in KINDS:
        copy(kind, rows.found.get(kind, []))
    conversations = rows.found[Conversation]
    keep_rows([one.pk for one in conversations if one.closed_at is None])
    if is_searched:
        _index(rows.found[Message])
    rows.found.clear()


def copy(kind: type[models.Model], rows: Iterable[Any]) -> None:
    """Write rows as the ORM would, by COPY."""
    fields = kind._meta.concrete_fields
    names = ", ".join(f'"{one.column}"' for one in fields)
    with (
        connection.cursor() as cursor,
        cursor.copy(f'COPY "{kind._meta.db_table}" ({names}) FROM STDIN') as out,
    ):
        for row in rows:
            out.write_row(
                [one.get_db_prep_save(one.pre_save(row, add=True), connection) for one in fields]
            )


def _index(messages: Sequence[Message]) -> None:
    """Write the search documents: the words are those of `search/tokens.py`, sentence by sentence."""
    make_parts(messages[0].pk, messages[-1].pk)
    found = ["\x01".join(sorted(_words(one))) for one in messages]
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO search_document (message_id, conversation_id, queue_id, at, rules, tokens)
            SELECT id, conversation_id, queue_id, at, %s, array_to_tsvector(string_to_array(tokens, E'\\x01'))
            FROM unnest(%s::bigint[], %s::bigint[], %s::smallint[], %s::timestamptz[], %s::text[])
                AS one(id, conversation_id, queue_id, at, tokens)""",
            [
                RULES,
                [one.pk for one in messages],
                [one.conversation_id for one in messages],
                [one.conversation.queue_id for one in messages],
                [one.at for one in messages],
                found,
            ],
        )


def _words(message: Message) -> set[str]:
    said = [
        message.conversation.reference,
        message.subject,
        message.from_name,
        message.from_address,
    ]
    sentences = re.split(r"(?<=[.!?。！？])\s+", message.text)
    return set().union(*(_tokens(one, message.language) for one in [*said, *sentences]))


@lru_cache(maxsize=20_000)
def _tokens(text: str, language: str) -> frozenset[str]:
    return frozenset(tokens(text, language))


def _last(kind: type[models.Model]) -> int:
    return kind.objects.aggregate(last=models.Max("pk"))["last"] or 0


def _known_customers() -> dict[str, tuple[int, int]]:
    return {i.value: (i.customer_id, i.pk) for i in Identity.objects.all()}


if __name__ == "__main__":
    fill(int(sys.argv[1]))
