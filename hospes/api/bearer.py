"""Who asks: `Authorization: Bearer`, and nothing else; a cookie counts for nothing here."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja.security import HttpBearer

from hospes.api import limits
from hospes.api.actions.issuing import sha256_of
from hospes.api.actions.using import note_use
from hospes.api.models import Token
from hospes.api.problems import Problem

MAX_SECRET_CHARS = 200


class ApiRequest(HttpRequest):
    """A request of a program that is known."""

    auth: Token
    allowance: limits.Allowance


class Bearer(HttpBearer):
    """A token with one scope; "" asks for none."""

    def __init__(self, scope: str = "") -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Token:
        """Return the token. Raises Problem: 401 for none that is good, 429 too often, 403 without the scope."""
        found = _token(token.strip())
        if found is None:
            limits.count_wrong_token(request)
            raise _wrong()
        note_use(found, at=timezone.now())
        request.allowance = limits.take(found.pk)  # type: ignore[attr-defined]
        if self.scope and self.scope not in found.scopes:
            raise Problem(
                403,
                _("The scope %(scope)s is needed.") % {"scope": self.scope},
                code="missing_scope",
                headers={
                    "WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{self.scope}"'
                },
                scope=self.scope,
            )
        return found


def _token(secret: str) -> Token | None:
    if not secret.isascii() or len(secret) > MAX_SECRET_CHARS:
        return None
    rows = Token.objects.select_related("agent").filter(sha256=sha256_of(secret))
    found = rows.filter(revoked_at=None, agent__is_active=True).first()
    if found is None or (found.expires_at is not None and found.expires_at <= timezone.now()):
        return None
    return found


def _wrong() -> Problem:
    return Problem(
        401,
        _("This token is not good (any more)."),
        code="invalid_token",
        headers={"WWW-Authenticate": 'Bearer realm="Hospes", error="invalid_token"'},
    )
