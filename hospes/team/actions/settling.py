"""Let an agent arrange their own workplace."""

from __future__ import annotations

from hospes.team.models import Agent

OWN = ("name", "language", "zone", "theme", "text_size_px", "single_keys")


def settle_in(  # each is one line of the form
    agent: Agent,
    *,
    name: str,
    language: str,
    zone: str,
    theme: str,
    text_size_px: int,
    single_keys: bool,
) -> None:
    """Change how the pages look and speak for this agent."""
    agent.name, agent.language, agent.zone = name.strip()[:80] or agent.name, language, zone
    agent.theme, agent.text_size_px, agent.single_keys = theme, text_size_px, single_keys
    agent.save(update_fields=list(OWN))
