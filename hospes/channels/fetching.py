"""Reach the server that a channel's mail is fetched from, and say in plain words why that fails."""

from __future__ import annotations

import socket

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from hospes.channels.email.imap import ImapServer, ImapTalk
from hospes.channels.models import IncomingServer
from hospes.channels.signing_in import Ask, access_token, ask_here
from hospes.lib.reaching import reach

# Providers that take a password only when it was made for programs.
APP_PASSWORD_HOSTS = (
    "gmail.com", "googlemail.com", "yahoo.com", "aol.com", "me.com", "icloud.com", "fastmail.com",
    "zoho.com", "zoho.eu", "yandex.com", "yandex.ru",
)  # fmt: skip
NO_PASSWORD_HOSTS = ("office365.com", "outlook.com", "hotmail.com")


def open_mailbox(server: IncomingServer, *, ask: Ask = ask_here) -> ImapTalk:
    """Connect to the server and sign in. ask: runs what needs the database. Raises ImapFailed."""
    account = ImapServer(
        host=server.host,
        port=server.port,
        security=server.security,
        username=server.username,
        password=server.password if server.has_password else "",
        access_token="" if server.has_password else access_token(server, ask=ask),
    )
    return ImapTalk(account, connect=_connect)


def _connect(host: str, port: int, seconds: float) -> socket.socket:
    return reach(host, port, seconds=seconds, allowed=settings.PRIVATE_NETWORKS)


def told(kind: str, words: str, server: IncomingServer) -> str:
    """Return what a failure means to an operator, and what mends it, in the language of who reads.

    kind, words: of an ImapFailed.
    """
    if kind == "sign_in" and _is_of(server.host, NO_PASSWORD_HOSTS):
        kind = "no_password"
    if kind == "sign_in" and _is_of(server.host, APP_PASSWORD_HOSTS):
        kind = "app_password"
    sentence = SENTENCES.get(kind) or (SAYS if words else BROKE_OFF)
    return str(sentence) % {"host": server.host, "answer": words}


def _is_of(host: str, names: tuple[str, ...]) -> bool:
    return any(host == name or host.endswith(f".{name}") for name in names)


SAYS = _("The server says: %(answer)s")
BROKE_OFF = _("The server broke off, or fell silent. We try again.")
SENTENCES = {
    "unreachable": _("%(host)s was not reached. Check its name, the port, and the network."),
    "private": _(
        "%(host)s lies within a private network. Whoever runs this desk can allow that with HOSPES_PRIVATE_NETWORKS."
    ),
    "not_imap": _("What answers there is no IMAP server. Check the port: 993 is usual."),
    "certificate": _(
        "The certificate of %(host)s is not trusted (%(answer)s). Use the name it was made for, or have it renewed."
    ),
    "no_tls": _(
        "The server does not encrypt like this. TLS from the start with port 993 is usual."
    ),
    "sign_in": _("The server does not take this user name and password."),
    "app_password": _(
        "This provider wants a password of its own for programs: make an app password in the settings of the"
        " account, and give it here."
    ),
    "no_password": _(
        "Microsoft takes no passwords for mailboxes any more: sign in with Microsoft."
    ),
    "token": _(
        "Nobody is signed in to this mailbox, or the permission was taken back: sign in again."
    ),
    "client": _(
        "The client ID and secret are not taken (%(answer)s). Secrets end after a time: make a new one there."
    ),
    "login": _("The place to sign in was not reached. We try again."),
    "folder": _("A folder is not there: %(answer)s"),
    "busy": _("The server is busy, or too many are connected to it. We try again."),
    "disk": _("The disk is nearly full, so no mail is taken."),
    "slow": BROKE_OFF,
    "hung_up": BROKE_OFF,
    "too_much": BROKE_OFF,
}
