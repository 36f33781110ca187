"""Which channel takes mail for an address, and how channels and servers are connected."""

from __future__ import annotations

from typing import Any

import pytest

from hospes.channels.actions.connecting import (
    Mailbox,
    connect_mailbox,
    connect_server,
    send_test_letter,
)
from hospes.channels.models import Channel, OutgoingServer
from hospes.channels.routing import Routes, current_routes
from hospes.channels.sending import NoServer, adapter_of
from hospes.lib.refusal import Refused
from tests.cast import NOON, Cast
from tests.mail import Sink, free_port

pytestmark = pytest.mark.django_db


def channel(number: int, **values: Any) -> Channel:
    return Channel(pk=number, **values)


SUPPORT = channel(1, address="support@kaldera.example", reply_domain="reply.kaldera.example")
RETURNS = channel(2, address="returns@kaldera.example", reply_domain="Reply.kaldera.example")
ANY = channel(3, is_catch_all=True)
GONE = channel(4, address="old@kaldera.example", is_active=False)


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("support@kaldera.example", SUPPORT),
        ("Support@KALDERA.example", SUPPORT),
        ("support+r.1.2.abc@kaldera.example", SUPPORT),
        ("returns+anything@kaldera.example", RETURNS),
        ("r+1.2.3.abc@reply.kaldera.example", SUPPORT),
        ("R+2.3.4.abc@reply.kaldera.example", RETURNS),
        ("b.2.3.abc@reply.kaldera.example", RETURNS),
        ("r+99.3.4.abc@reply.kaldera.example", SUPPORT),
        ("whatever@Reply.Kaldera.Example", SUPPORT),
        ("old@kaldera.example", None),
        ("support@other.example", None),
        ("support@sub.reply.kaldera.example", None),
        ("x+support@kaldera.example", None),
        ("", None),
        ("@", None),
        ("support", None),
    ],
)
def test_an_address_leads_to_its_channel(address: str, found: Channel | None) -> None:
    assert Routes([GONE, ANY, RETURNS, SUPPORT]).find(address) is found


def test_without_an_address_anybody_is_known() -> None:
    assert Routes([ANY]).find("who@ever.example") is ANY
    assert Routes([]).find("who@ever.example") is None
    assert Routes([ANY]).first is ANY
    assert Routes([RETURNS, SUPPORT]).first is SUPPORT


# Connecting ---------------------------------------------------------------------------------


def test_the_first_address_ends_that_anybody_is_known(cast: Cast) -> None:
    Channel.objects.all().delete()
    Channel.objects.create(brand=cast.brand, name="Any", is_catch_all=True)
    assert current_routes().find("who@ever.example") is not None

    made = connect_mailbox(Mailbox(address=" Help@Kaldera.example "))

    assert (made.address, made.name, made.brand) == (
        "help@kaldera.example",
        "help@kaldera.example",
        cast.brand,
    )
    assert current_routes().find("who@ever.example") is None
    assert current_routes().find("help@kaldera.example") == made


def test_where_all_addresses_are_switched_off_nobody_is_known(cast: Cast) -> None:
    Channel.objects.all().delete()
    any_ = Channel.objects.create(brand=cast.brand, name="Any", is_catch_all=True)
    made = connect_mailbox(Mailbox(address="help@kaldera.example"))

    connect_mailbox(Mailbox(address="help@kaldera.example", is_active=False), channel=made)

    assert current_routes().find("who@ever.example") is None
    any_.refresh_from_db()
    assert not any_.is_active


@pytest.mark.parametrize(
    ("mailbox", "code"),
    [
        (Mailbox(address="nobody"), "not_an_address"),
        (Mailbox(address="a@b, c@d"), "not_an_address"),
        (Mailbox(address="SUPPORT@kaldera.example"), "address_taken"),
        (Mailbox(address="a@b.example", trusted_hop="mx example"), "not_a_host"),
        (Mailbox(address="a@b.example", reply_domain="reply_/x"), "not_a_host"),
    ],
)
def test_what_cannot_be_a_support_address_is_refused(
    cast: Cast, mailbox: Mailbox, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        connect_mailbox(mailbox)
    assert refused.value.code == code
    assert Channel.objects.count() == 1


def test_an_address_may_be_changed_and_keeps_its_place(cast: Cast) -> None:
    changed = connect_mailbox(
        Mailbox(address="support@kaldera.example", name="Care", trusted_hop="MX.Example."), channel=cast.channel
    )  # fmt: skip

    assert changed.pk == cast.channel.pk
    assert (changed.name, changed.trusted_hop) == ("Care", "mx.example")


def test_an_outgoing_server_keeps_its_password_until_another_is_given() -> None:
    made = connect_server(
        host="smtp.example.com", port=587, security="starttls", username="u", password="secret"
    )
    connect_server(host="smtp.example.com", port=465, security="tls", username="u", server=made)

    server = OutgoingServer.objects.get()
    assert (server.port, server.password) == (465, "secret")
    for host in ("", "not a host", "-x"):
        with pytest.raises(Refused):
            connect_server(host=host, port=25, security="none")


def test_a_channels_own_server_comes_before_the_desks(cast: Cast, settings: object) -> None:
    settings.SMTP_URL = ""
    with pytest.raises(NoServer):
        adapter_of(cast.channel)
    settings.SMTP_URL = "smtp://127.0.0.1:2525"
    assert adapter_of(cast.channel).server.port == 2525
    OutgoingServer.objects.create(host="first.example.com")
    assert adapter_of(cast.channel).server.host == "first.example.com"
    cast.channel.outgoing_server = OutgoingServer.objects.create(host="own.example.com")
    assert adapter_of(cast.channel).server.host == "own.example.com"


def test_a_test_letter_is_sent_or_says_why_not(cast: Cast, settings: object) -> None:
    def send() -> None:
        send_test_letter(
            cast.channel, to="ana@kaldera.example", subject="Test", text="It works.", at=NOON
        )

    settings.SMTP_URL = ""
    with pytest.raises(Refused, match="No outgoing server"):
        send()
    settings.SMTP_URL = f"smtp://127.0.0.1:{free_port()}"
    with pytest.raises(Refused, match="did not take it"):
        send()
    sink = Sink().start()
    try:
        settings.SMTP_URL = sink.url
        send()
    finally:
        sink.stop()
    assert sink.letters[0]["Auto-Submitted"] == "auto-generated"
    assert sink.recipients == [["ana@kaldera.example"]]
