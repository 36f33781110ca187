"""What providers call with, in the shapes that they document; and the secrets they call with."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SECRET = "Wq3-not-to-be-guessed"
MAILGUN_KEY = "8b1e2f0d-signing"
SVIX_KEY = "whsec_" + base64.b64encode(b"24 bytes of Resend's own").decode()
SENDGRID_PRIVATE = ec.derive_private_key(0x5EED5EED5EED, ec.SECP256R1())
SENDGRID_KEY = base64.b64encode(
    SENDGRID_PRIVATE.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
).decode()
BASIC = "Basic " + base64.b64encode(f"hospes:{SECRET}".encode()).decode()


@dataclass
class Call:
    """One POST of a provider."""

    body: bytes
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=lambda: {"Authorization": BASIC})


def as_json(told: Any, **headers: str) -> Call:
    return Call(json.dumps(told).encode(), headers={"Authorization": BASIC, **headers})


def multipart(fields: dict[str, bytes]) -> Call:
    mark = "----hospes-7f3a"
    parts = b"".join(
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
        + value
        + b"\r\n"
        for name, value in fields.items()
    )
    return Call(parts + f"--{mark}--\r\n".encode(), f"multipart/form-data; boundary={mark}")


# Mail that came in ---------------------------------------------------------------------------


def mailgun_mail(
    mime: bytes, to: str, sender: str, *, key: str = MAILGUN_KEY, age_seconds: int = 0
) -> Call:
    stamp, token = str(int(time.time()) - age_seconds), "a" * 50
    signature = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    return multipart(
        {
            "recipient": to.encode(), "sender": sender.encode(), "from": sender.encode(),
            "subject": b"A question", "body-mime": mime, "timestamp": stamp.encode(),
            "token": token.encode(), "signature": signature.encode(),
        }
    )  # fmt: skip


def mailgun_mail_as_form(mime: bytes, to: str, sender: str) -> Call:
    fields = {"recipient": to, "sender": sender, "body-mime": mime}
    return Call(urlencode(fields).encode(), "application/x-www-form-urlencoded")


def sendgrid_mail(mime: bytes, to: str, sender: str) -> Call:
    return multipart(
        {
            "envelope": json.dumps({"to": [to], "from": sender}).encode(), "email": mime,
            "to": to.encode(), "from": sender.encode(), "subject": b"A question",
            "dkim": b"{@stranger.example : pass}", "SPF": b"pass", "spam_score": b"0.1",
            "charsets": b'{"to":"UTF-8","subject":"UTF-8"}', "sender_ip": b"192.0.2.7",
        }
    )  # fmt: skip


def postmark_mail(mime: bytes, to: str, sender: str, *, raw: bool = True) -> Call:
    told: dict[str, Any] = {
        "FromName": "", "MessageStream": "inbound", "From": sender, "Subject": "A question",
        "FromFull": {"Email": sender, "Name": "", "MailboxHash": ""}, "To": to,
        "ToFull": [{"Email": to, "Name": "", "MailboxHash": ""}], "CcFull": [], "BccFull": [],
        "OriginalRecipient": to, "MessageID": "73e6d360-66eb-11e1-8e72-a8904824019b",
        "Date": "Fri, 20 Nov 2026 12:00:00 +0000", "TextBody": "Where is my parcel?\n", "HtmlBody": "",
        "StrippedTextReply": "", "Tag": "",
        "Headers": [
            {"Name": "Return-Path", "Value": f"<{sender}>"},
            {"Name": "Received-SPF", "Value": "pass (sender is good)"},
            {"Name": "X-Spam-Status", "Value": "No"},
        ],
        "Attachments": [],
    }  # fmt: skip
    if raw:
        told["RawEmail"] = mime.decode("utf-8")
    return as_json(told)


def ses_notification(message: dict[str, Any] | str, *, kind: str = "Notification") -> Call:
    told = {
        "Type": kind, "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": "arn:aws:sns:eu-central-1:123456789012:hospes", "Timestamp": "2026-11-20T12:00:00Z",
        "Message": message if isinstance(message, str) else json.dumps(message),
    }  # fmt: skip
    headers = {"x-amz-sns-message-type": kind, "x-amz-sns-message-id": told["MessageId"]}
    return Call(
        json.dumps(told).encode(), "text/plain; charset=UTF-8", {"Authorization": BASIC} | headers
    )


@cache
def amazons_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@cache
def amazons_certificate(*, days: int = 30) -> bytes:
    """What SNS signs with, as PEM; good for so many days, or ended so many days ago."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sns.amazonaws.com")])
    ends_at = datetime.now(UTC) + timedelta(days=days)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(amazons_key().public_key())
        .serial_number(7)
        .not_valid_before(ends_at - timedelta(days=400))
        .not_valid_after(ends_at)
        .sign(amazons_key(), SHA256())
    )
    return made.public_bytes(Encoding.PEM)


