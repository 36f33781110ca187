"""Forms of the workspace: they say what may be given and how; what happens is an action."""

from __future__ import annotations

from zoneinfo import available_timezones

from django import forms
from django.conf import settings


class StyledForm(forms.Form):
    """A form whose controls look and speak like ours: every fault is tied to its control."""

    required_css_class = "required"

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for field in self.fields.values():
            if not isinstance(
                field.widget, forms.CheckboxInput | forms.CheckboxSelectMultiple | forms.RadioSelect
            ):
                field.widget.attrs.setdefault("class", "input")


def zones() -> list[tuple[str, str]]:
    """Return every time zone people live in, as choices."""
    names = sorted(
        name
        for name in available_timezones()
        if "/" in name and not name.startswith(("Etc/", "SystemV/", "posix/", "right/"))
    )
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)]


def languages() -> list[tuple[str, str]]:
    """Return the languages pages come in, each in its own script."""
    return list(settings.LANGUAGES)
