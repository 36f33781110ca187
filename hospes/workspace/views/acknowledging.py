"""The letter that tells customers that we have theirs: whether it is sent, and what it says in each language."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hospes.channels.actions.acknowledging import set_acknowledging
from hospes.channels.models import Channel
from hospes.conversations.acknowledgements import Acknowledgement, acknowledgement
from hospes.language.speaking import CUSTOMER_LANGUAGES
from hospes.workspace import showing
from hospes.workspace.access import AgentRequest, operator_required
from hospes.workspace.forms.acknowledging import AcknowledgingForm
from hospes.workspace.frame import page

A_REFERENCE = "H-7K3F9"  # of nobody's conversation


@require_http_methods(["GET", "POST"])
@operator_required
def channel(request: AgentRequest, channel_id: int) -> HttpResponse:
    found = get_object_or_404(
        Channel.objects.exclude(address="").select_related("brand"), pk=channel_id
    )
    form = AcknowledgingForm(request.POST) if request.method == "POST" else None
    if form and form.carried_out(lambda: set_acknowledging(found, **form.cleaned_data)):
        messages.success(request, _("Saved."))
        return redirect("settings_channel", found.pk)
    values = {
        "channel": found,
        "form": form or AcknowledgingForm.of(found),
        "shown": _shown(found),
        "section": "channels",
    }
    return page(request, "workspace/settings/acknowledging.html", values)


def _shown(found: Channel) -> list[Acknowledgement]:
    """Return what it says in every language, the brand's own first."""
    tags = sorted(CUSTOMER_LANGUAGES, key=lambda tag: showing.in_order(showing.language_name(tag)))
    told = [acknowledgement(reference=A_REFERENCE, channel=found, languages=(tag,)) for tag in tags]
    return sorted(told, key=lambda one: one.language != found.brand.language)
