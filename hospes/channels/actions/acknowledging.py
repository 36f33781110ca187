"""Say whether customers are told at once that their first letter came, and how long answers usually take."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hospes.channels.models import Channel
from hospes.events.hints import tell_desk_changed
from hospes.lib.refusal import Refused

MAX_USUAL_HOURS = 24 * 30


@transaction.atomic
def set_acknowledging(channel: Channel, *, is_on: bool, usual_hours: int | None) -> Channel:
    """Set both for a support address.

    usual_hours: how long an answer usually takes; None: the letter says nothing of it.
    Raises Refused for a time that nobody would tell, and for a channel without an address of its own.
    """
    if usual_hours is not None and not 1 <= usual_hours <= MAX_USUAL_HOURS:
        raise Refused(
            _("Give a time of %(most)d hours at most.") % {"most": MAX_USUAL_HOURS}, code="no_time"
        )
    if is_on and not channel.address:
        raise Refused(_("Give a mail address, such as support@example.com."), code="not_an_address")
    channel.acknowledges, channel.usual_hours = is_on, usual_hours
    channel.save(update_fields=["acknowledges", "usual_hours"])
    tell_desk_changed()
    return channel
