"""What a mail has beside words and files, as its reader sees it."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from hospes.channels.contract import Address, Invitation
from hospes.workspace.templatetags.mail_extras import extras_shown
from tests.cast import NOON

VISIT = Invitation(
    uid="1",
    method="request",
    summary="Servis",
    starts="2026-12-01T09:00+00:00",
    ends="2026-12-01T10:30+00:00",
    place="Trg 1, Ljubljana",
    organizer=Address("Ana Žagar", "ana@kunde.example"),
)


@pytest.fixture(autouse=True)
def in_that_year(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOON)


def lines_of(one: Invitation, *, zone: str = "Europe/Ljubljana") -> list[str]:
    with timezone.override(ZoneInfo(zone)):
        (shown,) = extras_shown({"invitations": [asdict(one)]})
    lines = re.sub(r"<svg.*?</svg>", "", shown).split("<br>")
    return [re.sub(r"<[^>]+>", "", line).replace("\u202f", " ").strip() for line in lines]


def test_an_invitation_says_who_when_and_where_on_the_readers_clock() -> None:
    assert lines_of(VISIT) == [
        "Invitation to a meeting",
        "Servis",
        "Tue, Dec 1, 10:00 AM to 11:30 AM",
        "Trg 1, Ljubljana",
        "From Ana Žagar",
    ]
    assert "Tue, Dec 1, 6:00 PM to 7:30 PM" in lines_of(VISIT, zone="Asia/Tokyo")


def test_an_invitation_from_elsewhere_is_told_on_its_own_clock_as_well() -> None:
    from_tokyo = replace(VISIT, zone="Asia/Tokyo", repeats=True)

    assert lines_of(from_tokyo)[2:4] == [
        "Tue, Dec 1, 10:00 AM to 11:30 AM · repeats",
        "Tue, Dec 1, 6:00 PM to 7:30 PM in Tokyo",
    ]
    assert len(lines_of(from_tokyo, zone="Asia/Seoul")) == len(lines_of(VISIT))  # it shows the same
    assert len(lines_of(replace(from_tokyo, starts="2026-12-01", ends=""))) == len(lines_of(VISIT))


def test_an_answer_says_what_it_is_and_names_nobody_else() -> None:
    declined = lines_of(replace(VISIT, method="reply", answer="declined"))

    assert declined[0] == "Declines the meeting"
    assert not any("Ana" in line for line in declined)


def test_days_without_hours_end_on_their_last_day() -> None:
    days = replace(VISIT, starts="2026-12-01", ends="2026-12-04")

    assert "Tuesday, December 1, 2026 to Thursday, December 3, 2026" in lines_of(days)
    assert "Tuesday, December 1, 2026" in lines_of(replace(days, ends="2026-12-02"))


@pytest.mark.parametrize("starts", ["9999-12-31T23:59+00:00", "0001-01-01T00:00+00:00"])
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Bogota"])
def test_a_meeting_at_either_end_of_time_is_shown_with_its_year(starts: str, zone: str) -> None:
    far = replace(VISIT, starts=starts, ends="9999-12-31T23:59+00:00", zone="Pacific/Kiritimati")

    assert re.search(r"\b(9999|1)\b", lines_of(far, zone=zone)[2])
