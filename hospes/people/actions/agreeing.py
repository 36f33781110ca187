"""Write down what was agreed with customers: contracts, and when they end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hospes.events.recording import record
from hospes.lib.refusal import Refused
from hospes.markets.models import Calendar, Market
from hospes.people.events import ContractChanged
from hospes.people.models import Contract

MOST_CHARS = 80


@dataclass(frozen=True)
class Terms:
    """What a contract is to say. tier: a word that service levels ask for; calendar: when care is given."""

    name: str
    tier: str = ""
    market: Market | None = None  # where it is fulfilled; None: it does not say
    calendar: Calendar | None = None


@transaction.atomic
def make_contract(terms: Terms, *, by_id: int | None, at: datetime) -> Contract:
    """Raises Refused when it has no name, or that of another."""
    return _write(Contract(), terms, by_id=by_id, at=at)


@transaction.atomic
def change_contract(
    contract: Contract, terms: Terms, *, by_id: int | None, at: datetime
) -> Contract:
    """Raises Refused when it has no name, or that of another; and when it has ended."""
    return _write(_locked(contract), terms, by_id=by_id, at=at)


@transaction.atomic
def end_contract(contract: Contract, *, by_id: int | None, at: datetime) -> Contract:
    """End it: for its customers nothing of it counts any more. Its row stays. Raises Refused when it has ended."""
    locked = _locked(contract)
    # A calendar that counts for nobody else can be removed then.
    locked.ended_at, locked.calendar = at, None
    locked.save(update_fields=["ended_at", "calendar"])
    record(ContractChanged(contract_id=locked.pk), at=at, by_id=by_id)
    return locked


def _locked(contract: Contract) -> Contract:
    locked = Contract.objects.select_for_update().get(pk=contract.pk)
    if not locked.is_in_force:
        raise Refused(_("This contract has ended."), code="ended_already")
    return locked


def _write(row: Contract, terms: Terms, *, by_id: int | None, at: datetime) -> Contract:
    row.name, row.tier = " ".join(terms.name.split()), " ".join(terms.tier.split())
    if not row.name:
        raise Refused(_("Give it a name."), code="no_name")
    if len(row.name) > MOST_CHARS or len(row.tier) > MOST_CHARS:
        text = _("Use at most %(limit)d characters.") % {"limit": MOST_CHARS}
        raise Refused(text, code="too_long")
    if Contract.objects.filter(name__iexact=row.name).exclude(pk=row.pk).exists():
        text = _("Another contract is called %(name)s.") % {"name": row.name}
        raise Refused(text, code="name_taken")
    row.market, row.calendar = terms.market, terms.calendar
    row.save()
    record(ContractChanged(contract_id=row.pk), at=at, by_id=by_id)
    return row
