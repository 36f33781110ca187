"""What an operator says of how letters leave."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hospes.channels.actions.routing_out import Sending, Way
from hospes.channels.models import Channel, IncomingServer, OutgoingServer
from hospes.workspace.forms import StyledForm

Kind = OutgoingServer.Kind
ONE_LINE = {"dir": "ltr", "autocomplete": "off"}
SECRET = {"dir": "ltr", "autocomplete": "new-password"}
KEPT = _("Left empty, the one we have stays.")
OF_A_SERVER = ("host", "port", "security")
OF_A_PROVIDER = ("account", "api_url", "signing_key")
HAVE_ACCOUNTS = {Kind.MAILGUN: _("Domain at Mailgun"), Kind.SES: _("Region at Amazon")}
SIGN = {Kind.MAILGUN, Kind.RESEND, Kind.SENDGRID}


class WayForm(StyledForm):
    """The fields of one kind of server or provider."""

    stands_in_for = forms.ModelChoiceField(
        label=_("Stands in for"), queryset=OutgoingServer.objects.none(), required=False,
        empty_label=_("None: a server of its own"),
        help_text=_("It is asked when that one takes no letters."),
    )  # fmt: skip
    host = forms.CharField(
        label=_("Server"), max_length=255, widget=forms.TextInput(attrs=ONE_LINE)
    )
    port = forms.IntegerField(
        label=_("Port"), min_value=1, max_value=65535, initial=587,
        widget=forms.NumberInput(attrs={"dir": "ltr"}),
    )  # fmt: skip
    security = forms.ChoiceField(
        label=_("Encryption"), choices=OutgoingServer.Security.choices,
        initial=OutgoingServer.Security.STARTTLS,
    )  # fmt: skip
    username = forms.CharField(
        label=_("User name"), max_length=255, required=False, widget=forms.TextInput(attrs=ONE_LINE)
    )
    password = forms.CharField(
        label=_("Password"), max_length=255, required=False, help_text=KEPT,
        widget=forms.PasswordInput(attrs=SECRET),
    )  # fmt: skip
    account = forms.CharField(max_length=255, widget=forms.TextInput(attrs=ONE_LINE))
    api_url = forms.CharField(
        label=_("Address of the API"), max_length=255, required=False,
        help_text=_("Only for another region; usually left empty."),
        widget=forms.TextInput(attrs=ONE_LINE),
    )  # fmt: skip
    signing_key = forms.CharField(
        label=_("Key that its webhooks are signed with"), max_length=1000, required=False,
        help_text=KEPT, widget=forms.PasswordInput(attrs=SECRET),
    )  # fmt: skip
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(
        self, *args: Any, kind: str, server: OutgoingServer | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind = Kind(kind)
        self._fit(server)
        others = OutgoingServer.objects.filter(stands_in_for=None)
        if server is not None:
            others = others.exclude(pk=server.pk)
        choice = self.fields["stands_in_for"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = others
        if not others.exists():
            del self.fields["stands_in_for"]

    def _fit(self, server: OutgoingServer | None) -> None:
        """Leave what this kind has."""
        if self.kind == Kind.SMTP:
            gone = {*OF_A_PROVIDER}
        else:
            gone = {*OF_A_SERVER}
            gone |= set() if self.kind == Kind.SES else {"username"}
            gone |= set() if self.kind in HAVE_ACCOUNTS else {"account"}
            gone |= set() if self.kind in SIGN else {"signing_key"}
            self.fields["password"].label = _("Key")
            self.fields["username"].label = _("ID of the key")
        for name in gone:
            del self.fields[name]
        if self.kind in HAVE_ACCOUNTS:
            self.fields["account"].label = HAVE_ACCOUNTS[self.kind]
        if server is None:
            for name in {"password", "signing_key"} & set(self.fields):
                self.fields[name].help_text = ""  # there is none yet that could stay
        if self.kind != Kind.SMTP:
            self.fields["password"].required = server is None or not server.password
            if self.kind == Kind.SES:
                self.fields["username"].required = True

    @classmethod
    def of(cls, server: OutgoingServer) -> WayForm:
        """The form as this one stands; a secret is never shown again."""
        shown = {name: getattr(server, name) for name in cls.base_fields}
        shown |= {"password": "", "signing_key": ""}
        return cls(initial=shown, kind=server.kind, server=server)

    def way(self, server: OutgoingServer | None) -> Way:
        """Return what was given; a secret left empty stays as it is."""
        given = dict(self.cleaned_data)
        for secret in {"password", "signing_key"} & set(given):
            given[secret] = given[secret] or (None if server else "")
        return Way(kind=self.kind, **given)


class KeyForm(StyledForm):
    domain = forms.CharField(
        label=_("Domain"), max_length=255,
        widget=forms.TextInput(attrs={**ONE_LINE, "placeholder": "example.com"}),
    )  # fmt: skip
    selector = forms.CharField(
        label=_("Selector"), max_length=63, initial="hospes", widget=forms.TextInput(attrs=ONE_LINE)
    )
    private_key = forms.CharField(
        label=_("Private key"), required=False, max_length=10_000,
        help_text=_("In PEM form. Left empty, we make one."),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "ltr", "autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip


class SendingForm(StyledForm):
    outgoing_server = forms.ModelChoiceField(
        label=_("Outgoing server"), required=False, empty_label=_("The one of all addresses"),
        queryset=OutgoingServer.objects.filter(stands_in_for=None),
    )  # fmt: skip
    per_minute = forms.IntegerField(
        label=_("Letters in a minute, at most"), required=False, min_value=1, max_value=100_000
    )
    per_hour = forms.IntegerField(
        label=_("Letters in an hour, at most"), required=False, min_value=1, max_value=1_000_000,
        help_text=_("Where your provider allows only so many. What has to wait says so."),
    )  # fmt: skip
    keeps_copies = forms.BooleanField(
        label=_("Lay a copy of every letter into the Sent folder of the mailbox"), required=False
    )

    def __init__(self, *args: Any, channel: Channel, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not IncomingServer.objects.filter(channel=channel).exists():
            del self.fields["keeps_copies"]  # there is no mailbox to lay it into

    @classmethod
    def of(cls, channel: Channel) -> SendingForm:
        shown = {name: getattr(channel, name) for name in cls.base_fields}
        return cls(initial=shown, channel=channel)

    def sending(self) -> Sending:
        return Sending(**self.cleaned_data)
