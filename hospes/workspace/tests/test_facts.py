"""The pages of a market: everybody reads what holds there, operators say what holds here."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from hospes.markets import shipped
from hospes.markets.keys import KEYS
from hospes.markets.models import Market, OwnValue
from hospes.markets.profiles import profile_of
from hospes.markets.values import checked
from hospes.team.models import Agent
from hospes.workspace.forms.facts import CorrectionForm, OwnValueForm
from hospes.workspace.tests.stage import set_stage
from tests.cast import Cast

pytestmark = pytest.mark.django_db

SI = "/settings/markets/SI/"
REFUND = f"{SI}consumer.refund_days/"


@pytest.fixture
def operator(cast: Cast) -> Client:
    return signed_in(cast.ana)


def signed_in(agent: Agent) -> Client:
    client = Client()
    client.force_login(agent)
    return client


def words_of(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined]


def test_every_fact_of_a_market_stands_on_its_page_with_where_it_comes_from(
    operator: Client,
) -> None:
    page = words_of(operator.get("/settings/markets/JP/"))
    for fact in profile_of("JP"):
        assert f"/settings/markets/JP/{fact.key}/" in page
    assert "from the law of Japan" in page
    assert "Act on Specified Commercial Transactions" in page
    assert 'href="https://no-trouble.caa.go.jp"' in page
    assert "Cultural default" in page
    assert "nobody is judged by them" in page


def test_facts_are_found_by_their_words(operator: Client) -> None:
    page = words_of(operator.get(SI, {"q": "refund within"}))
    assert "1 fact" in page
    assert "14 days" in page
    assert "Emoji" not in page
    assert "Nothing is found." in words_of(operator.get(SI, {"q": "no such thing at all"}))
    assert operator.get(SI, {"only": "nonsense"}).status_code == 200


def test_answering_times_are_set_for_a_channel_and_stay_as_told_for_the_others(
    operator: Client,
) -> None:
    address = "/settings/markets/CN/response.first_reply_minutes/"
    page = words_of(operator.get(address))
    assert 'placeholder="1440"' in page
    operator.post(f"{address}own/", {"email": "240"})
    fact = profile_of("CN")["response.first_reply_minutes"]
    assert fact is not None
    assert (fact.value["email"], fact.value["chat"]) == (240, 1)
    assert (fact.parts["email"].origin.is_own, fact.parts["chat"].origin.code) == (True, "CN")
    assert 'value="240"' in words_of(operator.get(address))


def test_only_what_is_set_here_can_be_shown(operator: Client) -> None:
    operator.post(f"{SI}style.emoji/own/", {"value": "avoid"})
    page = words_of(operator.get(SI, {"only": "own"}))
    assert "1 fact" in page
    assert "set by you on" in page


def test_agents_read_and_find_nothing_to_change(cast: Cast) -> None:
    mina = signed_in(cast.mina)
    page = words_of(mina.get(REFUND))
    assert "14 days" in page
    assert "Set your own value" not in page
    assert "Laws to confirm" not in words_of(mina.get(SI))
    assert mina.post(f"{REFUND}own/", {"value": "7"}).status_code == 404
    assert mina.post(f"{REFUND}correction/", {}).status_code == 404
    assert mina.get(f"{SI}laws/").status_code == 404
    assert not OwnValue.objects.exists()


def test_an_operator_sets_a_value_and_takes_it_back(cast: Cast, operator: Client) -> None:
    assert operator.post(f"{REFUND}own/", {"value": "7"}).status_code == 302
    page = words_of(operator.get(REFUND))
    assert "7 days" in page
    assert "set by you on" in page
    assert cast.ana.name in page

    own = OwnValue.objects.get()
    answer = operator.post(f"/settings/own-values/{own.pk}/taking-back/", follow=True)
    assert "Taken back." in words_of(answer)
    assert profile_of("SI").value("consumer.refund_days") == 14
    again = operator.post(f"/settings/own-values/{own.pk}/taking-back/", follow=True)
    assert "taken back already" in words_of(again)


def test_less_than_the_law_is_refused_on_the_page_and_taken_with_a_waiver(
    operator: Client,
) -> None:
    answer = operator.post(f"{REFUND}own/", {"value": "30"})
    assert answer.status_code == 200
    assert "The law gives customers more: 14 days." in words_of(answer)
    assert not OwnValue.objects.exists()

    tomorrow = timezone.now().date().replace(year=timezone.now().year + 1)
    waived = {"value": "30", "reason": "As agreed", "until": tomorrow.isoformat()}
    assert operator.post(f"{REFUND}own/", waived).status_code == 302
    page = words_of(operator.get(REFUND))
    assert "below the law, as waived by you" in page
    assert "As agreed" in page


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "The law gives customers more"),
        ("de", "Das Gesetz gibt der Kundschaft mehr: 14 Tage."),
        ("ja", "法律はお客様により有利です：14 日"),
    ],
)
def test_a_refusal_is_said_in_the_readers_language(cast: Cast, language: str, words: str) -> None:
    cast.ana.language = language
    cast.ana.save()
    answer = signed_in(cast.ana).post(f"{REFUND}own/", {"value": "30"})
    assert words in words_of(answer)


def test_a_wrong_fact_is_corrected_with_where_it_was_read(operator: Client) -> None:
    given = {"correction-value": "10", "correction-cited_on": "2026-01-01"}
    assert "required" in words_of(operator.post(f"{REFUND}correction/", given))
    given["correction-citation"] = "ZVPot-1, art. 140"
    assert operator.post(f"{REFUND}correction/", given).status_code == 302
    page = words_of(operator.get(REFUND))
    assert "corrected by you on" in page
    assert "ZVPot-1, art. 140" in page


def test_laws_are_confirmed_on_one_page(operator: Client) -> None:
    page = words_of(operator.get(f"{SI}laws/"))
    assert 'value="consumer.refund_days"' in page
    assert 'value="style.emoji"' not in page
    answer = operator.post(f"{SI}laws/", {"keys": ["consumer.refund_days"]}, follow=True)
    assert "1 law is confirmed." in words_of(answer)
    assert 'value="consumer.refund_days"' not in words_of(operator.get(f"{SI}laws/"))
    assert profile_of("SI").binding("consumer.refund_days") is not None
    nothing = operator.post(f"{SI}laws/", {"keys": ["nonsense"]}, follow=True)
    assert "Choose what you confirm." in words_of(nothing)


def test_a_market_that_is_none_names_those_that_may_be_meant(operator: Client) -> None:
    answer = operator.get("/settings/markets/Slovenja/")
    assert answer.status_code == 404
    assert "Did you mean SI" in words_of(answer)
    assert operator.get("/settings/markets/SI/no.such/").status_code == 404
    assert operator.get("/settings/markets/si/")["Location"] == SI


def test_a_fact_nobody_knows_is_no_no(operator: Client) -> None:
    page = words_of(operator.get("/settings/markets/JP/consumer.refund_days/"))
    assert "Nobody has told it yet. That is not a no." in page


def test_what_nobody_knows_can_be_found_and_set(operator: Client) -> None:
    page = words_of(operator.get("/settings/markets/JP/", {"only": "unknown"}))
    assert "/settings/markets/JP/consumer.refund_days/" in page
    operator.post("/settings/markets/JP/consumer.refund_days/own/", {"value": "14"})
    page = words_of(operator.get("/settings/markets/JP/", {"only": "unknown"}))
    assert "/settings/markets/JP/consumer.refund_days/" not in page
    assert profile_of("JP").value("consumer.refund_days") == 14


def test_the_list_of_markets_says_where_laws_wait_and_leads_to_regions(operator: Client) -> None:
    page = words_of(operator.get("/settings/markets/"))
    assert f"{len(profile_of('JP').proposals)} laws to confirm" in page
    assert 'href="/settings/markets/JP/laws/"' in page
    assert 'href="/settings/markets/nordics/"' in page


def test_parts_of_countries_and_regions_have_pages_too(operator: Client) -> None:
    assert "United States, California" in words_of(operator.get("/settings/markets/US-CA/"))
    assert "European Union" in words_of(operator.get("/settings/markets/EU/"))


@pytest.mark.parametrize("key", sorted(KEYS))
def test_what_a_form_shows_is_what_it_gives_back(key: str) -> None:
    """Every value that ships fits the controls of its key, and comes back from them as it was."""
    places = [*shipped.codes(), "US-CA", "CA-QC", "US-FL", "ES-CT"]
    layers = [shipped.layers(place)[0] for place in places]
    for fact in [layer.facts[key] for layer in layers if key in layer.facts]:
        empty = CorrectionForm(key, current=fact.value, initial={"cited_on": "2026-01-01"})
        sent = {name: empty[name].value() for name in empty.fields}
        sent = {name: value for name, value in sent.items() if value is not None}
        form = CorrectionForm(key, {**sent, "citation": "The law"}, current=fact.value)
        assert form.is_valid(), (fact.origin.code, form.errors)
        told = checked(key, form.value())
        if key == "response.business_hours":  # told day by day from then on
            again = OwnValueForm(key, current=told)
            assert {n: again[n].value() for n in sent if n in again.fields} == {
                n: v for n, v in sent.items() if n in again.fields
            }
        elif key != "marketing.call_windows":  # days in the order of the week
            assert told == fact.value, fact.origin.code


@pytest.mark.parametrize(
    ("key", "given", "why"),
    [
        ("response.business_hours", {"mon": "17:00-09:00"}, "follow each other"),
        ("response.business_hours", {"mon": "9 to 5"}, "a beginning and an end"),
        ("marketing.call_windows", {"mon": "9-17"}, "Write times as 09:00."),
        ("response.first_reply_minutes", {}, "Something is missing."),
        ("customs.duty_de_minimis", {"amount": "5", "currency": "1X"}, "three letters"),
        ("calendar.service_effects", {"value": "Sale"}, "at most 1000 characters"),
        ("calendar.service_effects", {"value": "Sale | peak | soon"}, "Write days as 12-24."),
        ("style.emoji", {"value": "sparkles"}, "Select a valid choice"),
    ],
)
def test_what_makes_no_sense_is_told_on_the_page(
    operator: Client, key: str, given: dict[str, str], why: str
) -> None:
    answer = operator.post(f"/settings/markets/LT/{key}/own/", given)
    assert why in words_of(answer)
    assert not OwnValue.objects.exists()


def test_seasons_of_the_year_ahead_stand_with_their_days(operator: Client) -> None:
    page = words_of(operator.get("/settings/markets/JP/calendar.service_effects/"))
    assert "In the year ahead" in page
    assert page.count(">Golden Week<") == 1
    prayers = words_of(operator.get("/settings/markets/AE/calendar.service_effects/"))
    assert prayers.count(">Friday prayer<") == 1
    assert "11:30–14:00" in prayers


def test_a_law_is_cited_as_one_writes_it(operator: Client) -> None:
    page = words_of(operator.get("/settings/markets/JP/consumer.withdrawal_days/"))
    assert ", art. 15-3, art. 24" in page


def test_how_people_write_there_stands_beside_the_conversation(
    cast: Cast, operator: Client
) -> None:
    reference = set_stage(cast).conversation.reference
    cast.aiko.market = Market.objects.get(code="JP")
    cast.aiko.save()
    mina = signed_in(cast.mina)
    assert "Writing to customers there" in words_of(mina.get(f"/c/{reference}/"))
    page = words_of(mina.get(f"/c/{reference}/there/"))
    assert "indirect" in page
    assert "Everything about Japan" in page
    assert "Stock taking" not in page

    given = {"value": "Stock taking | slow | 01-01..12-31"}
    operator.post("/settings/markets/JP/calendar.service_effects/own/", given)
    operator.post("/settings/markets/JP/style.directness/own/", {"value": "direct"})
    page = words_of(mina.get(f"/c/{reference}/there/"))
    assert "Stock taking" in page
    assert "indirect" not in page


def test_a_market_leads_to_where_it_has_its_facts_from(operator: Client) -> None:
    page = words_of(operator.get("/settings/markets/US/"))
    for place in ("anglo", "_global", "US-CA", "US-FL"):
        assert f'href="/settings/markets/{place}/"' in page


def test_where_nobody_knows_the_market_nothing_is_said_of_it(cast: Cast) -> None:
    conversation = set_stage(cast).conversation
    for row in (cast.aiko, cast.channel, conversation.queue):
        row.market = None
        row.save()
    mina = signed_in(cast.mina)
    assert "Writing to customers there" not in words_of(mina.get(f"/c/{conversation.reference}/"))
    assert mina.get(f"/c/{conversation.reference}/there/").status_code == 404
