"""What whoever watches over machines is told."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from hospes.brands.models import Site
from hospes.channels.models import OutgoingServer, OutgoingState
from tests.arriving import arrive, come_in
from tests.cast import Cast
from tests.mail import letter


def test_figures_tell_what_became_of_the_mail_of_each_address_and_what_ends(cast: Cast) -> None:
    arrive(cast, letter("a@x.example, b@x.example"))
    come_in(cast.channel, letter("aiko@example.jp"))
    ends_at = timezone.now() + timedelta(days=9)
    one = OutgoingServer.objects.create(host="smtp.kaldera.example")
    OutgoingState.objects.create(server=one, certificate_expires_at=ends_at)

    told = Client().get("/metrics").content.decode()

    address = cast.channel.address
    for line in (
        'hospes_mail{state="stored"} 2.0',
        f'hospes_mail_of_address{{address="{address}",state="held"}} 1.0',
        f'hospes_mail_of_address{{address="{address}",state="pending"}} 1.0',
        "hospes_mail_is_balanced 1.0",
        'hospes_expires_timestamp_seconds{of="smtp.kaldera.example:587",what="certificate"}',
    ):
        assert line in told


def test_figures_tell_when_nothing_leaves_by_itself_any_more(cast: Cast) -> None:
    client = Client()
    assert "hospes_automatic_letters_stopped 0.0" in client.get("/metrics").content.decode()
    Site.objects.update(automatic_stopped_at=timezone.now())
    told = client.get("/metrics").content.decode()
    assert "hospes_automatic_letters_stopped 1.0" in told
    assert "hospes_automatic_letters 0.0" in told


def test_requests_are_counted_by_the_pattern_of_their_address(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.mina)
    client.get("/c/H-00000/")
    client.generic("BREW", "/inbox/open/")
    client.get("/nowhere/at/all/")

    told = client.get("/metrics", REMOTE_ADDR="127.0.0.1").content.decode()

    assert 'hospes_requests_total{method="GET",route="c/<str:reference>/",status="404"}' in told
    assert 'hospes_requests_total{method="other",route="inbox/<slug:view>/",status="405"}' in told
    assert 'hospes_requests_total{method="GET",route="none",status="404"}' in told
    assert 'hospes_request_seconds_count{route="c/<str:reference>/"}' in told
    assert "H-00000" not in told