def sealed(call: Call, url: str) -> Call:
    """The call as SNS sends it, its certificate to be had at this address; what is no JSON stays as it is."""
    try:
        told = json.loads(call.body)
        names = [
            "Message",
            "MessageId",
            "SubscribeURL",
            "Subject",
            "Timestamp",
            "Token",
            "TopicArn",
            "Type",
        ]
        if told["Type"] == "Notification":
            names = [name for name in names if name not in {"SubscribeURL", "Token"}]
        signed = "".join(f"{name}\n{told[name]}\n" for name in names if name in told)
    except (ValueError, KeyError, TypeError, RecursionError):
        return call
    signature = amazons_key().sign(signed.encode(), PKCS1v15(), SHA256())
    told |= {
        "SignatureVersion": "2", "Signature": base64.b64encode(signature).decode(),
        "SigningCertURL": url,
    }  # fmt: skip
    return replace(call, body=json.dumps(told).encode())


def ses_mail(mime: bytes, to: str, sender: str, *, action: dict[str, str] | None = None) -> Call:
    event: dict[str, Any] = {
        "notificationType": "Received",
        "mail": {"source": sender, "messageId": "d6iitobk75ur44p8kdnnp7g2n800", "destination": [to]},
        "receipt": {
            "recipients": [to], "timestamp": "2026-11-20T12:00:00.000Z",
            "spamVerdict": {"status": "PASS"}, "spfVerdict": {"status": "PASS"},
            "dkimVerdict": {"status": "PASS"}, "dmarcVerdict": {"status": "PASS"},
            "action": action or {"type": "SNS", "encoding": "BASE64", "topicArn": "arn:x"},
        },
    }  # fmt: skip
    if action is None:
        event["content"] = base64.b64encode(mime).decode()
    return ses_notification(event)


def brevo_mail(
    _mime: bytes, to: str, sender: str, *, files: tuple[dict[str, Any], ...] = ()
) -> Call:
    item = {
        "Uuid": ["8d79f2a1-0e0b-4f0c-9a8e-1f2f6c3d4e5f"], "MessageId": "<q1@stranger.example>",
        "InReplyTo": None, "From": {"Name": "", "Address": sender},
        "To": [{"Name": "", "Address": to}], "Recipients": [to], "Cc": [], "ReplyTo": None,
        "SentAtDate": "Fri, 20 Nov 2026 12:00:00 +0000", "Subject": "A question",
        "Headers": {
            "From": sender, "To": to, "Subject": "A question", "Message-ID": "<q1@stranger.example>",
            "Date": "Fri, 20 Nov 2026 12:00:00 +0000", "Return-Path": f"<{sender}>",
        },
        "SpamScore": -0.1, "ExtractedMarkdownMessage": "Where is my parcel?",
        "RawHtmlBody": None, "RawTextBody": "Where is my parcel?\n", "Attachments": list(files),
    }  # fmt: skip
    item["RawHtmlBody"] = ""
    return as_json({"items": [item]})


