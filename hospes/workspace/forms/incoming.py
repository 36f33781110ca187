"""What an operator says of the account that mail is fetched from."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hospes.channels.actions.fetching import USUAL, Account
from hospes.channels.models import IncomingServer
from hospes.workspace.forms import StyledForm

SignIn = IncomingServer.SignIn
ONE_LINE = {"dir": "ltr", "autocomplete": "off"}
KEPT = _("Left empty, the one we have stays.")
SECRETS = {"password", "client_secret"}


class IncomingForm(StyledForm):
    """The fields that every way to sign in has; which further ones there are, `sign_in` says."""

    host = forms.CharField(
        label=_("Server"), max_length=255, widget=forms.TextInput(attrs=ONE_LINE)
    )
    port = forms.IntegerField(
        label=_("Port"), min_value=1, max_value=65535, initial=993,
        widget=forms.NumberInput(attrs={"dir": "ltr"}),
    )  # fmt: skip
    security = forms.ChoiceField(label=_("Encryption"), choices=IncomingServer.Security.choices)
    username = forms.CharField(
        label=_("User name"), max_length=255, widget=forms.TextInput(attrs=ONE_LINE)
    )
    password = forms.CharField(
        label=_("Password"), max_length=255, required=False, help_text=KEPT,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "dir": "ltr"}),
    )  # fmt: skip
    client_id = forms.CharField(
        label=_("Client ID"), max_length=255, widget=forms.TextInput(attrs=ONE_LINE)
    )
    client_secret = forms.CharField(
        label=_("Client secret"), max_length=255, required=False, help_text=KEPT,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "dir": "ltr"}),
    )  # fmt: skip
    tenant = forms.CharField(
        label=_("Tenant"), max_length=255, required=False, widget=forms.TextInput(attrs=ONE_LINE),
        help_text=_("The ID of your company at Microsoft. Left empty, accounts of any may sign in."),
    )  # fmt: skip
    sign_in_url = forms.CharField(
        label=_("Sign-in server"), max_length=255, required=False, widget=forms.TextInput(attrs=ONE_LINE),
        help_text=_("Only for national clouds; usually left empty."),
    )  # fmt: skip
    folders = forms.CharField(
        label=_("Folders"), initial="INBOX", help_text=_("One in each line."),
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )  # fmt: skip
    since = forms.DateField(
        label=_("Fetch mail since"), input_formats=["%Y-%m-%d"], localize=False,
        help_text=_("What reached the mailbox before that day is never fetched."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )  # fmt: skip
    afterwards = forms.ChoiceField(
        label=_("What becomes of a mail there, once we have it"), choices=IncomingServer.Afterwards.choices
    )  # fmt: skip
    move_to = forms.CharField(
        label=_("Folder for moved mail"), max_length=255, required=False,
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )  # fmt: skip
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, *args: Any, sign_in: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sign_in = sign_in
        for name in _not_for(sign_in):
            del self.fields[name]

    @classmethod
    def of(cls, server: IncomingServer | None, *, sign_in: str, address: str) -> IncomingForm:
        """The form as this server stands, or as a new one is begun; a secret is never shown again."""
        if server is None or server.sign_in != sign_in:
            host, port = USUAL.get(SignIn(sign_in), ("", 993))
            begun = {"host": host, "port": port, "username": address, "since": timezone.localdate()}
            form = cls(initial=begun, sign_in=sign_in)
            for name in SECRETS & form.fields.keys():
                form.fields[name].help_text = ""  # there is none yet that could stay
            return form
        shown = {name: getattr(server, name) for name in cls.base_fields}
        shown |= {"folders": "\n".join(server.folders), "password": "", "client_secret": ""}
        return cls(initial=shown, sign_in=sign_in)

    def account(self, server: IncomingServer | None) -> Account:
        """Return what was given; a secret left empty stays as it is."""
        given = dict(self.cleaned_data)
        given["folders"] = given["folders"].splitlines()
        for secret in SECRETS & given.keys():
            given[secret] = given[secret] or (None if server else "")
        return Account(**given, sign_in=self.sign_in)


def _not_for(sign_in: str) -> list[str]:
    if sign_in == SignIn.PASSWORD:
        return ["client_id", "client_secret", "tenant", "sign_in_url"]
    if sign_in == SignIn.GOOGLE:
        return ["password", "tenant", "sign_in_url"]
    return ["password"]
