"""What an operator says of the desk."""

from __future__ import annotations

import json
from typing import Any

from babel import Locale
from django import forms
from django.utils.translation import gettext_lazy as _

from hospes.brands.models import Brand
from hospes.channels.models import Channel, OutgoingServer
from hospes.conversations.models import Queue
from hospes.language.detect import canonical
from hospes.language.speaking import CUSTOMER_LANGUAGES
from hospes.markets.models import Market
from hospes.markets.profiles import UnknownMarket, profile_of
from hospes.markets.usual import usual_zone, zone_aliases, zones_of
from hospes.team.models import Agent, Hub, Role
from hospes.workspace.forms import LongSelect, StyledForm, ZoneField, languages
from hospes.workspace.showing import in_order, language_of_country, locale_of, reader_locale

COMMON_LANGUAGES = (
    "en", "es", "fr", "de", "pt", "it", "nl", "pl", "sl", "hr", "cs", "sv", "tr", "ru", "uk", "ar",
    "he", "hi", "th", "vi", "id", "ja", "ko", "zh-Hans", "zh-Hant",
)  # fmt: skip


def customer_languages() -> list[tuple[str, str]]:
    """Return languages customers write in, named in the reader's language."""
    names = [
        (tag, locale_of(tag).get_display_name(reader_locale()) or tag) for tag in COMMON_LANGUAGES
    ]
    return sorted(names, key=lambda pair: in_order(pair[1]))


def countries() -> list[tuple[str, str]]:
    """Return all countries, named in the reader's language."""
    names = Locale.parse(str(reader_locale())).territories.items()
    real = [
        (code, name)
        for code, name in names
        if len(code) == 2
        and code.isalpha()
        and code not in {"ZZ", "XA", "XB", "EU", "EZ", "UN", "QO"}
    ]
    return sorted(real, key=lambda pair: in_order(pair[1]))


def usual_language(country: str) -> str:
    """Return the language customers of a country want most, of those we can write; "" when nothing tells."""
    official = language_of_country(country)
    try:
        wanted = profile_of(country).value("language.service_languages", ())
    except UnknownMarket:
        wanted = ()
    written = [canonical(_without_region(tag)) for tag in wanted]
    return next((one for one in written if one in {official, *CUSTOMER_LANGUAGES}), official)


def _without_region(tag: str) -> str:
    """Return a language as a market has it: "es" of es-MX, "zh-Hant" of zh-Hant-HK."""
    first, *more = tag.split("-")
    return "-".join([first, *(part for part in more if len(part) == 4)])


