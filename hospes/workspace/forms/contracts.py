"""What operators say of a contract."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from hospes.markets.models import Calendar, Market
from hospes.people.actions.agreeing import Terms
from hospes.people.models import Contract
from hospes.workspace.forms import StyledForm


class ContractForm(StyledForm):
    name = forms.CharField(label=_("Name"), max_length=80)
    tier = forms.CharField(
        label=_("Tier"),
        required=False,
        max_length=80,
        help_text=_("A word, such as gold. Service levels ask for it."),
    )
    market = forms.ModelChoiceField(
        label=_("Market"),
        queryset=Market.objects.all(),
        required=False,
        empty_label=_("It does not say"),
    )
    calendar = forms.ModelChoiceField(
        label=_("Calendar"),
        queryset=Calendar.objects.all(),
        required=False,
        empty_label=_("None of its own"),
    )

    @property
    def terms(self) -> Terms:
        given = self.cleaned_data
        return Terms(given["name"], given["tier"], given["market"], given["calendar"])

    @classmethod
    def of(cls, contract: Contract) -> ContractForm:
        names = ("name", "tier", "market", "calendar")
        return cls(initial={name: getattr(contract, name) for name in names})
