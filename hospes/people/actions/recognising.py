"""Recognise who wrote, by the address a message came from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from hospes.people.addresses import canonical
from hospes.people.models import Customer, Identity


@dataclass(frozen=True)
class Sender:
    """Who a message says it is from."""

    address: str
    name: str = ""
    language: str = ""  # BCP 47, "" when it could not be told
    is_verified: bool = False  # a hop we trust proved the address


@dataclass(frozen=True)
class Recognised:
    """The identity behind an address, and whose it is."""

    identity_id: int
    customer_id: int
    is_verified: bool  # the address was proven, now or earlier


@transaction.atomic
def recognise_all(senders: Sequence[Sender], *, at: datetime) -> dict[str, Recognised]:
    """Find or make the identity of every sender; by canonical address.

    An unknown address becomes a new customer. Two customers are never merged here, whatever
    names or addresses have in common. A proof counts from the first time it is given.
    One statement when all are known, five at most.
    """
    first = {canonical(s.address): s for s in reversed(senders)}
    proven = {canonical(s.address) for s in senders if s.is_verified}
    addresses = sorted(first)  # one order everywhere, so that two workers never wait crosswise
    known = _look_up(addresses)
    unknown = [address for address in addresses if address not in known]
    if unknown:
        _make_customers([(a, first[a]) for a in unknown], proven, at)
        known |= _look_up(unknown)
    _mark_proven([known[a] for a in sorted(proven)], at)
    return {
        address: Recognised(identity.pk, identity.customer_id, identity.is_verified)
        for address, identity in known.items()
    }


def _look_up(addresses: Iterable[str]) -> dict[str, Identity]:
    rows = Identity.objects.filter(
        site_id=1, kind=Identity.Kind.EMAIL, value__in=list(addresses)
    )
    return {identity.value: identity for identity in rows}


def _make_customers(
    unknown: Sequence[tuple[str, Sender]], proven: set[str], at: datetime
) -> None:
    customers = Customer.objects.bulk_create(
        Customer(
            display_name=(sender.name or address)[:200],
            language=sender.language[:16],
            created_at=at,
        )
        for address, sender in unknown
    )
    Identity.objects.bulk_create(
        [
            Identity(
                customer=customer, value=address, verified_at=at if address in proven else None
            )
            for customer, (address, _) in zip(customers, unknown, strict=True)
        ],
        ignore_conflicts=True,  # another worker may have met the same stranger this moment
    )


def _mark_proven(identities: Sequence[Identity], at: datetime) -> None:
    fresh = [identity for identity in identities if not identity.is_verified]
    if not fresh:
        return
    Identity.objects.filter(pk__in=[i.pk for i in fresh]).update(verified_at=at)
    for identity in fresh:
        identity.verified_at = at
