"""Several servers for one sender: which one is asked, and when another may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_network

import pytest
from django.utils import timezone
from pytest_django import Settings

from hospes.channels.actions.connecting import check_server
from hospes.channels.contract import Address, AnswerLost, DeliveryFailed, Outbound
from hospes.channels.email.lines import Lines
from hospes.channels.email.tests.servers import Desk, breaking, running
from hospes.channels.models import Channel, OutgoingServer, OutgoingState
from hospes.channels.sending import NoServer, hand_over, note_certificate, ways_out
from hospes.lib.refusal import Refused
from tests.cast import NOON, Cast
from tests.mail import free_port

pytestmark = pytest.mark.django_db
LETTER = Outbound(
    message_id="<1.a@kaldera.example>", from_=Address("Mina", "support@kaldera.example"),
    to=(Address("Aiko", "aiko@example.jp"),), subject="Re: x", text="On Saturday.", date=NOON,
    envelope_from="support@kaldera.example",
)  # fmt: skip


@dataclass
class Told:
    """Whoever watches an attempt, and what they were told."""

    steps: list[object] = field(default_factory=list)

    def may_have_it(self, server_id: int | None, *, repeatable_for: timedelta) -> None:
        self.steps.append(server_id)

    def has_it_not(self) -> None:
        self.steps.append("no")

    def refused(self, words: Mapping[str, str]) -> None:
        self.steps.append(dict(words))


def server(port: int, *, instead_of: OutgoingServer | None = None) -> OutgoingServer:
    return OutgoingServer.objects.create(
        host="127.0.0.1", port=port, security="none", stands_in_for=instead_of
    )


@pytest.fixture
def channel(cast: Cast, settings: Settings) -> Channel:
    settings.SMTP_URL = ""
    return cast.channel


def test_a_server_that_is_not_there_has_the_next_one_take_the_letter(channel: Channel) -> None:
    desk, told = Desk(), Told()
    first = server(free_port())
    with running(desk) as port:
        second = server(port, instead_of=first)
        hand_over(LETTER, channel=channel, watch=told)

    assert len(desk.envelopes) == 1
    assert told.steps == [second.pk]
    state = OutgoingState.objects.get()
    assert (state.server_id, state.words) == (first.pk, "Connection refused")


def test_the_end_of_a_servers_certificate_is_kept(channel: Channel) -> None:
    one = server(25)
    first, second = timezone.now() + timedelta(days=9), timezone.now() + timedelta(days=99)
    note_certificate(one, first)
    OutgoingState.objects.update(failing_since=NOON, words="421 closing")
    for _ in range(2):
        note_certificate(one, second)

    state = OutgoingState.objects.get()
    assert (state.certificate_expires_at, state.words) == (second, "421 closing")


@pytest.mark.parametrize("point", ["greeting", "MAIL", "RCPT", "DATA"])
def test_whoever_hangs_up_before_the_dot_has_the_next_one_take_it(
    channel: Channel, point: str
) -> None:
    desk = Desk()
    with breaking(point) as talk, running(desk) as port:
        server(port, instead_of=server(talk.port))
        hand_over(LETTER, channel=channel, watch=Told())

    assert len(desk.envelopes) == 1


@pytest.mark.parametrize(
    ("point", "words"),
    [
        ("greeting", b"421 4.3.2 closing for maintenance\r\n"),
        ("greeting", b"554 5.7.1 not you\r\n"),
        ("MAIL", b"451 4.3.0 queue file write error\r\n"),
        ("MAIL", b"530 5.7.0 sign in first\r\n"),
        ("RCPT", b"421 4.7.0 too many connections\r\n"),
        ("dot", b"421 4.3.0 going down, not taken\r\n"),
    ],
)
def test_a_server_that_takes_no_letter_now_has_the_next_one_take_it(
    channel: Channel, point: str, words: bytes
) -> None:
    desk, told = Desk(), Told()
    with breaking(point, words) as talk, running(desk) as port:
        first = server(talk.port)
        second = server(port, instead_of=first)
        hand_over(LETTER, channel=channel, watch=told)

    assert len(desk.envelopes) == 1
    assert told.steps == ([first.pk, "no", second.pk] if point == "dot" else [second.pk])


@pytest.mark.parametrize(
    ("point", "words", "is_permanent"),
    [
        ("RCPT", b"450 4.2.0 greylisted\r\n", False),
        ("RCPT", b"550 5.1.1 nobody\r\n", True),
        ("MAIL", b"550 5.7.1 not this sender\r\n", True),
        ("dot", b"451 4.7.1 this content, not now\r\n", False),
        ("dot", b"554 5.7.1 spam\r\n", True),
    ],
)
def test_what_is_said_of_one_letter_is_asked_of_nobody_else(
    channel: Channel, point: str, words: bytes, is_permanent: bool
) -> None:
    desk = Desk()
    with breaking(point, words) as talk, running(desk) as port:
        server(port, instead_of=server(talk.port))
        with pytest.raises(DeliveryFailed) as failure:
            hand_over(LETTER, channel=channel, watch=Told())

    assert failure.value.permanent is is_permanent
    assert desk.envelopes == []
    assert not OutgoingState.objects.exists()


def test_f07_what_one_server_may_have_is_handed_to_no_other(channel: Channel) -> None:
    desk, told = Desk(), Told()
    with breaking("dot") as talk, running(desk) as port:
        first = server(talk.port)
        server(port, instead_of=first)
        with pytest.raises(AnswerLost):
            hand_over(LETTER, channel=channel, watch=told)

    assert talk.got_the_dot
    assert told.steps == [first.pk]
    assert desk.envelopes == []


def test_when_all_fail_the_last_one_says_why(channel: Channel) -> None:
    server(free_port(), instead_of=server(free_port()))

    with pytest.raises(DeliveryFailed, match="Connection refused"):
        hand_over(LETTER, channel=channel, watch=Told())

    assert OutgoingState.objects.exclude(failing_since=None).count() == 2


def test_a_server_that_failed_a_moment_ago_is_left_alone_until_then(channel: Channel) -> None:
    desk = Desk()
    with running(desk) as port:
        only = server(port)
        OutgoingState.objects.create(
            server=only, failing_since=timezone.now(), words="421 closing",
            retry_at=timezone.now() + timedelta(minutes=1),
        )  # fmt: skip
        with pytest.raises(DeliveryFailed, match="421 closing"):
            hand_over(LETTER, channel=channel, watch=Told())
        assert desk.envelopes == []

        OutgoingState.objects.update(retry_at=timezone.now())
        hand_over(LETTER, channel=channel, watch=Told())

    assert len(desk.envelopes) == 1
    assert OutgoingState.objects.get().failing_since is None


def test_a_channel_leaves_by_its_own_server_and_those_that_stand_in_for_it(
    channel: Channel,
) -> None:
    with pytest.raises(NoServer):
        ways_out(channel)
    of_desk, own = server(1025), server(1026)
    second, first = server(1027, instead_of=own), server(1028, instead_of=own)
    OutgoingServer.objects.filter(pk=second.pk).update(position=2)

    assert [way.server for way in ways_out(channel)] == [of_desk]
    channel.outgoing_server = own
    assert [way.server for way in ways_out(channel)] == [own, first, second]

    OutgoingServer.objects.filter(pk=first.pk).update(is_active=False)
    assert [way.server for way in ways_out(channel)] == [own, second]


def test_the_setting_may_name_several_servers(channel: Channel, settings: Settings) -> None:
    desk = Desk()
    with running(desk) as port:
        settings.SMTP_URL = f"smtp://127.0.0.1:{free_port()} smtp://127.0.0.1:{port}"
        hand_over(LETTER, channel=channel, watch=Told())

    assert len(desk.envelopes) == 1


# One connection for a batch -----------------------------------------------------------------


@dataclass
class Counting(Desk):
    """A server that counts who comes."""

    connections: int = 0

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        return responses


def test_the_letters_of_a_batch_share_a_connection(channel: Channel) -> None:
    desk = Counting()
    with running(desk) as port, Lines() as lines:
        server(port)
        for _ in range(5):
            hand_over(LETTER, channel=channel, watch=Told(), lines=lines)

    assert (len(desk.envelopes), desk.connections) == (5, 1)


def test_a_connection_that_was_closed_meanwhile_is_made_anew(channel: Channel) -> None:
    desk, port = Counting(), free_port()
    server(port)
    with Lines() as lines:
        for _ in range(2):
            with running(desk, port=port):
                hand_over(LETTER, channel=channel, watch=Told(), lines=lines)

    assert (len(desk.envelopes), desk.connections) == (2, 2)


def test_a_letter_that_is_refused_spoils_no_other(channel: Channel) -> None:
    desk = Counting(refused={"aiko@example.jp": "550 5.1.1 nobody"})
    with running(desk) as port, Lines() as lines:
        server(port)
        for refused in ({}, {"aiko@example.jp": "550 5.1.1 nobody"}, {}):
            desk.refused = refused
            if refused:
                with pytest.raises(DeliveryFailed):
                    hand_over(LETTER, channel=channel, watch=Told(), lines=lines)
            else:
                hand_over(LETTER, channel=channel, watch=Told(), lines=lines)

    assert len(desk.envelopes) == 2


# What may be reached ------------------------------------------------------------------------


def test_f07_of_abuse_no_server_within_a_private_network_is_reached(
    channel: Channel, settings: Settings
) -> None:
    settings.IS_TRIED_OUT = False
    desk = Desk()
    with running(desk) as port:
        inside = server(port)
        with pytest.raises(Refused, match="within a private network"):
            check_server(inside)
        with pytest.raises(DeliveryFailed, match="private address"):
            hand_over(LETTER, channel=channel, watch=Told())
        OutgoingState.objects.all().delete()
        assert desk.envelopes == []

        settings.PRIVATE_NETWORKS = [ip_network("127.0.0.0/8")]
        check_server(inside)
        hand_over(LETTER, channel=channel, watch=Told())

    assert len(desk.envelopes) == 1


@pytest.mark.parametrize(
    ("host", "port"), [("127.0.0.1", 5432), ("localhost", 6379), ("10.0.0.1", 25), ("[::1]", 22)]
)
def test_what_is_no_relay_of_this_machine_is_not_even_asked(
    settings: Settings, host: str, port: int
) -> None:
    settings.IS_TRIED_OUT = False
    inside = OutgoingServer.objects.create(host=host.strip("[]"), port=port, security="none")
    with pytest.raises(Refused, match="within a private network"):
        check_server(inside)


def test_a_relay_on_this_machine_may_be_reached_where_such_listen(settings: Settings) -> None:
    settings.IS_TRIED_OUT = False
    inside = OutgoingServer.objects.create(host="127.0.0.1", port=2525, security="none")
    with pytest.raises(Refused, match="Nobody answers"):  # nobody is there, which it may find out
        check_server(inside)
