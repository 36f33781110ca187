"""Service levels in the workspace: set by operators, shown to whoever answers, decided by leads."""

from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hospes.conversations.models import Conversation, Message, Priority, WallClockTime
from hospes.events.models import Event
from hospes.servicelevels.actions.counting import recount
from hospes.servicelevels.models import Breach, ServiceLevel
from hospes.servicelevels.queries import PAGE
from hospes.workspace.tests.stage import Stage, set_stage
from tests.cast import NOON, Cast

pytestmark = pytest.mark.django_db

GOLD = {"name": "Gold", "first_reply_minutes": "90", "warn_percent": "25", "tiers": "gold, silver"}


@pytest.fixture
def ana(client: Client, cast: Cast) -> Client:
    client.force_login(cast.ana)
    return client


@pytest.fixture
def mina(client: Client, cast: Cast) -> Client:
    client.force_login(cast.mina)
    return client


@pytest.fixture
def stage(cast: Cast) -> Stage:
    return set_stage(cast)


def page_of(stage: Stage) -> str:
    return reverse("conversation", args=[stage.conversation.reference])


def asked_ago(stage: Stage, minutes: int, *, target: int = 120) -> Conversation:
    """Let the conversation have begun so many minutes ago, unanswered, with a target for the first reply."""
    ServiceLevel.objects.create(
        name="Standard", first_reply_minutes=target, changed_at=timezone.now(), market_codes=["JP"]
    )
    began = timezone.now() - timedelta(minutes=minutes)
    Message.objects.filter(conversation=stage.conversation, direction=1).delete()
    Message.objects.filter(conversation=stage.conversation).update(at=began)
    every_hour = Conversation.objects.filter(pk=stage.conversation.pk)
    every_hour.update(opened_at=began, waiting_since=began)
    return every_hour.get()


def test_an_operator_adds_changes_orders_and_removes_service_levels(ana: Client) -> None:
    assert ana.post(reverse("settings_new_level"), GOLD).status_code == 302
    dear = {**GOLD, "name": "Dear", "amount": "99.50", "currency": "eur", "tiers": ""}
    ana.post(reverse("settings_new_level"), dear)
    gold, second = ServiceLevel.objects.all()
    assert (gold.name, gold.tiers, second.min_value_minor) == ("Gold", ["gold", "silver"], 9950)

    page = ana.get(reverse("settings_level", args=[second.pk])).content.decode()
    assert 'value="99.50"' in page
    ana.post(reverse("settings_level", args=[second.pk]), {**dear, "name": "Dearest"})
    ana.post(reverse("settings_levels"), {"earlier": second.pk})
    assert [one.name for one in ServiceLevel.objects.all()] == ["Dearest", "Gold"]
    assert "1 hr, 30 min" in ana.get(reverse("settings_levels")).content.decode()

    ana.post(reverse("settings_levels"), {"remove": gold.pk})
    assert [one.name for one in ServiceLevel.objects.all()] == ["Dearest"]
    assert Event.objects.filter(kind="ServiceLevelsChanged").count() == 5


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"first_reply_minutes": ""}, "at least one target"),
        ({"amount": "5", "currency": "???"}, "amount with its currency"),
        ({"amount": "5", "currency": ""}, "amount with its currency"),
        ({"first_reply_minutes": "0"}, "greater than or equal to 1"),
        ({"name": " "}, "required"),
    ],
)
def test_what_cannot_be_is_said_beside_the_form(
    ana: Client, wrong: dict[str, str], words: str
) -> None:
    answer = ana.post(reverse("settings_new_level"), {**GOLD, **wrong})

    assert words in answer.content.decode()
    assert not ServiceLevel.objects.exists()


def test_the_page_says_what_holds_where_nothing_is_set(ana: Client) -> None:
    page = ana.get(reverse("settings_levels")).content.decode()

    assert "World default, low confidence" in page
    assert "Japan" in page


def test_the_strip_tells_what_is_due_on_both_clocks(mina: Client, stage: Stage) -> None:
    one = asked_ago(stage, 5, target=60 * 24 * 30)
    recount([one.pk], at=timezone.now())

    page = mina.get(page_of(stage)).content.decode()

    assert "First reply" in page
    assert "in Tokyo" in page
    assert "Service level: Standard" in page
    assert "usual opening hours in the market" in page


def test_a_paused_conversation_says_so(mina: Client, stage: Stage, cast: Cast) -> None:
    one = asked_ago(stage, 5)
    until = (timezone.now() + timedelta(days=2)).isoformat()
    mina.post(reverse("snooze", args=[one.reference]), {"until": until})
    recount([one.pk], at=timezone.now())

    assert "The clocks stand still." in mina.get(page_of(stage)).content.decode()


