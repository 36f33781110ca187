"""A row in every table, for tests that must find all of them again. Run in the desk's own process:

python -m tests.filling
"""

from __future__ import annotations

import os
from datetime import timedelta

import django


def fill() -> None:
    """Put something into each table that the demo and a few letters leave empty."""
    from allauth.account.models import EmailAddress, EmailConfirmation
    from allauth.mfa.models import Authenticator
    from django.contrib.auth.models import Group, Permission
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.cache import cache
    from django.db import connection
    from django.utils import timezone

    from hospes.api.actions.issuing import issue
    from hospes.api.models import Bucket, IdempotencyKey
    from hospes.channels.contract import OutboundFile
    from hospes.channels.models import (
        Channel,
        Departure,
        IncomingServer,
        OutgoingServer,
        OutgoingState,
        ServerToken,
        SigningKey,
    )
    from hospes.conversations.actions.drafting import keep_file
    from hospes.conversations.actions.replying import reply
    from hospes.conversations.jobs import send_letter
    from hospes.conversations.models import (
        AutomaticPlace,
        Conversation,
        Draft,
        DraftFile,
        OutboxEntry,
        Presence,
        SentCopy,
        WallClockTime,
    )
    from hospes.files import store
    from hospes.files.models import FileCheck
    from hospes.intake.actions.storing import Delivery, store_all
    from hospes.intake.counters import SETTLES_IN, count_on
    from hospes.intake.models import (
        Block,
        DeletedRaw,
        FetchedFolder,
        FetchedUid,
        FetchState,
        HeldRaw,
        KnownMail,
        PendingRaw,
        QuarantinedRaw,
    )
    from hospes.markets.models import OwnValue
    from hospes.servicelevels.models import MovedDue
    from hospes.team.actions.inviting import invite
    from hospes.team.models import Agent, Team

    now = timezone.now()
    count_on(at=now)  # marks how far there is, and counts up to there when that has settled
    count_on(at=now + SETTLES_IN)
    AutomaticPlace.objects.create(key=b"somebody", place=0, until=now + timedelta(days=1))
    operator = Agent.objects.filter(role="operator").order_by("pk")[0]
    conversation = Conversation.objects.order_by("pk")[0]
    address = EmailAddress.objects.create(user=operator, email=operator.email)
    EmailConfirmation.objects.create(email_address=address, key="k", created=now)
    Authenticator.objects.create(user=operator, type="totp", data={"secret": "s"})
    Group.objects.create(name="Everybody").permissions.add(Permission.objects.all()[0])
    session = SessionStore()
    session["somebody"] = "was here"
    session.save()
    cache.set("kept", "for a while")
    Team.objects.create(name="Care")
    invite(operator, at=now)
    outgoing = OutgoingServer.objects.create(host="mail.example", password="a secret of others")
    OutgoingState.objects.create(server=outgoing, failing_since=now, words="421 closing")
    SigningKey.objects.create(
        domain="kaldera.example", selector="hospes", private_key="PEM", created_at=now
    )
    token = issue(name="Shop", agent=operator, scopes=["customers:read"], by=None, at=now).token
    Bucket.objects.create(name="token:1", level=1, as_of=now)
    IdempotencyKey.objects.create(token=token, key="1", request_sha256="0", created_at=now)
    OwnValue.objects.create(
        place="JP", key="style.emoji", how="override", value="avoid", at=now, by_id=operator.pk
    )
    MovedDue.objects.create(
        conversation=conversation,
        what="first_reply",
        now=now,
        zone="Asia/Tokyo",
        rules="2026c",
        at=now,
    )
    WallClockTime.objects.create(
        conversation=conversation, shows="2027-01-01T09:00:00", zone="Asia/Tokyo", moment=now
    )
    Presence.objects.create(agent=operator, conversation=conversation, at=now)
    draft = Draft.objects.create(
        agent=operator, conversation=conversation, kind="reply", text="Dear", updated_at=now
    )
    DraftFile.objects.create(
        draft=draft,
        name="a",
        content_type="x/y",
        size_bytes=1,
        sha256=store.put(b"kept with a draft"),
    )
    reply(conversation, text="In the backup, not yet sent.", by=operator, at=now)
    keep_file(conversation, OutboundFile("spare.png", "image/png", b"1"), by=operator, at=now)
    send_letter.configure(schedule_at=now + timedelta(days=1)).defer(outbox_id=1)
    channel = Channel.objects.order_by("pk")[0]
    FileCheck.objects.create(sha256="0" * 64, state="found", told="Some.Virus", at=now)
    Block.objects.create(value="@spam.example", by=operator, at=now)
    Departure.objects.create(channel=channel, at=now)
    SentCopy.objects.create(entry=OutboxEntry.objects.order_by("-pk")[0], due_at=now)
    bodies = [bytes([0, 255, number]) for number in range(4)]  # no text at all
    held, quarantined, deleted, _ = store_all(
        [Delivery(channel.pk, b, "", "x@y.example") for b in bodies], at=now
    )
    PendingRaw.objects.filter(pk__in=[held, quarantined, deleted]).delete()
    DeletedRaw.objects.create(raw_id=deleted, channel=channel, by=operator, at=now)
    HeldRaw.objects.create(raw_id=held, reason="no_sender", at=now)
    QuarantinedRaw.objects.create(raw_id=quarantined, error="It is nested too deeply.", at=now)
    server = IncomingServer.objects.create(
        channel=channel, host="imap.example", username="support", password="another secret",
        since=now.date(), changed_at=now,
    )  # fmt: skip
    ServerToken.objects.create(server=server, refresh_token="a token of others", granted_at=now)
    FetchState.objects.create(server=server, failure="refused", failing_since=now)
    folder = FetchedFolder.objects.create(
        server=server, name="INBOX", uidvalidity=7, baseline_uid=0, reconciled_at=now
    )
    FetchedUid.objects.create(folder=folder, uid=1)
    KnownMail.objects.create(channel=channel, digest=b"\0\xff", content_digest=b"\xff", raw_id=held)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "hospes.config.settings"
    django.setup()
    fill()
