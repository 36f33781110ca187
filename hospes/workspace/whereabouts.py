"""Where a customer is, and what tells so, in the reader's words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from hospes.language.forms import country_code
from hospes.markets.models import territory_name
from hospes.people.whereabouts import By, Whereabouts


def where_values(found: Whereabouts) -> dict[str, Any]:
    """Return what pages show of it: the market's name and the zone, with the reason for each."""
    return {
        "market": territory_name(found.market) if found.market else "",
        "market_code": found.market,
        "is_market_guessed": found.market_by.is_guess,
        "market_reason": reason(found.market_by, found.market),
        "customer_zone": found.zone,
        "is_zone_guessed": found.zone_by.is_guess,
    }


def reason(by: By, market: str) -> str:
    """Return in words what tells that somebody is in a market; "" where nothing does."""
    words = {
        By.CHOICE: _("as we were told"),
        By.CONTRACT: _("from their contract"),
        By.PHONE: _("from the country code of %(code)s"),
        By.ADDRESS: _("from their postal address"),
        By.CHANNEL: _("from the mailbox in %(market)s"),
        By.QUEUE: _("from the queue of %(market)s"),
        By.NOTHING: "",
    }[by]
    return words % {"market": territory_name(market), "code": country_code(market)}