def test_a_morning_is_meant_by_the_clock_it_is_offered_on_and_a_span_is_not(
    mina: Client, stage: Stage, cast: Cast
) -> None:
    address = reverse("snooze", args=[stage.conversation.reference])
    offered = mina.get(address).content.decode()
    morning = re.findall(r'value="(\d{4}-[^"@]+@Asia/Tokyo)"', offered)[0]

    mina.post(address, {"until": morning})

    kept = WallClockTime.objects.get()
    assert (kept.shows, kept.zone) == (morning.partition("@")[0], "Asia/Tokyo")
    assert kept.moment.astimezone(ZoneInfo("Asia/Tokyo")).hour == 9
    mina.post(address, {"until": "2099-03-01T10:30"})  # typed: on the agent's own clock
    assert (WallClockTime.objects.get().shows, WallClockTime.objects.get().zone) == (
        "2099-03-01T10:30:00",
        cast.mina.zone,
    )
    mina.post(address, {"until": "2099-03-01T10:30:00+00:00"})
    assert not WallClockTime.objects.exists()
    assert mina.post(address, {"until": "2099-03-01T10:30@Mars/Olympus"}).status_code == 409


def test_an_agent_says_that_a_reply_only_holds_and_takes_it_back(
    mina: Client, stage: Stage
) -> None:
    address = reverse("holding", args=[stage.answer.pk])

    mina.post(address, {"is_holding": "1"})
    assert Message.objects.get(pk=stage.answer.pk).is_holding
    page = mina.get(page_of(stage)).content.decode()
    assert "Holding reply: the clock goes on" in page
    assert "this reply only holds, so the clock goes on." in page

    mina.post(address, {"is_holding": ""})
    assert not Message.objects.get(pk=stage.answer.pk).is_holding


def test_an_agent_describes_the_matter(mina: Client, stage: Stage) -> None:
    address = reverse("matter", args=[stage.conversation.reference])
    said = {
        "priority": "1",
        "topic": "Repair",
        "product": "Grinder",
        "amount": "49.90",
        "currency": "EUR",
    }

    mina.post(address, said)

    one = Conversation.objects.get(pk=stage.conversation.pk)
    assert (one.priority, one.topic, one.value_minor) == (Priority.HIGH, "Repair", 4990)
    assert 'value="49.90"' in mina.get(address).content.decode()
    assert "set the priority: High." in mina.get(page_of(stage)).content.decode()
    assert "High priority" in mina.get(reverse("inbox", args=["open"])).content.decode()


def test_a_missed_due_is_contested_by_an_agent_and_decided_by_a_lead(
    client: Client, stage: Stage, cast: Cast
) -> None:
    one = asked_ago(stage, 60 * 24 * 30, target=60)
    recount([one.pk], at=timezone.now())
    breach = Breach.objects.get(conversation=one)
    client.force_login(cast.mina)
    assert (
        "It was missed. Why should that not count?" in client.get(page_of(stage)).content.decode()
    )
    answer = client.post(reverse("contest", args=[breach.pk]), {"why": "It came in twice."})
    assert answer.status_code == 204
    assert client.get(reverse("missed")).status_code == 404

    client.force_login(cast.jonas)
    assert "It came in twice." in client.get(reverse("missed")).content.decode()
    waits = "1 missed due waits for a decision"
    assert waits in client.get(reverse("settings_mail_count")).content.decode()
    client.post(reverse("decide_missed", args=[breach.pk]), {"decision": "excused"})
    assert waits not in client.get(reverse("settings_mail_count")).content.decode()

    breach.refresh_from_db()
    assert (breach.is_excused, breach.decided_by) == (True, cast.jonas)
    assert "Does not count" in client.get(reverse("missed")).content.decode()
    refused = client.post(reverse("contest", args=[breach.pk]), {"why": "Again."})
    assert refused.status_code == 409


def test_what_was_missed_is_turned_page_by_page_without_a_gap(
    client: Client, stage: Stage, cast: Cast
) -> None:
    missed = Breach.objects.bulk_create(
        Breach(
            conversation=stage.conversation,
            what="next_reply",
            since=NOON - timedelta(minutes=n),
            due_at=NOON - timedelta(minutes=n // 3),  # several at the same moment
            noticed_at=NOON,
        )
        for n in range(2 * PAGE + 5)
    )
    newest_first = [one.pk for one in sorted(missed, key=lambda one: (one.due_at, one.pk))][::-1]
    client.force_login(cast.jonas)

    def page(address: str) -> tuple[list[int], dict[str, str]]:
        shown = client.get(f"{reverse('missed')}{address}").context
        return [one["breach"].pk for one in shown["missed"]], shown

    first, links = page("")
    second, middle = page(links["older"])
    third, last = page(middle["older"])
    assert first + second + third == newest_first
    assert (links["newer"], last["older"]) == (None, None)
    back, _links = page(last["newer"])
    assert back == second
    assert page(middle["newer"])[0] == first
