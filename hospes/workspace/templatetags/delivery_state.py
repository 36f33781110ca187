"""What became of a message of ours, below it: in words, with what an agent can do about it."""

from __future__ import annotations

from datetime import datetime, timedelta
from html import escape

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from hospes.channels.contract import Address
from hospes.conversations.recipients import Pairs, as_typed
from hospes.conversations.timeline import Delivery
from hospes.workspace import showing
from hospes.workspace.templatetags.workspace import icon, when

WENT = {"accepted", "delivered"}
ON_ITS_WAY = {"queued", "sending"}
DID_NOT_GO = {"failed", "bounced"}
NOT_TAKEN = {"unreachable", "refused_for_now", "asked_again"}


def delivery_state(
    message_id: int, delivery: Delivery | None, *, to: Pairs, is_operator: bool
) -> str:
    """Return its part of the page; "" for what was never to be sent. to: whom it went to, or should have."""
    if delivery is None:
        return ""
    return (
        f'<div id="state-{message_id}" class="state{_class(delivery)}"'
        f' data-state="{delivery.state}">\n<span class="row gap-1">{_icon(delivery)}'
        f"<span>{escape(_words(delivery))}{_since(delivery)}</span></span>\n"
        f"{_remedies(message_id, delivery, is_operator=is_operator)}"
        f"{_another_address(message_id, delivery, to)}{_answer(delivery)}</div>"
    )


def _class(delivery: Delivery) -> str:
    if delivery.state in WENT and not delivery.reason:
        return " state-ok"
    if delivery.state in DID_NOT_GO:
        return " state-bad"
    return " state-warn" if delivery.state == "unknown" or delivery.reason else ""


def _icon(delivery: Delivery) -> str:
    if delivery.state in WENT and not delivery.reason:
        return icon("check")
    is_waited_for = delivery.state in ON_ITS_WAY or delivery.reason == "delayed"
    return icon("clock" if is_waited_for else "triangle-alert")


def _waits_until(delivery: Delivery) -> datetime | None:
    """Until when a reply waits that was set to leave later; None for what leaves as soon as it can."""
    until = delivery.undo_until
    is_later = until is not None and until - timezone.now() > timedelta(minutes=1)
    return until if is_later and delivery.state == "queued" else None


def _words(delivery: Delivery) -> str:
    later = _waits_until(delivery)
    if later is not None:
        return _("It leaves at %(time)s.") % {"time": showing.moment(later)}
    why = delivery.explanation
    if why and delivery.state == "queued":
        return why  # it says that it waits, and why
    if why and delivery.state != "unknown":
        return _("%(state)s. %(why)s") % {"state": delivery.state_words, "why": why}
    return delivery.state_words


def _since(delivery: Delivery) -> str:
    """Return since when the server takes nothing: it tells a moment's trouble from a long one."""
    if delivery.state != "queued" or delivery.reason not in NOT_TAKEN:
        return ""
    if delivery.tried_since is None:
        return ""
    words = _("Fails since")
    return f" {escape(words)} {when(delivery.tried_since)}"


def _remedies(message_id: int, delivery: Delivery, *, is_operator: bool) -> str:
    remedies = ""
    if _waits_until(delivery) is not None:
        address, words = reverse("unsend", args=[message_id]), _("Take it back")
        remedies = (
            f'<button type="button" class="btn btn-sm" hx-post="{address}" hx-swap="none">'
            f"{escape(words)}</button>\n"
        )
    if delivery.reason == "no_server" and delivery.state == "queued" and is_operator:
        words = _("Set the outgoing server")
        remedies = f'<a class="link" href="{reverse("settings_outgoing")}">{escape(words)}</a>\n'
    if delivery.state == "unknown":
        address, words = reverse("settle", args=[message_id]), _("It did arrive")
        remedies += (
            f'<button type="button" class="btn btn-sm" hx-post="{address}" hx-swap="none">'
            f"{escape(words)}</button>\n"
        )
    if delivery.state == "unknown" or delivery.state in DID_NOT_GO:
        address, words = reverse("resend", args=[message_id]), _("Send again")
        remedies += (
            f'<button type="button" class="btn btn-sm" hx-post="{address}" hx-swap="none">'
            f"{icon('refresh-cw')}{escape(words)}</button>\n"
        )
    return remedies


def _another_address(message_id: int, delivery: Delivery, to: Pairs) -> str:
    """A field for another address, where the letter did not reach the one it was for."""
    if delivery.state not in DID_NOT_GO:
        return ""
    asked, label, send = _("To another address"), _("Mail address"), _("Send")
    written = escape(as_typed(Address(name, address) for name, address in to))
    return (
        f'<details><summary class="link">{escape(asked)}</summary>'
        f'<form class="row row-wrap" hx-post="{reverse("resend", args=[message_id])}" hx-swap="none">'
        f'<input class="input" name="to" required maxlength="2000" dir="ltr" autocomplete="off" spellcheck="false"'
        f' aria-label="{escape(label)}" value="{written}">'
        f'<button type="submit" class="btn btn-sm">{escape(send)}</button></form></details>\n'
    )


def _answer(delivery: Delivery) -> str:
    if not delivery.answer:
        return ""
    words = _("What the server said")
    return (
        f'<details><summary class="link">{escape(words)}</summary>'
        f'<code dir="ltr">{escape(delivery.answer)}</code></details>\n'
    )
