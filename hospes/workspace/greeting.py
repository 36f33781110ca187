"""How a reply in a conversation begins and ends, for the customer it goes to and the agent who writes."""

from __future__ import annotations

from hospes.conversations.models import Conversation
from hospes.language.addressing import Addressing, Person, address
from hospes.markets.profiles import Profile, UnknownMarket, profile_of
from hospes.people.models import Customer
from hospes.people.whereabouts import Whereabouts
from hospes.team.models import Agent


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


def person_of(customer: Customer) -> Person:
    """Return what a customer told us of how they are addressed."""
    return Person(
        full_name=customer.display_name,
        given_name=customer.given_name,
        family_name=customer.family_name,
        called=customer.address_as,
        form=customer.form_of_address,
        honorific=customer.honorific,
        academic_title=customer.academic_title,
    )


def profile_where(found: Whereabouts) -> Profile:
    """Return the profile of where somebody is, of part of a country where one is known; else the world's."""
    for code in (found.profile_code, found.market):
        try:
            return profile_of(code or "_global")
        except UnknownMarket:
            continue
    return profile_of("_global")
