"""Where a fact comes from, in the reader's words."""

from __future__ import annotations

from datetime import date

from babel.dates import format_date
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hospes.markets import shipped
from hospes.markets.public_holidays import part_name
from hospes.markets.resolving import OURS, Fact, How, Origin
from hospes.markets.value_words import locale

# Regions that CLDR has no name for.
_REGIONS = {
    "nordics": _("Nordic countries"),
    "middle-east": _("Middle East and North Africa"),
    "anglo": _("English-speaking countries"),
}
_CLDR = {
    "asia": "142",
    "africa": "002",
    "latin-america": "419",
    "eastern-europe": "151",
}


def place_in_words(code: str) -> str:
    """Return what a market, region or part of a country is called by the reader."""
    if code == shipped.WORLD:
        return gettext("The whole world")
    if code in _REGIONS:
        return str(_REGIONS[code])
    country, _hyphen, part = code.partition("-")
    territories = locale().territories
    if code in _CLDR or not part:
        return str(territories.get(_CLDR.get(code, code), code))
    return gettext("%(country)s, %(part)s") % {
        "country": territories.get(country, country),
        "part": part_name(country, part),
    }


def origin_in_words(fact: Fact) -> str:
    """Return where a fact comes from: "from EU law", "regional default", "set by you on May 3, 2026"."""
    origin = fact.origin
    if origin.how in _SET and origin.since is not None:
        return str(_SET[origin.how]) % {"date": _day(origin.since)}
    if origin.how is How.CUSTOMER:
        return gettext("chosen by the customer")
    if {source.id for source in fact.sources} == {OURS}:
        return gettext("our own default")
    if fact.is_law and origin.how is How.REGION:
        return gettext("from %(region)s law") % {"region": origin.code}
    if fact.is_law:
        return gettext("from the law of %(place)s") % {"place": place_in_words(origin.code)}
    return _default_in_words(origin)


def _default_in_words(origin: Origin) -> str:
    if origin.how is How.WORLD:
        return gettext("world default")
    if origin.how is How.REGION:
        return gettext("regional default: %(place)s") % {"place": place_in_words(origin.code)}
    return gettext("default for %(place)s") % {"place": place_in_words(origin.code)}


_SET = {
    How.OVERRIDE: _("set by you on %(date)s"),
    How.WAIVER: _("below the law, as waived by you on %(date)s"),
    How.CORRECTION: _("corrected by you on %(date)s"),
}


def _day(on: date) -> str:
    return format_date(on, "long", locale=locale())