def svix(told: Any, *, key: str = SVIX_KEY, at: float | None = None) -> Call:
    body = json.dumps(told).encode()
    made_by, stamp = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", str(int(at or time.time()))
    secret = base64.b64decode(key.removeprefix("whsec_"))
    signature = hmac.digest(secret, f"{made_by}.{stamp}.".encode() + body, hashlib.sha256)
    return Call(
        body,
        headers={
            "svix-id": made_by, "svix-timestamp": stamp,
            "svix-signature": f"v1,{base64.b64encode(signature).decode()} v1,b3RoZXI=",
        },
    )  # fmt: skip


def resend_mail(_mime: bytes, to: str, sender: str) -> Call:
    data = {
        "email_id": "56761188-7520-42d8-8898-ff6fc54ce618", "created_at": "2026-11-20T12:00:00Z",
        "from": sender, "to": [to], "cc": [], "bcc": [], "message_id": "<q@stranger.example>",
        "subject": "A question", "attachments": [],
    }  # fmt: skip
    return svix({"type": "email.received", "created_at": "2026-11-20T12:00:00Z", "data": data})


MAIL = {
    "mailgun": mailgun_mail, "sendgrid": sendgrid_mail, "postmark": postmark_mail, "ses": ses_mail,
    "brevo": brevo_mail, "resend": resend_mail,
}  # fmt: skip


# What became of ours -------------------------------------------------------------------------


@dataclass
class Letter:
    """The letter that is told of."""

    number: str
    provider_id: str
    to: str = "aiko@example.jp"


def mailgun_status(what: str, letter: Letter) -> Call:
    stamp, token = str(int(time.time())), "b" * 50
    signature = hmac.new(MAILGUN_KEY.encode(), f"{stamp}{token}".encode(), hashlib.sha256)
    event: dict[str, Any] = {
        "id": "G9Bn5sl1TC6nu79C8C0bwg", "timestamp": time.time(), "recipient": letter.to,
        "message": {"headers": {"message-id": letter.provider_id.strip("<>"), "to": letter.to}},
        "user-variables": {"hospes": letter.number}, "tags": [],
    }  # fmt: skip
    event |= {
        "delivered": {"event": "delivered", "delivery-status": {"code": 250, "message": "OK"}},
        "delayed": {
            "event": "failed", "severity": "temporary", "reason": "generic",
            "delivery-status": {"code": 450, "message": "4.2.0 greylisted"},
        },
        "bounced": {
            "event": "failed", "severity": "permanent", "reason": "bounce",
            "delivery-status": {"code": 550, "message": "5.1.1 no such user"},
        },
        "complained": {"event": "complained"},
    }[what]  # fmt: skip
    block = {"timestamp": stamp, "token": token, "signature": signature.hexdigest()}
    return as_json({"signature": block, "event-data": event})


def postmark_status(what: str, letter: Letter) -> Call:
    told = {"MessageID": letter.provider_id, "Metadata": {"hospes": letter.number}, "ServerID": 23}
    told |= {
        "delivered": {
            "RecordType": "Delivery", "Recipient": letter.to, "DeliveredAt": "2026-11-20T12:01:00Z",
            "Details": "smtp;250 2.0.0 OK",
        },
        "delayed": {
            "RecordType": "Bounce", "Type": "Transient", "Email": letter.to,
            "BouncedAt": "2026-11-20T12:01:00Z", "Details": "smtp;450 4.2.0 greylisted",
        },
        "bounced": {
            "RecordType": "Bounce", "Type": "HardBounce", "ID": 42, "Email": letter.to,
            "BouncedAt": "2026-11-20T12:01:00Z", "Details": "smtp;550 5.1.1 no such user",
        },
        "complained": {
            "RecordType": "SpamComplaint", "Type": "SpamComplaint", "Email": letter.to,
            "BouncedAt": "2026-11-20T12:01:00Z", "Details": "",
        },
    }[what]  # fmt: skip
    return as_json(told)


