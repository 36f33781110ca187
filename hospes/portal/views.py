"""The contact page of a brand, for whoever opens it."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import get_timezone_location
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from hospes.api.limits import draw, network_of
from hospes.brands.models import Brand
from hospes.language.speaking import CUSTOMER_LANGUAGES, spoken
from hospes.language.writing import direction
from hospes.markets.usual import zone_aliases, zones_with_places
from hospes.portal.reaching import Way, ways_to

PAGES, PAGES_PER_SECOND = 30, 0.5  # at once from one network, and then
KEPT_SECONDS = 60


@require_safe
def contact(request: HttpRequest, brand_id: int) -> HttpResponse:
    """How to reach a brand. `lang` and `zone` in the address choose the reader's language and clock."""
    name = f"contact:{network_of(request.META.get('REMOTE_ADDR', ''))}"
    is_allowed, _level = draw(name, size=PAGES, per_second=PAGES_PER_SECOND)
    if not is_allowed:
        return HttpResponse(status=429, headers={"Retry-After": "2"})
    brand = Brand.objects.filter(pk=brand_id, shows_contact=True).first()
    if brand is None:
        raise Http404
    language = spoken(request.GET.get("lang", ""), *_accepted(request), brand.language)
    zone = _zone(request.GET.get("zone", ""))
    with translation.override(language):
        response = _page(request, brand, language, zone)
    response["Content-Language"] = language
    response["Cache-Control"] = f"private, max-age={KEPT_SECONDS}"
    response["X-Robots-Tag"] = "noindex"
    patch_vary_headers(response, ["Accept-Language"])
    return response


def _page(request: HttpRequest, brand: Brand, language: str, zone: ZoneInfo | None) -> HttpResponse:
    clock = zone or ZoneInfo(_usual_zone(brand))
    ways = ways_to(brand, zone=clock, language=language, at=timezone.now())
    values = {
        "brand": brand,
        "ways": ways,
        "language": language,
        "direction": direction(language),
        "zone": clock.key,
        "is_zone_chosen": zone is not None,
        "place": _place(clock.key, language),
        "zones": _zones(language),
        "languages": _languages(),
        "steps": _steps(ways),
    }
    return render(request, "portal/contact.html", values)


def _steps(ways: list[Way]) -> list[str]:
    """Return what happens after somebody wrote, in the order in which it does."""
    confirms = any(way.confirms for way in ways)
    # Translators: on a page for customers: what follows after they wrote. Formal. No word for a man or a woman.
    confirmed = pgettext("letter", "You receive a confirmation with a number at once.")
    # Translators: in an automatic letter to a customer: what happens next. Formal. No word for a man or a woman.
    read = pgettext(
        "letter", "What happens next: our team reads your message and answers you by mail."
    )
    # Translators: on a page for customers: what follows after they wrote. Formal. No word for a man or a woman.
    slips = pgettext("letter", "If an answer takes longer than expected, we tell you.")
    return [confirmed, read, slips] if confirms else [read]


def _accepted(request: HttpRequest) -> list[str]:
    """Return the languages the reader's browser asks for, the likeliest first."""
    told = request.headers.get("Accept-Language", "")[:200].split(",")
    tags = [one.partition(";")[0].strip() for one in told]
    return [tag for tag in tags if tag and tag.replace("-", "").isalnum()][:10]


def _zone(given: str) -> ZoneInfo | None:
    name = zone_aliases().get(given, given)
    return ZoneInfo(name) if name in {*zones_with_places(), "UTC"} else None


def _usual_zone(brand: Brand) -> str:
    """Return the clock of the brand's first address: the reader's own is not known before they say so."""
    channel = brand.channels.exclude(address="").select_related("market").order_by("pk").first()
    return channel.market.zone if channel and channel.market else "UTC"


@lru_cache(maxsize=1)
def _languages() -> list[tuple[str, str]]:
    """Return the languages the page comes in, each by its own name."""
    return [
        (tag, Locale.parse(tag, sep="-").get_display_name() or tag) for tag in CUSTOMER_LANGUAGES
    ]


@lru_cache(maxsize=32)
def _zones(language: str) -> list[tuple[str, str]]:
    named = [(name, _place(name, language)) for name in zones_with_places()]
    return [("UTC", "UTC"), *sorted(named, key=lambda pair: pair[1])]


def _place(name: str, language: str) -> str:
    locale = Locale.parse(language, sep="-")
    if "/" not in name:
        return name
    return str(get_timezone_location(ZoneInfo(name), locale=locale, return_city=True))
