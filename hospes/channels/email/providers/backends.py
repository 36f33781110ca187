"""The backend of django-anymail for each provider, told by us what it would else read from settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests
from anymail.backends.base_requests import AnymailRequestsBackend


@dataclass(frozen=True, slots=True)
class Account:
    """An account at a provider."""

    kind: str  # mailgun, postmark, ses, sendgrid, brevo, resend
    key: str = field(repr=False)
    user: str = ""  # the id of the key, at Amazon
    part: str = ""  # which part of it is ours: a domain at Mailgun, a region at Amazon
    api_url: str = ""  # "": the provider's usual one


SessionMaker = Callable[[], requests.Session]


def backend_of(account: Account, make_session: SessionMaker) -> AnymailRequestsBackend:
    """Return what speaks to the provider."""
    made = _BY_KIND[account.kind](account)
    made.create_session = make_session
    return made


def _mailgun(account: Account) -> AnymailRequestsBackend:
    from anymail.backends.mailgun import EmailBackend

    return EmailBackend(
        api_key=account.key, sender_domain=account.part or None, **_options(account)
    )


def _postmark(account: Account) -> AnymailRequestsBackend:
    from anymail.backends.postmark import EmailBackend

    return EmailBackend(server_token=account.key, **_options(account))


def _brevo(account: Account) -> AnymailRequestsBackend:
    from anymail.backends.brevo import EmailBackend

    return EmailBackend(api_key=account.key, **_options(account))


def _resend(account: Account) -> AnymailRequestsBackend:
    from anymail.backends.resend import EmailBackend

    made = EmailBackend(api_key=account.key, **_options(account))
    made.verify_attachment_extensions = False  # a customer's file is called as it is called
    return made


def _sendgrid(account: Account) -> AnymailRequestsBackend:
    from anymail.backends.sendgrid import EmailBackend

    # Its own way to begin warns that nobody at django-anymail has an account there to try it with.
    made = EmailBackend.__new__(EmailBackend)
    made.api_key, made.generate_message_id, made.merge_field_format = account.key, True, None
    api_url = account.api_url.rstrip("/") or "https://api.sendgrid.com/v3"
    AnymailRequestsBackend.__init__(made, f"{api_url}/", **_behaviour())
    return made


def _options(account: Account) -> dict[str, Any]:
    return _behaviour() | ({"api_url": account.api_url} if account.api_url else {})


def _behaviour() -> dict[str, Any]:
    return {"ignore_unsupported_features": True, "ignore_recipient_status": True}


_BY_KIND: dict[str, Callable[[Account], AnymailRequestsBackend]] = {
    "mailgun": _mailgun,
    "postmark": _postmark,
    "brevo": _brevo,
    "resend": _resend,
    "sendgrid": _sendgrid,
}
