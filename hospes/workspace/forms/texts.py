"""What operators say of texts and their variants."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from hospes.brands.models import Brand
from hospes.texts.actions.writing import MOST_CHARS, MOST_NAME_CHARS, About, Form
from hospes.texts.models import Text, Variant
from hospes.texts.table import MARKET
from hospes.workspace.forms import StyledForm


class AboutForm(StyledForm):
    name = forms.CharField(label=_("Name"), max_length=MOST_NAME_CHARS)
    shortcut = forms.CharField(
        label=_("Shortcut"),
        required=False,
        max_length=25,
        help_text=_("One word. Whoever writes finds the text by / and this word."),
    )
    brand = forms.ModelChoiceField(
        label=_("Brand"),
        queryset=Brand.objects.all(),
        required=False,
        empty_label=_("Every brand"),
    )

    @property
    def about(self) -> About:
        given = self.cleaned_data
        return About(given["name"], given["shortcut"], given["brand"])

    @classmethod
    def of(cls, text: Text) -> AboutForm:
        return cls(initial={"name": text.name, "shortcut": text.shortcut, "brand": text.brand_id})


class NewTextForm(AboutForm):
    language = forms.CharField(
        label=_("Language"),
        max_length=16,
        help_text=_("The code of the language it is written in, such as de, pt-BR or zh-Hant."),
    )
    body = forms.CharField(
        label=_("What it says"),
        max_length=MOST_CHARS,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
    )


class VariantForm(StyledForm):
    """One variant. Whom it is for is given once; what it says may be said anew."""

    language = forms.CharField(
        label=_("Language"),
        max_length=16,
        help_text=_("The code of the language it is written in, such as de, pt-BR or zh-Hant."),
    )
    market = forms.RegexField(
        label=_("Market"),
        regex=MARKET,
        required=False,
        help_text=_(
            "The code of a country or a part of one, such as AT or US-CA. Empty: every one."
        ),
    )
    formality = forms.ChoiceField(
        label=_("Form of address"),
        choices=[("", _("Any")), *Variant.Formality.choices],
        required=False,
    )
    channel = forms.ChoiceField(
        label=_("Channel"), choices=[("", _("Any")), ("email", _("Mail"))], required=False
    )
    body = forms.CharField(
        label=_("What it says"),
        max_length=MOST_CHARS,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
    )
    is_small = forms.BooleanField(
        label=_("A small change: the other variants still say the same"), required=False
    )

    @property
    def form_of_variant(self) -> Form:
        given = getattr(self, "cleaned_data", {})
        return Form(
            given.get("language", ""),
            given.get("market", ""),
            given.get("formality", ""),
            given.get("channel", ""),
        )

    @classmethod
    def of(cls, variant: Variant, *, is_source: bool) -> VariantForm:
        names = ("language", "market", "formality", "channel", "body")
        given = {name: getattr(variant, name) for name in names}
        form = cls(initial=given, auto_id=f"id_{variant.pk}_%s")
        form.fields["body"].widget.attrs["lang"] = variant.language
        return form.settled(is_source=is_source)

    def settled(self, *, is_source: bool) -> VariantForm:
        """For a variant that there is: whom it is for stays. Only of a source it matters how much was changed."""
        for name in ("language", "market", "formality", "channel"):
            self.fields[name].widget = forms.HiddenInput()
        return self if is_source else self.new()

    def new(self) -> VariantForm:
        del self.fields["is_small"]
        return self


class ImportForm(StyledForm):
    file = forms.FileField(label=_("Table (CSV)"))
