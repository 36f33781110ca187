"""What providers call us with: mail that came for us, and what became of ours. Who may call is told first.

The many forms of it are django-anymail's knowledge; here they become the few words that everybody uses.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from anymail.exceptions import AnymailError
from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from hospes.channels.contract import RecipientReport
from hospes.channels.email.headers import clean_line

USER = "hospes"  # in the address that a provider calls
MAX_AGE_SECONDS = 300  # of a signature that names its moment
MAILGUN_MAX_AGE_SECONDS = 12 * 3600
# Who signs what they say, each by a method of its own that covers the body: then the address needs no secret.
SIGN_THE_BODY = {"resend", "sendgrid"}
ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
PLAIN = re.compile(r"\b([45]\d\d)\b")


class NotUnderstood(Exception):
    """What was called is not what this provider says; the text says what is wrong."""


@dataclass(frozen=True)
class Hook:
    """One call of a provider."""

    kind: str
    body: bytes = field(repr=False)
    headers: Mapping[str, str]  # names in lower case
    form: Mapping[str, bytes]  # of a form; empty for everything else

    def fields(self) -> Any:
        """The JSON that was sent. Raises NotUnderstood."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise NotUnderstood("This is no JSON.") from error


@dataclass(frozen=True)
class Told:
    """What became of one letter of ours for one recipient."""

    number: str  # ours, "" where it does not come back
    provider_id: str  # theirs
    report: RecipientReport


# Who calls ---------------------------------------------------------------------------------


def knows_secret(authorization: str, secret: str) -> bool:
    """Whether somebody calls with the secret that we put into the address."""
    expected = base64.b64encode(f"{USER}:{secret}".encode()).decode()
    return bool(secret) and hmac.compare_digest(
        authorization.encode(), f"Basic {expected}".encode()
    )


def is_signed(hook: Hook, key: str, *, now: float) -> bool:
    """Whether the provider signed this call with its key. now: seconds since 1970."""
    check = _SIGNATURES.get(hook.kind)
    try:
        return check is not None and check(hook, key, now)
    except (ValueError, KeyError, TypeError, binascii.Error, RecursionError):
        return False


def _of_mailgun(hook: Hook, key: str, now: float) -> bool:
    """It signs a moment and a token and nothing else, so the secret in the address is needed beside it.

    What was refused it offers again for eight hours.
    """
    if hook.form:
        told = {name: value.decode() for name, value in hook.form.items() if len(value) < 200}
    else:
        told = json.loads(hook.body)["signature"]
    if abs(now - int(told["timestamp"])) > MAILGUN_MAX_AGE_SECONDS:
        return False
    made = hmac.digest(key.encode(), f"{told['timestamp']}{told['token']}".encode(), hashlib.sha256)
    return hmac.compare_digest(made.hex(), str(told["signature"]))


def _of_svix(hook: Hook, key: str, now: float) -> bool:
    moment, made_by = hook.headers["svix-timestamp"], hook.headers["svix-id"]
    if abs(now - int(moment)) > MAX_AGE_SECONDS:
        return False
    secret = base64.b64decode(key.removeprefix("whsec_"))
    signed = f"{made_by}.{moment}.".encode() + hook.body
    expected = base64.b64encode(hmac.digest(secret, signed, hashlib.sha256))
    given = [one.partition(",")[2] for one in hook.headers["svix-signature"].split()]
    return any(hmac.compare_digest(expected, one.encode()) for one in given)


