"""Invitations to meet, as calendars send them (RFC 5545, RFC 5546): when, where and from whom.

They are shown, not answered: whoever reads one answers with words.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, cast

from hospes.channels.contract import Address, Invitation
from hospes.channels.email.charsets import decode
from hospes.channels.email.headers import clean_line
from hospes.channels.email.mime import Part

if TYPE_CHECKING:
    from icalendar import Component

CALENDARS = {"text/calendar", "application/ics"}
METHODS = {"request", "cancel", "reply", "counter", "publish"}
ANSWERS = {"accepted", "declined", "tentative"}
MAX_BYTES = 256 * 1024
MAX_INVITATIONS = 5  # of one mail; the file has them all
MAX_TEXT_CHARS = 300


def invitations_in(root: Part) -> tuple[Invitation, ...]:
    """Every meeting that the calendars of this mail speak of, once each; what is broken is left out."""
    found: dict[str, Invitation] = {}
    for part in root.walk():
        if part.content_type in CALENDARS and part.end - part.start <= MAX_BYTES:
            with suppress(Exception):  # calendars break in more ways than their reader names
                for one in _read(part):
                    found.setdefault(one.uid or repr(one), one)
        if len(found) >= MAX_INVITATIONS:
            break
    return tuple(found.values())[:MAX_INVITATIONS]


def _read(part: Part) -> Iterator[Invitation]:
    from icalendar import Calendar  # few mails carry one, and it takes its time to load

    charset = part.parameters.get("charset", b"utf-8").decode("ascii", "replace")
    calendar = Calendar.from_ical(decode(part.content(), charset))
    method = str(calendar.get("METHOD", "publish")).lower()
    for event in calendar.walk("VEVENT"):
        yield _invitation(event, method if method in METHODS else "publish")


def _invitation(event: Component, method: str) -> Invitation:
    starts, ends = event.get("DTSTART"), _end(event)
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        method = "cancel"
    organizer = event.get("ORGANIZER")
    return Invitation(
        uid=_line(event.get("UID")),
        method=method,
        summary=_line(event.get("SUMMARY")),
        starts=_moment(starts.dt) if starts else "",
        ends=_moment(ends) if ends else "",
        place=_line(event.get("LOCATION")),
        organizer=_person(organizer) if organizer is not None else None,
        answer=_answer(event) if method in ("reply", "counter") else "",
        repeats="RRULE" in event,
        zone=_zone(starts.dt) if starts else "",
    )


def _end(event: Component) -> date | datetime | None:
    """Return when it ends; some say how long it takes instead."""
    starts, ends, lasts = event.get("DTSTART"), event.get("DTEND"), event.get("DURATION")
    if ends:
        return cast("date | datetime", ends.dt)
    return cast("date | datetime", starts.dt + lasts.dt) if starts and lasts else None


def _moment(value: date | datetime) -> str:
    """A day, or a moment in UTC; one of no zone stays as it is written, on the clock of whoever reads."""
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            value = value.astimezone(UTC)
        return value.isoformat(timespec="minutes")
    return value.isoformat()


def _zone(value: date | datetime) -> str:
    """Return whose clock it is on; "" for UTC, which is how programs write it who ask nobody."""
    named = str(getattr(getattr(value, "tzinfo", None), "key", ""))
    return "" if named == "UTC" else named


def _answer(event: Component) -> str:
    attendees = event.get("ATTENDEE", [])
    first = attendees[0] if isinstance(attendees, list) and attendees else attendees
    said = str(getattr(first, "params", {}).get("PARTSTAT", "")).lower()
    return said if said in ANSWERS else ""


def _person(value: Any) -> Address:
    address = str(value)
    if address.lower().startswith("mailto:"):
        address = address[7:]
    return Address(_line(getattr(value, "params", {}).get("CN")), _line(address))


def _line(value: Any) -> str:
    return clean_line(str(value), MAX_TEXT_CHARS) if value is not None else ""
