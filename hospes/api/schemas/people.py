"""Customers and their identities; agents, queues and channels."""

from __future__ import annotations

from datetime import time

from pydantic import Field

from hospes.api.fields import MARKET, Given, Id, Instant, Line, Text, Told
from hospes.api.models import Token
from hospes.channels.models import Channel
from hospes.conversations.models import Queue
from hospes.language.writing import direction
from hospes.people.models import Customer, Identity
from hospes.team.models import Agent


class IdentityTold(Told):
    """One way to reach a customer, a mail address or a phone number (E.164); `verified_at` is null while nothing has proven it."""

    id: int
    kind: str
    address: str
    verified_at: Instant | None

    @classmethod
    def of(cls, row: Identity) -> IdentityTold:
        kind = Identity.Kind(row.kind).name.lower()
        return cls(id=row.pk, kind=kind, address=row.value, verified_at=row.verified_at)


class PostalAddressTold(Told):
    """Where a customer lives or works, in the parts that addresses of its country have."""

    country: str = Field(description="ISO 3166-1 alpha-2")
    company_name: str
    street_address: str
    city_area: str
    city: str
    country_area: str
    postal_code: str
    sorting_code: str

    @classmethod
    def of_customer(cls, row: Customer) -> PostalAddressTold | None:
        place = getattr(row, "postal_address", None)
        if place is None:
            return None
        return cls(**{name: getattr(place, name) for name in cls.model_fields})


class PostalAddressGiven(Given):
    """A whole address; what an address of that country needs must be there."""

    country: Line = Field(description="ISO 3166-1 alpha-2")
    company_name: Line = ""
    street_address: Text = Field("", description="Several lines are fine")
    city_area: Line = ""
    city: Line = ""
    country_area: Line = ""
    postal_code: Line = ""
    sorting_code: Line = ""


class CustomerTold(Told):
    """A person outside who asks or is cared for. The name is one, never cut into parts."""

    id: int
    display_name: str
    address_as: str
    reading: str
    language: str | None = Field(description="BCP 47")
    direction: str = Field(description="Of texts in this language: `ltr`, `rtl` or `auto`")
    market: str | None = Field(description=MARKET)
    zone: str | None = Field(description="IANA time zone")
    about: str
    given_name: str
    family_name: str
    academic_title: str
    form_of_address: str | None = Field(
        description="`formal`, `informal` or `neutral`; null: they did not say"
    )
    honorific: str | None = Field(
        description="`male`, `female` or `neutral`; null: they did not say"
    )
    reach_from: str | None = Field(
        description="From when they want to be written to, on their clock: `09:00`"
    )
    reach_until: str | None
    country: str | None = Field(
        description="Where a phone number or the address of theirs is: ISO 3166-1 alpha-2"
    )
    contract_id: int | None = Field(description="Of the contract in force")
    created_at: Instant
    identities: list[IdentityTold]
    postal_address: PostalAddressTold | None

    @classmethod
    def of(cls, row: Customer) -> CustomerTold:
        return cls(
            id=row.pk,
            display_name=row.display_name,
            address_as=row.address_as,
            reading=row.reading,
            language=row.language or None,
            direction=direction(row.language),
            market=row.market.code if row.market else None,
            zone=row.zone or None,
            about=row.about,
            given_name=row.given_name,
            family_name=row.family_name,
            academic_title=row.academic_title,
            form_of_address=row.form_of_address or None,
            honorific=row.honorific or None,
            reach_from=_clock(row.reach_from),
            reach_until=_clock(row.reach_until),
            country=row.country or None,
            contract_id=row.contract_id if row.contract_in_force else None,
            created_at=row.created_at,
            identities=[IdentityTold.of(one) for one in row.identities.all()],
            postal_address=PostalAddressTold.of_customer(row),
        )


def _clock(value: time | None) -> str | None:
    return value.strftime("%H:%M") if value else None


class CustomerPage(Told):
    items: list[CustomerTold]
    next_cursor: str | None


class CustomerChanged(Given):
    """Only the fields that are given change."""

    display_name: Line = Field("", min_length=1)
    address_as: Line = ""
    reading: Line = ""
    language: Line | None = Field(None, description="BCP 47")
    market: Line | None = Field(None, description=MARKET)
    zone: Line | None = Field(None, description="IANA time zone")
    about: Text = ""
    given_name: Line = ""
    family_name: Line = ""
    academic_title: Line = ""
    form_of_address: Line | None = Field(None, description="`formal`, `informal` or `neutral`")
    honorific: Line | None = Field(
        None, description="`male`, `female` or `neutral`; only as they told"
    )
    reach_from: Line | None = Field(None, description="`09:00`, with `reach_until`: on their clock")
    reach_until: Line | None = None
    postal_address: PostalAddressGiven | None = Field(None, description="null: nobody knows")
    contract_id: Id | None = Field(None, description="For leads; null: no contract")


class CustomerGiven(CustomerChanged):
    display_name: Line = Field(min_length=1)
    addresses: list[Line] = Field(default=[], max_length=20)


class IdentityGiven(Given):
    address: Line = Field(
        min_length=3,
        description="A mail address, or a phone number with its country code or as it is dialled where they are",
    )


class AgentTold(Told):
    """One of us with a seat."""

    id: int
    name: str
    role: str
    language: str
    zone: str

    @classmethod
    def of(cls, row: Agent) -> AgentTold:
        return cls(id=row.pk, name=row.name, role=row.role, language=row.language, zone=row.zone)


class AgentPage(Told):
    items: list[AgentTold]
    next_cursor: str | None


class QueueTold(Told):
    """Where conversations stand: a brand, a market and a team."""

    id: int
    name: str
    brand_id: int
    market: str | None
    team_id: int | None

    @classmethod
    def of(cls, row: Queue) -> QueueTold:
        market = row.market.code if row.market else None
        return cls(
            id=row.pk, name=row.name, brand_id=row.brand_id, market=market, team_id=row.team_id
        )


class QueuePage(Told):
    items: list[QueueTold]
    next_cursor: str | None


class ChannelTold(Told):
    """A configured way in and out."""

    id: int
    kind: str
    name: str
    address: str | None
    brand_id: int
    market: str | None
    is_active: bool

    @classmethod
    def of(cls, row: Channel) -> ChannelTold:
        return cls(
            id=row.pk,
            kind=row.kind,
            name=row.name,
            address=row.address or None,
            brand_id=row.brand_id,
            market=row.market.code if row.market else None,
            is_active=row.is_active,
        )


class ChannelPage(Told):
    items: list[ChannelTold]
    next_cursor: str | None


class TokenTold(Told):
    """The token that asks, and whom it acts as."""

    name: str
    scopes: list[str]
    expires_at: Instant | None
    agent: AgentTold
    queue_ids: list[int] | None = Field(description="Queues it may see; null: all of them")

    @classmethod
    def of(cls, row: Token, queue_ids: list[int] | None) -> TokenTold:
        return cls(
            name=row.name,
            scopes=row.scopes,
            expires_at=row.expires_at,
            agent=AgentTold.of(row.agent),
            queue_ids=queue_ids,
        )


class AgentChosen(Given):
    agent_id: Id | None = Field(description="null: nobody")


class QueueChosen(Given):
    queue_id: Id
