"""Signing in to the servers that mail is fetched from: with a password, or with a token that is renewed in time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import ParamSpec, Protocol, TypeVar

from django.conf import settings
from django.utils import timezone

from hospes.channels.email import oauth
from hospes.channels.email.imap_faults import ImapFailed
from hospes.channels.models import IncomingServer, ServerToken

AHEAD = timedelta(minutes=10)  # a token is renewed so long before it ends

P = ParamSpec("P")
T = TypeVar("T")


class Ask(Protocol):
    """Something that runs a question where the database may be asked, and returns its answer."""

    def __call__(self, question: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T: ...


def ask_here(question: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    return question(*args, **kwargs)


def client_of(server: IncomingServer) -> oauth.Client:
    """Return the operator's registration at the server's provider."""
    if server.sign_in == IncomingServer.SignIn.GOOGLE:
        provider = oauth.google(server.sign_in_url)
    else:
        provider = oauth.microsoft(server.tenant, server.sign_in_url)
    return oauth.Client(provider, server.client_id, server.client_secret, _post)


def access_token(server: IncomingServer, *, ask: Ask = ask_here) -> str:
    """Return a token that signs in to the server, renewed when its end is near.

    Raises ImapFailed: `token` when a person has to sign in anew, `client` when the registration is not taken,
    `login` when nobody answered there.
    """
    token = ask(_token_of, server.pk)
    if token is None or token.refused or not token.refresh_token:
        raise _failed(token.refused if token else "")
    now = timezone.now()
    left = token.access_expires_at - now if token.access_expires_at else timedelta(0)
    ours = str(token.access_token)
    if ours and left > AHEAD:
        return ours
    try:
        fresh = client_of(server).renew(token.refresh_token)
    except oauth.Denied as denied:
        ask(_note_refused, server.pk, str(denied))
        raise _failed(str(denied)) from denied
    except (oauth.NotNow, oauth.Waiting) as error:
        if ours and left > timedelta(0):
            return ours
        raise ImapFailed("login", str(error)) from error
    ask(partial(keep_tokens, is_new=False), server, fresh, at=now)
    return fresh.access_token


def keep_tokens(
    server: IncomingServer, tokens: oauth.Tokens, *, at: datetime, is_new: bool
) -> None:
    """Keep what the provider gave. is_new: a person has just agreed."""
    given: dict[str, object] = {
        "access_token": tokens.access_token,
        "access_expires_at": at + timedelta(seconds=tokens.expires_in),
        "renewed_at": at,
        "refused": "",
    }
    if tokens.refresh_token:
        given["refresh_token"] = tokens.refresh_token
    if tokens.refresh_expires_in:
        given["refresh_expires_at"] = at + timedelta(seconds=tokens.refresh_expires_in)
    elif is_new:
        given["refresh_expires_at"] = None
    if is_new:
        given["granted_at"] = at
    ServerToken.objects.update_or_create(server=server, defaults=given)


def _token_of(server_id: int) -> ServerToken | None:
    return ServerToken.objects.filter(pk=server_id).first()


def _note_refused(server_id: int, words: str) -> None:
    ServerToken.objects.filter(pk=server_id).update(refused=words)


def _failed(refused: str) -> ImapFailed:
    code, _, words = refused.partition(": ")
    return ImapFailed("client" if oauth.Denied(code).is_about_us else "token", words or code)


def _post(url: str, form: Mapping[str, str]) -> oauth.Answer:
    from hospes.lib import egress  # twelve megabytes, for desks that sign in like this

    try:
        return egress.post_form(url, form, allowed=settings.PRIVATE_NETWORKS)
    except egress.NoAnswer as error:
        raise oauth.NotNow(str(error)) from error
