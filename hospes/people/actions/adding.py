"""Add a customer we were told of, or one more way to reach one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hospes.language.detect import canonical as canonical_language
from hospes.lib.addresses import canonical, is_mail_address
from hospes.lib.refusal import Refused
from hospes.people.actions.recognising import lock_strangers
from hospes.people.models import Customer, Identity

LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,2}", re.ASCII)


@transaction.atomic
def add_customer(
    *, display_name: str, addresses: Sequence[str] = (), language: str = "", at: datetime
) -> Customer:
    """Make a customer; the addresses are claimed until a mail proves them.

    Raises Refused for no name, for what is no address, and when somebody has one of them already.
    """
    customer = Customer.objects.create(
        display_name=checked_name(display_name), language=checked_language(language), created_at=at
    )
    for address in addresses:
        add_identity(customer, address=address)
    return customer


@transaction.atomic
def add_identity(customer: Customer, *, address: str) -> Identity:
    """Add a claimed mail address. Adding it again changes nothing.

    Raises Refused when it is none, or another customer has it.
    """
    if not is_mail_address(address.strip()):
        raise Refused(
            _("%(address)s is not a mail address.") % {"address": address.strip()},
            code="not_an_address",
        )
    lock_strangers()  # a mail from this address may be making a customer right now
    identity, _is_new = Identity.objects.get_or_create(
        site_id=1,
        kind=Identity.Kind.EMAIL,
        value=canonical(address),
        defaults={"customer": customer},
    )
    if identity.customer_id != customer.pk:
        raise Refused(_("Another customer has this address."), code="address_taken")
    return identity


def checked_name(name: str) -> str:
    """Return the name as one line. Raises Refused when nothing is left."""
    name = " ".join(name.split())
    if not name:
        raise Refused(_("Give a name."), code="no_name")
    return name[:200]


def checked_language(language: str) -> str:
    """Return the tag as we write it, "" for none. Raises Refused when it is no BCP 47 tag."""
    language = language.strip()
    if language and not LANGUAGE.fullmatch(language):
        raise Refused(
            _("Give a language as BCP 47 writes it, such as ja or pt-BR."),
            code="no_such_language",
        )
    return canonical_language(language)[:16] if language else ""
