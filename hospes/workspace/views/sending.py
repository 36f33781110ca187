"""How letters leave: servers and providers, the keys that sign, and what each address may send."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings as site_settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from hospes.channels.actions.connecting import check_server
from hospes.channels.actions.routing_out import keep_way, remove_way, set_sending
from hospes.channels.actions.signing import Found, forget_key, keep_key, look_for_key
from hospes.channels.email.signing import NoKey, record_of
from hospes.channels.models import Channel, OutgoingServer, SigningKey
from hospes.conversations.actions.delivering import release_waiting
from hospes.lib.refusal import Refused
from hospes.workspace.access import AgentRequest, operator_required
from hospes.workspace.forms.sending import KeyForm, SendingForm, WayForm
from hospes.workspace.frame import page

Kind = OutgoingServer.Kind
HOOK_USER = "hospes"
SAYS = {
    Found.THERE: gettext_lazy("The DNS has it: letters from this domain are signed."),
    Found.OTHER: gettext_lazy("The DNS has another key by this name."),
    Found.MISSING: gettext_lazy("The DNS does not have it yet. A change there may take hours."),
    Found.SILENT: gettext_lazy("No server of names answered. Try again later."),
}


@require_http_methods(["GET", "POST"])
@operator_required
def new_way(request: AgentRequest) -> HttpResponse:
    """A further server or provider; which kind, the address says."""
    given = request.GET.get("kind", "")
    kind = Kind(given) if given in Kind.values else Kind.SMTP
    form = WayForm(request.POST or None, kind=kind)
    if request.method == "POST" and form.is_valid():
        made = _kept(request, form, None)
        if made is not None:
            return redirect("settings_way", made.pk)
    return _way_page(request, form, None)


@require_http_methods(["GET", "POST"])
@operator_required
def way(request: AgentRequest, server_id: int) -> HttpResponse:
    """One server or provider: how it does, what it is, and the addresses it calls us at."""
    server = get_object_or_404(OutgoingServer.objects.select_related("state"), pk=server_id)
    if "remove" in request.POST:
        remove_way(server)
        messages.success(request, _("Removed."))
        return redirect("settings_outgoing")
    if "test" in request.POST:
        _try(request, server)
        return redirect("settings_way", server.pk)
    if request.method == "POST":
        form = WayForm(request.POST, kind=server.kind, server=server)
        if form.is_valid() and _kept(request, form, server) is not None:
            return redirect("settings_way", server.pk)
    else:
        form = WayForm.of(server)
    return _way_page(request, form, server)


def _kept(
    request: AgentRequest, form: WayForm, server: OutgoingServer | None
) -> OutgoingServer | None:
    """Keep it when it works, or when it is not used; None with the fault on the form."""
    try:
        with transaction.atomic():  # one that does not work must not replace one that does
            made = keep_way(form.way(server), server=server)
            if made.is_active:
                check_server(made)
    except Refused as refused:
        form.add_error(None, str(refused))
        return None
    release_waiting(at=timezone.now())
    if made.is_active:
        messages.success(request, _("Saved. The server answers and lets us in."))
    else:
        messages.success(request, _("Saved."))
    return made


def _try(request: AgentRequest, server: OutgoingServer) -> None:
    try:
        check_server(server)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The server answers and lets us in."))


def _way_page(request: AgentRequest, form: WayForm, server: OutgoingServer | None) -> HttpResponse:
    values = {
        "form": form,
        "server": server,
        "state": getattr(server, "state", None),
        "kinds": [(value, label, value == form.kind) for value, label in Kind.choices],
        "hooks": _hooks(server) if server is not None and server.hook_secret else (),
        "section": "outgoing",
    }
    return page(request, "workspace/settings/way.html", values)


def _hooks(server: OutgoingServer) -> tuple[tuple[str, str, str], ...]:
    """What the provider calls us at: an id, for what, and the address with its secret."""
    parts = urlsplit(site_settings.URL)
    base = f"{parts.scheme}://{HOOK_USER}:{server.hook_secret}@{parts.netloc}"
    return (
        ("hook-mail", _("Mail that comes in"), base + reverse("hook_inbound", args=[server.pk])),
        (
            "hook-status",
            _("What becomes of letters"),
            base + reverse("hook_status", args=[server.pk]),
        ),
    )


@require_http_methods(["GET", "POST"])
@operator_required
def keys(request: AgentRequest) -> HttpResponse:
    """The keys that letters are signed with, and what the DNS has to say of each."""
    form = KeyForm(request.POST if "domain" in request.POST else None)
    if request.method == "POST" and "domain" not in request.POST:
        _about_key(request)
        return redirect("settings_keys")
    if form.carried_out(lambda: keep_key(**form.cleaned_data, at=timezone.now())):
        messages.success(request, _("Saved."))
        return redirect("settings_keys")
    found = [(key, _record(key)) for key in SigningKey.objects.order_by("domain")]
    values = {"keys": found, "form": form, "section": "outgoing"}
    return page(request, "workspace/settings/keys.html", values)


def _about_key(request: AgentRequest) -> None:
    key = get_object_or_404(SigningKey, pk=request.POST.get("key") or 0)
    if "remove" in request.POST:
        forget_key(key)
        messages.success(request, _("Removed."))
        return
    found = look_for_key(key, at=timezone.now())
    tell = messages.success if found is Found.THERE else messages.warning
    tell(request, str(SAYS[found]))


def _record(key: SigningKey) -> str:
    try:
        return record_of(key.private_key)
    except NoKey:  # it was kept under another key of the installation
        return ""


@require_http_methods(["GET", "POST"])
@operator_required
def channel(request: AgentRequest, channel_id: int) -> HttpResponse:
    """How the letters of one address leave."""
    found = get_object_or_404(Channel.objects.exclude(address=""), pk=channel_id)
    if request.method == "POST":
        form = SendingForm(request.POST, channel=found)
        if form.is_valid():
            set_sending(found, form.sending())
            messages.success(request, _("Saved."))
            return redirect("settings_channel", found.pk)
    else:
        form = SendingForm.of(found)
    values = {"channel": found, "form": form, "section": "channels"}
    return page(request, "workspace/settings/sending.html", values)
