"""Begin to serve a country, or a part of one."""

from __future__ import annotations

import re
from zoneinfo import available_timezones

from django.utils.translation import gettext_lazy as _

from hospes.lib.refusal import Refused
from hospes.markets import shipped
from hospes.markets.models import Market
from hospes.markets.profiles import UnknownMarket, canonical

COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)


def open_market(*, code: str, zone: str, language: str) -> Market:
    """Return the market of a country or a part of one (US-CA), made or brought up to date.

    Raises Refused for no time zone, and for what is no country and no part of one.
    """
    code = _checked(code)
    if zone not in available_timezones():
        raise Refused(_("Choose a time zone."), code="no_such_zone")
    market, _made = Market.objects.update_or_create(
        site_id=1, code=code, defaults={"zone": zone, "language": language}
    )
    return market


def _checked(code: str) -> str:
    """Return the code as facts have it. Regions and the world have facts, but nobody lives in one of them alone."""
    place = canonical(code)
    if not COUNTRY.fullmatch(place.partition("-")[0]) or place in shipped.regions():
        raise UnknownMarket(code)
    return place
