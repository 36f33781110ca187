"""Hand a letter to a server that takes the letters of its channel: the first that works.

Another one is only asked when it is certain that the one before did not take the letter, and that this was
no fault of the letter.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from ipaddress import ip_network
from typing import Protocol

from django.conf import settings
from django.utils import timezone

from hospes.channels.contract import AnswerLost, DeliveryFailed, Outbound
from hospes.channels.email.adapter import MailAdapter
from hospes.channels.email.lines import Lines
from hospes.channels.email.signing import Signer
from hospes.channels.models import Channel, OutgoingServer, OutgoingState, SigningKey
from hospes.lib.reaching import reach

HERE = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
RELAY_PORTS = {25, 465, 587, 1025, 2525}  # the last two: of many that were set up by hand
LEFT_ALONE = timedelta(seconds=20)  # a server that failed as a whole


class NoServer(Exception):
    """No outgoing server is set for this channel, and none for the whole desk."""


Sign = Callable[[bytes], bytes]


class Watch(Protocol):
    """Whoever wants to know, at each step, what a server can have."""

    def may_have_it(self, server_id: int | None, *, repeatable_for: timedelta) -> None:
        """From now on the server may have the whole letter; what this raises stops it.

        repeatable_for: so long after the first time it may be handed over again, and cannot go twice.
        """
        ...

    def has_it_not(self) -> None:
        """The server said that it did not take it."""
        ...

    def refused(self, words: Mapping[str, str]) -> None:
        """It took the letter for some recipients only; its words for each of the others."""
        ...


class Adapter(Protocol):
    """One way out, of whatever kind."""

    @property
    def repeatable_for(self) -> timedelta: ...

    def send(
        self,
        message: Outbound,
        *,
        on_dot: Callable[[], None] | None = None,
        on_refused: Callable[[Mapping[str, str]], None] | None = None,
        lines: Lines | None = None,
    ) -> str: ...

    @property
    def certificate_expires_at(self) -> datetime | None:
        """The end of the server's certificate, as of the last connection; None where that is not known."""
        ...

    def check(self) -> None: ...


@dataclass(frozen=True)
class Way:
    """A server that takes letters; None: one that HOSPES_SMTP_URL names."""

    adapter: Adapter
    server: OutgoingServer | None

    @property
    def name(self) -> str:
        if self.server is not None:
            return str(self.server)
        assert isinstance(self.adapter, MailAdapter)
        return f"{self.adapter.server.host}:{self.adapter.server.port}"


def hand_over(
    letter: Outbound,
    *,
    channel: Channel,
    watch: Watch,
    lines: Lines | None = None,
    only: int | None = None,
) -> str:
    """Send the letter and return what the server calls it.

    lines: connections that the letters of a batch share.
    only: the one server that may be asked, since it may have the letter already.
    Raises NoServer, DeliveryFailed when no server has it, or AnswerLost when nobody knows whether one has.
    """
    last: DeliveryFailed | None = None
    sign = _signer_for(letter)
    ways = [_way_of(only, sign)] if only is not None else ways_out(channel, sign=sign)
    for way in _those_that_work(ways):
        try:
            return _through(way, letter, watch, lines)
        except DeliveryFailed as failure:
            if not failure.of_server:
                raise
            last = failure
    assert last is not None
    raise last


def send_now(letter: Outbound, *, channel: Channel) -> str:
    """Send a letter that nobody keeps, by the first way out, and return what the server says.

    Raises NoServer, DeliveryFailed or AnswerLost.
    """
    first = ways_out(channel, sign=_signer_for(letter))[0]
    return first.adapter.send(letter)


def _through(way: Way, letter: Outbound, watch: Watch, lines: Lines | None) -> str:
    server, has_begun = way.server, False

    def on_dot() -> None:
        nonlocal has_begun
        watch.may_have_it(server.pk if server else None, repeatable_for=way.adapter.repeatable_for)
        has_begun = True

    try:
        words = way.adapter.send(letter, on_dot=on_dot, on_refused=watch.refused, lines=lines)
    except DeliveryFailed as failure:
        if has_begun:
            watch.has_it_not()
        if failure.of_server and server is not None:
            note_failing(server, failure)
        raise
    if server is not None:
        note_working(server)
    return words


def _those_that_work(ways: list[Way]) -> Iterator[Way]:
    """Leave out those that failed a moment ago, so that no letter waits where another just did.

    Raises DeliveryFailed when there are only such.
    """
    now = timezone.now()
    states = OutgoingState.objects.in_bulk([one.server.pk for one in ways if one.server])
    quiet = {pk: state for pk, state in states.items() if state.retry_at and state.retry_at > now}
    working = [one for one in ways if one.server is None or one.server.pk not in quiet]
    if not working:
        (state, *_others) = quiet.values()
        raise DeliveryFailed(state.words, permanent=False, answered=False, of_server=True)
    yield from working


