"""What operators set: the channels, the markets, the hubs, the brand."""

from __future__ import annotations

from operator import attrgetter

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hospes.brands.actions.presenting import present_brand
from hospes.brands.models import Brand
from hospes.channels.actions.connecting import (
    Mailbox,
    connect_mailbox,
)  # fmt: skip
from hospes.channels.models import Channel
from hospes.conversations.actions.seating import close_market, queue_for
from hospes.intake.fetching.health import health_by_channel
from hospes.lib.refusal import Refused
from hospes.markets import shipped
from hospes.markets.actions.opening import open_market
from hospes.markets.models import Market
from hospes.markets.profiles import Profile, profiles_of
from hospes.markets.wording import place_in_words
from hospes.team.actions.opening import close_hub, open_hub
from hospes.team.models import Hub
from hospes.workspace.access import AgentRequest, operator_required
from hospes.workspace.channel_health import automatic_values, channels_with_health
from hospes.workspace.forms.desk import (
    BrandPageForm,
    HubForm,
    MailboxForm,
    MarketForm,
)
from hospes.workspace.frame import page


@require_safe
@operator_required
def index(request: AgentRequest) -> HttpResponse:
    return redirect("settings_team")


@require_http_methods(["GET", "POST"])
@operator_required
def channels(request: AgentRequest) -> HttpResponse:
    """All support addresses, and a form for the next one."""
    form = MailboxForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _connected(form, None):
        messages.success(request, _("Connected."))
        return redirect("settings_channels")
    now = timezone.now()
    values = {
        "channels": channels_with_health(at=now),
        **automatic_values(at=now),
        "form": form,
        "section": "channels",
    }
    return page(request, "workspace/settings/channels.html", values)


@require_http_methods(["GET", "POST"])
@operator_required
def channel(request: AgentRequest, channel_id: int) -> HttpResponse:
    found = get_object_or_404(Channel.objects.exclude(address=""), pk=channel_id)
    form = MailboxForm(request.POST) if request.method == "POST" else MailboxForm.of(found)
    if request.method == "POST" and form.is_valid() and _connected(form, found):
        messages.success(request, _("Saved."))
        return redirect("settings_channels")
    fetching = health_by_channel(at=timezone.now()).get(found.pk)
    values = {"channel": found, "form": form, "fetching": fetching, "section": "channels"}
    return page(request, "workspace/settings/channel.html", values)


def _connected(form: MailboxForm, found: Channel | None) -> bool:
    try:
        made = connect_mailbox(Mailbox(**form.cleaned_data), channel=found)
    except Refused as refused:
        form.add_error(None, str(refused))
        return False
    queue_for(made.brand, made.market)
    return True


@require_http_methods(["GET", "POST"])
@operator_required
def markets(request: AgentRequest) -> HttpResponse:
    """The countries that are served, and a form for the next one."""
    if "close" in request.POST:
        return _market_closed(request)
    form = MarketForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            market = open_market(**form.cleaned_data)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            for brand in Brand.objects.all():
                queue_for(brand, market)
            messages.success(request, _("%(market)s is open.") % {"market": market.name})
            return redirect("settings_markets")
    rows = sorted(Market.objects.prefetch_related("queues"), key=attrgetter("name"))
    profiles = profiles_of(row.code for row in rows if shipped.is_place(row.code))
    regions = [code for code in shipped.codes() if code not in shipped.countries()]
    values = {
        "markets": [(row, _to_confirm(profiles.get(row.code))) for row in rows],
        "regions": [(code, place_in_words(code)) for code in regions],
        "form": form,
        "section": "markets",
    }
    return page(request, "workspace/settings/markets.html", values)


def _to_confirm(profile: Profile | None) -> int:
    """Return how many laws of a market nobody has made sure of."""
    return len(profile.proposals) if profile else 0


def _market_closed(request: AgentRequest) -> HttpResponse:
    market = get_object_or_404(Market, pk=_number(request.POST["close"]))
    try:
        close_market(market)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("%(market)s is closed.") % {"market": market.name})
    return redirect("settings_markets")


def _number(given: str) -> int:
    """Return a number from a form; 0, which no row has, for what is none."""
    return int(given) if given.isdecimal() and len(given) < 6 else 0


@require_http_methods(["GET", "POST"])
@operator_required
def hubs(request: AgentRequest) -> HttpResponse:
    """The places where our people sit, and a form for the next one."""
    if "close" in request.POST:
        close_hub(get_object_or_404(Hub, pk=_number(request.POST["close"])), by=request.user)
        messages.success(request, _("Closed."))
        return redirect("settings_hubs")
    form = HubForm(request.POST or None, initial={"zone": request.user.zone})
    if form.carried_out(lambda: open_hub(**form.cleaned_data, by=request.user)):
        messages.success(request, _("Added."))
        return redirect("settings_hubs")
    rows = Hub.objects.annotate(agent_count=Count("agent"))
    values = {"hubs": rows, "form": form, "section": "hubs"}
    return page(request, "workspace/settings/hubs.html", values)


@require_http_methods(["GET", "POST"])
@operator_required
def brand(request: AgentRequest) -> HttpResponse:
    found = Brand.objects.order_by("pk")[0]
    initial = {
        "name": found.name,
        "language": found.language,
        "signature": found.signature,
        "shows_contact": found.shows_contact,
    }
    form = BrandPageForm(request.POST or None, initial=initial)
    if form.carried_out(lambda: present_brand(found, **form.cleaned_data)):
        messages.success(request, _("Saved."))
        return redirect("settings_brand")
    return page(
        request, "workspace/settings/brand.html", {"form": form, "brand": found, "section": "brand"}
    )
