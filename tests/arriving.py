"""Letters that have come in, understood in the test's own process and transaction."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import Message as Letter
from email.parser import BytesParser
from email.policy import SMTP
from typing import Any

from hospes.channels.contract import Unreadable
from hospes.channels.email import parsing
from hospes.channels.email.compose import compose
from hospes.channels.models import Channel
from hospes.conversations import letters
from hospes.conversations.models import Message
from hospes.intake.actions.storing import Delivery, store_all
from hospes.intake.actions.understanding import understand_batch
from hospes.intake.desk import load_desk
from hospes.intake.proving import Prover
from tests.cast import NOON, Cast


class ParserHere:
    """Reads mails in this process."""

    def parse_all(self, bodies: Any, *, priors: Any = ()) -> list[Any]:
        return [_read(body) for body in bodies]


def _read(body: bytes) -> Any:
    try:
        return parsing.parse(body)
    except Unreadable as error:
        return error


def come_in(
    channel: Channel, *bodies: bytes, to: str = "", envelope_from: str = "", peer: str = ""
) -> list[int]:
    """Let mails come in at noon, pending, and return their raws' numbers."""
    deliveries = [
        Delivery(channel.pk, body, envelope_from, to or channel.address, peer, "mx.sender.example")
        for body in bodies
    ]
    return store_all(deliveries, at=NOON)


def understand(prover: Prover | None = None) -> int:
    """Understand one batch of what is pending."""
    return understand_batch(
        parser=ParserHere(), worker_id=1, at=NOON, desk=load_desk(), prover=prover
    )


def arrive_together(cast: Cast, *bodies: bytes, to: str = "") -> list[int]:
    """Let letters come in at noon as one batch and return their raws' numbers."""
    ids = come_in(cast.channel, *bodies, to=to)
    understand()
    return ids


def arrive(cast: Cast, body: bytes, *, to: str = "") -> int:
    """Let a letter come in at noon, for the support address, and return its raw's number."""
    (raw_id,) = arrive_together(cast, body, to=to)
    return raw_id


def shown(cast: Cast, body: bytes, *, to: str = "") -> Message:
    """Let a letter come in and return the message it became."""
    return message_of(arrive(cast, body, to=to))


def message_of(raw_id: int) -> Message:
    return Message.objects.select_related("conversation").get(raw_id=raw_id)


def conversations_of(raw_ids: Sequence[int]) -> list[int | None]:
    """Return the conversation each raw is shown in; None for what is not shown."""
    found = dict(
        Message.objects.filter(raw_id__in=raw_ids).values_list("raw_id", "conversation_id")
    )
    return [found.get(raw_id) for raw_id in raw_ids]


def as_sent(reply: Message) -> Letter:
    """Return a reply of ours as the customer gets it."""
    sent = compose(letters.letter(reply.outbox_entry), utf8_addresses=True)
    return BytesParser(policy=SMTP).parsebytes(sent)
