"""The first run: five short steps, or the demo. Closed as soon as the desk is set up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings as site_settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from hospes.brands.actions.presenting import finish_set_up, present_brand
from hospes.brands.models import Brand, Site
from hospes.channels.actions.connecting import Mailbox, connect_mailbox, first_mail_server
from hospes.channels.models import Channel, OutgoingServer
from hospes.conversations.actions.seating import queue_for
from hospes.conversations.models import Queue
from hospes.lib.refusal import Refused
from hospes.markets.actions.opening import open_market
from hospes.markets.models import Market
from hospes.team.actions.adding import add_agent, set_password
from hospes.team.actions.settling import settle_in
from hospes.team.models import Agent, Role
from hospes.workspace import showing
from hospes.workspace.forms import StyledForm
from hospes.workspace.forms.desk import (
    BrandForm,
    FirstMailboxForm,
    FirstPersonForm,
    MarketForm,
    OutgoingForm,
)  # fmt: skip
from hospes.workspace.views.entering import may_set_up
from hospes.workspace.views.outgoing import keep_server, outgoing_form, try_letter

STEPS = {
    "you": _("You"),
    "brand": _("Brand"),
    "market": _("Market"),
    "address": _("Support address"),
    "outgoing": _("Outgoing server"),
}


@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Where set-up stands: the choice between a desk and the demo, or the next step."""
    _refuse_unless_allowed(request)
    if isinstance(request.user, Agent):
        return redirect("setup_step", step=_next_step())
    if request.method == "POST" and "demo" in request.POST:
        return _with_demo(request)
    return render(request, "workspace/setup/start.html", {})


@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, step: str) -> HttpResponse:
    """One step: its form, and on to the next."""
    _refuse_unless_allowed(request)
    if step == "done":
        finish_set_up(at=timezone.now())
        return redirect("home")
    if step not in STEPS or (step != "you" and not isinstance(request.user, Agent)):
        return redirect("setup")
    if step == "outgoing" and "test" in request.POST:
        try_letter(request)  # type: ignore[arg-type] # an agent, as was just made sure of
        return redirect("setup_step", step="outgoing")
    if request.method == "POST" and "later" in request.POST and step in {"address", "outgoing"}:
        return redirect("setup_step", step=_after(step))
    form = FORMS[step](request)
    if form.carried_out(lambda: DO[step](request, form)):
        return redirect("setup_step", step=_after(step, is_saved=True))
    return render(request, f"workspace/setup/{step}.html", _values(step, form))


def _values(step: str, form: StyledForm) -> dict[str, Any]:
    names, done = list(STEPS), _done(step)
    at = names.index(step)
    return {
        "form": form,
        "steps": [
            {
                "label": label,
                "name": name,
                "is_done": name in done,
                "is_current": name == step,
                "may_go": name != "you" and (name in done or names.index(name) < at),
            }
            for name, label in STEPS.items()
        ],
        "step": step,
        "has_server": bool(site_settings.SMTP_URL) or OutgoingServer.objects.exists(),
        "from_environment": bool(site_settings.SMTP_URL),
    }


def _done(step: str) -> set[str]:
    """Return the steps that are done, as the desk itself shows."""
    facts = {
        "you": step != "you",
        "brand": _is_named(_brand()),
        "market": Market.objects.exists(),
        "address": Channel.objects.exclude(address="").exists(),
        "outgoing": bool(site_settings.SMTP_URL) or OutgoingServer.objects.exists(),
    }
    return {name for name, is_done in facts.items() if is_done}


def _refuse_unless_allowed(request: HttpRequest) -> None:
    """A fresh desk belongs to whoever started it: on this machine, or by the link it printed."""
    site = Site.objects.filter(pk=1).first()
    if isinstance(request.user, Agent):
        if not request.user.is_operator or (site and site.is_set_up):
            raise Http404
        return
    if not may_set_up(request):
        raise Http404


