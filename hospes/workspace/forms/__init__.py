"""Forms of the workspace: they say what may be given and how; what happens is an action."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from hospes.lib.refusal import Refused
from hospes.markets.usual import zone_aliases, zones_with_places
from hospes.workspace.showing import in_order, zone_city

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


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

    def carried_out(self, act: Callable[[], object]) -> bool:
        """Do what the form asks for, if nothing is wrong with it; False with the fault on the form.

        act: may raise Refused. A form that nobody has sent asks for nothing.
        """
        if not self.is_valid():
            return False
        try:
            act()
        except Refused as refused:
            self.add_error(None, str(refused))
        return self.is_valid()


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


class ZoneField(forms.ChoiceField):
    """A time zone. Who has one by an old name finds it by the name of today.

    none: what it says instead of any; None where there has to be one.
    """

    widget = LongSelect

    def __init__(self, *, none: StrPromise | None = None, **kwargs: Any) -> None:
        first = [] if none is None else [("", none)]
        super().__init__(choices=lambda: [*first, *zones()], required=none is None, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return zone_aliases().get(value, value)

    def to_python(self, value: Any) -> str:
        given: str = super().to_python(value)
        return zone_aliases().get(given, given)


def zones() -> list[tuple[str, str]]:
    """Return every time zone people live in, as choices, by the name of its place in the reader's language."""
    return _zones_in(get_language() or "en")


@lru_cache(maxsize=16)
def _zones_in(_language: str) -> list[tuple[str, str]]:
    named = sorted(
        ((zone_city(name), name) for name in zones_with_places()),
        key=lambda pair: in_order(pair[0]),
    )
    # The name among programs stands apart, left to right in every script.
    return [("UTC", "UTC"), *((name, f"{city} (\u2066{name}\u2069)") for city, name in named)]


def languages() -> list[tuple[str, str]]:
    """Return the languages pages come in, each in its own script."""
    return list(settings.LANGUAGES)
