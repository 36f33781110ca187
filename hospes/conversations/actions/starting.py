"""Write to a customer first: a conversation that begins with a message of ours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from hospes.channels.contract import Address, OutboundFile
from hospes.channels.models import Channel
from hospes.conversations.actions.replying import reply
from hospes.conversations.models import Conversation, Message, Queue
from hospes.lib.references import reference_of
from hospes.lib.refusal import Refused
from hospes.people.models import Customer, Identity
from hospes.team.models import Agent

MAX_SUBJECT_CHARS = 200


@transaction.atomic
def start(  # noqa: PLR0913 # each of them is a choice of whoever writes
    customer: Customer,
    *,
    queue: Queue,
    channel: Channel,
    subject: str,
    text: str,
    by: Agent,
    at: datetime,
    files: Sequence[OutboundFile] = (),
    cc: Sequence[Address] = (),
    close_after: bool = False,
) -> Message:
    """Open a conversation in the queue and send its first message; it waits for the customer.

    Raises Refused when there is no subject, nobody to write to, nothing to say, when the channel is not of the
    queue's brand, or when the agent does not work in the queue.
    """
    subject = " ".join(subject.split())[:MAX_SUBJECT_CHARS]
    if not subject:
        raise Refused(_("Give a subject."), code="no_subject")
    if channel.brand_id != queue.brand_id or not channel.is_active:
        raise Refused(_("Choose a channel of the brand of this queue."), code="no_such_channel")
    identity = Identity.objects.mail().filter(customer=customer).order_by("pk").first()
    if identity is None:
        raise Refused(_("This customer has no mail address to write to."), code="no_address")
    number = _draw_number()
    conversation = Conversation.objects.create(
        pk=number,
        reference=reference_of(number, bytes(channel.brand.site.reference_key)),
        queue=queue,
        brand_id=queue.brand_id,
        channel=channel,
        customer=customer,
        participant_ids=[identity.pk],
        subject=subject,
        language=customer.language,
        is_sender_verified=identity.is_verified,
        opened_at=at,
        last_activity_at=at,
    )
    return reply(conversation, text=text, by=by, at=at, files=files, cc=cc, close_after=close_after)


def _draw_number() -> int:
    """Take the number beforehand: the reference is made from it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('conversations_conversation_id_seq')")
        return int(cursor.fetchone()[0])
