"""A desk on which every route of the workspace has something to show."""

from __future__ import annotations

from dataclasses import dataclass

from django.core import signing

from hospes.channels.contract import OutboundFile
from hospes.channels.email.parsing import parse
from hospes.channels.models import OutgoingServer
from hospes.conversations.actions.drafting import keep_file
from hospes.conversations.actions.receiving import Incoming, receive_all
from hospes.conversations.actions.replying import reply
from hospes.conversations.models import Conversation, DraftFile, Message
from hospes.intake.actions.storing import Delivery, store_all
from hospes.intake.models import HeldRaw, HeldReason, PendingRaw, QuarantinedRaw
from hospes.markets.actions.setting import set_value
from hospes.markets.models import Calendar
from hospes.people.models import Contract
from hospes.servicelevels.models import Breach, ServiceLevel
from hospes.texts.actions.writing import About, make_text
from hospes.texts.models import Text
from tests.cast import NOON, Cast
from tests.mail import letter

SECRET = "水タンクのひび"  # what nobody else may read, wherever it would stand


@dataclass(frozen=True)
class Stage:
    """Aiko's conversation in Mina's queue, with a file, an answer, a held and a quarantined mail."""

    conversation: Conversation
    received: Message
    answer: Message
    draft_file: DraftFile
    held: HeldRaw
    quarantined: QuarantinedRaw

    def values(self, cast: Cast) -> dict[str, object]:
        """Return what each part of an address stands for here."""
        attachment = self.answer.attachments.get()
        calendar = Calendar.objects.get_or_create(
            name="Care",
            zone="Europe/Madrid",
            hours=[[[540, 1020]]] * 7,
            defaults={"changed_at": NOON},
        )[0]
        text = Text.objects.filter(name=SECRET).first() or make_text(
            About(SECRET), language="en", body=SECRET, by_id=None, at=NOON
        )
        day = calendar.days.get_or_create(on=NOON.date(), kind="closed")[0]
        return {
            "reference": self.conversation.reference,
            "message_id": self.answer.pk,
            "attachment_id": attachment.pk,
            "customer_id": cast.aiko.pk,
            "raw_id": self.held.pk,
            "position": 0,
            "agent_id": cast.mina.pk,
            "draft_file_id": self.draft_file.pk,
            "channel_id": cast.channel.pk,
            "server_id": OutgoingServer.objects.get_or_create(host="mail.example.com")[0].pk,
            "level_id": ServiceLevel.objects.get_or_create(
                name="Gold", first_reply_minutes=60, defaults={"changed_at": NOON}
            )[0].pk,
            "contract_id": Contract.objects.get_or_create(name=SECRET)[0].pk,
            "breach_id": Breach.objects.get_or_create(
                conversation=self.conversation,
                what="first_reply",
                since=NOON,
                defaults={"due_at": NOON, "noticed_at": NOON, "why": SECRET},
            )[0].pk,
            "text_id": text.pk,
            "variant_id": text.variants.get().pk,
            "name": "tank.png",
            "view": "open",
            "kind": "reply",
            "step": "you",
            "calendar_id": calendar.pk,
            "day_id": day.pk,
            "place": "JP",
            "key": "style.emoji",
            "own_value_id": set_value("JP", "style.emoji", "avoid", by_id=cast.ana.pk, at=NOON).pk,
            "token": signing.dumps([attachment.pk, False], salt="attachment"),
        }


def set_stage(cast: Cast) -> Stage:
    received = receive(cast, letter(f"佐藤 愛子 <{address(cast)}>", subject=SECRET, text=SECRET))
    answer = reply(
        received.conversation, text=f"{SECRET}?", by=cast.mina, at=NOON,
        files=[OutboundFile("tank.png", "image/png", SECRET.encode())],
    )  # fmt: skip
    held, quarantined = (_waiting(cast, body) for body in (SECRET.encode(), SECRET.encode() * 2))
    spare = OutboundFile("spare.png", "image/png", SECRET.encode())
    return Stage(
        received.conversation,
        received,
        answer,
        keep_file(received.conversation, spare, by=cast.mina, at=NOON),
        HeldRaw.objects.create(
            raw_id=held, reason=HeldReason.NO_SENDER, subject=SECRET, preview=SECRET, at=NOON
        ),
        QuarantinedRaw.objects.create(raw_id=quarantined, error=SECRET, at=NOON),
    )


def address(cast: Cast) -> str:
    return cast.aiko.identities.order_by("pk")[0].value


def receive(cast: Cast, body: bytes) -> Message:
    """Return the message that a verified letter of Aiko's becomes."""
    identity = cast.aiko.identities.order_by("pk")[0]
    raw_id = _waiting(cast, body)
    incoming = Incoming(
        raw_id=raw_id, channel=cast.channel, queue_id=cast.care.pk, received_at=NOON,
        inbound=parse(body), verified=True, identity_id=identity.pk, customer_id=cast.aiko.pk,
    )  # fmt: skip
    (message,) = receive_all([incoming], at=NOON)
    return message


def _waiting(cast: Cast, body: bytes) -> int:
    (raw_id,) = store_all([Delivery(cast.channel.pk, body, "", cast.channel.address)], at=NOON)
    PendingRaw.objects.filter(pk=raw_id).delete()
    return raw_id
