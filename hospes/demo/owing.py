"""What the demo's shop owes its customers: more to hotels and cafés, which have a contract."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q

from hospes.conversations.models import Priority
from hospes.people.models import Contract, Customer
from hospes.servicelevels.actions.setting import add_level
from hospes.team.models import Agent

TRADE = ("hotel", "cafe", "kissa")  # in the addresses of those who live from their machines
LEVELS: tuple[dict[str, Any], ...] = (
    {
        "name": "Urgent", "priorities": [Priority.URGENT],
        "first_reply_minutes": 60, "next_reply_minutes": 60,
    },
    {
        "name": "Hotels and cafés", "tiers": ["trade"], "first_reply_minutes": 120,
        "next_reply_minutes": 240, "resolution_minutes": 10 * 9 * 60,
        "pauses_while_customer_owes": True,
    },
)  # fmt: skip


def owe(*, by: Agent, at: datetime) -> None:
    """Agree on a contract with the trade, and set the service levels of the shop."""
    trade = Contract.objects.create(name="Hotels and cafés", tier="trade")
    named = Q()
    for word in TRADE:
        named |= Q(identities__value__contains=f"@{word}") | Q(
            identities__value__contains=f"{word}."
        )
    ids = list(Customer.objects.filter(named).values_list("pk", flat=True))
    Customer.objects.filter(pk__in=ids).update(contract=trade)
    for level in LEVELS:
        add_level(given=level, by=by, at=at)
