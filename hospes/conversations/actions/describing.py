"""Write down what we know of a customer; the lists show it at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from zoneinfo import available_timezones

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hospes.conversations.events import CustomerDescribed
from hospes.conversations.inbox import keep_rows
from hospes.conversations.models import Conversation
from hospes.events.recording import record_all
from hospes.lib.refusal import Refused
from hospes.markets.models import Market
from hospes.people.actions import placing
from hospes.people.actions.adding import checked_language, checked_name
from hospes.people.models import Contract, Customer, Identity
from hospes.team.models import Agent

TEXTS = {
    "address_as": 200,
    "reading": 200,
    "about": 5000,
    "given_name": 200,
    "family_name": 200,
    "academic_title": 40,
}
CHOICES = {"form_of_address": Customer.Form, "honorific": Customer.Honorific}
HOURS = ("reach_from", "reach_until")


@transaction.atomic
def describe(
    customer: Customer, *, changes: Mapping[str, str | None], by: Agent, at: datetime
) -> Customer:
    """Change the fields named, leave all others: display_name and its parts, how they are addressed and in which
    language, zone, their own hours ("HH:MM", both or neither), about, market as its code (None: no market), and contract
    as its number (None: no contract).

    Raises Refused when one of them cannot be; and for whoever leads nobody when they change the contract.
    """
    customer = _locked(customer)
    given = dict(changes)
    if "display_name" in given:
        customer.display_name = checked_name(given["display_name"] or "")
    if "language" in given:
        customer.language = checked_language(given["language"] or "")
    if "zone" in given:
        customer.zone = _checked_zone(given["zone"] or "")
    if "market" in given:
        customer.market = _market(given["market"] or "")
    if "contract" in given:
        customer.contract = _contract(given["contract"] or "", customer, by=by)
    for name, most in TEXTS.items():
        if name in given:
            setattr(customer, name, (given[name] or "").strip()[:most])
    for name, choices in CHOICES.items():
        if name in given:
            setattr(customer, name, _chosen(given[name] or "", choices.values))
    _set_hours(customer, given)
    customer.save()
    _keep_lists(customer, language=given.get("language") or "", by=by, at=at)
    return customer


@transaction.atomic
def place(
    customer: Customer, *, address: Mapping[str, str] | None, by: Agent, at: datetime
) -> Customer:
    """Write down where a customer lives; None: nobody knows. Raises Refused as `placing` does."""
    customer = _locked(customer)
    placing.set_postal_address(customer, address=address)
    _keep_lists(customer, language="", by=by, at=at)
    return customer


@transaction.atomic
def number(customer: Customer, *, numbers: Sequence[str], by: Agent, at: datetime) -> Customer:
    """Write down the phone numbers of a customer. Raises Refused as `placing` does."""
    customer = _locked(customer)
    placing.set_phones(customer, numbers=numbers)
    _keep_lists(customer, language="", by=by, at=at)
    return customer


@transaction.atomic
def add_number(customer: Customer, *, number: str, by: Agent, at: datetime) -> Identity:
    """Add one phone number to those of a customer. Raises Refused as `placing` does."""
    customer = _locked(customer)
    identity = placing.add_phone(customer, number=number)
    _keep_lists(customer, language="", by=by, at=at)
    return identity


def _locked(customer: Customer) -> Customer:
    rows = Customer.objects.select_for_update(of=("self",), no_key=True).select_related("market")
    return rows.get(pk=customer.pk)


def _set_hours(customer: Customer, given: Mapping[str, str | None]) -> None:
    for name in HOURS:
        if name in given:
            setattr(customer, name, _time(given[name] or ""))
    if (customer.reach_from is None) != (customer.reach_until is None):
        raise Refused(
            _("Give both ends of the hours they want to be written to, or none."),
            code="no_time",
        )
    if customer.reach_from is not None and customer.reach_from == customer.reach_until:
        raise Refused(_("Their hours end when they begin."), code="no_time")


def _time(text: str) -> time | None:
    try:
        return (
            time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None) if text else None
        )
    except ValueError:
        raise Refused(_("Write a time as 09:00."), code="no_time") from None


def _chosen(value: str, choices: Sequence[str]) -> str:
    if value and value not in choices:
        raise Refused(
            _("Choose one of: %(choices)s.") % {"choices": ", ".join(choices)},
            code="no_such_choice",
        )
    return value


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


def _contract(number: str, customer: Customer, *, by: Agent) -> Contract | None:
    if number == str(customer.contract_id or ""):
        return customer.contract
    if not by.is_lead:
        raise Refused(_("A lead says which contract a customer has."), code="not_yours")
    if not number:
        return None
    found = Contract.objects.filter(pk=number, ended_at=None).first()
    if found is None:
        raise Refused(_("Choose one of the contracts in force."), code="no_such_contract")
    return found


def _market(code: str) -> Market | None:
    if not code:
        return None
    found = Market.objects.filter(code=code.upper()).first()
    if found is None:
        raise Refused(_("Choose one of the markets served here."), code="no_such_market")
    return found
