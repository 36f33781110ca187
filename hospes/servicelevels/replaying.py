"""Conversations told as JSON, and what was due in them: for whoever checks how this desk counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hospes.markets.calendar_reading import read_calendar, read_moment
from hospes.servicelevels.clocks import Clocks, Happened, Rules, Targets, What, count

MINUTE = timedelta(minutes=1)


class Unreadable(ValueError):
    """A case is not told as it has to be; says which, and what is wrong with it."""


def replay(cases: Any) -> list[dict[str, Any]]:
    """Return for each case its dues and the working minutes that were used. Raises Unreadable."""
    if not isinstance(cases, list):
        raise Unreadable("The file holds no list of cases.")
    return [_replay(one, number) for number, one in enumerate(cases, start=1)]


def _replay(case: Any, number: int) -> dict[str, Any]:
    name = f"case {number}"
    try:
        if not isinstance(case, dict):
            raise Unreadable("is no object")
        name = f"case {case.get('id', number)}"
        counted = count(
            Rules(read_calendar(case["calendar"]), _targets(case.get("targets_minutes"))),
            created_at=read_moment(case["created_at"]),
            happened=_happened(case.get("events") or ()),
        )
    except KeyError as error:
        raise Unreadable(f"{name}: {error.args[0]} is missing.") from error
    except (ValueError, TypeError) as error:
        raise Unreadable(f"{name}: {error}") from error
    return {"id": case.get("id"), **_told(counted)}


def _targets(given: Any) -> Targets:
    minutes = given or {}
    if not isinstance(minutes, dict):
        raise Unreadable("targets_minutes is no object")
    return Targets(
        first_reply=_minutes(minutes, "first_reply"),
        next_reply=_minutes(minutes, "next_reply"),
        resolution=_minutes(minutes, "resolution"),
    )


def _minutes(given: dict[str, Any], name: str) -> timedelta | None:
    value = given.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise Unreadable(f"{name}: {value!r} is no number of minutes")
    return value * MINUTE


def _happened(events: Sequence[Any]) -> list[Happened]:
    return [Happened(read_moment(one["at"]), What(one["what"])) for one in events]


def _told(counted: Clocks) -> dict[str, Any]:
    next_reply, next_due = counted.next_reply, counted.next
    return {
        "first_reply_due": _written(counted.first_reply.due_at),
        "next_reply_due": _written(next_reply.due_at if next_reply else None),
        "resolution_due": _written(counted.resolution.due_at),
        "next_due": _written(next_due.due_at if next_due else None),
        "first_reply_minutes": _in_minutes(counted.first_reply_time),
        "resolution_minutes": _in_minutes(counted.resolution_time),
    }


def _written(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None


def _in_minutes(taken: timedelta | None) -> int | None:
    return taken // MINUTE if taken is not None else None