def _of_sendgrid(hook: Hook, key: str, _now: float) -> bool:
    public = load_der_public_key(base64.b64decode(key))
    assert isinstance(public, EllipticCurvePublicKey)
    moment = hook.headers["x-twilio-email-event-webhook-timestamp"]
    signature = base64.b64decode(hook.headers["x-twilio-email-event-webhook-signature"])
    try:
        public.verify(signature, moment.encode() + hook.body, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


_SIGNATURES: dict[str, Callable[[Hook, str, float], bool]] = {
    "mailgun": _of_mailgun,
    "resend": _of_svix,
    "sendgrid": _of_sendgrid,
}


# What became of our letters ------------------------------------------------------------------


def told(hook: Hook) -> list[Told]:
    """Return what a call says of our letters; nothing of what is opened or clicked. Raises NotUnderstood."""
    try:
        found = [_told(one) for one in _events(hook)]
    except (AnymailError, KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise NotUnderstood(f"This is nothing that {hook.kind} says.") from error
    return [one for one in found if one is not None]


def _events(hook: Hook) -> Sequence[AnymailTrackingEvent]:
    from anymail.webhooks import brevo, mailgun, postmark, resend, sendgrid

    said = hook.fields()
    if hook.kind == "ses":
        return _of_amazon(said)
    if hook.kind == "sendgrid":
        view: Any = _reader(sendgrid.SendGridTrackingWebhookView)
        return [view.esp_to_anymail_event(one) for one in said]
    if hook.kind == "resend":
        return [_reader(resend.ResendTrackingWebhookView).esp_to_anymail_event(said, hook)]
    views = {
        "mailgun": mailgun.MailgunTrackingWebhookView,
        "postmark": postmark.PostmarkTrackingWebhookView,
        "brevo": brevo.BrevoTrackingWebhookView,
    }
    return [_reader(views[hook.kind]).esp_to_anymail_event(said)]


def _reader(view: Any) -> Any:
    """A view that only reads: what it would begin with are settings that nobody has."""
    return view.__new__(view)


def _of_amazon(said: Any) -> Sequence[AnymailTrackingEvent]:
    from anymail.webhooks.amazon_ses import AmazonSESTrackingWebhookView

    if said.get("Type") != "Notification" or not str(said.get("Message", "")).startswith("{"):
        return []
    event = json.loads(said["Message"])
    if event.get("eventType") == "DeliveryDelay":
        events = _delays_at_amazon(event)
    else:
        events = _reader(AmazonSESTrackingWebhookView).esp_to_anymail_events(event, said)
    numbers = event.get("mail", {}).get("tags", {}).get("hospes", [])
    is_soft = event.get("bounce", {}).get("bounceType") == "Transient"
    for one in events:
        one.metadata = {"hospes": numbers[0]} if numbers else one.metadata
        if is_soft and not one.mta_response:
            one.mta_response = "4.0.0"
    return cast("Sequence[AnymailTrackingEvent]", events)


def _delays_at_amazon(event: Any) -> list[AnymailTrackingEvent]:
    """What django-anymail does not know: that a mail server has not taken a letter yet."""
    return [
        AnymailTrackingEvent(
            event_type=EventType.DEFERRED,
            message_id=event["mail"]["messageId"],
            recipient=one["emailAddress"],
            mta_response=one.get("diagnosticCode"),
            metadata={},
        )
        for one in event["deliveryDelay"]["delayedRecipients"]
    ]


_ACTIONS = {
    EventType.DELIVERED: "delivered",
    EventType.DEFERRED: "delayed",
    EventType.BOUNCED: "failed",
    EventType.FAILED: "rejected",
    EventType.REJECTED: "rejected",
    EventType.COMPLAINED: "complained",
}


def _told(event: AnymailTrackingEvent) -> Told | None:
    action = _ACTIONS.get(event.event_type)
    if action is None:
        return None
    words = str(event.mta_response or event.description or "")
    metadata = event.metadata if isinstance(event.metadata, Mapping) else {}
    return Told(
        number=str(metadata.get("hospes", "")),
        provider_id=str(event.message_id or ""),
        report=RecipientReport(
            address=clean_line(str(event.recipient or "")).lower(),
            action=action,
            status=_status(action, words, event),
            diagnostic=clean_line(words, 500),
        ),
    )


def _status(action: str, words: str, event: AnymailTrackingEvent) -> str:
    """The enhanced code, as the mail server of the recipient said it or as the provider seems to mean it."""
    if found := ENHANCED.search(words):
        return found[1]
    if action == "delivered":
        return "2.0.0"
    if event.reject_reason == RejectReason.INVALID:
        return "5.1.1"
    plain = PLAIN.search(words)
    is_late = action == "delayed" or (plain is not None and plain[1].startswith("4"))
    return "4.0.0" if is_late else "5.0.0"
