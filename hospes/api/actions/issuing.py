"""Give a program a token, and take it back."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hospes.api.models import Token
from hospes.api.scopes import SCOPES
from hospes.lib.refusal import Refused
from hospes.team.models import Agent

MARK = "hsp_"  # so that programs which look for lost secrets know ours
PREFIX_CHARS = 12


@dataclass(frozen=True)
class Issued:
    """A new token, with the secret that nobody can read again."""

    token: Token
    secret: str = field(repr=False)


@transaction.atomic
def issue(
    *,
    name: str,
    agent: Agent,
    scopes: Sequence[str],
    by: Agent | None,
    at: datetime,
    expires_at: datetime | None = None,
) -> Issued:
    """Make a token that acts as `agent`, for what the scopes name (`scopes.py`).

    by: an operator, or the agent themselves; None: the command line.
    expires_at: None: it stays good until it is revoked.

    Raises Refused when something of it cannot be, or `by` may not.
    """
    _refuse_unless_theirs(agent, by)
    if not name.strip():
        raise Refused(_("Give the token a name, such as the program's."), code="no_name")
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise Refused(
            _("Choose what the token may be used for: %(scopes)s.")
            % {"scopes": ", ".join(sorted(SCOPES))},
            code="no_such_scope",
        )
    if not agent.is_active:
        raise Refused(_("This agent has no seat any more."), code="not_active")
    if expires_at is not None and expires_at <= at:
        raise Refused(_("Choose a moment that lies ahead."), code="in_the_past")
    secret = MARK + secrets.token_urlsafe(32)
    token = Token.objects.create(
        name=name.strip()[:80],
        agent=agent,
        prefix=secret[:PREFIX_CHARS],
        sha256=sha256_of(secret),
        scopes=sorted(set(scopes)),
        created_at=at,
        expires_at=expires_at,
    )
    return Issued(token, secret)


@transaction.atomic
def revoke(token: Token, *, by: Agent | None, at: datetime) -> Token:
    """Make a token worthless from now on. Doing it twice changes nothing.

    Raises Refused when `by` may not.
    """
    token = Token.objects.select_for_update(of=("self",)).select_related("agent").get(pk=token.pk)
    _refuse_unless_theirs(token.agent, by)
    if token.revoked_at is None:
        token.revoked_at = at
        token.save(update_fields=["revoked_at"])
    return token


def sha256_of(secret: str) -> str:
    """Return what is kept of a token's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _refuse_unless_theirs(agent: Agent, by: Agent | None) -> None:
    if by is not None and not by.is_operator and by.pk != agent.pk:
        raise Refused(_("Only operators may do this."), code="operators_only")
