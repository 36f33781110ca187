"""Google and Microsoft in one, on loopback: a page that agrees, codes, tokens, and every way to say no."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.http_here import answering

CLIENT_ID, CLIENT_SECRET = "hospes-at-kaldera", "s3cret"


@dataclass
class SignInServer:
    """What it gave, and how it behaves. `mood`: "", or an error of OAuth, "500", "slow", "garbage", "moved"."""

    mood: str = ""
    expires_in: int = 3600
    refresh_expires_in: int = 0
    has_agreed: bool = False  # whoever types in the code
    asked: list[dict[str, str]] = field(default_factory=list)  # of the token endpoint
    given: int = 0
    challenge: str = ""
    is_over: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def access_token(self) -> str:
        """The newest one."""
        return f"access-{self.given}"

    def tokens(self, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        self.asked.append(form)
        if self.mood == "500":
            return 500, {"error": "server_error"}
        if self.mood:
            return 400, {"error": self.mood, "error_description": f"AADSTS: {self.mood} it is."}
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return 401, {"error": "invalid_client", "error_description": "Secret expired."}
        kind = form["grant_type"]
        if kind.endswith("device_code") and not self.has_agreed:
            return 400, {"error": "authorization_pending"}
        if kind == "authorization_code" and form.get("code") != "agreed":
            return 400, {"error": "invalid_grant"}
        if kind == "refresh_token" and not form["refresh_token"].startswith("refresh-"):
            return 400, {"error": "invalid_grant", "error_description": "Revoked."}
        self.given += 1
        answer: dict[str, object] = {
            "access_token": self.access_token,
            "expires_in": self.expires_in,
        }
        answer |= {"refresh_token": f"refresh-{self.given}", "token_type": "Bearer"}
        if self.refresh_expires_in:
            answer["refresh_token_expires_in"] = self.refresh_expires_in
        return 200, answer


def _handler(server: SignInServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

        def do_GET(self) -> None:
            """The page where a person agrees; here they always do."""
            asked = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
            server.challenge = asked["code_challenge"]
            back = {"state": asked["state"], "code": "agreed"}
            self.send_response(302)
            self.send_header("Location", f"{asked['redirect_uri']}?{urlencode(back)}")
            self.end_headers()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {k: v[0] for k, v in parse_qs(body).items()}
            if server.mood == "slow":
                server.is_over.wait(60)
                return
            if server.mood == "garbage":
                self._say(200, b"<html>" + b"x" * 10**6)
            elif server.mood == "moved":
                self.send_response(307)
                self.send_header("Location", "http://169.254.169.254/latest/meta-data")
                self.end_headers()
            elif "device" in self.path:
                self._say(200, json.dumps(self._code()).encode())
            else:
                status, answer = server.tokens(form)
                self._say(status, json.dumps(answer).encode())

        def _code(self) -> dict[str, object]:
            return {
                "device_code": "device-1", "user_code": "KALD-7F", "expires_in": 900, "interval": 1,
                "verification_uri": f"{server.url}/device",
            }  # fmt: skip

        def _say(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


@contextmanager
def sign_in_server() -> Iterator[SignInServer]:
    server = SignInServer()
    with answering(_handler(server)) as server.port:
        try:
            yield server
        finally:
            server.is_over.set()
