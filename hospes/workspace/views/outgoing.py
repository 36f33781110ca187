"""The server that takes our letters, with a letter to try it."""

from __future__ import annotations

from typing import Any

from django.conf import settings as site_settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from hospes.channels.actions.connecting import (
    check_server,
    connect_server,
    first_mail_server,
    send_test_letter,
)  # fmt: skip
from hospes.channels.models import Channel, OutgoingServer, SigningKey
from hospes.conversations.actions.delivering import release_waiting
from hospes.conversations.actions.resuming import resume_sending
from hospes.conversations.models import OutboxEntry
from hospes.lib.refusal import Refused
from hospes.workspace.access import AgentRequest, operator_required
from hospes.workspace.channel_health import ways_with_states
from hospes.workspace.forms.desk import (
    OutgoingForm,
)
from hospes.workspace.frame import page


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
