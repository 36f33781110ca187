"""Set up the server that a channel's mail is fetched from, and try it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from hospes.channels.actions.connecting import named_host
from hospes.channels.email.imap_faults import ImapFailed
from hospes.channels.email.oauth import Tokens
from hospes.channels.fetching import open_mailbox, told
from hospes.channels.models import Channel, IncomingServer, ServerToken
from hospes.channels.signing_in import keep_tokens
from hospes.lib.refusal import Refused

CHANNEL = "hospes_fetching"  # PostgreSQL NOTIFY: somebody changed a server
MAX_FOLDERS = 20
SignIn, Afterwards = IncomingServer.SignIn, IncomingServer.Afterwards
USUAL = {
    SignIn.GOOGLE: ("imap.gmail.com", 993),
    SignIn.MICROSOFT: ("outlook.office365.com", 993),
}


@dataclass(frozen=True)
class Account:
    """What an operator says of the account that mail is fetched from."""

    since: date
    host: str = ""  # "": the provider's own
    port: int = 993
    security: str = "tls"
    username: str = ""
    sign_in: str = "password"
    password: str | None = None  # None: the one we have stays
    client_id: str = ""
    client_secret: str | None = None  # the same
    tenant: str = ""
    sign_in_url: str = ""
    folders: Sequence[str] = ("INBOX",)
    afterwards: str = "seen"
    move_to: str = ""
    is_active: bool = True


@dataclass(frozen=True)
class Tried:
    """What a try of a server found."""

    folders: tuple[str, ...]
    has_idle: bool


@transaction.atomic
def fetch_from(account: Account, *, channel: Channel, at: datetime) -> IncomingServer:
    """Fetch the channel's mail from this account from now on. Raises Refused for what cannot be one."""
    server = IncomingServer.objects.filter(channel=channel).first() or IncomingServer(
        channel=channel
    )
    usual = USUAL.get(SignIn(account.sign_in), ("", 993))
    server.host = named_host(account.host or usual[0])
    if not server.host:
        raise Refused(_("Give the name of the mail server."), code="no_host")
    server.port, server.security = account.port, account.security
    server.username = _line(account.username) or channel.address
    server.sign_in = account.sign_in
    if account.password is not None:
        server.password = _line(account.password)
    server.client_id, server.tenant = _line(account.client_id), _line(account.tenant)
    server.sign_in_url = _sign_in_url(account.sign_in_url)
    if account.client_secret is not None:
        server.client_secret = _line(account.client_secret)
    if account.sign_in != SignIn.PASSWORD and not server.client_id:
        raise Refused(_("Give the client ID that you were given there."), code="no_client")
    server.folders = _folders(account.folders)
    server.since, server.is_active = account.since, account.is_active
    server.afterwards, server.move_to = account.afterwards, _line(account.move_to)
    if server.afterwards == Afterwards.MOVE and (
        not server.move_to or server.move_to in server.folders
    ):
        raise Refused(_("Give another folder for mail to be moved to."), code="no_folder")
    server.changed_at = at
    server.save()
    ServerToken.objects.filter(server=server).update(refused="")  # what was wrong may be mended
    _tell()
    return server


@transaction.atomic
def stop_fetching(channel: Channel) -> None:
    """Fetch no more for this channel; what was fetched once never comes again."""
    IncomingServer.objects.filter(channel=channel).delete()
    _tell()


@transaction.atomic
def sign_in_with(tokens: Tokens, *, server: IncomingServer, at: datetime) -> None:
    """Keep what a person agreed to at the provider, and fetch with it."""
    if not tokens.refresh_token:
        raise Refused(
            _(
                "They gave no lasting permission. Take the old one back in the account there, and try again."
            ),
            code="no_refresh_token",
        )
    keep_tokens(server, tokens, at=at, is_new=True)
    IncomingServer.objects.filter(pk=server.pk).update(changed_at=at)
    _tell()


def try_server(server: IncomingServer) -> Tried:
    """Connect, sign in and look for the folders. Raises Refused with what mends it."""
    try:
        with open_mailbox(server) as talk:
            found = Tried(tuple(sorted(talk.folders())), talk.has_idle)
            for name in server.folders:
                if name.upper() != "INBOX" and name not in found.folders:
                    raise Refused(
                        _("%(folder)s is not among the folders of this mailbox: %(folders)s.")
                        % {"folder": name, "folders": ", ".join(found.folders[:50])},
                        code="no_folder",
                    )
                talk.open(name)
    except ImapFailed as failure:
        raise Refused(
            told(failure.kind, failure.words, server), code=f"imap_{failure.kind}"
        ) from failure
    return found


def _tell() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")


def _line(text: str) -> str:
    """Return what can stand in a command to a server."""
    if any(ord(c) < 32 or ord(c) == 127 for c in text):
        raise Refused(_("There are signs in it that no server takes."), code="control_characters")
    return text.strip()


def _folders(given: Sequence[str]) -> list[str]:
    names = list(dict.fromkeys(name for name in (_line(one) for one in given) if name))
    if len(names) > MAX_FOLDERS:
        raise Refused(
            _("At most %(count)d folders can be followed.") % {"count": MAX_FOLDERS},
            code="too_many_folders",
        )
    return names or ["INBOX"]


def _sign_in_url(given: str) -> str:
    url = given.strip().rstrip("/")
    if url and (urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname):
        raise Refused(_("Give an address that begins with https://."), code="not_a_url")
    return url
