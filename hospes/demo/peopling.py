"""Who works in the demo's shop, where, and for which markets."""

from __future__ import annotations

from datetime import datetime, timedelta

from hospes.brands.actions.presenting import present_brand
from hospes.brands.models import Brand
from hospes.channels.actions.connecting import Mailbox, connect_mailbox
from hospes.conversations.actions import seating
from hospes.conversations.actions.founding import found_first_desk
from hospes.conversations.models import Queue
from hospes.demo.mails import TRUSTED_HOP
from hospes.demo.world import Country, World
from hospes.intake.desk import Desk, load_desk
from hospes.markets.actions.calendars import OtherDay, Plan, Week, let_count, make_calendar, set_day
from hospes.markets.actions.opening import open_market
from hospes.markets.models import Market
from hospes.team.actions.adding import add_agent
from hospes.team.models import Agent, Hub

# When two of the markets are served, in minutes of their clocks; the others go by what is usual there.
WEEKS = {
    "DE": ("Deutschland", [*[[(480, 1080)]] * 5, [(600, 840)], []]),
    "JP": ("東京", [*[[(540, 720), (780, 1080)]] * 5, [], []]),
}


def people_the_world(world: World, at: datetime) -> tuple[dict[str, Agent], Desk]:
    """Give everybody a seat, open the markets, connect their addresses; return agents by key, and the desk."""
    found_first_desk()
    brand = present_brand(
        Brand.objects.order_by("pk")[0],
        name=world.brand,
        language=world.language,
        signature=f"{world.brand} · {world.domain}",
        shows_contact=True,
    )
    Queue.objects.filter(market=None).update(name=world.brand)
    hubs = {hub.name: Hub.objects.create(name=hub.name, zone=hub.zone) for hub in world.hubs}
    for country in world.markets:
        _open(country, brand, world)
    for code, (name, week) in WEEKS.items():
        _keep_hours(_market(code), name, week, at)
    agents = {}
    for one in world.agents:
        agents[one.key] = add_agent(
            name=one.name, email=f"{one.key}@{world.domain}", role=one.role, hub=hubs[one.hub],
            language=one.language, zone=hubs[one.hub].zone, by=None, at=at - timedelta(days=90),
        )  # fmt: skip
        queues = [seating.queue_for(brand, _market(code)) for code in one.markets]
        seating.seat(agents[one.key], queues=queues)
    return agents, load_desk()


def _open(country: Country, brand: Brand, world: World) -> None:
    market = open_market(code=country.code, zone=country.zone, language=country.language)
    seating.queue_for(brand, market)
    address = f"{country.address}@{world.domain}"
    connect_mailbox(
        Mailbox(
            address,
            name=f"{world.brand} {country.code}",
            brand=brand,
            market=market,
            trusted_hop=TRUSTED_HOP,
            reply_domain=f"reply.{world.domain}",
        )
    )


def _keep_hours(market: Market, name: str, week: Week, at: datetime) -> None:
    """Give a market a calendar with its public holidays, and half a day before Christmas."""
    plan = Plan(name, market.zone, week, country=market.code)
    calendar = make_calendar(plan, by_id=None, at=at)
    eve = OtherDay(at.date().replace(month=12, day=24), is_open=False, spans=[(720, 1440)])
    set_day(calendar, eve, by_id=None, at=at)
    let_count(market, calendar, by_id=None, at=at)


def _market(code: str) -> Market:
    return Market.objects.get(code=code)
