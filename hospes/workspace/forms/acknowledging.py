"""What an operator says of the letter that tells customers that we have theirs."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from hospes.channels.actions.acknowledging import MAX_USUAL_HOURS
from hospes.channels.models import Channel
from hospes.workspace.forms import StyledForm


class AcknowledgingForm(StyledForm):
    is_on = forms.BooleanField(
        label=_("Acknowledge the first letter of a conversation"), required=False
    )
    usual_hours = forms.IntegerField(
        label=_("Usual time until an answer, in hours"), required=False, min_value=1, max_value=MAX_USUAL_HOURS,
        help_text=_("Customers read it where neither the last weeks nor a service level say when an answer comes."),
    )  # fmt: skip

    @classmethod
    def of(cls, channel: Channel) -> AcknowledgingForm:
        return cls(initial={"is_on": channel.acknowledges, "usual_hours": channel.usual_hours})
