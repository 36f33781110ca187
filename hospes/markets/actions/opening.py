"""Begin to serve a country."""

from __future__ import annotations

from zoneinfo import available_timezones

from django.utils.translation import gettext_lazy as _

from hospes.lib.refusal import Refused
from hospes.markets.models import Market


def open_market(*, code: str, zone: str, language: str) -> Market:
    """Return the market of a country, made or brought up to date. Raises Refused for no time zone."""
    if zone not in available_timezones():
        raise Refused(_("Choose a time zone."), code="no_such_zone")
    market, _made = Market.objects.update_or_create(
        site_id=1, code=code.upper(), defaults={"zone": zone, "language": language}
    )
    return market
