"""What an agent sets for themselves."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from hospes.team.actions.leaving import sign_out_elsewhere
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
    values = {"form": form, "has_password": request.user.has_usable_password()}
    return page(request, "workspace/me.html", values)


@agent_required
@require_POST
def sessions(request: AgentRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    here = request.session.session_key or ""
    ended = sign_out_elsewhere(request.user, but=here, at=timezone.now())
    messages.success(
        request,
        ngettext("%(count)d other session ended.", "%(count)d other sessions ended.", ended)
        % {"count": ended},
    )
    return redirect("me")