def ways_out(channel: Channel, *, sign: Sign | None = None) -> list[Way]:
    """Return who takes the letters of this channel, the first to be asked first.

    Its own server, else the desk's first, with those that stand in for it; else what HOSPES_SMTP_URL names.
    Raises NoServer.
    """
    server = channel.outgoing_server
    if server is None or not server.is_active:
        server = desk_server()
    if server is not None:
        stand_ins = server.stand_ins.filter(is_active=True).order_by("position", "pk")
        return [Way(of_server(one, sign), one) for one in (server, *stand_ins)]
    urls = settings.SMTP_URL.split()
    if not urls:
        raise NoServer
    return [Way(MailAdapter.from_url(url, sign=sign), None) for url in urls]


def _way_of(server_id: int, sign: Sign | None) -> Way:
    server = OutgoingServer.objects.filter(pk=server_id).first()
    if server is None:
        raise AnswerLost("The outgoing server that may have it was removed.")
    return Way(of_server(server, sign), server)


def repeatable_for(server_id: int | None) -> timedelta:
    """Return for how long a letter may be handed to this server again without going twice."""
    server = OutgoingServer.objects.filter(pk=server_id).first() if server_id is not None else None
    return of_server(server).repeatable_for if server else timedelta(0)


def _signer_for(letter: Outbound) -> Sign | None:
    """Return what signs letters of this sender: the key of the domain, or of one that it lies within."""
    labels = letter.from_.address.rpartition("@")[2].lower().split(".")
    names = [".".join(labels[at:]) for at in range(len(labels) - 1)]
    keys = SigningKey.objects.filter(domain__in=names, is_active=True)
    nearest = max(keys, key=lambda key: len(key.domain), default=None)
    if nearest is None or not nearest.private_key:
        return None
    signer = Signer(nearest.domain, nearest.selector, nearest.private_key)
    return lambda content: signer.sign(content, at=int(time.time()))


def adapter_of(channel: Channel) -> Adapter:
    """Return the first way out of this channel. Raises NoServer."""
    return ways_out(channel)[0].adapter


def desk_server() -> OutgoingServer | None:
    """Return the server that takes the letters of all channels without one of their own."""
    servers = OutgoingServer.objects.filter(is_active=True, stands_in_for=None)
    return servers.order_by("position", "pk").first()


def of_server(server: OutgoingServer, sign: Sign | None = None) -> Adapter:
    if server.is_provider:
        return _of_provider(server)
    return MailAdapter(
        host=server.host,
        port=server.port,
        security=server.security,
        username=server.username,
        password=server.password,
        connect=_connect,
        sign=sign,
        on_certificate=partial(note_certificate, server) if server.pk else None,
    )


def _of_provider(server: OutgoingServer) -> Adapter:
    # Costs five megabytes, for desks that send like this.
    from hospes.channels.email.providers.adapter import ProviderAdapter
    from hospes.channels.email.providers.backends import Account

    account = Account(
        kind=server.kind,
        key=server.password,
        user=server.username,
        part=server.account,
        api_url=server.api_url,
    )
    return ProviderAdapter(account, allowed=settings.PRIVATE_NETWORKS)


def _connect(host: str, port: int, seconds: float) -> socket.socket:
    """Private networks only where they are allowed; this machine where mail servers listen on it.

    Who sets up a desk that has no name of its own yet sits at the machine, so any port of it may be tried.
    """
    here = HERE if settings.IS_TRIED_OUT or port in RELAY_PORTS else ()
    return reach(host, port, seconds=seconds, allowed=(*settings.PRIVATE_NETWORKS, *here))


# How they do --------------------------------------------------------------------------------


def note_failing(server: OutgoingServer, failure: DeliveryFailed) -> None:
    now = timezone.now()
    state, _ = OutgoingState.objects.get_or_create(server=server)
    state.failing_since = state.failing_since or now
    state.words = failure.reason
    state.retry_at = now + max(LEFT_ALONE, timedelta(seconds=min(failure.retry_after, 3600)))
    state.save()


def note_working(server: OutgoingServer) -> None:
    failing = OutgoingState.objects.filter(server=server).exclude(failing_since=None)
    failing.update(failing_since=None, words="", retry_at=None)


def note_certificate(server: OutgoingServer, ends_at: datetime) -> None:
    state, is_new = OutgoingState.objects.get_or_create(
        server=server, defaults={"certificate_expires_at": ends_at}
    )
    if not is_new and state.certificate_expires_at != ends_at:
        OutgoingState.objects.filter(server=server).update(certificate_expires_at=ends_at)


def states_of(servers: list[OutgoingServer]) -> dict[int, OutgoingState]:
    """Return how these servers do, by number; those of which nothing is known are missing."""
    return OutgoingState.objects.in_bulk([server.pk for server in servers])
