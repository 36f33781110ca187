"""Where customers are reached besides mail: their phone numbers and their postal address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hospes.language import forms
from hospes.language.forms import ADDRESS_FIELDS, NotAPhoneNumber
from hospes.lib.refusal import Refused
from hospes.people.models import Customer, Identity, PostalAddress

# What a field of an address is called.
FIELD_NAMES = {
    "company_name": _("Company"),
    "street_address": _("Street and number"),
    "city_area": _("District"),
    "city": _("City"),
    "country_area": pgettext_lazy("address", "State or province"),
    "postal_code": _("Postal code"),
    "sorting_code": _("Sorting code"),
}


@transaction.atomic
def add_phone(customer: Customer, *, number: str) -> Identity:
    """Add a claimed phone number. Adding it again changes nothing.

    number: as anybody writes it; without a country code it is one of the country the customer is in.
    Raises Refused when it is none, or another customer has it.
    """
    identity, _is_new = Identity.objects.get_or_create(
        site_id=1,
        kind=Identity.Kind.PHONE,
        value=_checked_number(number, customer),
        defaults={"customer": customer},
    )
    if identity.customer_id != customer.pk:
        raise Refused(_("Another customer has this phone number."), code="number_taken")
    keep_country(customer)
    return identity


@transaction.atomic
def set_phones(customer: Customer, *, numbers: Sequence[str]) -> None:
    """Let these be the customer's phone numbers. Raises Refused."""
    wanted = [_checked_number(one, customer) for one in numbers if one.strip()]
    customer.identities.filter(kind=Identity.Kind.PHONE).exclude(value__in=wanted).delete()
    for one in wanted:
        add_phone(customer, number=one)
    keep_country(customer)


@transaction.atomic
def set_postal_address(customer: Customer, *, address: Mapping[str, str] | None) -> None:
    """Let this be the customer's address; None: there is none.

    address: `country` (ISO 3166-1 alpha-2) and the fields of forms.ADDRESS_FIELDS.
    Raises Refused for an address that its country does not have.
    """
    if address is None:
        PostalAddress.objects.filter(customer=customer).delete()
    else:
        country = address.get("country", "").upper()
        parts = {name: address.get(name, "").strip() for name in ADDRESS_FIELDS}
        _check(parts, country)
        PostalAddress.objects.update_or_create(
            customer=customer, defaults={**parts, "country": country}
        )
    keep_country(customer)


def keep_country(customer: Customer) -> None:
    """Write down which country a phone number, else an address tells; the part of it only an address can."""
    number = Identity.objects.phones().filter(customer=customer).order_by("pk").first()
    place = PostalAddress.objects.filter(customer=customer).first()
    by_number = forms.country_of_number(number.value) if number else ""
    if by_number:
        customer.country, customer.country_by = by_number, Customer.CountryBy.PHONE
    elif place is not None:
        customer.country, customer.country_by = place.country, Customer.CountryBy.ADDRESS
    else:
        customer.country, customer.country_by = "", Customer.CountryBy.NOTHING
    customer.country_area = _area(place) if place and place.country == customer.country else ""
    customer.save(update_fields=["country", "country_by", "country_area"])


def parts_of(place: PostalAddress) -> dict[str, str]:
    """Return an address by forms.ADDRESS_FIELDS."""
    return {name: getattr(place, name) for name in ADDRESS_FIELDS}


def _area(place: PostalAddress) -> str:
    return forms.checked_address(parts_of(place), country=place.country)[0][:8]


def _checked_number(number: str, customer: Customer) -> str:
    country = customer.market.country if customer.market else customer.country
    try:
        return forms.phone_number(number, country=country)
    except NotAPhoneNumber:
        raise Refused(
            _(
                "%(number)s is not a phone number. Write it with its country code, such as +81 3 1234 5678."
            )
            % {"number": number.strip()},
            code="not_a_number",
        ) from None


def _check(parts: Mapping[str, str], country: str) -> None:
    if country not in forms.address_countries():
        raise Refused(_("Choose a country."), code="no_such_place")
    wrong = forms.checked_address(parts, country=country)[1]
    if wrong is None:
        return
    if wrong.missing:
        text = _("An address there also needs: %(fields)s.")
        raise Refused(text % {"fields": _named(wrong.missing)}, code="no_such_place")
    raise Refused(
        _("This is not how it is written there: %(fields)s.") % {"fields": _named(wrong.wrong)},
        code="no_such_place",
    )


def _named(fields: Sequence[str]) -> str:
    return ", ".join(str(FIELD_NAMES.get(one, one)) for one in fields)
