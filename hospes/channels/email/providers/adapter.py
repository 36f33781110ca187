"""Letters out through a provider's own API, with honest words about what it can have."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from datetime import timedelta
from typing import Any

import requests
from anymail.exceptions import AnymailError, AnymailRequestsAPIError

from hospes.channels.contract import AnswerLost, DeliveryFailed, Outbound
from hospes.channels.email.headers import clean_line
from hospes.channels.email.lines import Lines
from hospes.channels.email.providers import ses
from hospes.channels.email.providers.answers import MAX_WORDS_CHARS, meaning, not_reached, root_of
from hospes.channels.email.providers.backends import Account, backend_of
from hospes.channels.email.providers.letters import as_mail
from hospes.lib.judged_session import SECONDS, judged_session
from hospes.lib.reaching import Network

# Who knows by a number of ours what they have, and for how long, less an hour.
REMEMBERS = {"resend": timedelta(hours=23)}
NOT_TAKEN = {"rejected", "invalid", "failed"}  # what django-anymail calls it for one recipient
READ_AND_EMPTY = {400, 422}  # the key was taken, and everything in the letter is missing


class ProviderAdapter:
    """Hands letters to one account at a provider. Keeps no connection, so it may be used from anywhere."""

    def __init__(
        self, account: Account, *, allowed: Collection[Network], seconds: float = SECONDS
    ) -> None:
        """allowed: private networks that may be reached. seconds: for each step."""
        self.account, self._allowed, self._seconds = account, allowed, seconds

    certificate_expires_at = None  # a provider looks after its own

    @property
    def repeatable_for(self) -> timedelta:
        return REMEMBERS.get(self.account.kind, timedelta(0))

    def send(
        self,
        message: Outbound,
        *,
        on_dot: Callable[[], None] | None = None,
        on_refused: Callable[[Mapping[str, str]], None] | None = None,
        lines: Lines | None = None,
    ) -> str:
        """Hand the letter over and return what the provider calls it.

        on_dot: called right before the provider may have the letter; what it raises stops it.
        on_refused: called when it takes the letter for some recipients and not for others.
        Raises DeliveryFailed, or AnswerLost when nobody knows what became of it.
        """
        del lines  # one connection for each: that is how these libraries speak
        begun = _Begun(on_dot)
        try:
            if self.account.kind == "ses":
                return self._through_ses(message, begun)
            return self._through_anymail(message, begun, on_refused)
        except requests.RequestException as error:
            if begun.has:
                raise AnswerLost(root_of(error)) from error
            raise not_reached(error) from error

    def check(self) -> None:
        """See whether the provider takes our key, by handing it a letter without anything in it.

        Raises DeliveryFailed with its words.
        """
        session = judged_session(allowed=self._allowed, seconds=self._seconds)
        try:
            with session:
                answer = self._asked(session)
        except requests.RequestException as error:
            raise not_reached(error) from error
        is_fine = answer.status_code in READ_AND_EMPTY or answer.ok
        if not is_fine:
            refusal = meaning(answer)
            raise DeliveryFailed(str(refusal), permanent=False, of_server=True)

    def _through_ses(self, message: Outbound, begun: _Begun) -> str:
        with self._session(message, begun) as session:
            answer = ses.send(message, self.account, session)
        told = _fields(answer)
        if answer.ok and told.get("MessageId"):
            return str(told["MessageId"])
        refusal = meaning(answer)
        if isinstance(refusal, DeliveryFailed) and ses.is_of_account(answer):
            refusal.permanent, refusal.of_server = False, True
        raise refusal

    def _through_anymail(
        self,
        message: Outbound,
        begun: _Begun,
        on_refused: Callable[[Mapping[str, str]], None] | None,
    ) -> str:
        mail: Any = as_mail(message, self.account.kind)
        backend = backend_of(self.account, lambda: self._session(message, begun))
        try:
            with closing(backend):
                backend.open()
                backend._send(mail)  # noqa: SLF001 # its public way hides what went wrong
        except AnymailRequestsAPIError as error:
            if error.response is None:
                raise
            raise meaning(error.response) from error
        except AnymailError as error:  # before anything was sent
            raise DeliveryFailed(clean_line(str(error), MAX_WORDS_CHARS), permanent=True) from error
        return _taken(mail.anymail_status, on_refused)

    def _session(self, message: Outbound, begun: _Begun) -> requests.Session:
        session = judged_session(allowed=self._allowed, on_connected=begun, seconds=self._seconds)
        session.headers["User-Agent"] = "Hospes"
        if self.repeatable_for and message.number:
            session.headers["Idempotency-Key"] = message.number
        return session

    def _asked(self, session: requests.Session) -> requests.Response:
        """The answer to an empty letter, posted to where letters go."""
        if self.account.kind == "ses":
            return ses.ask_account(self.account, session)
        from django.core.mail import EmailMessage

        backend: Any = backend_of(self.account, lambda: session)
        mail = EmailMessage(
            from_email=f"x@{self.account.part or 'example.com'}", to=["x@example.com"]
        )
        asked = backend.build_message_payload(mail, {}).get_request_params(backend.api_url)
        kept = {name: asked[name] for name in ("method", "url", "headers", "auth")}
        empty = {} if self.account.kind == "mailgun" else "{}"
        return session.request(**kept, data=empty)


class _Begun:
    """Notes, once, that from now on the provider may have the letter."""

    def __init__(self, on_dot: Callable[[], None] | None) -> None:
        self.has, self._on_dot = False, on_dot

    def __call__(self) -> None:
        if not self.has and self._on_dot is not None:
            self._on_dot()
        self.has = True


def _taken(status: Any, on_refused: Callable[[Mapping[str, str]], None] | None) -> str:
    """What the provider calls a letter it took, at least for some."""
    refused = {
        address: str(one.status)
        for address, one in status.recipients.items()
        if one.status in NOT_TAKEN
    }
    if refused and len(refused) == len(status.recipients):
        words = "; ".join(f"{address}: {why}" for address, why in refused.items())
        raise DeliveryFailed(words[:MAX_WORDS_CHARS], permanent=True)
    if refused and on_refused is not None:
        on_refused(refused)
    ids = status.message_id
    return str(min(filter(None, ids), default="") if isinstance(ids, set) else ids or "")


def _fields(answer: requests.Response) -> Mapping[str, Any]:
    try:
        told = answer.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
