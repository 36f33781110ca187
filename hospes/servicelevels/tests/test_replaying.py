"""Conversations told in a file: how anybody can check what this desk counts."""

from __future__ import annotations

from typing import Any

import pytest

from hospes.servicelevels.replaying import Unreadable, replay

CALENDAR = {
    "zone": "Europe/Berlin",
    "hours": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    "holidays": ["2026-12-25"],
}


def case(**changes: Any) -> dict[str, Any]:
    told = {
        "id": "christmas",
        "calendar": CALENDAR,
        "targets_minutes": {"first_reply": 120, "next_reply": 60, "resolution": 960},
        "created_at": "2026-12-24T15:00:00Z",
        "events": [
            {"at": "2026-12-28T08:30:00Z", "what": "agent_reply"},
            {"at": "2026-12-24T15:00:00Z", "what": "customer_message"},
            {"at": "2026-12-28T09:00:00Z", "what": "customer_message"},
            {"at": "2026-12-28T08:45:00Z", "what": "note"},
        ],
    }
    return {**told, **changes}


def test_a_case_is_told_by_its_dues_and_the_minutes_that_were_used() -> None:
    assert replay([case()]) == [
        {
            "id": "christmas",
            "first_reply_due": "2026-12-28T09:00:00Z",
            "next_reply_due": "2026-12-28T10:00:00Z",
            "resolution_due": "2026-12-29T15:00:00Z",
            "next_due": "2026-12-28T10:00:00Z",
            "first_reply_minutes": 90,
            "resolution_minutes": None,
        }
    ]


def test_a_case_needs_neither_targets_nor_events() -> None:
    bare = {"id": 7, "calendar": CALENDAR, "created_at": "2026-12-24T16:00:00+01:00"}
    null = {**bare, "targets_minutes": {"first_reply": None}, "events": None}

    for told in (bare, null):
        (found,) = replay([told])
        assert found.pop("id") == 7
        assert set(found.values()) == {None}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"created_at": "2026-12-24T16:00:00"}, "case christmas: "),
        ({"events": [{"at": "2026-12-24T16:00:00Z", "what": "sigh"}]}, "sigh"),
        ({"events": [{"what": "open"}]}, "at is missing"),
        ({"events": "none"}, "case christmas"),
        ({"targets_minutes": {"first_reply": -1}}, "first_reply: -1"),
        ({"targets_minutes": {"first_reply": True}}, "first_reply: True"),
        ({"targets_minutes": [3]}, "targets_minutes"),
        ({"calendar": {"zone": "Nowhere/At all", "hours": {}}}, "case christmas"),
    ],
)
def test_what_cannot_be_read_is_named(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(Unreadable) as error:
        replay([case(**wrong)])

    assert words in str(error.value)


@pytest.mark.parametrize("given", [{}, [3], [{"id": 1}]])
def test_only_a_list_of_cases_is_read(given: Any) -> None:
    with pytest.raises(Unreadable):
        replay(given)
