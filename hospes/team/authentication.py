"""Who signs in, by mail address; one statement per request knows who asks and what the frame shows."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from hospes.lib.prepared import Prepared, columns, read, read_if_any
from hospes.team.models import LEADS, Agent, Hub

MAX_HUBS = 5  # whose clocks stand in the frame

_WHO_ASKS = Prepared(
    f"""
SELECT s.sending_held_since,
    CASE WHEN a.role = ANY(%(leads)s) THEN (SELECT json_agg(json_build_array(hub.name, hub.zone) ORDER BY hub.id)
        FROM (SELECT * FROM team_hub ORDER BY id LIMIT %(hubs)s) hub) END,
    {columns(Agent, "a")}, {columns(Hub, "h")}
FROM team_agent a
LEFT JOIN team_hub h ON h.id = a.hub_id
LEFT JOIN brands_site s ON s.id = a.site_id
WHERE a.id = %(agent)s AND a.is_active
"""
)


class AgentBackend(AuthenticationBackend):
    """allauth's sign-in by address, without Django's group permissions."""

    def get_user(self, user_id: Any) -> Agent | None:
        found = _WHO_ASKS.row(agent=int(user_id), leads=list(LEADS), hubs=MAX_HUBS)
        if found is None:
            return None
        sending_held_since, hubs, *own = found
        agent, rest = read(Agent, tuple(own))
        agent.hub, _ = read_if_any(Hub, rest)
        agent.sending_held_since = sending_held_since  # type: ignore[attr-defined] # shown by shell.html
        agent.hubs_led = [(name, zone) for name, zone in hubs or ()]
        return agent
