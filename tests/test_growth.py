"""A page asks the same of the database however many rows a desk has."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hospes.channels.models import Channel, IncomingServer, OutgoingServer
from hospes.conversations.models import Queue, QueueMember
from hospes.intake.actions.storing import Delivery, store_all
from hospes.intake.models import Block, HeldRaw, HeldReason, PendingRaw
from hospes.markets.models import Calendar, Market
from hospes.people.models import Contract
from hospes.servicelevels.models import Breach, MovedDue, ServiceLevel
from hospes.team.models import Agent, Hub, Team
from hospes.workspace.tests.stage import Stage, set_stage
from tests.cast import NOON, Cast

PAGES = (
    "missed", "me", "me_api", "settings_team", "settings_channels", "settings_markets", "settings_calendars",
    "settings_calendars_moved", "settings_hubs", "settings_levels", "settings_new_level", "settings_outgoing",
    "settings_brand", "settings_api", "settings_health", "settings_mail", "settings_mail_count",
)  # fmt: skip
FEW, MANY = ("SI", "DE"), ("FR", "IT", "PT", "NL", "BE", "AT")


def open_markets(cast: Cast, stage: Stage, codes: tuple[str, ...]) -> None:
    """Add a market with its calendar, team, hub, queue, mailbox, agent, service level and contract for each code."""
    for code in codes:
        calendar = Calendar.objects.create(
            name=code,
            zone="Europe/Berlin",
            hours=[[[540, 1020]]] * 7,
            changed_at=NOON,
            country=code,
        )
        market = Market.objects.create(code=code, zone="Europe/Berlin", calendar=calendar)
        team = Team.objects.create(name=code, calendar=calendar)
        hub = Hub.objects.create(name=code, zone="Europe/Berlin")
        queue = Queue.objects.create(brand=cast.brand, market=market, team=team, name=code)
        address = f"{code}@kaldera.example".lower()
        channel = Channel.objects.create(
            brand=cast.brand, market=market, name=code, address=address, calendar=calendar
        )
        IncomingServer.objects.create(
            channel=channel, host="imap.example.com", since=NOON, changed_at=NOON
        )
        OutgoingServer.objects.create(host=f"{code}.example.com")
        agent = Agent.objects.create(name=code, email=f"{code}@our.example", hub=hub)
        QueueMember.objects.create(queue=queue, agent=agent)
        ServiceLevel.objects.create(name=code, market_codes=[code], changed_at=NOON)
        Contract.objects.create(name=code, market=market, calendar=calendar)
        wait_for_a_lead(stage, channel, agent)


def wait_for_a_lead(stage: Stage, channel: Channel, agent: Agent) -> None:
    """Add a held mail, a block, a miss that somebody contests and a due that moved."""
    (raw_id,) = store_all([Delivery(channel.pk, b"x", "", channel.address)], at=NOON)
    PendingRaw.objects.filter(pk=raw_id).delete()
    HeldRaw.objects.create(
        raw_id=raw_id, reason=HeldReason.NO_SENDER, conversation_id=stage.conversation.pk, at=NOON
    )
    Block.objects.create(value=agent.email, by=agent, at=NOON)
    Breach.objects.create(
        conversation=stage.conversation, what="next_reply", due_at=NOON, noticed_at=NOON,
        since=NOON + timedelta(minutes=agent.pk), contested_at=NOON, contested_by=agent, why="It came twice.",
    )  # fmt: skip
    MovedDue.objects.create(conversation=stage.conversation, what="next_reply", zone="UTC", at=NOON)


def statements(client: Client) -> dict[str, int]:
    counted = {}
    for name in PAGES:
        client.get(reverse(name))
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse(name)).status_code == 200, name
        counted[name] = len(asked)
    return counted


@pytest.mark.django_db
def test_no_page_of_the_settings_asks_more_for_more_rows(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.ana)
    stage = set_stage(cast)
    open_markets(cast, stage, FEW)
    few = statements(client)
    open_markets(cast, stage, MANY)

    assert statements(client) == few
