"""Letters of customers for tests of this room: received as the intake would, without one."""

from __future__ import annotations

from datetime import datetime

from hospes.channels.email.parsing import parse
from hospes.conversations.actions.receiving import Incoming, receive_all
from hospes.conversations.models import Conversation, Message
from hospes.events.models import Event
from hospes.people.models import Customer
from tests.cast import NOON, Cast
from tests.mail import letter


def received(
    cast: Cast,
    customer: Customer | None = None,
    *,
    within: Conversation | None = None,
    text: str = "Where is my parcel?",
    at: datetime = NOON,
    is_automatic: bool = False,
    head: bytes = b"",
) -> Message:
    """Let a customer (Aiko) have written, into a conversation or a new one."""
    identity = (customer or cast.aiko).identities.order_by("pk")[0]
    head += b"Auto-Submitted: auto-replied\r\n" if is_automatic else b""
    incoming = Incoming(
        raw_id=Message.objects.count() + 1, channel=cast.channel, queue_id=cast.care.pk, received_at=at,
        inbound=parse(head + letter(identity.value, text=text)), verified=True, identity_id=identity.pk,
        customer_id=identity.customer_id, conversation_id=within.pk if within else None,
    )  # fmt: skip
    (message,) = receive_all([incoming], at=at)
    return message


def asked(cast: Cast) -> Conversation:
    """Return a new conversation that Aiko began."""
    return received(cast).conversation


def now(conversation: Conversation) -> Conversation:
    return Conversation.objects.get(pk=conversation.pk)


def happened(conversation: Conversation) -> list[str]:
    """Return what happened to it since it was opened, in order."""
    rows = Event.objects.filter(conversation_id=conversation.pk).order_by("pk")
    return list(rows.values_list("kind", flat=True))[1:]
