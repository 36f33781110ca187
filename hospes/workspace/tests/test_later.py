"""Replies that wait for the customer's morning."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hospes.conversations.models import Conversation, Message, OutboxEntry
from hospes.markets.actions.setting import set_value
from hospes.servicelevels.actions.counting import recount
from hospes.workspace.later import later_for
from hospes.workspace.tests.stage import set_stage
from tests.cast import Cast

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 11, 19, 14, 0, tzinfo=UTC)  # eleven in the evening in Tokyo
HOUR = timedelta(hours=1)


def from_japan(cast: Cast, *, waiting_since: datetime | None) -> Conversation:
    one = set_stage(cast).conversation
    one.waiting_since = waiting_since
    return one


def test_at_night_the_morning_of_the_customer_is_offered(cast: Cast) -> None:
    one = from_japan(cast, waiting_since=NIGHT - 3 * HOUR)

    found = later_for(one, NIGHT)

    assert found.at == datetime(2026, 11, 19, 23, 0, tzinfo=UTC)
    assert "8:00" in found.words
    assert later_for(one, NIGHT + 4 * HOUR).at == found.at


@pytest.mark.acts("marketing.message_windows")
def test_where_messages_may_come_late_nothing_waits(cast: Cast) -> None:
    one = from_japan(cast, waiting_since=NIGHT - 3 * HOUR)
    week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    late = [{"days": week, "from": "08:00", "to": "24:00"}]
    set_value("JP", "marketing.message_windows", late, by_id=cast.ana.pk, at=NIGHT)
    assert not later_for(one, NIGHT).is_offered


def test_whoever_just_wrote_is_awake(cast: Cast) -> None:
    assert not later_for(from_japan(cast, waiting_since=NIGHT - HOUR), NIGHT).is_offered


def test_by_day_and_where_nobody_knows_the_clock_nothing_is_offered(cast: Cast) -> None:
    one = from_japan(cast, waiting_since=None)
    assert later_for(one, NIGHT).is_offered
    assert not later_for(one, NIGHT + 12 * HOUR).is_offered

    one.customer.zone = "Nowhere/At_all"
    assert not later_for(one, NIGHT).is_offered


def test_their_own_hours_go_before_the_night(cast: Cast) -> None:
    one = from_japan(cast, waiting_since=None)
    one.customer.reach_from, one.customer.reach_until = time(18), time(20)
    noon = NIGHT + 13 * HOUR  # in Tokyo

    found = later_for(one, noon)

    assert found.at == datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    assert "6:00" in found.words
    assert "hours of their own" in found.reason
    assert not later_for(one, noon, heard_at=noon - HOUR).is_offered


@pytest.mark.acts("marketing.message_windows")
def test_hours_of_the_market_for_messages_change_what_is_offered(cast: Cast) -> None:
    one = from_japan(cast, waiting_since=None)
    morning = NIGHT + 10 * HOUR  # nine in Tokyo
    assert not later_for(one, morning).is_offered
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    late = [{"days": days, "from": "12:00", "to": "20:00"}]

    set_value("JP", "marketing.message_windows", late, by_id=cast.ana.pk, at=timezone.now())

    assert later_for(one, morning).at == datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def test_a_reply_for_later_waits_counts_when_it_leaves_and_can_be_taken_back(
    client: Client, cast: Cast
) -> None:
    client.force_login(cast.mina)
    one = set_stage(cast).conversation
    Message.objects.filter(conversation=one, direction=1).delete()
    Conversation.objects.filter(pk=one.pk).update(opened_at=timezone.now() - HOUR)
    later = timezone.now() + 8 * HOUR
    address = reverse("reply", args=[one.reference])

    answer = client.post(address, {"text": "It left on Monday.", "send_at": later.isoformat()})

    assert "Until then you can take it back." in answer["HX-Trigger"]
    entry = OutboxEntry.objects.get(message__conversation=one)
    assert entry.due_at == entry.undo_until == later
    (clock,) = recount([one.pk], at=timezone.now())
    assert clock.first_reply_at == later
    page = client.get(reverse("conversation", args=[one.reference])).content.decode()
    assert "Take it back" in page
    assert client.post(reverse("unsend", args=[entry.message_id])).status_code == 204
    assert not Message.objects.filter(conversation=one, direction=1).exists()


@pytest.mark.parametrize("days", [-1, 31])
def test_what_leaves_in_the_past_or_far_ahead_is_refused(
    client: Client, cast: Cast, days: int
) -> None:
    client.force_login(cast.mina)
    one = set_stage(cast).conversation
    at = (timezone.now() + timedelta(days=days)).isoformat()

    answer = client.post(reverse("reply", args=[one.reference]), {"text": "Yes.", "send_at": at})

    assert answer.status_code == 409
