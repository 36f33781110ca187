"""Tokens for programs: everybody's own, and for operators all of them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hospes.api.actions.issuing import issue, revoke
from hospes.lib.refusal import Refused
from hospes.workspace import access
from hospes.workspace.access import AgentRequest, agent_required, operator_required
from hospes.workspace.forms.programs import OwnTokenForm, TokenForm
from hospes.workspace.frame import page


@require_http_methods(["GET", "POST"])
@operator_required
def all_tokens(request: AgentRequest) -> HttpResponse:
    """All tokens, and a form for the next one."""
    form = TokenForm(request.POST or None, initial={"agent": request.user})
    return _tokens(request, form, "settings_api", "workspace/settings/api.html")


@require_http_methods(["GET", "POST"])
@agent_required
def own_tokens(request: AgentRequest) -> HttpResponse:
    """The tokens that act as whoever asks, and a form for the next one."""
    return _tokens(request, OwnTokenForm(request.POST or None), "me_api", "workspace/me_api.html")


def _tokens(request: AgentRequest, form: OwnTokenForm, name: str, template: str) -> HttpResponse:
    everybodys = name == "settings_api"
    if "revoke" in request.POST:
        found = access.token(request, request.POST["revoke"], everybodys=everybodys)
        revoke(found, by=request.user, at=timezone.now())
        messages.success(request, _("Revoked: the program is refused from now on."))
        return redirect(name)
    secret = _issued(request, form) if request.method == "POST" and form.is_valid() else ""
    values: dict[str, Any] = {
        "tokens": access.tokens(request, everybodys=everybodys),
        "form": form if not secret else type(form)(initial={"agent": request.user}),
        "secret": secret,
        "everybodys": everybodys,
        "now": timezone.now(),
        "section": "api",
    }
    response = page(request, template, values)
    if secret:
        response["Cache-Control"] = "no-store"
    return response


def _issued(request: AgentRequest, form: OwnTokenForm) -> str:
    """Make the token and return its secret; "" with the fault on the form."""
    given, now = form.cleaned_data, timezone.now()
    try:
        issued = issue(
            name=given["name"],
            agent=given.get("agent") or request.user,
            scopes=given["scopes"],
            by=request.user,
            at=now,
            expires_at=form.expires_at(now),
        )
    except Refused as refused:
        form.add_error(None, str(refused))
        return ""
    return issued.secret
