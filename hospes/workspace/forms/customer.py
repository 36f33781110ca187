"""What an agent knows of a customer."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from hospes.markets.models import Market
from hospes.people.models import Customer
from hospes.workspace.forms import LongSelect, StyledForm, zones
from hospes.workspace.forms.desk import customer_languages


def _markets() -> list[tuple[str, str]]:
    return [
        ("", str(_("Not known"))),
        *sorted((one.code, one.name) for one in Market.objects.all()),
    ]


class CustomerForm(StyledForm):
    display_name = forms.CharField(label=_("Name"), max_length=200)
    address_as = forms.CharField(label=_("Address as"), max_length=200, required=False)
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=lambda: [("", _("As their letters are")), *customer_languages()],
        help_text=_("Letters to them speak it where the program writes a line itself."),
    )
    market = forms.ChoiceField(label=_("Market"), required=False, choices=_markets)
    zone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        choices=lambda: [("", _("As in their market")), *zones()],
        widget=LongSelect,
    )
    about = forms.CharField(
        label=_("About"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3})
    )

    @classmethod
    def of(cls, customer: Customer) -> CustomerForm:
        market = customer.market.code if customer.market else ""
        names = ("display_name", "address_as", "language", "zone", "about")
        return cls(initial={**{one: getattr(customer, one) for one in names}, "market": market})
