"""What operators set: the team, the channels, the outgoing server, the brand."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from django.conf import settings as site_settings
from django.contrib import messages
from django.db import transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from hospes.brands.actions.presenting import present_brand
from hospes.brands.models import Brand
from hospes.channels.actions.connecting import (
    Mailbox,
    check_server,
    connect_mailbox,
    connect_server,
    first_mail_server,
    send_test_letter,
)  # fmt: skip
from hospes.channels.models import Channel, OutgoingServer, SigningKey
from hospes.conversations.actions.delivering import release_waiting
from hospes.conversations.actions.resuming import resume_sending
from hospes.conversations.actions.seating import close_market, queue_for, seat
from hospes.conversations.models import OutboxEntry
from hospes.intake.fetching.health import health_by_channel
from hospes.lib.refusal import Refused
from hospes.markets import shipped
from hospes.markets.actions.opening import open_market
from hospes.markets.models import Market
from hospes.markets.profiles import Profile, profiles_of
from hospes.markets.wording import place_in_words
from hospes.team.actions.adding import add_agent, change_seat, describe_agent
from hospes.team.actions.inviting import invite
from hospes.team.actions.opening import close_hub, open_hub
from hospes.team.models import Agent, Hub
from hospes.workspace.access import AgentRequest, operator_required
from hospes.workspace.channel_health import automatic_values, channels_with_health, ways_with_states
from hospes.workspace.forms.desk import (
    AgentForm,
    BrandForm,
    HubForm,
    MailboxForm,
    MarketForm,
    OutgoingForm,
    SeatForm,
)
from hospes.workspace.frame import page


@require_safe
@operator_required
def index(request: AgentRequest) -> HttpResponse:
    return redirect("settings_team")


@require_http_methods(["GET", "POST"])
@operator_required
def team(request: AgentRequest) -> HttpResponse:
    """Everybody with a seat, and a form for the next one."""
    form = AgentForm(
        request.POST or None, initial={"language": request.user.language, "zone": request.user.zone}
    )
    link = ""
    if request.method == "POST" and form.is_valid():
        link = _added(request, form)
    values = {
        "agents": Agent.objects.select_related("hub")
        .prefetch_related("queue_members__queue")
        .order_by("-is_active", "name"),
        "form": form if not link else AgentForm(),
        "link": link,
        "section": "team",
    }
    return page(request, "workspace/settings/team.html", values)


def _added(request: AgentRequest, form: AgentForm) -> str:
    """Add an agent and return the link that lets them in; "" with the fault on the form."""
    given = dict(form.cleaned_data)
    queues = given.pop("queues")
    try:
        agent = add_agent(**given, by=request.user, at=timezone.now())
    except Refused as refused:
        form.add_error(None, str(refused))
        return ""
    seat(agent, queues=list(queues))
    return site_settings.URL + invite(agent, at=timezone.now())


@require_http_methods(["GET", "POST"])
@operator_required
def agent(request: AgentRequest, agent_id: int) -> HttpResponse:
    """One seat: whose it is, role, queues, a new link to come in."""
    found = get_object_or_404(Agent, pk=agent_id)
    if "link" in request.POST:
        link = site_settings.URL + invite(found, at=timezone.now())
        return _agent_page(request, found, SeatForm.of(found), link=link)
    form = SeatForm(request.POST) if request.method == "POST" else SeatForm.of(found)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        queues, role, is_active = given.pop("queues"), given.pop("role"), given.pop("is_active")
        try:
            with transaction.atomic():
                describe_agent(found, **given, by=request.user)
                change_seat(found, role=role, is_active=is_active, by=request.user)
        except Refused as refused:
            form.add_error(None, str(refused))
            return _agent_page(request, get_object_or_404(Agent, pk=agent_id), form)
        seat(found, queues=list(queues))
        messages.success(request, _("Saved."))
        return redirect("settings_team")
    return _agent_page(request, found, form)


def _agent_page(
    request: AgentRequest, found: Agent, form: SeatForm, link: str = ""
) -> HttpResponse:
    values = {"agent": found, "form": form, "link": link, "section": "team"}
    return page(request, "workspace/settings/agent.html", values)


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
    if request.method == "POST" and form.is_valid():
        try:
            open_hub(**form.cleaned_data, by=request.user)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Added."))
            return redirect("settings_hubs")
    rows = Hub.objects.annotate(agent_count=Count("agent"))
    values = {"hubs": rows, "form": form, "section": "hubs"}
    return page(request, "workspace/settings/hubs.html", values)


@require_http_methods(["GET", "POST"])
@operator_required
def outgoing(request: AgentRequest) -> HttpResponse:
    """The server that takes our letters, with a letter to try it."""
    server = first_mail_server()
    if "test" in request.POST:
        return _tried(request)
    if "resume" in request.POST:
        return _resumed(request)
    form = outgoing_form(request, server)
    if request.method == "POST" and form.is_valid() and keep_server(form, server):
        messages.success(request, _("Saved. The server answers and lets us in."))
        return redirect("settings_outgoing")
    return _outgoing_page(request, form)


def outgoing_form(request: HttpRequest, server: OutgoingServer | None) -> OutgoingForm:
    """Return the form of this server, as given or as it is; its password is never shown again."""
    names = ("host", "port", "security", "username")
    initial = {name: getattr(server, name) for name in names} if server else {}
    form = OutgoingForm(request.POST or None, initial=initial)
    if server is None:
        form.fields["password"].help_text = ""  # there is none yet that could stay
    return form


def keep_server(form: OutgoingForm, server: OutgoingServer | None) -> bool:
    """Keep the server when it works; replies that waited for one go out. False with the fault on the form."""
    given: dict[str, Any] = dict(form.cleaned_data)
    given["password"] = given["password"] or (None if server else "")
    try:
        with transaction.atomic():  # one that does not work must not replace one that does
            check_server(connect_server(**given, server=server))
    except Refused as refused:
        form.add_error(None, str(refused))
        return False
    release_waiting(at=timezone.now())
    return True


def _tried(request: AgentRequest) -> HttpResponse:
    try_letter(request)
    return redirect("settings_outgoing")


def try_letter(request: AgentRequest) -> None:
    """Send a letter to whoever asks, and tell them what came of it."""
    first = Channel.objects.select_related("brand", "outgoing_server").order_by("-address").first()
    assert first is not None
    try:
        send_test_letter(
            first,
            to=request.user.email,
            subject=_("A letter from Hospes"),
            text=_("If you can read this, replies to your customers go out."),
            at=timezone.now(),
        )
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(
            request, _("A letter is on its way to %(address)s.") % {"address": request.user.email}
        )


def _resumed(request: AgentRequest) -> HttpResponse:
    """Let a desk that was restored from a backup send again; what is doubtful is left to people."""
    done = resume_sending(send_waiting=False, at=timezone.now())
    messages.success(request, _("This desk sends again."))
    if done.unknown:
        text = ngettext(
            "%(count)d reply waited when the backup was made and may have left since. Its conversation says so.",
            "%(count)d replies waited when the backup was made and may have left since. Their conversations say so.",
            done.unknown,
        )
        messages.warning(request, text % {"count": done.unknown})
    return redirect("settings_outgoing")


def _outgoing_page(request: AgentRequest, form: OutgoingForm) -> HttpResponse:
    waiting = OutboxEntry.objects.filter(state=OutboxEntry.State.QUEUED).exclude(reason="")
    of_the_demo = waiting.filter(reason=OutboxEntry.Reason.DEMO)
    server, ways = first_mail_server(), ways_with_states(at=timezone.now())
    values = {
        "form": form,
        "ways": ways,
        "is_failing": any(one.server == server and one.failing_since for one in ways),
        "keys": SigningKey.objects.order_by("domain"),
        "section": "outgoing",
        "from_environment": bool(site_settings.SMTP_URL),
        "server": server,
        "waiting": waiting.exclude(pk__in=of_the_demo).count(),
        "has_demo": of_the_demo.exists(),
    }
    return page(request, "workspace/settings/outgoing.html", values)


@require_http_methods(["GET", "POST"])
@operator_required
def brand(request: AgentRequest) -> HttpResponse:
    found = Brand.objects.order_by("pk")[0]
    initial = {"name": found.name, "language": found.language, "signature": found.signature}
    form = BrandForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            present_brand(found, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Saved."))
            return redirect("settings_brand")
    return page(request, "workspace/settings/brand.html", {"form": form, "section": "brand"})