def _next_step() -> str:
    if Market.objects.exists():
        return "address" if not Channel.objects.exclude(address="").exists() else "outgoing"
    return "brand"


def _after(step: str, *, is_saved: bool = False) -> str:
    """Return the next step; a server just saved may be tried by a letter before the end."""
    if step == "outgoing" and is_saved:
        return step
    names = [*STEPS, "done"]
    return names[names.index(step) + 1]


def _with_demo(request: HttpRequest) -> HttpResponse:
    from hospes.demo.loading import first_person, load

    load(at=timezone.now())
    visitor = first_person()
    settle_in(  # the visitor reads the pages in their own language
        visitor,
        name=visitor.name,
        language=request.LANGUAGE_CODE,
        zone=visitor.zone,
        theme=visitor.theme,
        text_size_px=visitor.text_size_px,
        single_keys=visitor.single_keys,
    )
    login(request, visitor, backend="hospes.team.authentication.AgentBackend")
    return redirect("home")


def _make_person(request: HttpRequest, form: StyledForm) -> None:
    given = dict(form.cleaned_data)
    password = given.pop("password")
    agent = add_agent(**given, role=Role.OPERATOR, by=None, at=timezone.now())
    try:
        set_password(agent, password=password)
    except Refused as refused:
        agent.delete()
        form.add_error("password", str(refused))
        return
    login(request, agent, backend="hospes.team.authentication.AgentBackend")


def _make_brand(request: HttpRequest, form: StyledForm) -> None:
    brand = present_brand(_brand(), **form.cleaned_data)
    queue = queue_for(brand, None)
    queue.name = brand.name
    queue.save(update_fields=["name"])


def _nearest_market(request: HttpRequest) -> dict[str, str]:
    """Return the market that the first person is in, to be changed: by their own time zone."""
    zone = getattr(request.user, "zone", "")
    country = showing.country_of_zone(zone)
    return {"code": country, "zone": zone, "language": showing.language_of_country(country)}


def _make_market(request: HttpRequest, form: StyledForm) -> None:
    market = open_market(**form.cleaned_data)
    queue_for(_brand(), market)


def _make_address(request: HttpRequest, form: StyledForm) -> None:
    market = Market.objects.order_by("pk").first()
    connect_mailbox(Mailbox(**form.cleaned_data, brand=_brand(), market=market))


def _make_server(request: HttpRequest, form: StyledForm) -> None:
    assert isinstance(form, OutgoingForm)
    keep_server(form, first_mail_server())


def _is_named(brand: Brand) -> bool:
    """Whether somebody gave it its name: its queue has the same since."""
    return Queue.objects.filter(brand=brand, name=brand.name).exists()


def _brand() -> Brand:
    return Brand.objects.order_by("pk")[0]


def _brand_form(request: HttpRequest) -> StyledForm:
    # Whoever begins most likely speaks as the brand does.
    brand = _brand()
    initial = {"language": getattr(request.user, "language", ""), "signature": brand.signature}
    if _is_named(brand):
        initial |= {"name": brand.name, "language": brand.language}
    return BrandForm(request.POST or None, initial=initial)


def _outgoing_form(request: HttpRequest) -> StyledForm:
    return outgoing_form(request, first_mail_server())


FORMS: dict[str, Callable[[HttpRequest], StyledForm]] = {
    "you": lambda request: FirstPersonForm(
        request.POST or None, initial={"language": request.LANGUAGE_CODE}
    ),
    "brand": _brand_form,
    "market": lambda request: MarketForm(request.POST or None, initial=_nearest_market(request)),
    "address": lambda request: FirstMailboxForm(request.POST or None),
    "outgoing": _outgoing_form,
}
DO: dict[str, Callable[[HttpRequest, StyledForm], None]] = {
    "you": _make_person,
    "brand": _make_brand,
    "market": _make_market,
    "address": _make_address,
    "outgoing": _make_server,
}
