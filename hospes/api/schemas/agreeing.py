"""Contracts."""

from __future__ import annotations

from pydantic import Field

from hospes.api.fields import Given, Id, Instant, Line, Told
from hospes.people.models import Contract

TIER = "A word that service levels ask for"


class ContractTold(Told):
    """What was agreed with a customer, or with many."""

    id: int
    name: str
    tier: str = Field(description=TIER)
    market: str | None = Field(description="Where it is fulfilled; null: it does not say")
    calendar_id: int | None = Field(description="When care is given; null: no calendar of its own")
    ended_at: Instant | None = Field(description="Since then nothing of it counts")

    @classmethod
    def of(cls, row: Contract) -> ContractTold:
        return cls(
            id=row.pk,
            name=row.name,
            tier=row.tier,
            market=row.market.code if row.market else None,
            calendar_id=row.calendar_id,
            ended_at=row.ended_at,
        )


class ContractPage(Told):
    items: list[ContractTold]
    next_cursor: str | None


class ContractPatched(Given):
    """Only the fields that are given change."""

    name: Line = Field("", min_length=1)
    tier: Line = Field("", description=TIER)
    market: Line | None = Field(None, description="The code of a market served here")
    calendar_id: Id | None = None


class ContractGiven(ContractPatched):
    name: Line = Field(min_length=1)
