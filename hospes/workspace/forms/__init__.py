"""Forms of the workspace: they say what may be given and how; what happens is an action."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


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


class LongSelect(forms.Select):
    """A choice among hundreds; Django would render a template for each of them."""

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: Any = None,  # noqa: ARG002 # Django gives it
    ) -> SafeString:
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            (
                (key, SafeString(" selected") if key == value else "", label)
                for key, label in self.choices
            ),
        )
        more = flatatt(self.build_attrs(self.attrs, attrs))
        return format_html('<select name="{}"{}>{}</select>', name, more, options)


@lru_cache(maxsize=1)
def zones() -> list[tuple[str, str]]:
    """Return every time zone people live in, as choices. Finding them reads hundreds of files."""
    names = sorted(
        name
        for name in available_timezones()
        if "/" in name and not name.startswith(("Etc/", "SystemV/", "posix/", "right/"))
    )
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)]


def languages() -> list[tuple[str, str]]:
    """Return the languages pages come in, each in its own script."""
    return list(settings.LANGUAGES)
