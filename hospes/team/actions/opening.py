"""Open a place where agents sit, and close it."""

from __future__ import annotations

from zoneinfo import available_timezones

from django.utils.translation import gettext_lazy as _

from hospes.lib.refusal import Refused
from hospes.team.models import Agent, Hub


def open_hub(*, name: str, zone: str, by: Agent) -> Hub:
    """Make a hub. Raises Refused without a name or for no time zone, and when `by` may not."""
    if not by.is_operator:
        raise Refused(_("Only operators may do this."), code="operators_only")
    if not name.strip():
        raise Refused(_("Give a name."), code="no_name")
    if zone not in available_timezones():
        raise Refused(_("Choose a time zone."), code="no_such_zone")
    return Hub.objects.create(name=name.strip()[:80], zone=zone)


def close_hub(hub: Hub, *, by: Agent) -> None:
    """Take a hub away; who sat there sits nowhere in particular, with their own clock as before."""
    if not by.is_operator:
        raise Refused(_("Only operators may do this."), code="operators_only")
    hub.delete()
