"""Who signs in, by mail address; one statement per request knows who asks and what the frame shows."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from hospes.lib.prepared import Prepared, columns, read, read_if_any
from hospes.team.models import Agent, Hub

_WHO_ASKS = Prepared(
    f"""
SELECT s.sending_held_since, {columns(Agent, "a")}, {columns(Hub, "h")}
FROM team_agent a
LEFT JOIN team_hub h ON h.id = a.hub_id
LEFT JOIN brands_site s ON s.id = a.site_id
WHERE a.id = %(agent)s AND a.is_active
"""
)


class AgentBackend(AuthenticationBackend):
    """allauth's sign-in by address, without Django's group permissions."""

    def get_user(self, user_id: Any) -> Agent | None:
        found = _WHO_ASKS.row(agent=int(user_id))
        if found is None:
            return None
        agent, rest = read(Agent, found[1:])
        agent.hub, _ = read_if_any(Hub, rest)
        agent.sending_held_since = found[0]  # type: ignore[attr-defined] # shown by shell.html
        return agent
