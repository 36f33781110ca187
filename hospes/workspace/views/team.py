"""Who has a seat, and what it lets them do."""

from __future__ import annotations

from django.conf import settings as site_settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hospes.conversations.actions.seating import seat
from hospes.lib.refusal import Refused
from hospes.team.actions.adding import add_agent, change_seat, describe_agent
from hospes.team.actions.inviting import invite
from hospes.team.models import Agent
from hospes.workspace.access import AgentRequest, operator_required
from hospes.workspace.forms.desk import (
    AgentForm,
    SeatForm,
)
from hospes.workspace.frame import page


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

        def change() -> None:
            with transaction.atomic():
                describe_agent(found, **given, by=request.user)
                change_seat(found, role=role, is_active=is_active, by=request.user)

        if not form.carried_out(change):
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
