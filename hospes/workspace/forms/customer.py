"""What an agent knows of a customer."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from hospes.language.forms import address_countries, phone_shown
from hospes.markets.models import Market, territory_name
from hospes.people.actions.placing import FIELD_NAMES
from hospes.people.models import Contract, Customer, PostalAddress
from hospes.workspace.forms import LongSelect, StyledForm, ZoneField
from hospes.workspace.forms.desk import customer_languages
from hospes.workspace.showing import in_order


def _markets() -> list[tuple[str, str]]:
    return [
        ("", str(_("Not known"))),
        *sorted((one.code, one.name) for one in Market.objects.all()),
    ]


def _contracts() -> list[tuple[str, str]]:
    named = [(str(one.pk), one.name) for one in Contract.objects.filter(ended_at=None)]
    return [("", str(_("None"))), *named]


def _countries() -> list[tuple[str, str]]:
    named = [(code, territory_name(code)) for code in address_countries()]
    return [("", str(_("Not known"))), *sorted(named, key=lambda one: in_order(one[1]))]


def _clock() -> forms.TimeInput:
    return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class CustomerForm(StyledForm):
    display_name = forms.CharField(label=_("Name"), max_length=200)
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=lambda: [("", _("As their letters are")), *customer_languages()],
        help_text=_("Letters to them speak it where the program writes a line itself."),
    )
    market = forms.ChoiceField(label=_("Market"), required=False, choices=_markets)
    zone = ZoneField(label=_("Time zone"), none=_("As in their market"))
    contract = forms.ChoiceField(label=_("Contract"), required=False, choices=_contracts)
    about = forms.CharField(
        label=_("About"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: object, may_agree: bool, **kwargs: object) -> None:
        """may_agree: the reader may say which contract a customer has."""
        super().__init__(*args, **kwargs)
        if not may_agree:
            del self.fields["contract"]

    @classmethod
    def of(cls, customer: Customer, *, may_agree: bool) -> CustomerForm:
        market = customer.market.code if customer.market else ""
        names = ("display_name", "language", "zone", "about")
        initial = {one: getattr(customer, one) for one in names}
        agreed = customer.contract_in_force
        initial |= {"market": market, "contract": str(agreed.pk) if agreed else ""}
        return cls(initial=initial, may_agree=may_agree)


class AddressingForm(StyledForm):
    """What they told us about how they are addressed; nothing of it is guessed."""

    address_as = forms.CharField(
        label=_("Address as"),
        max_length=200,
        required=False,
        help_text=_("Goes before all the rest, as it stands here."),
    )
    form_of_address = forms.ChoiceField(
        label=_("Form of address"),
        required=False,
        choices=lambda: [("", _("As in their market")), *Customer.Form.choices],
    )
    honorific = forms.ChoiceField(
        label=_("Honorific"),
        required=False,
        choices=lambda: [("", _("Not known")), *Customer.Honorific.choices],
        help_text=_("Only as they told us."),
    )
    academic_title = forms.CharField(label=_("Academic title"), max_length=40, required=False)
    given_name = forms.CharField(label=_("Given name"), max_length=200, required=False)
    family_name = forms.CharField(label=_("Family name"), max_length=200, required=False)
    reading = forms.CharField(label=_("Reading of the name"), max_length=200, required=False)
    reach_from = forms.TimeField(
        label=_("Wants to be written to from"), required=False, widget=_clock()
    )
    reach_until = forms.TimeField(label=_("until"), required=False, widget=_clock())

    @classmethod
    def of(cls, customer: Customer) -> AddressingForm:
        return cls(initial={name: getattr(customer, name) for name in cls.base_fields})

    def changes(self) -> dict[str, str]:
        """Return what was given, as `describe` takes it."""
        hours = {name: self.cleaned_data[name] for name in ("reach_from", "reach_until")}
        shown = {name: one.strftime("%H:%M") if one else "" for name, one in hours.items()}
        return {**self.cleaned_data, **shown}


class ReachingForm(StyledForm):
    """Where they are reached besides mail."""

    phones = forms.CharField(
        label=_("Phone numbers"),
        max_length=300,
        required=False,
        help_text=_("Several with a comma between."),
        widget=forms.TextInput(attrs={"inputmode": "tel", "dir": "ltr"}),
    )
    street_address = forms.CharField(
        label=FIELD_NAMES["street_address"],
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    postal_code = forms.CharField(label=FIELD_NAMES["postal_code"], max_length=40, required=False)
    city = forms.CharField(label=FIELD_NAMES["city"], max_length=200, required=False)
    country_area = forms.CharField(
        label=FIELD_NAMES["country_area"], max_length=200, required=False
    )
    country = forms.ChoiceField(
        label=_("Country"), required=False, choices=_countries, widget=LongSelect
    )

    @classmethod
    def of(cls, customer: Customer, place: PostalAddress | None) -> ReachingForm:
        shown = [phone_shown(one.value) for one in customer.identities.phones().order_by("pk")]
        parts = {name: getattr(place, name) for name in cls.base_fields if hasattr(place, name)}
        return cls(initial={"phones": ", ".join(shown), **parts})

    def numbers(self) -> list[str]:
        return [one.strip() for one in self.cleaned_data["phones"].split(",") if one.strip()]

    def address(self, kept: PostalAddress | None) -> dict[str, str] | None:
        """Return the address that was given; what the form does not ask for stays. None: no country, so none."""
        given = {name: self.cleaned_data[name] for name in self.fields if name != "phones"}
        if not given["country"]:
            return None
        rest = {name: getattr(kept, name) for name in FIELD_NAMES if kept and name not in given}
        return {**rest, **given}
