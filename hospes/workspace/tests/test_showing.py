from __future__ import annotations

from datetime import timedelta

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


def test_age_is_said_in_the_readers_language() -> None:
    with translation.override("ja"):
        assert showing.age(NOON - timedelta(hours=6), NOON) == "6 時間"


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
        assert showing.appointment(NOON).startswith("Thu, Nov 19, 1:00")
        there = showing.appointment(NOON, zone=showing.known_zone("Asia/Tokyo"))
        assert there.startswith("Thu, Nov 19, 9:00")


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
