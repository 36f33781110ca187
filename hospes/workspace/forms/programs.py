"""A token for a program."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from hospes.api.scopes import SCOPES
from hospes.team.models import Agent
from hospes.workspace.forms import StyledForm

DAYS = [("30", _("In 30 days")), ("90", _("In 90 days")), ("365", _("In a year")), ("", _("Never"))]


class OwnTokenForm(StyledForm):
    name = forms.CharField(label=_("Name of the program"), max_length=80)
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=list(SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    expires = forms.ChoiceField(label=_("Ends"), choices=DAYS, required=False, initial="90")

    def expires_at(self, now: datetime) -> datetime | None:
        days = self.cleaned_data["expires"]
        return now + timedelta(days=int(days)) if days else None


class TokenForm(OwnTokenForm):
    """An operator's: for any agent."""

    agent = forms.ModelChoiceField(
        label=_("Acts as"),
        queryset=Agent.objects.filter(is_active=True),
        empty_label=None,
        help_text=_("The program sees what this agent sees."),
    )
    field_order = ("name", "agent", "scopes", "expires")
