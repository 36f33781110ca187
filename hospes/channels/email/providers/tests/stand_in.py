"""Six providers on loopback, as strict as they are: they want their key, their fields and nothing else."""

from __future__ import annotations

import base64
import email
import json
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler
from typing import Any

from hospes.channels.email.providers.tests.payloads import amazons_certificate
from tests.http_here import answering

CERTIFICATE = "/ses/SimpleNotificationService.pem"
KEY = "key-3ax6xnjp29jd6fds4gc373sgvjxteol0"
KEY_ID = "AKIDEXAMPLE"


@dataclass
class Taken:
    """A letter that a provider took, as it understood it."""

    kind: str
    to: list[str]
    subject: str
    text: str
    headers: dict[str, str]
    hospes: str  # the number we gave it, as it comes back with what is told of it
    files: list[tuple[str, bytes]]
    id: str


@dataclass
class StandIn:
    """What it took, what it was asked, and how it misbehaves next: each trick is used once."""

    url: str = ""
    taken: list[Taken] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    tricks: list[str] = field(default_factory=list)
    remembered: dict[str, str] = field(default_factory=dict)  # Resend's idempotency keys
    held: dict[str, bytes] = field(default_factory=dict)  # what may be fetched, by its path
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def api_url(self, kind: str) -> str:
        return self.url + {"mailgun": "/mailgun/v3", "ses": "/ses"}.get(kind, f"/{kind}")

    @property
    def subjects(self) -> list[str]:
        return [one.subject for one in self.taken]


Answer = tuple[int, Any]


