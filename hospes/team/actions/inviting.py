"""Let somebody in for the first time, by a link that works once."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from hospes.team.models import Agent, Invitation, Role

VALID_FOR = timedelta(days=1)
VALID_FOR_COLLEAGUES = timedelta(days=7)


@dataclass(frozen=True)
class Redeemed:
    """A link that was good: sign this agent in, or, with None, let its bearer set the desk up."""

    agent: Agent | None


def invite(agent: Agent, *, at: datetime) -> str:
    """Return the path of a link that signs this agent in once, within a week."""
    return _link(agent, at + VALID_FOR_COLLEAGUES)


def invite_first(*, at: datetime) -> str:
    """Return the path of a link for whoever started the server: the first operator's, or to set up."""
    return _link(Agent.objects.filter(role=Role.OPERATOR, is_active=True).first(), at + VALID_FOR)


def is_good(token: str, *, at: datetime) -> bool:
    """Whether the link would let somebody in; it is not used up by asking."""
    return _good(Invitation.objects.all(), token, at) is not None


@transaction.atomic
def redeem(token: str, *, at: datetime) -> Redeemed | None:
    """Use a link up; None when it was used, is too old, or never was."""
    found = _good(Invitation.objects.select_for_update(), token, at)
    if found is None:
        return None
    found.used_at = at
    found.save(update_fields=["used_at"])
    return Redeemed(found.agent)


def _good(rows: QuerySet[Invitation], token: str, at: datetime) -> Invitation | None:
    found = rows.filter(sha256=_hash(token), used_at=None, expires_at__gt=at).first()
    if found is None or (found.agent and not found.agent.is_active):
        return None
    if found.agent is None and Agent.objects.exists():
        return None  # somebody has set the desk up since
    return found


def _link(agent: Agent | None, expires_at: datetime) -> str:
    token = secrets.token_urlsafe(24)
    Invitation.objects.filter(agent=agent, used_at=None).delete()  # the newest link is the good one
    Invitation.objects.create(agent=agent, sha256=_hash(token), expires_at=expires_at)
    return f"/sign-in/{token}/"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
