"""How a reply in a conversation begins and ends, for the customer it goes to and the agent who writes."""

from __future__ import annotations

from hospes.conversations.models import Conversation
from hospes.language.addressing import Addressing, address
from hospes.people.addressed import person_of, profile_where
from hospes.team.models import Agent

__all__ = ["greeting_for", "profile_where"]


def greeting_for(one: Conversation, *, by: Agent) -> Addressing:
    """Return the salutation and the closing in the language the customer writes."""
    home = one.customer_market
    language = one.language or one.customer.language or (home.language if home else "")
    return address(
        person_of(one.customer),
        language=language or one.brand.language,
        profile=profile_where(one.whereabouts),
        agent=by.name,
        company=one.brand.name,
    )
