"""What an agent says of themselves."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from hospes.team.models import Agent, Theme
from hospes.workspace.forms import StyledForm, ZoneField, languages


class OwnForm(StyledForm):
    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("Customers see it on your replies.")
    )
    language = forms.ChoiceField(label=_("Language of the pages"), choices=languages)
    zone = ZoneField(label=_("Time zone"))
    theme = forms.ChoiceField(label=_("Colours"), choices=Theme.choices, required=False)
    text_size_px = forms.TypedChoiceField(
        label=_("Size of text"),
        coerce=int,
        choices=[(14, _("Normal")), (16, _("Larger")), (18, _("Largest"))],
    )
    single_keys = forms.BooleanField(
        label=_("Single keys, such as R for reply"), required=False,
        help_text=_("Switch them off when you speak to your computer or press keys by accident."),
    )  # fmt: skip

    @classmethod
    def of(cls, agent: Agent) -> OwnForm:
        return cls(initial={name: getattr(agent, name) for name in cls.base_fields})
