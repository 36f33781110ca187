"""What some of the demo's customers told of themselves: how they are addressed, and where they are reached."""

from __future__ import annotations

import tomllib
from datetime import datetime
from importlib.resources import files
from typing import Any

from hospes.conversations.actions import describing
from hospes.people.models import Customer
from hospes.team.models import Agent


def know(*, by: Agent, at: datetime) -> None:
    """Write down what they told."""
    text = (files("hospes.demo") / "customers.toml").read_text(encoding="utf-8")
    for row in tomllib.loads(text)["customer"]:
        _know(row, by=by, at=at)


def _know(row: dict[str, Any], *, by: Agent, at: datetime) -> None:
    customer = Customer.objects.get(identities__value=row.pop("address"))
    phone, place = row.pop("phone", ""), row.pop("place", None)
    if "market" in row and not row["market"]:
        row["zone"] = ""  # that was the market's
    describing.describe(customer, changes=row, by=by, at=at)
    if place:
        describing.place(customer, address=place, by=by, at=at)
    if phone:
        describing.add_number(customer, number=phone, by=by, at=at)
