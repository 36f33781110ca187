"""What a mail has beside words and files, as its bubble shows it: signed or sealed, invitations to meet."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from html import escape
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from hospes.channels.contract import Invitation
from hospes.conversations.extras import invitations_in, protection_in
from hospes.workspace import showing
from hospes.workspace.templatetags.workspace import icon

KINDS = {"smime": "S/MIME", "pgp": "PGP"}


def protection_mark(extras: dict[str, Any]) -> str:
    """Beside the name: that it is signed or sealed."""
    found = protection_in(extras)
    if found is None:
        return ""
    kind = KINDS.get(found.kind, found.kind)
    if found.is_sealed:
        words = _("Encrypted (%(kind)s)") % {"kind": kind}
        return f'<span class="chip chip-warn">{icon("lock")}{escape(words)}</span>'
    words, title = _("Signed (%(kind)s)") % {"kind": kind}, _("The signature is not checked here.")
    return f'<span class="chip" title="{escape(title)}">{icon("key")}{escape(words)}</span>'


def extras_shown(extras: dict[str, Any]) -> list[str]:
    """In the bubble: why there are no words, and each meeting."""
    parts = []
    found = protection_in(extras)
    if found is not None and found.is_sealed:
        words = _(
            "This mail is encrypted and there is no key for it here. Ask the customer to send it without"
            " encryption, or open the raw mail with your own key."
        )
        parts.append(f'<p class="hint">{escape(words)}</p>')
    return [*parts, *map(_invitation, invitations_in(extras))]


def _invitation(one: Invitation) -> str:
    lines = [f"<b>{escape(_title(one))}</b>"]
    if one.summary:
        lines.append(f'<bdi dir="auto">{escape(one.summary)}</bdi>')
    if one.starts:
        lines.append(f"<span>{escape(_span(one, timezone.get_current_timezone()))}</span>")
        lines += [f"<span>{escape(there)}</span>" for there in _on_its_own_clock(one)]
    if one.place:
        lines.append(f'<bdi dir="auto">{escape(one.place)}</bdi>')
    if one.organizer and one.method not in ("reply", "counter"):  # those are the sender's
        who = one.organizer.name or one.organizer.address
        lines.append(
            escape(_("From %(name)s")) % {"name": f"<bdi>{escape(who)}</bdi>"},
        )
    return f'<div class="meeting">{icon("clock")}<div>{"<br>".join(lines)}</div></div>'


def _title(one: Invitation) -> str:
    if one.method in ("reply", "counter") and one.answer:
        return {
            "accepted": _("Accepts the meeting"),
            "declined": _("Declines the meeting"),
            "tentative": _("May come to the meeting"),
        }[one.answer]
    return {
        "request": _("Invitation to a meeting"),
        "cancel": _("The meeting is cancelled"),
        "counter": _("Proposes another time"),
    }.get(one.method, _("Calendar entry"))


def _span(one: Invitation, zone: tzinfo) -> str:
    words = _from_to(one, zone)
    return " · ".join([words, _("repeats")]) if one.repeats else words


def _on_its_own_clock(one: Invitation) -> list[str]:
    """When it is where it was written, if that shows another time than the reader's clock."""
    at, zone = _read(one.starts), showing.known_zone(one.zone)
    if zone is None or not isinstance(at, datetime) or at.tzinfo is None:
        return []
    if showing.on_clock(at, zone).utcoffset() == showing.on_clock(at).utcoffset():
        return []
    words = {"moment": _from_to(one, zone), "city": showing.zone_city(one.zone)}
    return [_("%(moment)s in %(city)s") % words]


def _from_to(one: Invitation, zone: tzinfo) -> str:
    words = _moment(one.starts, zone)
    if one.ends and _is_later(one) and (until := _until(one, zone)):
        return _("%(start)s to %(end)s") % {"start": words, "end": until}
    return words


def _moment(value: str, zone: tzinfo) -> str:
    """On a clock; a day, and a moment without a zone, as they are written."""
    at = _read(value)
    if not isinstance(at, datetime):
        return showing.full_day(at) if at else value
    if at.tzinfo is None:
        told = showing.appointment(at.replace(tzinfo=UTC), zone=UTC)
        return _("%(moment)s (without a time zone)") % {"moment": told}
    return showing.appointment(at, zone=zone)


def _until(one: Invitation, zone: tzinfo) -> str:
    start, end = _read(one.starts), _read(one.ends)
    if isinstance(start, datetime) and isinstance(end, datetime):
        if start.tzinfo is None or end.tzinfo is None:
            return showing.time_of(end.replace(tzinfo=UTC), zone=UTC)
        is_same_day = showing.on_clock(start, zone).date() == showing.on_clock(end, zone).date()
        tell = showing.time_of if is_same_day else showing.appointment
        return tell(end, zone=zone)
    if start is None or end is None or isinstance(start, datetime) or isinstance(end, datetime):
        return ""
    last = end - timedelta(days=1)  # of whole days the end is the day after the last
    return showing.full_day(last) if last > start else ""


def _is_later(one: Invitation) -> bool:
    return one.ends > one.starts


def _read(value: str) -> date | datetime | None:
    try:
        return date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
    except ValueError:
        return None
