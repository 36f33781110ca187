"""The settings pages: colleagues are put right, markets and hubs closed."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import translation

from hospes.conversations.actions.seating import queue_for, seat
from hospes.conversations.models import Queue
from hospes.markets.actions.opening import open_market
from hospes.markets.actions.setting import set_value
from hospes.markets.models import Market
from hospes.team.models import Agent, Hub
from hospes.workspace.forms import zones
from hospes.workspace.forms.desk import usual_language
from tests.arriving import shown
from tests.cast import NOON, Cast
from tests.mail import letter

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.ana)
    return client


def words_of(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined]


def test_a_colleague_is_put_right_on_one_page(cast: Cast, operator: Client) -> None:
    queues = Queue.objects.values_list("pk", flat=True)
    given = {
        "name": "Mina Berg", "email": cast.mina.email, "role": "lead", "language": "ar", "zone": "Asia/Tokyo",
        "hub": "", "is_active": "on", "queues": list(queues),
    }  # fmt: skip

    answer = operator.post(f"/settings/team/{cast.mina.pk}/", given)

    assert answer.status_code == 302
    mina = Agent.objects.get(pk=cast.mina.pk)
    assert (mina.name, mina.role, mina.language, mina.zone) == (
        "Mina Berg",
        "lead",
        "ar",
        "Asia/Tokyo",
    )
    assert mina.queue_members.count() == len(queues)


def test_a_refusal_changes_nothing_and_says_why(cast: Cast, operator: Client) -> None:
    given = {"name": "Ana B", "email": cast.ana.email, "role": "agent", "language": "en", "zone": "UTC", "is_active": "on"}  # fmt: skip

    answer = operator.post(f"/settings/team/{cast.ana.pk}/", given)

    assert "At least one operator has to stay." in words_of(answer)
    assert Agent.objects.get(pk=cast.ana.pk).name == cast.ana.name


def test_a_market_in_which_nothing_happened_is_closed_with_its_queue(
    cast: Cast, operator: Client
) -> None:
    iceland = open_market(code="IS", zone="Atlantic/Reykjavik", language="is")
    queue = queue_for(cast.brand, iceland)
    seat(cast.mina, queues=[queue])

    answer = operator.post("/settings/markets/", {"close": iceland.pk}, follow=True)

    assert "Iceland is closed." in words_of(answer)
    assert not Market.objects.filter(code="IS").exists()
    assert not Queue.objects.filter(pk=queue.pk).exists()


def test_a_part_of_a_country_is_opened_with_its_own_clock(cast: Cast, operator: Client) -> None:
    given = {"code": "US", "part": "ca", "zone": "", "language": ""}
    assert "Choose a time zone." in words_of(operator.post("/settings/markets/", given))

    operator.post("/settings/markets/", {**given, "zone": "America/Los_Angeles"})

    california = Market.objects.get(code="US-CA")
    assert (california.zone, california.language) == ("America/Los_Angeles", "en")
    assert Queue.objects.filter(market=california, brand=cast.brand).exists()
    shown_ones = words_of(operator.get("/settings/markets/"))
    assert "United States, California" in shown_ones
    assert operator.get("/settings/markets/US-CA/").status_code == 200
    nowhere = operator.post("/settings/markets/", {**given, "part": "zz", "zone": "UTC"})
    assert "There is no market US-ZZ" in words_of(nowhere)


def test_a_market_with_conversations_or_an_address_stays(cast: Cast, operator: Client) -> None:
    iceland = open_market(code="IS", zone="Atlantic/Reykjavik", language="is")
    cast.channel.market = iceland
    cast.channel.save()
    assert "A support address belongs" in words_of(
        operator.post("/settings/markets/", {"close": iceland.pk}, follow=True)
    )

    queue_for(cast.brand, iceland)
    shown(cast, letter("aiko@example.jp"))
    cast.channel.market = None
    cast.channel.save()
    answer = operator.post("/settings/markets/", {"close": iceland.pk}, follow=True)

    assert "Conversations stand in the queue" in words_of(answer)
    assert Market.objects.filter(code="IS").exists()


def test_a_hub_is_closed_and_its_people_stay(cast: Cast, operator: Client) -> None:
    hub = Hub.objects.create(name="Oslo", zone="Europe/Oslo")
    Agent.objects.filter(pk=cast.mina.pk).update(hub=hub)

    operator.post("/settings/hubs/", {"close": hub.pk})

    assert not Hub.objects.filter(pk=hub.pk).exists()
    assert Agent.objects.get(pk=cast.mina.pk).hub is None


@pytest.mark.parametrize("page", ["markets", "hubs"])
@pytest.mark.parametrize("number", ["0", "x", "99999999999999999999", "-1"])
def test_what_is_not_there_cannot_be_closed(operator: Client, page: str, number: str) -> None:
    assert operator.post(f"/settings/{page}/", {"close": number}).status_code == 404


@pytest.mark.parametrize(
    ("language", "city"), [("en", "Tokyo"), ("ja", "東京"), ("ar", "طوكيو"), ("sl", "Tokio")]
)
def test_time_zones_are_named_after_their_places_in_the_readers_language(
    language: str, city: str
) -> None:
    with translation.override(language):
        assert dict(zones())["Asia/Tokyo"] == f"{city} (\u2066Asia/Tokyo\u2069)"


@pytest.mark.acts("language.service_languages")
def test_a_market_is_opened_in_the_language_its_customers_want_most(operator: Client) -> None:
    operator.post("/settings/markets/", {"code": "MX"})
    operator.post("/settings/markets/", {"code": "HK"})
    assert Market.objects.get(code="MX").language == "es"
    assert Market.objects.get(code="HK").language == "zh-Hant"

    set_value("PE", "language.service_languages", ["fr"], by_id=None, at=NOON)
    operator.post("/settings/markets/", {"code": "PE"})
    assert Market.objects.get(code="PE").language == "fr"


@pytest.mark.parametrize(
    ("country", "language"),
    [("NO", "nb"), ("NZ", "en"), ("KE", "en"), ("CH", "de"), ("TW", "zh-Hant"), ("LT", "lt"), ("", "")],
)  # fmt: skip
def test_the_usual_language_of_a_country_is_one_we_can_write(country: str, language: str) -> None:
    assert usual_language(country) == language