class _Handler(BaseHTTPRequestHandler):
    stand_in: StandIn
    protocol_version = "HTTP/1.1"

    def log_message(self, *_args: object) -> None:
        """Be silent."""

    def do_GET(self) -> None:
        self.stand_in.asked.append(f"GET {self.path}")
        is_brevos = self.path.startswith("/brevo/inbound/")
        if is_brevos and self.headers["api-key"] != KEY:
            self._say((401, {"code": "unauthorized", "message": "Key not found"}))
            return
        if self.path in self.stand_in.held:
            self._say((200, self.stand_in.held[self.path].decode("latin-1")))
            return
        is_ours = self.path == "/ses/v2/email/account" and self._is_signed_by_amazons_key()
        self._say((200, {"SendingEnabled": True}) if is_ours else (403, {"message": "no"}))

    def do_POST(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        stand_in = self.stand_in
        stand_in.asked.append(f"POST {self.path}")
        with stand_in._lock:
            trick = stand_in.tricks.pop(0) if stand_in.tricks else ""
        if trick.startswith("status:"):  # and nothing is done
            _, status, *retry = trick.split(":")
            self._say((int(status), {"message": f"we say {status}"}), *retry)
            return
        if trick == "hang up":
            self.close_connection = True
            return
        kind = self.path.split("/")[1]
        answer = PROVIDERS[kind](self)
        if answer[0] >= 300:
            self._say(answer)
            return
        # It has the letter. What it says now is another matter.
        if trick == "taken:silence":
            time.sleep(2)
        elif trick == "taken:reset":
            self.close_connection = True
        elif trick == "taken:garbage":
            self._say((200, "<html>Bad gateway?</html>"))
        elif trick.startswith("taken:"):
            self._say((int(trick.partition(":")[2]), {"message": "Internal error"}))
        else:
            self._say(answer)

    def _say(self, answer: Answer, retry_after: str = "") -> None:
        status, told = answer
        body = told.encode("latin-1") if isinstance(told, str) else json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if retry_after:
            self.send_header("Retry-After", retry_after)
        self.end_headers()
        self.wfile.write(body)

    # The providers ---------------------------------------------------------------------------

    def mailgun(self) -> Answer:
        if self.headers["Authorization"] != _basic("api", KEY):
            return 401, "Forbidden"
        if not self.path.endswith("/kaldera.example/messages"):
            return 404, {"message": "Domain not found: other.example"}
        form = _form(self.headers["Content-Type"] or "", self.body)
        if "from" not in form:
            return 400, {"message": "from parameter is missing"}
        headers = {name[2:]: one[0] for name, one in form.items() if name.startswith("h:")}
        made = headers.get("Message-Id") or f"<{uuid.uuid4()}@kaldera.example>"
        files = [(name, content) for name, content in form.get("attachment", [])]
        self._take(
            "mailgun", form["to"] + form.get("cc", []), form["subject"][0], form["text"][0], headers,
            form["v:hospes"][0], files, made,
        )  # fmt: skip
        return 200, {"id": made, "message": "Queued. Thank you."}

    def postmark(self) -> Answer:
        if self.headers["X-Postmark-Server-Token"] != KEY:
            return 401, {
                "ErrorCode": 10,
                "Message": "No Account or Server API tokens were supplied",
            }
        told = json.loads(self.body)
        if not told.get("From"):
            return 422, {"ErrorCode": 300, "Message": "Invalid 'From' address: ''."}
        headers = {one["Name"]: one["Value"] for one in told["Headers"]}
        made = str(uuid.uuid4())
        gone = "gone@example.org"
        if gone in told["To"]:
            words = f"You tried to send to recipient(s) that have been marked as inactive. Found inactive addresses: {gone}. Inactive recipients are ones that have generated a hard bounce or a spam complaint."
            return 422, {"ErrorCode": 406, "Message": words}
        files = [
            (one["Name"], base64.b64decode(one["Content"])) for one in told.get("Attachments", [])
        ]
        self._take(
            "postmark", [told["To"], *filter(None, [told.get("Cc")])], told["Subject"],
            told["TextBody"], headers, told["Metadata"]["hospes"], files, made,
        )  # fmt: skip
        words = "OK"
        if gone in told.get("Cc", ""):
            words = f"Message OK, but will not deliver to these inactive addresses: {gone}. Inactive recipients are ones that have generated a hard bounce or a spam complaint."
        return 200, {"To": told["To"], "MessageID": made, "ErrorCode": 0, "Message": words}

    def sendgrid(self) -> Answer:
        if self.headers["Authorization"] != f"Bearer {KEY}":
            return 401, {"errors": [{"message": "The provided authorization grant is invalid"}]}
        told = json.loads(self.body)
        if not told.get("personalizations"):
            return 400, {"errors": [{"message": "The personalizations field is required"}]}
        (whom,) = told["personalizations"]
        text = next(one["value"] for one in told["content"] if one["type"] == "text/plain")
        files = [
            (one["filename"], base64.b64decode(one["content"]))
            for one in told.get("attachments", [])
        ]
        made = str(uuid.uuid4())
        self._take(
            "sendgrid", [one["email"] for one in whom["to"] + whom.get("cc", [])], told["subject"],
            text, told["headers"], told["custom_args"]["hospes"], files, made,
        )  # fmt: skip
        return 202, ""

    def brevo(self) -> Answer:
        if self.headers["api-key"] != KEY:
            return 401, {"code": "unauthorized", "message": "Key not found"}
        told = json.loads(self.body)
        if not told.get("sender"):
            return 400, {"code": "missing_parameter", "message": "sender is missing"}
        made = f"<{uuid.uuid4()}@smtp-relay.mailin.fr>"
        hospes = json.loads(told["headers"]["X-Mailin-custom"])["hospes"]
        files = [
            (one["name"], base64.b64decode(one["content"])) for one in told.get("attachment", [])
        ]
        self._take(
            "brevo", [one["email"] for one in told["to"] + told.get("cc", [])], told["subject"],
            told["textContent"], told["headers"], hospes, files, made,
        )  # fmt: skip
        return 201, {"messageId": made}

    def resend(self) -> Answer:
        if self.headers["Authorization"] != f"Bearer {KEY}":
            return 401, {"name": "validation_error", "message": "API key is invalid"}
        told = json.loads(self.body)
        if not told.get("from"):
            return 422, {"name": "missing_required_field", "message": "Missing `from` field."}
        key = self.headers["Idempotency-Key"]
        if key in self.stand_in.remembered:
            return 200, {"id": self.stand_in.remembered[key]}
        made = str(uuid.uuid4())
        files = [
            (one["filename"], base64.b64decode(one["content"]))
            for one in told.get("attachments", [])
        ]
        hospes = json.loads(told["headers"]["X-Metadata"])["hospes"]
        self._take(
            "resend", told["to"] + told.get("cc", []), told["subject"], told["text"],
            told["headers"], hospes, files, made,
        )  # fmt: skip
        self.stand_in.remembered[key] = made
        return 200, {"id": made}

    def ses(self) -> Answer:
        if not self._is_signed_by_amazons_key():
            return 403, {"message": "The security token included in the request is invalid."}
        told = json.loads(self.body)
        mail = email.message_from_bytes(base64.b64decode(told["Content"]["Raw"]["Data"]))
        made = f"0100018f-{uuid.uuid4()}-000000"
        to = told["Destination"]["ToAddresses"] + told["Destination"]["CcAddresses"]
        (tag,) = told["EmailTags"]
        assert re.fullmatch(r"[A-Za-z0-9_.@-]{1,256}", tag["Value"])
        self._take(
            "ses", to, str(mail["Subject"]), _text_of(mail), dict(mail.items()), tag["Value"],
            _files_of(mail), made,
        )  # fmt: skip
        return 200, {"MessageId": made}

    def _is_signed_by_amazons_key(self) -> bool:
        wanted = rf"AWS4-HMAC-SHA256 Credential={KEY_ID}/\d{{8}}/eu-central-1/ses/aws4_request, SignedHeaders=[a-z0-9;-]*host;x-amz-date, Signature=[0-9a-f]{{64}}"
        return re.fullmatch(wanted, self.headers["Authorization"] or "") is not None

    def _take(self, *told: Any) -> None:
        self.stand_in.taken.append(Taken(*told))


PROVIDERS: dict[str, Callable[[_Handler], Answer]] = {
    name: getattr(_Handler, name)
    for name in ("mailgun", "postmark", "sendgrid", "brevo", "resend", "ses")
}


@contextmanager
def providers() -> Iterator[StandIn]:
    """All six, until the block ends."""
    stand_in = StandIn(held={CERTIFICATE: amazons_certificate()})
    handler = type("Handler", (_Handler,), {"stand_in": stand_in})
    with answering(handler) as port:
        stand_in.url = f"http://127.0.0.1:{port}"
        yield stand_in


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _form(content_type: str, body: bytes) -> dict[str, list[Any]]:
    if content_type.startswith("multipart/"):
        mail = email.message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
        found: dict[str, list[Any]] = {}
        for part in mail.get_payload():
            name = part.get_param("name", header="content-disposition")
            content = part.get_payload(decode=True)
            file = part.get_filename()
            found.setdefault(name, []).append((file, content) if file else content.decode())
        return found
    from urllib.parse import parse_qs

    return dict(parse_qs(body.decode()))


def _text_of(mail: Message) -> str:
    part = next(one for one in mail.walk() if one.get_content_type() == "text/plain")
    return part.get_payload(decode=True).decode()


def _files_of(mail: Message) -> list[tuple[str, bytes]]:
    return [
        (one.get_filename(), one.get_payload(decode=True))
        for one in mail.walk()
        if one.get_filename()
    ]
