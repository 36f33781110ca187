"""The page that tells anybody how to reach a brand: in their language, on their clock, and nothing more."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from django.test import Client
from django.utils import translation

from hospes.brands.models import Brand
from hospes.conversations.acknowledgements import acknowledgement
from hospes.language.speaking import CUSTOMER_LANGUAGES
from hospes.markets.actions.calendars import Plan, let_count, make_calendar
from hospes.markets.working_time import Calendar
from hospes.portal.reaching import days_of, ways_to
from hospes.servicelevels.expecting import expected_answers
from hospes.servicelevels.models import ServiceLevel
from tests.arriving import shown
from tests.cast import NOON, Cast
from tests.mail import letter

pytestmark = pytest.mark.django_db
MADRID = ZoneInfo("Europe/Madrid")


@pytest.fixture
def open_brand(cast: Cast) -> Brand:
    """A brand that shows its page, with an office that counts and a promise of four hours."""
    office = make_calendar(Plan("Office", "Europe/Madrid", [[(540, 1020)]] * 5 + [[], []]), by_id=None, at=NOON)  # fmt: skip
    let_count(cast.channel, office, by_id=None, at=NOON)
    if cast.care.market is not None:
        let_count(cast.care.market, office, by_id=None, at=NOON)
    ServiceLevel.objects.create(name="All", first_reply_minutes=240, changed_at=NOON)
    Brand.objects.filter(pk=cast.brand.pk).update(shows_contact=True)
    cast.brand.refresh_from_db()
    return cast.brand


def page(brand: Brand, language: str = "", **more: str) -> str:
    query = "&".join(f"{name}={value}" for name, value in {"lang": language, **more}.items())
    answer = Client().get(f"/contact/{brand.pk}/?{query}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_brand_that_shows_no_page_looks_like_none(cast: Cast) -> None:
    hidden = Client().get(f"/contact/{cast.brand.pk}/")
    nowhere = Client().get("/contact/30000/")
    assert hidden.status_code == nowhere.status_code == 404


@pytest.mark.parametrize("language", ["ja", "ar"])
def test_the_page_speaks_the_readers_language_and_goes_by_their_clock(
    language: str, open_brand: Brand, cast: Cast
) -> None:
    told = page(open_brand, language, zone="Asia/Tokyo")

    direction = "rtl" if language == "ar" else "ltr"
    assert f'<html lang="{language}" dir="{direction}">' in told
    assert cast.channel.address in told
    for words in {"ja": ("お問い合わせ", "休業", "営業時間(東京 の時刻)"), "ar": ("كيف تتواصلون معنا", "مغلق", "طوكيو")}[language]:  # fmt: skip
        assert words in told
    assert "17:00–1:00" not in told
    assert '<option value="Asia/Tokyo" selected>' in told


def test_the_browsers_language_counts_where_none_is_chosen(open_brand: Brand) -> None:
    answer = Client().get(f"/contact/{open_brand.pk}/", headers={"Accept-Language": "xx,ja-JP;q=0.9,de;q=0.5"})  # fmt: skip
    assert answer["Content-Language"] == "ja"
    nothing = Client().get(f"/contact/{open_brand.pk}/?lang=%00&zone=../etc/passwd", headers={"Accept-Language": ";;,\x7f"})  # fmt: skip
    assert (nothing.status_code, nothing["Content-Language"]) == (200, open_brand.language)


def test_the_answer_to_expect_is_that_of_the_acknowledgement(open_brand: Brand, cast: Cast) -> None:
    message = shown(cast, letter("somebody@example.es"))
    expected = expected_answers([message], at=NOON)[message.conversation_id]
    told = acknowledgement(
        reference="H-7K3F9", channel=cast.channel, languages=("es",),
        expected=type(expected)(expected.earliest, expected.latest, "Europe/Madrid"),
    )  # fmt: skip

    with translation.override("es"):
        ways = ways_to(open_brand, zone=MADRID, language="es", at=NOON)
    (way,) = (one for one in ways if one.address == cast.channel.address)

    assert way.expected
    assert way.expected in told.text


def test_hours_are_those_of_the_reader_across_midnight_and_daylight_saving() -> None:
    office = Calendar(zone="Europe/Berlin", hours=(((540, 1020),),) * 5 + ((), ()))
    at = datetime(2026, 3, 27, 12, tzinfo=UTC)  # Friday before clocks leap forward in Berlin

    days = list(days_of(office, zone=ZoneInfo("Asia/Tokyo"), locale=Locale("ja"), at=at))

    assert [day.hours for day in days] == [
        "0:00–1:00、17:00–0:00", "0:00–1:00", "", "16:00–0:00", "16:00–0:00", "16:00–0:00", "16:00–0:00",
    ]  # fmt: skip


def test_nothing_is_told_but_that(open_brand: Brand, cast: Cast) -> None:
    shown(cast, letter("aiko@example.jp", subject="水タンクのひび"))
    told = page(open_brand, "en", zone="UTC")
    for hidden in ("水タンク", "Mina", "Office", "Care", "aiko@", "csrf", "Hospes"):
        assert hidden not in told
    assert "<script>" not in told
    assert "Set-Cookie" not in Client().get(f"/contact/{open_brand.pk}/").headers


def test_whoever_asks_too_often_waits(open_brand: Brand) -> None:
    client = Client(REMOTE_ADDR="203.0.113.77")
    answers = [client.get(f"/contact/{open_brand.pk}/").status_code for _ in range(40)]
    assert answers[:20] == [200] * 20
    assert 429 in answers
    assert Client(REMOTE_ADDR="203.0.113.78").get(f"/contact/{open_brand.pk}/").status_code == 200


def test_it_can_be_read_in_every_language_we_speak_to_customers(open_brand: Brand) -> None:
    english = page(open_brand, "en", zone="UTC")
    for language in set(CUSTOMER_LANGUAGES) - {"en"}:
        told = page(open_brand, language, zone="UTC")
        assert f'<html lang="{language}"' in told
        for words in ("How to reach us", "Opening hours", "What happens next"):
            assert words in english
            assert words not in told


def test_hours_that_nobody_set_are_told_to_nobody(cast: Cast) -> None:
    Brand.objects.filter(pk=cast.brand.pk).update(shows_contact=True)
    told = page(cast.brand, "en")

    assert "support@kaldera.example" in told
    assert "Opening hours" not in told


def test_openings_that_touch_are_one() -> None:
    day = Calendar("UTC", (((540, 720), (720, 900)),) * 7)
    told = next(days_of(day, zone=ZoneInfo("UTC"), locale=Locale("de"), at=NOON))

    assert told.hours == "09:00–15:00"
