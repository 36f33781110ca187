"""Mail that a provider took in for us: its bytes, and for whom it came. What it found out itself is not believed."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

import requests
from anymail.exceptions import AnymailError

from hospes.channels.email.headers import clean_line
from hospes.channels.email.providers.backends import Account
from hospes.channels.email.providers.hooks import Hook, NotUnderstood
from hospes.channels.email.providers.sealed import is_amazons, is_sealed
from hospes.channels.email.providers.ses import Key
from hospes.lib.judged_session import judged_session
from hospes.lib.reaching import Network

BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]]{1,64}@[^\s<>,;:\"()\[\]]{1,255}")
MAX_RECIPIENTS = 100


class CannotBeHad(Exception):
    """The provider has the mail and does not hand it over now; it will call again."""


@dataclass(frozen=True)
class Arrived:
    """One mail as it came in."""

    body: bytes = field(repr=False)
    envelope_from: str
    recipients: tuple[str, ...]
    key: str = ""  # what it is called there, where the bytes are put together anew by every call


@dataclass(frozen=True)
class Reader:
    """Reads what a provider calls with, and fetches what it only points at."""

    account: Account
    allowed: Collection[Network]
    most_bytes: int

    def arrived(self, hook: Hook) -> list[Arrived]:
        """Return the mails of a call. Raises NotUnderstood, or CannotBeHad when it is to call again."""
        try:
            found = _READERS[hook.kind](self, hook)
        except (AnymailError, KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise NotUnderstood(
                f"This is no mail as {hook.kind} hands it over. Is raw MIME turned on there?"
            ) from error
        except requests.RequestException as error:
            raise CannotBeHad(str(error)) from error
        return found

    def _mailgun(self, hook: Hook) -> list[Arrived]:
        return [
            Arrived(
                hook.form["body-mime"],
                _text(hook.form.get("sender", b"")),
                _addresses([_text(hook.form["recipient"])]),
            )
        ]

    def _sendgrid(self, hook: Hook) -> list[Arrived]:
        envelope = json.loads(_text(hook.form["envelope"]))
        return [
            Arrived(hook.form["email"], str(envelope.get("from") or ""), _addresses(envelope["to"]))
        ]

    def _postmark(self, hook: Hook) -> list[Arrived]:
        from anymail.webhooks.postmark import PostmarkInboundWebhookView

        said = hook.fields()
        view: Any = PostmarkInboundWebhookView.__new__(PostmarkInboundWebhookView)
        message = view.esp_to_anymail_event(said).message
        to = _addresses([said["OriginalRecipient"]])
        sender = clean_line(message.envelope_sender or "")
        if "RawEmail" in said:
            return [Arrived(said["RawEmail"].encode("utf-8", "surrogateescape"), sender, to)]
        return [Arrived(message.as_bytes(), sender, to, key=f"postmark {said['MessageID']}")]

    def _brevo(self, hook: Hook) -> list[Arrived]:
        from anymail.webhooks.brevo import BrevoInboundWebhookView

        reader = self

        class View(BrevoInboundWebhookView):  # type: ignore[misc]
            def __init__(self) -> None:
                """Reads no settings."""

            def _fetch_attachment(self, attachment: dict[str, Any]) -> Any:
                return reader._file_of_brevo(attachment)

        found = []
        for said in hook.fields()["items"]:
            message = View().esp_to_anymail_event(said).message
            to = said.get("Recipients") or [one["Address"] for one in said["To"]]
            key = f"brevo {said['Uuid'][0]}"
            sender = clean_line(message.envelope_sender or "")
            found.append(Arrived(message.as_bytes(), sender, _addresses(to), key=key))
        return found

    def _file_of_brevo(self, attachment: dict[str, Any]) -> Any:
        from anymail.inbound import AnymailInboundMessage

        base = self.account.api_url.rstrip("/") or "https://api.brevo.com/v3"
        url = f"{base}/inbound/attachments/{quote(attachment['DownloadToken'], safe='')}"
        content = self._get(url, {"api-key": self.account.key})
        return AnymailInboundMessage.construct_attachment(
            content_type=attachment["ContentType"],
            content=content,
            filename=attachment.get("Name"),
            content_id=attachment.get("ContentID"),
        )

    def _resend(self, hook: Hook) -> list[Arrived]:
        said = hook.fields()
        if said["type"] != "email.received":
            return []
        data = said["data"]
        base = self.account.api_url.rstrip("/") or "https://api.resend.com"
        key = {"Authorization": f"Bearer {self.account.key}"}
        number = quote(data["email_id"], safe="")
        held = json.loads(self._get(f"{base}/emails/receiving/{number}", key))
        raw = self._get(held["raw"]["download_url"], {})
        to = data.get("received_for") or data["to"]
        return [Arrived(raw, str(held.get("return_path") or ""), _addresses(to))]

    def _ses(self, hook: Hook) -> list[Arrived]:
        said = hook.fields()
        if said["Type"] != "Notification" or not said["Message"].startswith("{"):
            return []
        event = json.loads(said["Message"])
        if event.get("notificationType") != "Received":
            return []
        to = _addresses(event["receipt"]["recipients"])
        return [Arrived(self._body_at_amazon(event), str(event["mail"].get("source") or ""), to)]

    def _body_at_amazon(self, event: dict[str, Any]) -> bytes:
        action = event["receipt"]["action"]
        if action["type"] == "S3":
            return self._from_bucket(action["bucketName"], action["objectKey"])
        if action.get("encoding") == "BASE64":
            return base64.b64decode(event["content"])
        return str(event["content"]).encode()

    def _from_bucket(self, bucket: str, name: str) -> bytes:
        if not BUCKET.fullmatch(bucket):
            raise NotUnderstood("This is no name of a bucket.")
        base = self.account.api_url.rstrip("/")
        base = (
            f"{base}/{bucket}" if base else f"https://{bucket}.s3.{self.account.part}.amazonaws.com"
        )
        url = f"{base}/{quote(name)}"
        key = Key(self.account.user, self.account.key, self.account.part, service="s3")
        headers = {"x-amz-content-sha256": Key.of_body(b"")}
        return self._get(url, key.signed("GET", url, b"", headers, at=datetime.now(UTC)))

    def confirm(self, hook: Hook) -> bool:
        """Agree to be called about a topic at Amazon, as was asked for; whether this call asked for it."""
        if hook.kind != "ses":
            return False
        said = hook.fields()
        if not isinstance(said, dict) or said.get("Type") != "SubscriptionConfirmation":
            return False
        self._confirm(str(said.get("SubscribeURL", "")))
        return True

    def is_sealed(self, hook: Hook) -> bool:
        """Whether Amazon itself wrote this call. Raises CannotBeHad when its certificate cannot be fetched now."""
        try:
            said = hook.fields()
        except NotUnderstood:
            return False
        try:
            return is_sealed(said, get=lambda url: self._get(url, {}), besides=self.account.api_url)
        except requests.RequestException as error:
            raise CannotBeHad(str(error)) from error

    def _confirm(self, url: str) -> None:
        if not is_amazons(url, besides=self.account.api_url):
            raise NotUnderstood("This is no address of Amazon's.")
        self._get(url, {})

    def _get(self, url: str, headers: dict[str, str]) -> bytes:
        with judged_session(allowed=self.allowed, most_bytes=self.most_bytes) as session:
            answer = session.get(url, headers=headers)
        if not answer.ok:
            raise CannotBeHad(f"{urlsplit(url).netloc} answered {answer.status_code}.")
        return answer.content


_READERS: dict[str, Callable[[Reader, Hook], list[Arrived]]] = {
    "mailgun": Reader._mailgun,  # noqa: SLF001
    "sendgrid": Reader._sendgrid,  # noqa: SLF001
    "postmark": Reader._postmark,  # noqa: SLF001
    "brevo": Reader._brevo,  # noqa: SLF001
    "resend": Reader._resend,  # noqa: SLF001
    "ses": Reader._ses,  # noqa: SLF001
}


def _text(value: bytes) -> str:
    return clean_line(value.decode("utf-8", "replace"))


def _addresses(given: Any) -> tuple[str, ...]:
    """The addresses among these, each once. Raises ValueError when there is none."""
    found = [one for each in list(given)[:MAX_RECIPIENTS] for one in ADDRESS.findall(str(each))]
    if not found:
        raise ValueError("It came for nobody.")
    return tuple(dict.fromkeys(found))
