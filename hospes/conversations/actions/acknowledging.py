"""Tell customers by ourselves that we have their letter: one letter each, and only as many as may leave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from hospes.conversations import letters
from hospes.conversations.acknowledgements import acknowledgement
from hospes.conversations.budget import Wish, take_places
from hospes.conversations.events import AcknowledgementWithheld, AcknowledgementWritten
from hospes.conversations.models import Conversation, Message, OutboxEntry
from hospes.conversations.threading import make_message_id, message_hash
from hospes.events.recording import Happening, record_all
from hospes.lib.addresses import canonical


@transaction.atomic
def acknowledge(message_ids: Sequence[int], *, at: datetime) -> list[Message]:
    """Write the letters that tell customers that we have theirs; return them.

    Each answers the first letter of a conversation. Nothing of the conversation changes by it: the customer waits as
    before. About eight statements, however many; one where there is nothing to write.

    message_ids: letters of customers that the intake found fit for it. What was answered meanwhile, and whose address
    mail comes back from, is left out; a desk that was restored from a backup and may not send writes nothing.
    """
    asked = list(_unanswered(message_ids))
    if not asked:
        return []
    wishes = [Wish(one.conversation_id, canonical(one.from_address)) for one in asked]
    refused = take_places(wishes, site=asked[0].channel.brand.site, at=at)
    told = list(zip(asked, refused, strict=True))
    written = Message.objects.bulk_create([_letter(one, at) for one, reason in told if not reason])
    entries = OutboxEntry.objects.bulk_create(
        [
            OutboxEntry(message=one, channel_id=one.channel_id, due_at=at, changed_at=at)
            for one in written
        ]
    )
    answered = Conversation.objects.filter(pk__in=[one.conversation_id for one in written])
    answered.update(message_count=F("message_count") + 1)
    happenings: list[Happening] = [
        AcknowledgementWithheld(one.conversation_id, message_id=one.pk, reason=reason)
        for one, reason in told
        if reason
    ]
    happenings += [
        AcknowledgementWritten(entry.message.conversation_id, entry.message_id, outbox_id=entry.pk)
        for entry in entries
    ]
    record_all([(happening, at, None) for happening in happenings])
    return written


def _unanswered(message_ids: Sequence[int]) -> QuerySet[Message]:
    """Return those of the letters that nobody has answered yet, with their conversations locked."""
    ours = Message.objects.filter(
        conversation=OuterRef("conversation"), direction=Message.Direction.OUT
    )
    asked = Message.objects.filter(
        pk__in=message_ids,
        channel__acknowledges=True,
        channel__brand__site__sending_held_since=None,
        identity__suppressed_at=None,
    )
    return (
        asked.exclude(Exists(ours))
        .exclude(channel__address="")
        .select_for_update(of=("conversation",))
        .select_related("conversation__customer", "identity")
        .select_related("channel__brand__site", "channel__market")
        .defer("text", "reply_text", "html")
        .order_by("conversation_id")
    )


def _letter(asked: Message, at: datetime) -> Message:
    conversation, channel = asked.conversation, asked.channel
    said = acknowledgement(
        reference=conversation.reference,
        channel=channel,
        languages=(
            conversation.language,
            conversation.customer.language,
            channel.market.language if channel.market else "",
        ),
    )
    domain = channel.reply_domain or channel.address.rpartition("@")[2]
    message_id = make_message_id(uuid4(), key=bytes(channel.brand.site.mail_key), domain=domain)
    subject = said.subject
    if asked.is_verified and conversation.subject.strip():  # nobody else reads words of theirs
        subject = letters.reply_subject(conversation.subject, conversation.reference)
    return Message(
        conversation=conversation,
        channel=channel,
        direction=Message.Direction.OUT,
        identity=asked.identity,
        message_id=message_id,
        message_hash=message_hash(message_id),
        from_name=channel.brand.name,
        from_address=channel.address,
        to=[["", asked.from_address]],
        subject=subject,
        text=said.text,
        reply_text=said.text,
        language=said.language,
        is_automatic=True,
        at=at,
    )
