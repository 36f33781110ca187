"""Set up who takes our letters: several servers and providers, and what each channel may send."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hospes.channels.actions.connecting import named_host
from hospes.channels.models import Channel, OutgoingServer, OutgoingState
from hospes.lib.refusal import Refused

Kind = OutgoingServer.Kind


@dataclass(frozen=True)
class Way:
    """What an operator says of a server or provider."""

    kind: str = "smtp"
    stands_in_for: OutgoingServer | None = None
    host: str = ""
    port: int = 587
    security: str = "starttls"
    username: str = ""
    password: str | None = None  # or the key of a provider; None: the one we have stays
    account: str = ""
    api_url: str = ""
    signing_key: str | None = None  # the same
    is_active: bool = True


@transaction.atomic
def keep_way(way: Way, *, server: OutgoingServer | None = None) -> OutgoingServer:
    """Make a way out, or change it. Raises Refused for what cannot be one."""
    server = server or OutgoingServer(kind=way.kind)
    server.host, server.port, server.security = named_host(way.host), way.port, way.security
    server.username, server.account = way.username.strip(), way.account.strip().lower()
    server.api_url, server.is_active = _api_url(way.api_url), way.is_active
    if way.password is not None:
        server.password = way.password.strip() if server.is_provider else way.password
    if way.signing_key is not None:
        server.signing_key = "".join(way.signing_key.split())
    if server.is_provider and not server.hook_secret:
        server.hook_secret = secrets.token_urlsafe(24)
    _refuse_halves(server)
    server.stands_in_for = way.stands_in_for if way.stands_in_for != server else None
    server.save()
    if server.stands_in_for is not None:  # who stood in for this one stands in for that one now
        server.stand_ins.update(stands_in_for=server.stands_in_for)
    OutgoingState.objects.filter(server=server).delete()  # what was wrong may be mended
    return server


def change_secret(server: OutgoingServer) -> None:
    """Let the provider call with another secret from now on; the one before is refused at once."""
    if server.is_provider:
        server.hook_secret = secrets.token_urlsafe(24)
        server.save(update_fields=["hook_secret"])


def _refuse_halves(server: OutgoingServer) -> None:
    if not server.is_provider:
        if not server.host:
            raise Refused(_("Give the name of the mail server."), code="no_host")
        return
    if not server.password or (server.kind == Kind.SES and not server.username):
        raise Refused(_("Give the key that you were given there."), code="no_key")
    if server.kind in {Kind.MAILGUN, Kind.SES} and not server.account:
        raise Refused(
            _("Give the domain at Mailgun, or the region at Amazon, such as eu-central-1."),
            code="no_account",
        )


def _api_url(given: str) -> str:
    url = given.strip().rstrip("/")
    if url and (urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname):
        raise Refused(_("Give an address that begins with https://."), code="not_a_url")
    return url


@transaction.atomic
def remove_way(server: OutgoingServer) -> None:
    """Send nothing by this one any more; the first that stood in for it takes its place."""
    waiting = list(server.stand_ins.order_by("-is_active", "position", "pk"))
    first = next(iter(waiting), None)
    for one in waiting:
        one.stands_in_for = None if one is first else first
        one.save(update_fields=["stands_in_for"])
    Channel.objects.filter(outgoing_server=server).update(outgoing_server=first)
    server.delete()


@dataclass(frozen=True)
class Sending:
    """How the letters of a channel leave."""

    outgoing_server: OutgoingServer | None = None  # None: the desk's
    per_minute: int | None = None  # None: as many as there are
    per_hour: int | None = None
    keeps_copies: bool = False


@transaction.atomic
def set_sending(channel: Channel, sending: Sending) -> Channel:
    """Say how the letters of a channel leave. Raises Refused for what cannot be."""
    if any(most is not None and most < 1 for most in (sending.per_minute, sending.per_hour)):
        raise Refused(_("At least one letter has to be able to leave."), code="no_rate")
    channel.outgoing_server = sending.outgoing_server
    channel.per_minute, channel.per_hour = sending.per_minute, sending.per_hour
    channel.keeps_copies = sending.keeps_copies
    channel.save(update_fields=["outgoing_server", "per_minute", "per_hour", "keeps_copies"])
    return channel
