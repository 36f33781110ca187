from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from hospes.conversations.actions.replying import reply
from hospes.conversations.actions.sending import send, send_due
from hospes.conversations.models import Attachment, Conversation, Draft, Message, OutboxEntry
from hospes.demo.documents import document
from hospes.demo.loading import first_person, load
from hospes.demo.pictures import picture
from hospes.intake.counters import counters
from hospes.intake.models import HeldRaw, HeldReason, QuarantinedRaw
from hospes.lib.refusal import Refused
from hospes.markets.models import Market
from hospes.people.models import Customer, Identity
from hospes.people.whereabouts import By
from hospes.servicelevels.models import ServiceLevel
from tests.mail import Sink

pytestmark = pytest.mark.django_db

LONG = 20  # messages
RESERVED = (".example", ".example.com")  # RFC 2606: nobody can ever be reached there


def test_the_demo_shows_every_stage_of_a_conversation_and_loads_into_an_empty_desk_only() -> None:
    assert load(at=timezone.now()) >= 80

    conversations = Conversation.objects.all()
    assert Market.objects.count() == 12
    assert len(set(Message.objects.exclude(language="").values_list("language", flat=True))) >= 10
    assert conversations.exclude(closed_at=None).exists()
    assert conversations.exclude(snoozed_until=None).exists()
    assert conversations.filter(is_sender_verified=False).exists()
    assert conversations.filter(closed_at=None, assignee=None).exists()
    assert conversations.filter(message_count__gte=LONG).exists()
    assert ServiceLevel.objects.count() == 2
    assert conversations.filter(customer__contract__tier="trade").count() >= 3
    assert Draft.objects.exclude(text="").values("agent").distinct().count() > 1
    assert Message.objects.exclude(html="").exists()
    assert Message.objects.exclude(cc=[]).filter(direction=Message.Direction.OUT).exists()
    kinds = set(Attachment.objects.values_list("content_type", flat=True))
    assert {"image/png", "application/pdf"} <= kinds
    states = set(OutboxEntry.objects.values_list("state", flat=True))
    assert states >= {"accepted", "queued", "bounced", "failed", "unknown"}
    assert set(HeldRaw.objects.values_list("reason", flat=True)) == {
        HeldReason.CLAIMS_COLLEAGUE,
        HeldReason.FAILED_PROOF,
        HeldReason.STRANGER_IN_CONVERSATION,
    }
    assert QuarantinedRaw.objects.count() == 1
    assert counters().is_balanced
    assert first_person().is_operator
    assert Customer.objects.get(display_name="Marcus Johnson").conversations.count() == 3
    thandi = Customer.objects.get(display_name="Thandi Nkosi").whereabouts()
    assert (thandi.market, thandi.market_by) == ("ZA", By.PHONE)
    assert set(Identity.objects.phones().values_list("customer__country", flat=True)) >= {"JP"}
    with pytest.raises(Refused, match="empty desk"):
        load(at=timezone.now())


def test_files_of_the_demo_are_what_they_say() -> None:
    assert picture("crack.png").startswith(b"\x89PNG\r\n\x1a\n")
    assert picture("crack.png") != picture("whole.png")
    assert document("offer.pdf").startswith(b"%PDF-")
    assert document("offer.pdf").rstrip().endswith(b"%%EOF")


def test_what_the_demo_wrote_never_leaves_and_what_its_visitor_writes_does(
    client: Client, settings: Settings
) -> None:
    load(at=timezone.now())
    waiting = OutboxEntry.objects.get(state="queued")
    theirs = waiting.message.conversation
    client.force_login(first_person())
    sink = Sink().start()
    settings.SMTP_URL = ""

    server = {"host": "127.0.0.1", "port": str(sink.port), "security": "none", "username": ""}
    kept = client.post(reverse("settings_outgoing"), server, follow=True)
    mine = reply(theirs, text="Mine.", by=first_person(), at=timezone.now())
    later = timezone.now() + timedelta(days=1)
    send_due(at=later)
    is_sent = send(waiting.pk, at=later)
    sink.stop()

    assert "What the demo wrote is never sent" in kept.content.decode()
    assert [str(one["Message-ID"]) for one in sink.letters] == [mine.message_id]
    waiting.refresh_from_db()
    assert not is_sent
    assert (waiting.state, waiting.reason, waiting.attempts) == ("queued", "demo", 0)


def test_whoever_tries_a_real_server_on_the_demo_writes_to_nobody() -> None:
    load(at=timezone.now())
    named = Message.objects.values_list("to", "cc")
    addresses = {address for row in named for pairs in row for _, address in pairs}
    addresses |= set(Identity.objects.mail().values_list("value", flat=True))

    assert len(addresses) > 80
    assert [one for one in addresses if not one.endswith(RESERVED)] == []
