"""What is known of how a customer is addressed, and by the customs of which market."""

from __future__ import annotations

from dataclasses import replace

from hospes.language.addressing import Person, address
from hospes.markets.profiles import Profile, UnknownMarket, profile_of
from hospes.people.models import Customer
from hospes.people.whereabouts import Whereabouts


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


def salutation_of_ours(
    customer: Customer, where: Whereabouts, *, language: str, company: str
) -> str:
    """Return how a letter that no person writes names a customer; "" where no colleague wrote a name down.

    The name that came with their mail is not used: whoever writes in somebody else's name chose it.
    """
    parts = f"{customer.given_name} {customer.family_name}".strip()
    if not (parts or customer.address_as):
        return ""
    person = replace(person_of(customer), full_name=parts)
    told = address(
        person, language=language, profile=profile_where(where), agent=company, company=company
    )
    return told.first_line
