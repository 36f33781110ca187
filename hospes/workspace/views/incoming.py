"""The server that a channel's mail is fetched from: set up, tried, signed in to, and left."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from typing import Any

from django.conf import settings as site_settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hospes.channels.actions.fetching import fetch_from, sign_in_with, stop_fetching, try_server
from hospes.channels.email import oauth
from hospes.channels.email.headers import clean_line
from hospes.channels.models import Channel, IncomingServer
from hospes.channels.signing_in import client_of
from hospes.intake.fetching.health import health_of
from hospes.lib.refusal import Refused
from hospes.workspace.access import AgentRequest, operator_required
from hospes.workspace.forms.incoming import IncomingForm
from hospes.workspace.frame import page

SignIn = IncomingServer.SignIn
AGREEING, CODE = "mailbox_sign_in", "mailbox_code"  # in the session


@require_http_methods(["GET", "POST"])
@operator_required
def show(request: AgentRequest, channel_id: int) -> HttpResponse:
    channel = get_object_or_404(Channel.objects.exclude(address=""), pk=channel_id)
    server = IncomingServer.objects.filter(channel=channel).first()
    if "stop" in request.POST:
        stop_fetching(channel)
        messages.success(request, _("Its mail is not fetched any more."))
        return redirect("settings_channel", channel.pk)
    if "test" in request.POST and server is not None:
        _try(request, server)
        return redirect("settings_incoming", channel.pk)
    given = request.GET.get("with") or (server.sign_in if server else SignIn.PASSWORD)
    sign_in = SignIn(given) if given in SignIn.values else SignIn.PASSWORD
    if request.method != "POST":
        form = IncomingForm.of(server, sign_in=sign_in, address=channel.address)
    else:
        form = IncomingForm(request.POST, sign_in=sign_in)
        if form.is_valid() and _keep(request, form, channel, server):
            return redirect("settings_incoming", channel.pk)
    return _page(request, channel, server, form)


def _keep(
    request: AgentRequest, form: IncomingForm, channel: Channel, server: IncomingServer | None
) -> bool:
    """Keep what was given; with a password only when it works. False with the fault on the form."""
    try:
        with transaction.atomic():
            kept = fetch_from(form.account(server), channel=channel, at=timezone.now())
            if kept.has_password and kept.is_active:
                try_server(kept)
    except Refused as refused:
        form.add_error(None, str(refused))
        return False
    if kept.has_password and kept.is_active:
        messages.success(request, _("Saved. The server answers and lets us in."))
    else:
        messages.success(request, _("Saved."))
    return True


def _try(request: AgentRequest, server: IncomingServer) -> None:
    try:
        try_server(server)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The server answers and lets us in."))


def _page(
    request: AgentRequest, channel: Channel, server: IncomingServer | None, form: IncomingForm
) -> HttpResponse:
    code = request.session.get(CODE) or {}
    health = health_of([server], at=timezone.now())[0] if server and server.is_active else None
    values = {
        "channel": channel,
        "server": server,
        "form": form,
        "health": health,
        "ways": [(value, label, value == form.sign_in) for value, label in SignIn.choices],
        "signs_in_there": server is not None and server.sign_in == form.sign_in != SignIn.PASSWORD,
        "with_token": form.sign_in != SignIn.PASSWORD,
        "provider": SignIn(form.sign_in).label,
        "back_to": _back_to(),
        "code": code if server is not None and code.get("server") == server.pk else None,
        "section": "channels",
    }
    return page(request, "workspace/settings/incoming.html", values)


@require_safe
@operator_required
def agree(request: AgentRequest, channel_id: int) -> HttpResponse:
    """Send the person to the provider's page; a link and no form, which browsers keep on this host."""
    server = _with_token(channel_id)
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    request.session[AGREEING] = {"state": state, "verifier": verifier, "server": server.pk}
    return redirect(
        client_of(server).page(
            back_to=_back_to(), state=state, verifier=verifier, user=server.username
        )
    )


@require_safe
@operator_required
def agreed(request: AgentRequest) -> HttpResponse:
    """Where the provider sends the person back to; only whoever went there from here is heard."""
    begun: dict[str, Any] = request.session.pop(AGREEING, None) or {}
    state = request.GET.get("state", "")
    if not begun or not secrets.compare_digest(state.encode(), str(begun["state"]).encode()):
        return HttpResponseBadRequest(_("This sign-in was not begun here. Begin it again."))
    server = get_object_or_404(IncomingServer, pk=begun["server"])
    try:
        tokens = client_of(server).exchange(
            _code_in(request), back_to=_back_to(), verifier=begun["verifier"]
        )
        sign_in_with(tokens, server=server, at=timezone.now())
    except (oauth.Denied, oauth.NotNow, oauth.Waiting, Refused) as error:
        messages.error(request, _why(error))
    else:
        messages.success(request, _("Signed in. Its mail is fetched from now on."))
    return redirect("settings_incoming", server.channel_id)


@operator_required
@require_POST
def code(request: AgentRequest, channel_id: int) -> HttpResponse:
    """Begin to sign in with a code, or see whether somebody has typed it in."""
    server = _with_token(channel_id)
    if not server.takes_code:
        raise Http404
    begun: dict[str, Any] = request.session.get(CODE) or {}
    try:
        if "collect" in request.POST and begun.get("server") == server.pk:
            given = oauth.DeviceCode(**begun["code"])
            sign_in_with(client_of(server).collect(given), server=server, at=timezone.now())
            del request.session[CODE]
            messages.success(request, _("Signed in. Its mail is fetched from now on."))
        else:
            asked = client_of(server).ask_for_code()
            request.session[CODE] = {"server": server.pk, "code": asdict(asked)}
    except oauth.Waiting:
        messages.info(request, _("Nobody has agreed yet. Type the code in there first."))
    except (oauth.Denied, oauth.NotNow, Refused) as error:
        request.session.pop(CODE, None)
        messages.error(request, _why(error))
    return redirect("settings_incoming", channel_id)


def _code_in(request: AgentRequest) -> str:
    """Return the code the person came back with. Raises Denied when they came with a no."""
    code = request.GET.get("code", "")
    if not code:
        words = request.GET.get("error_description", "")[:300]
        raise oauth.Denied(request.GET.get("error", "")[:80], clean_line(words))
    return code


def _with_token(channel_id: int) -> IncomingServer:
    servers = IncomingServer.objects.exclude(sign_in=SignIn.PASSWORD)
    return get_object_or_404(servers, channel=channel_id)


def _back_to() -> str:
    return str(site_settings.URL + reverse("settings_agreed"))


def _why(error: Exception) -> str:
    if isinstance(error, Refused):
        return str(error)
    if isinstance(error, oauth.Denied) and error.code == "invalid_scope":
        return _("The provider allows no mailbox to be read by code: sign in in the browser.")
    words = str(error) or type(error).__name__
    return _("The provider says no: %(answer)s") % {"answer": words}
