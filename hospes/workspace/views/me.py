"""What an agent sets for themselves."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hospes.team.actions.settling import settle_in
from hospes.workspace.access import AgentRequest, agent_required
from hospes.workspace.forms.own import OwnForm
from hospes.workspace.frame import page


@require_http_methods(["GET", "POST"])
@agent_required
def show(request: AgentRequest) -> HttpResponse:
    form = OwnForm(request.POST) if request.method == "POST" else OwnForm.of(request.user)
    if request.method == "POST" and form.is_valid():
        settle_in(request.user, **form.cleaned_data)
        with translation.override(request.user.language):
            messages.success(request, _("Saved."))
        return redirect("me")
    return page(request, "workspace/me.html", {"form": form})
