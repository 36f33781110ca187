"""Coming in by a link that works once."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hospes.lib.middleware import is_from_here
from hospes.team.actions.inviting import is_good, redeem
from hospes.team.models import Agent

MAY_SET_UP = "may_set_up"  # in the session of whoever came with the first link


@require_http_methods(["GET", "POST"])
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Use the link up only when its bearer presses the button: mail scanners open every link."""
    now = timezone.now()
    if request.method == "GET" and is_good(token, at=now):
        return render(request, "workspace/by_link.html")
    redeemed = redeem(token, at=now) if request.method == "POST" else None
    if redeemed is None:
        values = {"fault": _("This link was used already or is too old. Ask for a new one.")}
        return render(request, "workspace/by_link.html", values, status=410)
    if redeemed.agent is None:
        request.session[MAY_SET_UP] = True
        return redirect("setup")
    login(request, redeemed.agent, backend="hospes.team.authentication.AgentBackend")
    if not redeemed.agent.has_usable_password():
        with translation.override(redeemed.agent.language):  # not the browser's: they are known now
            messages.info(request, _("Choose a password, or add a passkey, for the next time."))
        return redirect("account_set_password")
    return redirect("home")


def closed(request: HttpRequest) -> HttpResponse:
    """A page that would let strangers make an account, or promise a mail that nobody sends."""
    raise Http404


def may_set_up(request: HttpRequest) -> bool:
    """Whether the desk is fresh and this is who started it: on this machine, or with the link it printed."""
    is_known = bool(request.session.get(MAY_SET_UP)) or is_from_here(request)
    return is_known and not Agent.objects.exists()
