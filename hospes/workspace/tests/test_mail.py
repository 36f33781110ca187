"""Mail that waits for a decision: seen and decided by the leads of its queue alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hospes.channels.models import IncomingServer, OutgoingServer, OutgoingState
from hospes.intake import boxes
from hospes.intake.actions.storing import Delivery, store_all
from hospes.intake.counters import counters
from hospes.intake.models import (
    FetchState,
    HeldRaw,
    HeldReason,
    PendingRaw,
    QuarantinedRaw,
    Raw,
)  # fmt: skip
from hospes.team.models import Agent, Role
from tests.cast import NOON, Cast
from tests.mail import letter


@pytest.fixture
def held(cast: Cast) -> HeldRaw:
    body = letter("Mallory <mina@kaldera.example>", subject="Wire the money", verified=False)
    (raw_id,) = store_all([Delivery(cast.channel.pk, body, "", cast.channel.address)], at=NOON)
    PendingRaw.objects.all().delete()
    return HeldRaw.objects.create(
        raw_id=raw_id, channel=cast.channel, reason=HeldReason.CLAIMS_COLLEAGUE, from_address="mina@kaldera.example",
        subject="Wire the money", at=NOON,
    )  # fmt: skip


@pytest.fixture
def quarantined(cast: Cast) -> QuarantinedRaw:
    (raw_id,) = store_all([Delivery(cast.channel.pk, b"\0", "", cast.channel.address)], at=NOON)
    PendingRaw.objects.all().delete()
    return QuarantinedRaw.objects.create(raw_id=raw_id, error="It has no parts.", at=timezone.now())


def client_of(agent: Agent) -> Client:
    client = Client()
    client.force_login(agent)
    return client


def paths(held: HeldRaw, quarantined: QuarantinedRaw) -> list[str]:
    return [reverse("settings_mail_raw", args=[one.pk]) for one in (held, quarantined)]


def test_a_lead_sees_what_is_held_for_their_queues(
    cast: Cast, held: HeldRaw, quarantined: QuarantinedRaw
) -> None:
    client = client_of(cast.jonas)

    page = client.get(reverse("settings_mail")).content.decode()

    assert "Wire the money" in page
    assert (
        "It has no parts." in client.get(reverse("settings_mail") + "?quarantined").content.decode()
    )
    assert [client.get(path).status_code for path in paths(held, quarantined)] == [200, 200]


def test_a_lead_of_another_market_sees_none_of_it(
    cast: Cast, held: HeldRaw, quarantined: QuarantinedRaw
) -> None:
    cast.vera.role = Role.LEAD
    cast.vera.save()
    client = client_of(cast.vera)

    page = "".join(
        client.get(reverse("settings_mail") + box).content.decode() for box in ("", "?quarantined")
    )
    decided = [
        client.post(reverse("settings_mail_decide", args=[held.pk]), {"decision": "open"}),
        client.post(reverse("settings_mail_decide", args=[quarantined.pk]), {"decision": "again"}),
    ]

    assert "Wire the money" not in page
    assert "It has no parts." not in page
    assert [client.get(path).status_code for path in paths(held, quarantined)] == [404, 404]
    assert [answer.status_code for answer in decided] == [404, 404]
    assert HeldRaw.objects.exists()
    assert QuarantinedRaw.objects.exists()


def test_a_held_mail_may_be_put_aside_and_taken_back(cast: Cast, held: HeldRaw) -> None:
    client = client_of(cast.jonas)
    decide = reverse("settings_mail_decide", args=[held.pk])
    assert cast.channel.address in client.get(reverse("settings_mail")).content.decode()
    assert ">1<" in client.get(reverse("settings_mail_count")).content.decode()

    client.post(decide, {"decision": "aside"})

    held.refresh_from_db()
    assert held.put_aside_by == cast.jonas
    assert "Wire the money" not in client.get(reverse("settings_mail")).content.decode()
    assert "Wire the money" in client.get(reverse("settings_mail") + "?aside").content.decode()
    assert 'class="count"' not in client.get(reverse("settings_mail_count")).content.decode()
    assert counters().is_balanced

    client.post(decide, {"decision": "back"})
    assert "Wire the money" in client.get(reverse("settings_mail")).content.decode()


def test_a_mail_without_a_sender_offers_no_conversation(cast: Cast, held: HeldRaw) -> None:
    HeldRaw.objects.update(reason=HeldReason.NO_SENDER, from_address="")
    address = reverse("settings_mail_decide", args=[held.pk])
    page = client_of(cast.jonas).get(address).content.decode()
    assert 'value="open"' not in page
    assert 'value="aside"' in page


def test_the_card_says_what_was_found_out_about_the_sender(cast: Cast, held: HeldRaw) -> None:
    client = client_of(cast.jonas)
    assert (
        "No mail server we trust has proven"
        in client.get(reverse("settings_mail")).content.decode()
    )
    HeldRaw.objects.update(
        reason=HeldReason.FAILED_PROOF,
        verdict={
            "dmarc": "fail", "dmarc_policy": "reject", "spf": "fail", "spf_domain": "evil.example",
            "dkim": "pass", "dkim_domains": ["<b>.example"], "from_domain": "kaldera.example",
        },
    )  # fmt: skip

    page = client.get(reverse("settings_mail")).content.decode()

    assert "neither sent nor signed it" in page
    assert "SPF fail (evil.example) · DKIM pass (&lt;b&gt;.example) · DMARC fail (reject)" in page


def test_an_operator_sees_what_became_of_all_mail_and_what_ends_soon(
    cast: Cast, held: HeldRaw, quarantined: QuarantinedRaw
) -> None:
    now = timezone.now()
    fetched = IncomingServer.objects.create(
        channel=cast.channel,
        host="imap.kaldera.example",
        username="support",
        since=NOON,
        changed_at=now,
    )
    FetchState.objects.create(
        server=fetched, looked_at=now, certificate_expires_at=now + timedelta(days=13)
    )
    sending = OutgoingServer.objects.create(host="smtp.kaldera.example")
    OutgoingState.objects.create(server=sending, certificate_expires_at=now + timedelta(days=2))
    page = client_of(cast.ana).get(reverse("settings_health")).content.decode()

    assert "2 mails came in: 0 shown, 1 held, 1 quarantined, 0 waiting to be read." in page
    assert "The certificate of imap.kaldera.example ends on" in page
    assert "The certificate of smtp.kaldera.example ends on" in page
    assert "do not agree" not in page
    assert "nobody reads it" not in page
    assert client_of(cast.jonas).get(reverse("settings_health")).status_code == 404
    FetchState.objects.update(certificate_expires_at=now + timedelta(days=15))
    OutgoingState.objects.update(certificate_expires_at=now + timedelta(days=15))
    page = client_of(cast.ana).get(reverse("settings_health")).content.decode()
    assert "ends on" not in page
    assert (
        page.count("Certificate until") == 3
    )  # told all the same: a mailbox, a heading, its label


def test_what_does_not_add_up_or_waits_too_long_is_an_alarm(cast: Cast, held: HeldRaw) -> None:
    client = client_of(cast.ana)
    store_all([Delivery(cast.channel.pk, b"x", "", cast.channel.address)], at=timezone.now())
    assert "nobody reads it" not in client.get(reverse("settings_mail")).content.decode()
    Raw.objects.exclude(pk=held.pk).update(received_at=timezone.now() - timedelta(seconds=61))
    assert "nobody reads it" in client.get(reverse("settings_mail")).content.decode()

    PendingRaw.objects.all().delete()

    assert "do not agree" in client.get(reverse("settings_mail")).content.decode()


def test_quarantined_mail_is_put_aside_and_taken_back(
    cast: Cast, held: HeldRaw, quarantined: QuarantinedRaw
) -> None:
    client = client_of(cast.jonas)
    address = reverse("settings_mail")
    decide = reverse("settings_mail_decide", args=[quarantined.pk])

    def seen(box: str) -> bool:
        return "It has no parts." in client.get(address + box).content.decode()

    assert [seen("?quarantined"), seen("?aside")] == [True, False]
    client.post(decide, {"decision": "aside", "quarantined": ""})
    assert [seen("?quarantined"), seen("?aside")] == [False, True]
    quarantined.refresh_from_db()
    assert quarantined.put_aside_by == cast.jonas
    assert counters().quarantined == 1  # it is still what it was

    client.post(
        reverse("settings_mail_chosen"),
        {"decision": "back", "aside": "", "raw": [quarantined.pk]},
    )
    assert [seen("?quarantined"), seen("?aside")] == [True, False]
    assert client_of(cast.vera).post(decide, {"decision": "aside"}).status_code == 404


def test_what_was_put_aside_lies_together_newest_first_a_page_at_a_time(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boxes, "PAGE", 3)
    ids = store_all(
        [Delivery(cast.channel.pk, b"%d" % n, "", cast.channel.address) for n in range(8)], at=NOON
    )
    PendingRaw.objects.all().delete()
    for raw_id in ids[::2]:
        QuarantinedRaw.objects.create(raw_id=raw_id, error="x", at=NOON, put_aside_at=NOON)
    for raw_id in ids[1::2]:
        HeldRaw.objects.create(
            raw_id=raw_id, channel=cast.channel, reason=HeldReason.SPAM, at=NOON, put_aside_at=NOON
        )
    rows = (HeldRaw.objects.all(), QuarantinedRaw.objects.all())

    first = boxes.page_of(*rows)
    second = boxes.page_of(*rows, older_than=first.oldest)
    third = boxes.page_of(*rows, older_than=second.oldest)
    back = boxes.page_of(*rows, newer_than=second.newest)

    seen = [[one.pk for one in page.rows] for page in (first, second, third, back)]
    newest_first = ids[::-1]
    assert seen == [newest_first[:3], newest_first[3:6], newest_first[6:], newest_first[:3]]
    assert (first.newest, third.oldest) == (None, None)
