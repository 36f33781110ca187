from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone, translation

from hospes.workspace import showing
from hospes.workspace.templatetags.workspace import linked
from tests.cast import NOON


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=5), "1 min"),
        (timedelta(minutes=22), "22 min"),
        (timedelta(hours=7, minutes=10), "7 hr"),
        (timedelta(days=3), "3 days"),
        (timedelta(days=18), "18 days"),
    ],
)
def test_age_is_said_in_words(ago: timedelta, words: str) -> None:
    assert showing.age(NOON - ago, NOON) == words


@pytest.mark.parametrize(
    ("language", "ago", "words"),
    [
        ("ja", timedelta(hours=6), "6 時間"),
        ("ja", timedelta(days=6), "6 日"),
        ("es", timedelta(hours=1), "1 h"),
        ("sl", timedelta(hours=1), "1 h"),
        ("sl", timedelta(days=2), "2 dneva"),
        ("ar", timedelta(days=2), "يومان"),
        ("ar", timedelta(days=11), "11 يومًا"),
        ("de", timedelta(days=1), "1 Tag"),
        ("fr", timedelta(days=3), "3\u00a0jours"),
    ],
)
def test_age_is_said_in_the_readers_language(language: str, ago: timedelta, words: str) -> None:
    with translation.override(language):
        assert showing.age(NOON - ago, NOON) == words


@pytest.mark.parametrize(
    ("language", "length", "words"),
    [
        ("en", timedelta(minutes=90), "1 hr, 30 min"),
        ("en", timedelta(hours=90), "90 hr"),
        ("es", timedelta(minutes=90), "1 h 30 min"),
        ("sl", timedelta(minutes=90), "1 h 30 min"),
        ("de", timedelta(hours=2), "2 Std."),
        ("fr", timedelta(minutes=90), "1\u202fh 30\u00a0min"),
        ("ja", timedelta(minutes=90), "1 時間 30 分"),
    ],
)
def test_a_length_of_working_time_is_said_in_hours(
    language: str, length: timedelta, words: str
) -> None:
    with translation.override(language):
        assert showing.span(length, by_days=False) == words


@pytest.mark.parametrize(
    ("language", "size_bytes", "words"),
    [
        ("en", 7040, "7 kB"),
        ("en", 1_250_000, "1.2 MB"),
        ("fr", 1_250_000, "1,2\u202fMo"),
        ("sl", 1000, "1 kB"),
        ("ar", 7040, "7 كيلوبايت"),
    ],
)
def test_a_size_is_said_in_the_readers_language(language: str, size_bytes: int, words: str) -> None:
    with translation.override(language):
        assert showing.file_size(size_bytes) == words


def test_a_day_and_a_time_are_put_together_as_the_reader_does() -> None:
    told = {}
    for language in ("en", "ar", "ja"):
        with translation.override(language), timezone.override("Europe/Ljubljana"):
            told[language] = showing.moment(NOON, now=NOON + timedelta(days=3))
    assert told["en"].startswith("Nov 19, ")
    assert "," not in told["ja"]
    assert "، " in told["ar"]


def test_a_zone_is_called_by_its_place_in_the_readers_language() -> None:
    assert showing.zone_city("America/Sao_Paulo") in {"Sao Paulo", "São Paulo"}
    with translation.override("ja"):
        assert showing.zone_city("Asia/Tokyo") == "東京"


def test_it_is_night_from_eight_in_the_evening_to_eight_in_the_morning_there() -> None:
    assert showing.is_night("Asia/Tokyo", NOON)  # nine in the evening
    assert not showing.is_night("Europe/Ljubljana", NOON)
    assert not showing.is_night("Nowhere/At_All", NOON)


def test_an_appointment_names_its_weekday_on_the_clock_asked_for() -> None:
    with timezone.override("Europe/Ljubljana"):
        assert showing.appointment(NOON, now=NOON).startswith("Thu, Nov 19, 1:00")
        there = showing.appointment(NOON, zone=showing.known_zone("Asia/Tokyo"), now=NOON)
        assert there.startswith("Thu, Nov 19, 9:00")


def test_an_appointment_of_another_year_says_so() -> None:
    next_year = NOON.replace(year=NOON.year + 1)

    assert showing.appointment(next_year, now=NOON).startswith("Fri, Nov 19, 2027, ")


FIRST, LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Bogota"])
@pytest.mark.parametrize("at", [LAST, FIRST])
def test_a_moment_at_either_end_of_time_is_shown_in_every_zone(zone: str, at: datetime) -> None:
    year = "9999" if at == LAST else "1"
    with timezone.override(zone):
        for told in (
            showing.full_moment(at),
            showing.appointment(at),
            showing.moment(at),
            *showing.moment_and_full(at),
        ):
            assert re.search(rf"\b{year}\b", told.partition(":")[0])
        assert ":" in showing.time_of(at)


@pytest.mark.parametrize(
    ("name", "content_type", "kind"),
    [
        ("offer.pdf", "application/pdf", "PDF"),
        ("IMG_2231.HEIC", "image/heic", "HEIC"),
        ("", "image/png", "PNG"),
        ("notes", "application/octet-stream", ""),
    ],
)
def test_a_file_says_what_kind_it_is(name: str, content_type: str, kind: str) -> None:
    assert showing.file_kind(name, content_type) == kind


def test_what_a_customer_wrote_becomes_links_but_never_markup() -> None:
    said = linked('See https://example.com/?a=1&b=2 <script>alert("x")</script>')

    assert '<a target="_blank" referrerpolicy="no-referrer" href="https://example.com' in said
    assert "<script>" not in said
    assert "&lt;script&gt;" in said


@pytest.mark.parametrize(
    ("zone", "country", "language"),
    [
        ("Europe/Ljubljana", "SI", "sl"),
        ("Asia/Tokyo", "JP", "ja"),
        ("Asia/Shanghai", "CN", "zh-Hans"),
        ("Asia/Taipei", "TW", "zh-Hant"),
        ("UTC", "", ""),
        ("Nowhere/Land", "", ""),
    ],
)
def test_a_time_zone_tells_the_nearest_market(zone: str, country: str, language: str) -> None:
    assert showing.country_of_zone(zone) == country
    assert showing.language_of_country(country) == language
