"""Hand a letter to the server of its channel."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.conf import settings

from hospes.channels.contract import Outbound
from hospes.channels.email.adapter import MailAdapter
from hospes.channels.models import Channel, OutgoingServer


class NoServer(Exception):
    """No outgoing server is set for this channel, and none for the whole desk."""


def hand_over(
    letter: Outbound,
    *,
    channel: Channel,
    on_dot: Callable[[], None],
    on_refused: Callable[[Mapping[str, str]], None],
) -> str:
    """Send the letter and return what the server calls it.

    on_dot: called right before the server may have the whole letter; what it raises stops the letter.
    on_refused: called when the server took the letter for some recipients only, with its words for
        each of the others.

    Raises NoServer, DeliveryFailed, or AnswerLost when nobody knows whether it was taken.
    """
    return adapter_of(channel).send(letter, on_dot=on_dot, on_refused=on_refused)


def adapter_of(channel: Channel) -> MailAdapter:
    """Return the way out of this channel: its own server, else the desk's only one, else HOSPES_SMTP_URL.

    Raises NoServer.
    """
    server = channel.outgoing_server or OutgoingServer.objects.order_by("pk").first()
    if server is not None:
        return of_server(server)
    if settings.SMTP_URL:
        return MailAdapter.from_url(settings.SMTP_URL)
    raise NoServer


def of_server(server: OutgoingServer) -> MailAdapter:
    return MailAdapter(
        host=server.host,
        port=server.port,
        security=server.security,
        username=server.username,
        password=server.password,
    )
