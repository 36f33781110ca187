"""The named cast of all tests.

Mina answers Spanish customers, Jonas leads the German market, Ana sets the system up, Aiko writes
Japanese from two addresses, Omar writes Arabic, and Vera works in another market: every view has
its Vera test, which shows that she cannot see what is not hers. All four agents read their pages in
English, so that tests can quote them; a test of another language sets it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from django.contrib.auth.hashers import make_password

from hospes.brands.models import Brand, Site
from hospes.channels.models import Channel
from hospes.conversations.models import Queue, QueueMember
from hospes.markets.models import Market
from hospes.people.models import Customer, Identity
from hospes.team.models import Agent, Hub, Role, Team

NOON = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)
PASSWORD = "a coffee machine at noon"


@dataclass(frozen=True)
class Cast:
    """Everybody on stage, and the desk they share."""

    brand: Brand
    care: Queue  # Mina's and Jonas's queue
    elsewhere: Queue  # Vera's queue
    channel: Channel  # support@kaldera.example
    mina: Agent
    jonas: Agent
    ana: Agent
    vera: Agent
    aiko: Customer
    omar: Customer


def gather() -> Cast:
    """Put the cast on stage in the current database."""
    site, _ = Site.objects.get_or_create(pk=1)
    brand = Brand.objects.create(site=site, name="Kaldera")
    spain = Market.objects.create(code="ES", zone="Europe/Madrid", language="es")
    japan = Market.objects.create(code="JP", zone="Asia/Tokyo", language="ja")
    team = Team.objects.create(name="Care")
    hub = Hub.objects.create(name="Ljubljana", zone="Europe/Ljubljana")
    care = Queue.objects.create(brand=brand, market=spain, team=team, name="Kaldera Spain")
    elsewhere = Queue.objects.create(brand=brand, market=japan, team=team, name="Kaldera Japan")
    channel = Channel.objects.create(
        brand=brand,
        market=spain,
        name="Kaldera",
        address="support@kaldera.example",
        trusted_hop="mx.kaldera.example",
    )
    mina = _agent("Mina Ortega", "mina@kaldera.example", Role.AGENT, hub)
    jonas = _agent("Jonas Weber", "jonas@kaldera.example", Role.LEAD, hub)
    ana = _agent("Ana Kovač", "ana@kaldera.example", Role.OPERATOR, hub)
    vera = _agent("Vera Lind", "vera@kaldera.example", Role.AGENT, hub)
    for agent in (mina, jonas):
        QueueMember.objects.create(queue=care, agent=agent)
    QueueMember.objects.create(queue=elsewhere, agent=vera)
    return Cast(
        brand,
        care,
        elsewhere,
        channel,
        mina,
        jonas,
        ana,
        vera,
        aiko=_customer("佐藤 愛子", "ja", japan, "aiko@example.jp", "aiko.sato@mail.example"),
        omar=_customer("عمر الحربي", "ar", None, "omar@example.sa"),
    )


def _agent(name: str, email: str, role: Role, hub: Hub) -> Agent:
    agent = Agent(name=name, email=email, role=role, hub=hub, language="en", zone=hub.zone)
    agent.password = _hash()
    agent.save()
    return agent


@cache
def _hash() -> str:
    """Return the one password's hash: making it is slow on purpose."""
    return make_password(PASSWORD)


@cache
def _hashed(password: str) -> str:
    """Hash it once for all tests: a tenth of a second each time is what makes passwords safe."""
    return make_password(password)


def _customer(name: str, language: str, market: Market | None, *addresses: str) -> Customer:
    customer = Customer.objects.create(
        display_name=name, language=language, market=market, created_at=NOON
    )
    for address in addresses:
        Identity.objects.create(customer=customer, value=address, verified_at=NOON)
    return customer
