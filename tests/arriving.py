"""Letters that have come in, understood in the test's own process and transaction."""

from __future__ import annotations

from typing import Any

from hospes.channels.email import parsing
from hospes.conversations.models import Message
from hospes.intake.actions.storing import Delivery, store_all
from hospes.intake.actions.understanding import understand_batch
from hospes.intake.desk import load_desk
from tests.cast import NOON, Cast


class ParserHere:
    """Reads mails in this process."""

    def parse_all(self, bodies: Any, *, priors: Any = ()) -> list[Any]:
        return [parsing.parse(body) for body in bodies]


def arrive(cast: Cast, body: bytes) -> int:
    """Let a letter come in at noon, for the support address, and return its raw's number."""
    (raw_id,) = store_all([Delivery(cast.channel.pk, body, "", cast.channel.address)], at=NOON)
    understand_batch(parser=ParserHere(), worker_id=1, at=NOON, desk=load_desk())
    return raw_id


def shown(cast: Cast, body: bytes) -> Message:
    """Let a letter come in and return the message it became."""
    return Message.objects.select_related("conversation").get(raw_id=arrive(cast, body))