class BrandForm(StyledForm):
    name = forms.CharField(
        label=_("Name of the brand"), max_length=80, help_text=_("Customers see it as the sender.")
    )
    language = forms.ChoiceField(label=_("Main language"), choices=customer_languages)
    signature = forms.CharField(
        label=_("Signature under every reply"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class BrandPageForm(BrandForm):
    shows_contact = forms.BooleanField(
        label=_("Show a page that tells anybody how to reach us, and when"), required=False
    )


class MarketForm(StyledForm):
    code = forms.ChoiceField(
        label=_("Country"), choices=lambda: [("", _("Choose a country")), *countries()]
    )
    part = forms.RegexField(
        r"^[A-Za-z0-9]{1,3}$",
        label=_("Part of the country"),
        required=False,
        help_text=_("Such as CA for California (ISO 3166-2). Left empty, it is the whole country."),
    )
    zone = ZoneField(label=_("Time zone"), none=_("As usual there"))
    language = forms.ChoiceField(
        label=_("Language"),
        choices=lambda: [("", _("As usual there")), *customer_languages()],
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        country, part = given.get("code", ""), given.pop("part", "")
        if part and not given.get("zone") and len(zones_of(country)) > 1:
            self.add_error("zone", _("Choose a time zone."))
        given["zone"] = given.get("zone") or usual_zone(country) or "UTC"
        given["language"] = given.get("language") or usual_language(country) or "en"
        given["code"] = f"{country}-{part.upper()}" if part else country
        return given


class HubForm(StyledForm):
    name = forms.CharField(label=_("Place"), max_length=80)
    zone = ZoneField(label=_("Time zone"))


class MailboxForm(StyledForm):
    address = forms.CharField(
        label=_("Support address"), max_length=320, help_text=_("Mail to it becomes conversations."),
        widget=forms.EmailInput(attrs={"dir": "ltr", "placeholder": "support@example.com"}),
    )  # fmt: skip
    receives_itself = forms.ChoiceField(
        label=_("How mail reaches us, and who checks its senders"), required=False, initial=False,
        choices=[
            (False, _("Behind this mail server, which checks them")),
            (True, _("Hospes receives mail from the internet itself, and checks them (SPF, DKIM, DMARC, ARC)")),
        ],
        widget=forms.RadioSelect,
    )  # fmt: skip
    trusted_hop = forms.CharField(
        label=_("Mail server in front of us"), max_length=255, required=False,
        help_text=_(
            "The name it writes into Authentication-Results, such as mx.example.com. It checks who really"
            " sent a mail; without it every sender is shown as not verified."
        ),
        widget=forms.TextInput(attrs={"dir": "ltr"}),
    )  # fmt: skip
    forwarders = forms.CharField(
        label=_("Forwarders we trust"), required=False,
        help_text=_(
            "Domains that change mail and hand it on, such as lists.example.com. Where Hospes checks senders, the"
            " seal of such a forwarder (ARC) lets in what would be held as forged."
        ),
        widget=forms.TextInput(attrs={"dir": "ltr"}),
    )  # fmt: skip
    contact_forms = forms.CharField(
        label=_("Contact forms on your own pages"), required=False,
        help_text=_(
            "The addresses they send from, such as wordpress@example.com. Whoever filled in the form is the"
            " customer then: the one address it names for the answer (Reply-To), not proven."
        ),
        widget=forms.TextInput(attrs={"dir": "ltr"}),
    )  # fmt: skip
    reply_domain = forms.CharField(
        label=_("Domain for reply addresses"), max_length=255, required=False,
        help_text=_(
            "A subdomain whose mail all comes here, such as reply.example.com. With it every answer finds its"
            " conversation, and nobody can write into a conversation by guessing."
        ),
        widget=forms.TextInput(attrs={"dir": "ltr"}),
    )  # fmt: skip
    has_plus_tags = forms.BooleanField(
        label=_("The mailbox also takes support+anything@example.com"), required=False
    )
    name = forms.CharField(label=_("Name on our pages"), max_length=80, required=False)
    market = forms.ModelChoiceField(
        label=_("Market"),
        queryset=Market.objects.all(),
        required=False,
        empty_label=_("All markets"),
    )
    brand = forms.ModelChoiceField(label=_("Brand"), queryset=Brand.objects.all(), empty_label=None)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def clean_receives_itself(self) -> bool:
        return bool(self.cleaned_data["receives_itself"] == "True")

    @classmethod
    def of(cls, channel: Channel) -> MailboxForm:
        return cls(initial={name: getattr(channel, name) for name in cls.base_fields})


class FirstMailboxForm(MailboxForm):
    """The address a new desk begins with: brand, market and name follow from the steps before."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for name in ("name", "market", "brand", "is_active", "forwarders", "contact_forms"):
            del self.fields[name]


class OutgoingForm(StyledForm):
    host = forms.CharField(
        label=_("Server"),
        max_length=255,
        widget=forms.TextInput(attrs={"dir": "ltr", "placeholder": "smtp.example.com"}),
    )
    port = forms.IntegerField(
        label=_("Port"), min_value=1, max_value=65535, initial=587,
        widget=forms.NumberInput(attrs={"dir": "ltr"}),
    )  # fmt: skip
    security = forms.ChoiceField(
        label=_("Encryption"),
        choices=OutgoingServer.Security.choices,
        initial=OutgoingServer.Security.STARTTLS,
    )
    username = forms.CharField(
        label=_("User name"),
        max_length=255,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "ltr"}),
    )
    password = forms.CharField(
        label=_("Password"), max_length=255, required=False, help_text=_("Left empty, the one we have stays."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "dir": "ltr"}),
    )  # fmt: skip


ROLES = _(
    "Agents answer. Leads also decide about held mail of their queues. Operators set up the desk and see"
    " every queue."
)


class AgentForm(StyledForm):
    name = forms.CharField(label=_("Name"), max_length=80)
    email = forms.CharField(
        label=_("Mail address"), max_length=254, widget=forms.EmailInput(attrs={"dir": "ltr"})
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, help_text=ROLES)
    hub = forms.ModelChoiceField(label=_("Hub"), queryset=Hub.objects.all(), required=False)
    language = forms.ChoiceField(label=_("Language of the pages"), choices=languages)
    zone = ZoneField(label=_("Time zone"))
    queues = forms.ModelMultipleChoiceField(
        label=_("Queues"), queryset=Queue.objects.all(), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Whose conversations they see. Operators see all."),
    )  # fmt: skip


class SeatForm(AgentForm):
    """A seat that is taken: who sits there, and whether they still do."""

    is_active = forms.BooleanField(label=_("May sign in"), required=False)

    @classmethod
    def of(cls, agent: Agent) -> SeatForm:
        queues = Queue.objects.filter(members__agent=agent)
        own = {name: getattr(agent, name) for name in cls.base_fields if name != "queues"}
        return cls(initial={**own, "queues": queues})


class FirstPersonForm(StyledForm):
    name = forms.CharField(
        label=_("Your name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.CharField(
        label=_("Your mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "dir": "ltr"}),
    )
    password = forms.CharField(
        label=_("Password"), help_text=_("At least 10 characters."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "dir": "ltr"}),
    )  # fmt: skip
    language = forms.ChoiceField(label=_("Language of the pages"), choices=languages)
    zone = ZoneField(
        label=_("Your time zone"),
        widget=LongSelect(attrs={"data-guess-zone": json.dumps(zone_aliases())}),
    )