def sendgrid_status(what: str, letter: Letter) -> Call:
    event = {
        "email": letter.to, "timestamp": int(time.time()), "sg_event_id": "sg_event_id",
        "sg_message_id": "14c5d75ce93.dfd.64b469", "anymail_id": letter.provider_id,
        "hospes": letter.number,
    }  # fmt: skip
    event |= {
        "delivered": {"event": "delivered", "response": "250 OK"},
        "delayed": {"event": "deferred", "response": "450 4.2.0 greylisted", "attempt": "5"},
        "bounced": {"event": "bounce", "type": "bounce", "status": "5.1.1", "reason": "550 5.1.1 no such user"},
        "complained": {"event": "spamreport"},
    }[what]  # fmt: skip
    body = json.dumps([{**event, "event": "processed"}, event]).encode()
    stamp = str(int(time.time()))
    signature = SENDGRID_PRIVATE.sign(stamp.encode() + body, ec.ECDSA(SHA256()))
    return Call(
        body,
        headers={
            "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
            "X-Twilio-Email-Event-Webhook-Timestamp": stamp,
        },
    )


def brevo_status(what: str, letter: Letter) -> Call:
    event = {
        "email": letter.to, "id": 1, "message-id": letter.provider_id, "ts_epoch": 1795176060000,
        "X-Mailin-custom": json.dumps({"hospes": letter.number}), "subject": "Re: A question",
    }  # fmt: skip
    event |= {
        "delivered": {"event": "delivered"},
        "delayed": {"event": "deferred", "reason": "450 4.2.0 greylisted"},
        "bounced": {"event": "hard_bounce", "reason": "550 5.1.1 no such user"},
        "complained": {"event": "spam"},
    }[what]
    return as_json(event)


def resend_status(what: str, letter: Letter) -> Call:
    data: dict[str, Any] = {
        "email_id": letter.provider_id, "to": [letter.to], "from": "support@kaldera.example",
        "created_at": "2026-11-20T12:00:00Z", "subject": "Re: A question",
        "headers": [{"name": "X-Metadata", "value": json.dumps({"hospes": letter.number})}],
    }  # fmt: skip
    kind = {
        "delivered": "email.delivered", "delayed": "email.delivery_delayed",
        "bounced": "email.bounced", "complained": "email.complained",
    }[what]  # fmt: skip
    if what == "bounced":
        data["bounce"] = {
            "message": "The recipient's email provider sent a hard bounce message, 550 5.1.1 no such user"
        }
    return svix({"type": kind, "created_at": "2026-11-20T12:01:00Z", "data": data})


def ses_status(what: str, letter: Letter) -> Call:
    event: dict[str, Any] = {
        "mail": {
            "messageId": letter.provider_id, "destination": [letter.to], "headers": [],
            "tags": {"hospes": [letter.number]},
        }
    }  # fmt: skip
    event |= {
        "delivered": {
            "eventType": "Delivery",
            "delivery": {"recipients": [letter.to], "smtpResponse": "250 ok"},
        },
        "delayed": {
            "eventType": "DeliveryDelay",
            "deliveryDelay": {
                "delayType": "TransientCommunicationFailure",
                "delayedRecipients": [
                    {"emailAddress": letter.to, "status": "4.2.0", "diagnosticCode": "smtp; 450 4.2.0 greylisted"}
                ],
            },
        },
        "bounced": {
            "eventType": "Bounce",
            "bounce": {
                "bounceType": "Permanent", "bounceSubType": "General",
                "bouncedRecipients": [
                    {"emailAddress": letter.to, "diagnosticCode": "smtp; 550 5.1.1 no such user"}
                ],
            },
        },
        "complained": {
            "eventType": "Complaint",
            "complaint": {"complainedRecipients": [{"emailAddress": letter.to}]},
        },
    }[what]  # fmt: skip
    return ses_notification(event)


STATUS = {
    "mailgun": mailgun_status, "sendgrid": sendgrid_status, "postmark": postmark_status,
    "ses": ses_status, "brevo": brevo_status, "resend": resend_status,
}  # fmt: skip
