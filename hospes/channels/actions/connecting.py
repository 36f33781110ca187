"""Connect mailboxes and the server that takes our letters."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hospes.brands.models import Brand
from hospes.channels.contract import Address, AnswerLost, DeliveryFailed, Outbound
from hospes.channels.models import Channel, OutgoingServer
from hospes.channels.sending import NoServer, of_server, send_now
from hospes.events.hints import tell_desk_changed
from hospes.lib.addresses import canonical, is_mail_address
from hospes.lib.reaching import PrivateAddress
from hospes.lib.refusal import Refused
from hospes.markets.models import Market

HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,252}[a-z0-9])?", re.IGNORECASE)


@dataclass(frozen=True)
class Mailbox:
    """What an operator says of a support address."""

    address: str
    name: str = ""
    brand: Brand | None = None
    market: Market | None = None
    trusted_hop: str = ""
    receives_itself: bool = False  # from the internet: nobody in front checks senders
    forwarders: str = ""  # domains, by spaces or commas
    contact_forms: str = ""  # addresses, by spaces or commas
    reply_domain: str = ""
    has_plus_tags: bool = False
    is_active: bool = True


@transaction.atomic
def connect_mailbox(mailbox: Mailbox, *, channel: Channel | None = None) -> Channel:
    """Make a support address, or change one. Raises Refused for what cannot be one.

    The first address ends that any address is taken: the doors answer 550 to the others. The channel
    that took any is closed with that; replies in its conversations still leave by it.
    """
    address = canonical(mailbox.address)
    if not is_mail_address(address):
        raise Refused(_("Give a mail address, such as support@example.com."), code="not_an_address")
    others = Channel.objects.filter(address=address)
    if channel is not None:
        others = others.exclude(pk=channel.pk)
    if others.exists():
        raise Refused(_("This address is connected already."), code="address_taken")
    channel = channel or Channel(kind=Channel.Kind.EMAIL)
    channel.address = address
    channel.name = mailbox.name.strip() or address
    channel.brand = mailbox.brand or Brand.objects.order_by("pk")[0]
    channel.market = mailbox.market
    channel.receives_itself = mailbox.receives_itself
    channel.trusted_hop = "" if mailbox.receives_itself else named_host(mailbox.trusted_hop)
    channel.forwarders = " ".join(map(named_host, mailbox.forwarders.replace(",", " ").split()))
    channel.contact_forms = " ".join(_addresses_in(mailbox.contact_forms))
    channel.reply_domain = named_host(mailbox.reply_domain)
    channel.has_plus_tags = mailbox.has_plus_tags
    channel.is_active = mailbox.is_active
    channel.save()
    Channel.objects.filter(address="", is_active=True).update(is_active=False)
    tell_desk_changed()
    return channel


def _addresses_in(given: str) -> list[str]:
    """Return addresses as they are compared. Raises Refused for what is none."""
    found = [canonical(word) for word in given.replace(",", " ").split()]
    for address in found:
        if not is_mail_address(address):
            raise Refused(
                _("%(address)s is not a mail address.") % {"address": address},
                code="not_an_address",
            )
    return found


def connect_server(  # each is one line of the form
    *,
    host: str,
    port: int,
    security: str,
    username: str = "",
    password: str | None = None,
    server: OutgoingServer | None = None,
) -> OutgoingServer:
    """Make the outgoing server, or change it; a password of None stays as it is."""
    server = server or first_mail_server() or OutgoingServer()
    server.host, server.port, server.security = named_host(host), port, security
    server.username = username.strip()
    if password is not None:
        server.password = password
    if not server.host:
        raise Refused(_("Give the name of the mail server."), code="no_host")
    server.save()
    return server


def first_mail_server() -> OutgoingServer | None:
    """Return the mail server that was set first; providers are none."""
    return OutgoingServer.objects.filter(kind="smtp").order_by("pk").first()


def send_test_letter(channel: Channel, *, to: str, subject: str, text: str, at: datetime) -> str:
    """Send one letter now and return the server's words. Raises Refused with what went wrong."""
    if not is_mail_address(canonical(to)):
        raise Refused(_("Give a mail address, such as support@example.com."), code="not_an_address")
    sender = channel.address or to
    letter = Outbound(
        message_id=f"<test.{int(at.timestamp())}@{sender.rpartition('@')[2]}>",
        from_=Address(channel.brand.name, sender),
        to=(Address("", to),),
        subject=subject,
        text=text,
        date=at,
        envelope_from=sender,
        headers={"Auto-Submitted": "auto-generated"},
    )
    try:
        return send_now(letter, channel=channel)
    except AnswerLost as error:
        raise Refused(
            _("The outgoing server took the text and then did not answer."), code="no_answer"
        ) from error
    except NoServer as error:
        raise Refused(_("No outgoing server is set yet."), code="no_server") from error
    except DeliveryFailed as error:
        raise Refused(
            _("The outgoing server did not take it: %(answer)s") % {"answer": error.reason},
            code="not_taken",
        ) from error


FAULTS = {
    ConnectionRefusedError: _("Nobody answers at this port."),
    socket.gaierror: _("There is no server of this name."),
    TimeoutError: _("It does not answer."),
}


def check_server(server: OutgoingServer) -> None:
    """Connect, encrypt and sign in as for a letter. Raises Refused with the server's words."""
    try:
        of_server(server).check()
    except DeliveryFailed as error:
        if isinstance(error.__cause__, PrivateAddress):
            raise Refused(
                _(
                    "%(host)s lies within a private network. Whoever runs this desk can allow that with HOSPES_PRIVATE_NETWORKS."
                )
                % {"host": server.host},
                code="private_network",
            ) from error
        raise Refused(
            _("The server does not work like this: %(answer)s") % {"answer": _fault(error)},
            code="server_fails",
        ) from error


def _fault(error: DeliveryFailed) -> str:
    """Return what went wrong, in the reader's language where it is not the server's own words."""
    for kind, words in FAULTS.items():
        if isinstance(error.__cause__, kind):
            return str(words)
    return error.reason


def named_host(given: str) -> str:
    """Return the name of a server as it is stored. Raises Refused for what cannot be one."""
    host = given.strip().lower().rstrip(".")
    if host and not HOST.fullmatch(host):
        raise Refused(
            _("%(host)s is not the name of a server.") % {"host": given}, code="not_a_host"
        )
    return host
