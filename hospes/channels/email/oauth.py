"""Signing in to mailboxes at Google and Microsoft without a password (OAuth 2.0), as they speak it.

Two ways for a person to agree: in the browser, sent there and back (RFC 6749 with PKCE), or with a code typed
in anywhere (RFC 8628). Either gives a refresh token, which gives access tokens until somebody takes it back.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlencode

from hospes.channels.email.headers import clean_line

MAX_WORDS_CHARS = 300
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
LATER = {"temporarily_unavailable", "server_error", "slow_down"}


class Answer(Protocol):
    @property
    def status(self) -> int: ...
    @property
    def fields(self) -> Mapping[str, Any]: ...


Post = Callable[[str, Mapping[str, str]], Answer]


class Denied(Exception):
    """They say no, and asking again cannot help: a person has to do something."""

    def __init__(self, code: str, words: str = "") -> None:
        super().__init__(f"{code}: {words}")
        self.code, self.words = code, words

    @property
    def is_about_us(self) -> bool:
        """Whether it is the client they do not take, and not the person."""
        return self.code in {"invalid_client", "unauthorized_client", "invalid_scope"}


class NotNow(Exception):
    """No answer that says yes or no: asking again later may help."""


class Waiting(Exception):
    """The person has not agreed yet. `slower`: we asked too often."""

    def __init__(self, *, slower: bool) -> None:
        super().__init__()
        self.slower = slower


@dataclass(frozen=True, slots=True)
class Tokens:
    access_token: str = field(repr=False)
    expires_in: int  # seconds
    refresh_token: str = field(default="", repr=False)  # "": the one we have stays
    refresh_expires_in: int = 0  # seconds; 0: they do not say


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What a person types in where they are told to."""

    device_code: str = field(repr=False)
    user_code: str
    url: str
    expires_in: int  # seconds
    interval: int  # seconds between two questions


@dataclass(frozen=True, slots=True)
class Provider:
    authorize_url: str
    token_url: str
    device_url: str
    scope: str
    extra: Mapping[str, str]  # of the page where a person agrees


def google(base: str = "") -> Provider:
    """base: another server that speaks the same; "" means Google's own."""
    token = base or "https://oauth2.googleapis.com"
    return Provider(
        authorize_url=f"{base or 'https://accounts.google.com'}/o/oauth2/v2/auth",
        token_url=f"{token}/token",
        device_url=f"{token}/device/code",
        scope="https://mail.google.com/",
        # Only with both do they give a refresh token, and give it again.
        extra={"access_type": "offline", "prompt": "consent"},
    )


def microsoft(tenant: str = "", base: str = "") -> Provider:
    """tenant: the company's; "" takes any. base: the sign-in server of a national cloud."""
    root = f"{base or 'https://login.microsoftonline.com'}/{tenant or 'common'}/oauth2/v2.0"
    return Provider(
        authorize_url=f"{root}/authorize",
        token_url=f"{root}/token",
        device_url=f"{root}/devicecode",
        scope="https://outlook.office.com/IMAP.AccessAsUser.All offline_access",
        extra={"prompt": "select_account"},
    )


@dataclass(frozen=True, slots=True)
class Client:
    """The operator's own registration at a provider. Every question raises Denied or NotNow."""

    provider: Provider
    client_id: str
    client_secret: str = field(repr=False)
    post: Post = field(repr=False)

    def page(self, *, back_to: str, state: str, verifier: str, user: str) -> str:
        """Return the address of the page where a person agrees; it sends them back to `back_to`."""
        digest = hashlib.sha256(verifier.encode()).digest()
        return f"{self.provider.authorize_url}?" + urlencode(
            {
                "client_id": self.client_id,
                "redirect_uri": back_to,
                "response_type": "code",
                "scope": self.provider.scope,
                "state": state,
                "login_hint": user,
                "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
                "code_challenge_method": "S256",
                **self.provider.extra,
            }
        )

    def exchange(self, code: str, *, back_to: str, verifier: str) -> Tokens:
        """Return the tokens for the code that the person was sent back with."""
        return self._tokens(
            grant_type="authorization_code", code=code, redirect_uri=back_to, code_verifier=verifier
        )

    def renew(self, refresh_token: str) -> Tokens:
        return self._tokens(
            grant_type="refresh_token", refresh_token=refresh_token, scope=self.provider.scope
        )

    def ask_for_code(self) -> DeviceCode:
        """Begin to sign in with a code."""
        fields = self._ask(
            self.provider.device_url,
            {"client_id": self.client_id, "scope": self.provider.scope},
        )
        url = fields.get("verification_uri") or fields.get("verification_url") or ""
        code, secret = _text(fields, "user_code"), _text(fields, "device_code")
        if not (code and secret and str(url).startswith(("https://", "http://"))):
            raise NotNow("They gave no code.")
        return DeviceCode(
            secret,
            code,
            str(url),
            _seconds(fields, "expires_in", 900),
            _seconds(fields, "interval", 5),
        )

    def collect(self, code: DeviceCode) -> Tokens:
        """Return the tokens once the person has agreed. Raises Waiting until then."""
        return self._tokens(grant_type=DEVICE_GRANT, device_code=code.device_code)

    def _tokens(self, **form: str) -> Tokens:
        ours = {"client_id": self.client_id, "client_secret": self.client_secret}
        fields = self._ask(
            self.provider.token_url, {k: v for k, v in {**ours, **form}.items() if v}
        )
        access_token = _text(fields, "access_token")
        if not access_token:
            raise NotNow("They gave no token.")
        return Tokens(
            access_token,
            _seconds(fields, "expires_in", 3600),
            _text(fields, "refresh_token"),
            _seconds(fields, "refresh_token_expires_in", 0),
        )

    def _ask(self, url: str, form: Mapping[str, str]) -> Mapping[str, Any]:
        answer = self.post(url, form)
        if answer.status == 200:
            return answer.fields
        code = _text(answer.fields, "error")
        words = clean_line(_text(answer.fields, "error_description"), MAX_WORDS_CHARS)
        if code in {"authorization_pending", "slow_down"}:
            raise Waiting(slower=code == "slow_down")
        if not code or code in LATER or answer.status >= 500 or answer.status == 429:
            raise NotNow(words or f"They answered {answer.status}.")
        raise Denied(code, words)


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _seconds(fields: Mapping[str, Any], name: str, usual: int) -> int:
    try:
        value = int(fields.get(name) or usual)
    except (TypeError, ValueError, OverflowError):
        return usual
    return max(0, min(value, 10**9))
