"""Let somebody in by a link: the first person of a desk, or an agent without a password yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing
from django.utils.translation import gettext_lazy as _

from hospes.lib.refusal import Refused
from hospes.team.models import Agent

VALID_FOR = timedelta(hours=24)
SALT = "hospes.team.sign-in-link"


@dataclass(frozen=True)
class Redeemed:
    """Whom a link lets in. agent None: nobody has a seat yet, and this person sets the desk up."""

    agent: Agent | None


def make_sign_in_link(agent: Agent | None, *, at: datetime) -> str:
    """Return the path of a page that signs this agent in once, within 24 hours.

    agent None: the link lets whoever has it set the desk up, as long as nobody has a seat.

    Nothing is stored: the signed token names the state that using it ends (no agents; this agent's last
    sign-in and password), so it works once, and a later sign-in or a new password ends it too.
    """
    until = (at + VALID_FOR).timestamp()
    token = signing.dumps([agent.pk if agent else 0, _state(agent), until], salt=SALT)
    return f"/sign-in/{token}/"


def redeem(token: str, *, at: datetime) -> Redeemed:
    """Use a link up and return whom it lets in; the caller signs them in or begins the set-up.

    token: the part of the path between `/sign-in/` and the last slash.

    A link for the set-up stays good until the first person has a seat: who closes the browser halfway
    comes back by it. Raises Refused when the link is not ours, too old, or was used.
    """
    refusal = Refused(_("This link does not work any more. Ask for a new one."), code="link_used")
    try:
        agent_id, state, until = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise refusal from error
    if at.timestamp() > until:
        raise refusal
    if not agent_id:
        if Agent.objects.exists():
            raise refusal
        return Redeemed(None)
    agent = Agent.objects.filter(pk=agent_id, is_active=True).first()
    if agent is None or _state(agent) != state or not _mark_used(agent, at):
        raise refusal
    return Redeemed(agent)


def _mark_used(agent: Agent, at: datetime) -> bool:
    """Note the sign-in; False when another use of the link was first."""
    unchanged = Agent.objects.filter(pk=agent.pk, password=agent.password)
    if agent.last_login is None:
        unchanged = unchanged.filter(last_login=None)
    else:
        unchanged = unchanged.filter(last_login=agent.last_login)
    seen = agent.last_login
    # Two sign-ins within the clock's grain must still differ.
    used_at = at if seen is None or at > seen else seen + timedelta(microseconds=1)
    agent.last_login = used_at
    return unchanged.update(last_login=used_at) == 1


def _state(agent: Agent | None) -> str:
    """Return a short sum of what a use of the link changes."""
    if agent is None:
        return ""
    signer = signing.Signer(salt=SALT)
    return signer.signature(f"{agent.pk}:{agent.password}:{agent.last_login}")[:16]
