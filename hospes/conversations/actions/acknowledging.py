"""Tell customers by ourselves that we have their letter: one letter each, and only as many as may leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from hospes.conversations import letters
from hospes.conversations.acknowledgements import (
    Acknowledgement,
    Expected,
    acknowledgement,
    delay_notice,
)
from hospes.conversations.budget import Wish, take_places
from hospes.conversations.events import AcknowledgementWithheld, AcknowledgementWritten
from hospes.conversations.models import Conversation, Message, OutboxEntry
from hospes.conversations.threading import make_message_id, message_hash
from hospes.events.recording import Happening, record_all
from hospes.lib.addresses import canonical
from hospes.people.addressed import salutation_of_ours

# Says for each conversation when an answer comes, where anybody can say so.
Expect = Callable[[Sequence[Message]], Mapping[int, Expected]]


@transaction.atomic
def acknowledge(
    message_ids: Sequence[int], *, at: datetime, expect: Expect | None = None
) -> list[Message]:
    """Write the letters that tell customers that we have theirs; return them.

    Each answers the first letter of a conversation. Nothing of the conversation changes by it: the customer waits as
    before. About eight statements, however many; one where there is nothing to write.

    expect: asked once for all of them.
    message_ids: letters of customers that the intake found fit for it. What was answered meanwhile, and whose address
    mail comes back from, is left out; a desk that was restored from a backup and may not send writes nothing.
    """
    asked = list(_unanswered(message_ids))
    if not asked:
        return []
    wishes = [Wish(one.conversation_id, canonical(one.from_address)) for one in asked]
    refused = take_places(wishes, site=asked[0].channel.brand.site, at=at)
    told = list(zip(asked, refused, strict=True))
    leaving = [one for one, reason in told if not reason]
    expected = expect(leaving) if expect and leaving else {}
    happenings: list[Happening] = [
        AcknowledgementWithheld(one.conversation_id, message_id=one.pk, reason=reason)
        for one, reason in told
        if reason
    ]
    record_all([(happening, at, None) for happening in happenings])
    return send_by_itself(
        [
            _written(
                one, acknowledgement(**_about(one), expected=expected.get(one.conversation_id)), at
            )
            for one in leaving
        ],
        at,
    )


@transaction.atomic
def tell_of_delay(
    conversation_ids: Sequence[int], *, at: datetime, expect: Expect
) -> list[Message]:
    """Tell customers who were told when an answer comes that it takes longer; return the letters.

    Only where the desk acknowledged their letter and nobody has answered since, and only as many as may leave by
    themselves: to an address about one conversation, one a day. What has no place left is not told.
    """
    asked = list(_acknowledged(conversation_ids))
    expected = expect(asked) if asked else {}
    asked = [one for one in asked if one.conversation_id in expected]
    if not asked:
        return []
    wishes = [Wish(one.conversation_id, canonical(one.from_address)) for one in asked]
    refused = take_places(wishes, site=asked[0].channel.brand.site, at=at)
    leaving = [one for one, reason in zip(asked, refused, strict=True) if not reason]
    return send_by_itself(
        [
            _written(one, delay_notice(**_about(one), expected=expected[one.conversation_id]), at)
            for one in leaving
        ],
        at,
    )


def send_by_itself(written: Sequence[Message], at: datetime) -> list[Message]:
    """Write letters of the desk's own, whose places are taken, with what sends them."""
    if not written:
        return []
    kept = Message.objects.bulk_create(written)
    entries = OutboxEntry.objects.bulk_create(
        [
            OutboxEntry(message=one, channel_id=one.channel_id, due_at=at, changed_at=at)
            for one in kept
        ]
    )
    answered = Conversation.objects.filter(pk__in=[one.conversation_id for one in kept])
    answered.update(message_count=F("message_count") + 1)
    record_all(
        [
            (
                AcknowledgementWritten(
                    entry.message.conversation_id, entry.message_id, outbox_id=entry.pk
                ),
                at,
                None,
            )
            for entry in entries
        ]
    )
    return kept


OURS = Message.objects.filter(
    conversation=OuterRef("conversation"), direction=Message.Direction.OUT
)


def _unanswered(message_ids: Sequence[int]) -> QuerySet[Message]:
    """Return those of the letters that nobody has answered yet, with their conversations locked."""
    return _answerable().filter(pk__in=message_ids).exclude(Exists(OURS))


def _acknowledged(conversation_ids: Sequence[int]) -> QuerySet[Message]:
    """Return the newest letter of each conversation that only the desk itself has answered."""
    newest = _answerable().filter(
        conversation__in=conversation_ids,
        pk=F("conversation__last_message_id"),
        conversation__closed_at=None,
        direction=Message.Direction.IN,
        is_automatic=False,
    )
    by_itself = Exists(OURS.filter(is_automatic=True))
    return newest.filter(by_itself).exclude(Exists(OURS.filter(is_automatic=False)))


def _answerable() -> QuerySet[Message]:
    """Return letters to whose sender the desk may write by itself, with their conversations locked."""
    asked = Message.objects.filter(
        channel__acknowledges=True,
        channel__brand__site__sending_held_since=None,
        identity__suppressed_at=None,
    )
    return (
        asked.exclude(channel__address="")
        .select_for_update(of=("conversation",))
        .select_related("conversation__customer__market", "conversation__queue__market", "identity")
        .select_related("conversation__customer__contract__market", "conversation__channel__market")
        .select_related("channel__brand__site", "channel__market")
        .defer("text", "reply_text", "html")
        .order_by("conversation_id")
    )


def _about(asked: Message) -> dict[str, Any]:
    """Return what every letter of the desk's own is made from."""
    market, conversation = asked.channel.market, asked.conversation
    languages = (
        conversation.language,
        conversation.customer.language,
        market.language if market else "",
    )
    return {
        "reference": conversation.reference,
        "channel": asked.channel,
        "languages": languages,
        "greet": partial(_greeted, conversation, asked.channel.brand.name),
    }


def _greeted(one: Conversation, company: str, language: str) -> str:
    """Return how a letter names the customer; "" for whoever has not proven to be them: it would tell their name."""
    if not one.is_sender_verified:
        return ""
    return salutation_of_ours(one.customer, one.whereabouts, language=language, company=company)


def _written(asked: Message, said: Acknowledgement, at: datetime) -> Message:
    conversation, channel = asked.conversation, asked.channel
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
