"""Amazon SES by its API (version 2): the letter as it goes over the wire, the request signed (Signature Version 4).

django-anymail would need boto3 for this, which is 35 MB and wants older versions of what we build on.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

import requests

from hospes.channels.contract import Outbound
from hospes.channels.email.compose import compose
from hospes.channels.email.outgoing_headers import address_spec
from hospes.channels.email.providers.backends import Account

SEND, ACCOUNT = "/v2/email/outbound-emails", "/v2/email/account"
# Said with the status of a bad letter, but meant of the account.
OF_ACCOUNT = {"AccountSuspendedException", "SendingPausedException", "LimitExceededException"}


@dataclass(frozen=True)
class Key:
    """A key of Amazon's that signs for one service in one region."""

    key_id: str
    secret: str = field(repr=False)
    region: str
    service: str = "ses"

    @staticmethod
    def of_body(body: bytes) -> str:
        """Return what a signature says of a body."""
        return hashlib.sha256(body).hexdigest()

    def signed(
        self, method: str, url: str, body: bytes, headers: Mapping[str, str], *, at: datetime
    ) -> dict[str, str]:
        """Return the headers with the signature over them, the address and the body."""
        moment = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        parts = urlsplit(url)
        told = {**headers, "Host": parts.netloc, "X-Amz-Date": moment}
        plain = {name.lower(): " ".join(value.split()) for name, value in told.items()}
        names = ";".join(sorted(plain))
        lines = "".join(f"{name}:{plain[name]}\n" for name in sorted(plain))
        digest = self.of_body(body)
        request = "\n".join([method, parts.path or "/", parts.query, lines, names, digest])
        scope = f"{moment[:8]}/{self.region}/{self.service}/aws4_request"
        hashed = hashlib.sha256(request.encode()).hexdigest()
        to_sign = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashed}"
        key = f"AWS4{self.secret}".encode()
        for part in (moment[:8], self.region, self.service, "aws4_request"):
            key = hmac.digest(key, part.encode(), hashlib.sha256)
        signature = hmac.digest(key, to_sign.encode(), hashlib.sha256).hex()
        told["Authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={self.key_id}/{scope},"
            f" SignedHeaders={names}, Signature={signature}"
        )
        return told


def send(message: Outbound, account: Account, session: requests.Session) -> requests.Response:
    """Hand the letter over. Raises DeliveryFailed for an address that is none, else what `requests` raises."""
    to, cc = (
        [address_spec(each.address, utf8=False) for each in addresses]
        for addresses in (message.to, message.cc)
    )
    asked = {
        "Destination": {"ToAddresses": to, "CcAddresses": cc},
        "Content": {"Raw": {"Data": base64.b64encode(compose(message)).decode("ascii")}},
        "EmailTags": [{"Name": "hospes", "Value": message.number}],
    }
    if message.envelope_from:
        asked["FeedbackForwardingEmailAddress"] = address_spec(message.envelope_from, utf8=False)
    return _ask("POST", SEND, json.dumps(asked).encode(), account, session)


def ask_account(account: Account, session: requests.Session) -> requests.Response:
    """See whether the key is taken."""
    return _ask("GET", ACCOUNT, b"", account, session)


def _ask(
    method: str, path: str, body: bytes, account: Account, session: requests.Session
) -> requests.Response:
    base = account.api_url.rstrip("/") or f"https://email.{account.part}.amazonaws.com"
    headers = {"Content-Type": "application/json"} if body else {}
    key = Key(account.user, account.key, account.part)
    signed = key.signed(method, base + path, body, headers, at=datetime.now(UTC))
    return session.request(method, base + path, data=body, headers=signed)


def is_of_account(answer: requests.Response) -> bool:
    """Whether a refusal means the account and not the letter."""
    kind = str(answer.headers.get("x-amzn-ErrorType", "")).partition(":")[0]
    return kind in OF_ACCOUNT
