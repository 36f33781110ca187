"""Write down what we know of a customer; the lists show it at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import available_timezones

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hospes.conversations.events import CustomerDescribed
from hospes.conversations.inbox import keep_rows
from hospes.conversations.models import Conversation
from hospes.events.recording import record_all
from hospes.lib.refusal import Refused
from hospes.markets.models import Market
from hospes.people.actions.adding import checked_language, checked_name
from hospes.people.models import Customer
from hospes.team.models import Agent

TEXTS = ("address_as", "reading", "about")


@transaction.atomic
def describe(
    customer: Customer, *, changes: Mapping[str, str | None], by: Agent, at: datetime
) -> Customer:
    """Change the fields named, leave all others: display_name, address_as, reading, language, zone, about, and
    market as a country's code (None: no market).

    Raises Refused when one of them cannot be.
    """
    customer = Customer.objects.select_for_update(of=("self",), no_key=True).get(pk=customer.pk)
    given = dict(changes)
    if "display_name" in given:
        customer.display_name = checked_name(given["display_name"] or "")
    if "language" in given:
        customer.language = checked_language(given["language"] or "")
    if "zone" in given:
        customer.zone = _checked_zone(given["zone"] or "")
    if "market" in given:
        customer.market = _market(given["market"] or "")
    for name in TEXTS:
        if name in given:
            setattr(customer, name, (given[name] or "").strip())
    customer.save()
    _keep_lists(customer, language=given.get("language") or "", by=by, at=at)
    return customer


def _keep_lists(customer: Customer, *, language: str, by: Agent, at: datetime) -> None:
    """Let lists show it; a language that somebody names stands above what was guessed from letters."""
    rows = Conversation.objects.open().filter(customer=customer).order_by("pk")
    ids = list(rows.select_for_update().values_list("pk", flat=True))
    if ids:
        if language:
            Conversation.objects.filter(pk__in=ids).update(language=customer.language)
        keep_rows(ids)
        record_all([(CustomerDescribed(pk, customer_id=customer.pk), at, by.pk) for pk in ids])


def _checked_zone(zone: str) -> str:
    if zone and zone not in available_timezones():
        raise Refused(_("Choose a time zone."), code="no_such_zone")
    return zone


def _market(code: str) -> Market | None:
    if not code:
        return None
    found = Market.objects.filter(code=code.upper()).first()
    if found is None:
        raise Refused(_("Choose one of the markets served here."), code="no_such_market")
    return found
